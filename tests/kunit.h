/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * CUnit's macros for suites that run inside the kernel: those that the
 * suites use, with CUnit's names and meanings.
 */
#ifndef _TESTS_KUNIT_H_
#define	_TESTS_KUNIT_H_

#ifndef NULL
#define	NULL	((void *)0)
#endif

typedef void (*CU_TestFunc)(void);

typedef struct CU_TestInfo {
	const char *pName;
	CU_TestFunc pTestFunc;
} CU_TestInfo;
#define	CU_TEST_INFO_NULL	{ NULL, NULL }

/* Count an assertion; where it does not hold, say so, and if it is fatal
 * leave the test. */
void	kunit_assert(int holds, const char *file, int line,
	    const char *what, int fatal);
int	kunit_equal(const char *a, const char *b);

#define	KUNIT(holds, what, fatal)					\
	kunit_assert((holds) != 0, __FILE__, __LINE__, what, fatal)

#define	CU_PASS(msg)		KUNIT(1, "CU_PASS(" #msg ")", 0)
#define	CU_FAIL(msg)		KUNIT(0, "CU_FAIL(" #msg ")", 0)
#define	CU_FAIL_FATAL(msg)	KUNIT(0, "CU_FAIL_FATAL(" #msg ")", 1)

#define	CU_ASSERT(v)		KUNIT(v, #v, 0)
#define	CU_ASSERT_FATAL(v)	KUNIT(v, #v, 1)
#define	CU_TEST(v)		KUNIT(v, #v, 0)
#define	CU_TEST_FATAL(v)	KUNIT(v, #v, 1)

#define	CU_ASSERT_TRUE(v)						\
	KUNIT(v, "CU_ASSERT_TRUE(" #v ")", 0)
#define	CU_ASSERT_TRUE_FATAL(v)						\
	KUNIT(v, "CU_ASSERT_TRUE_FATAL(" #v ")", 1)
#define	CU_ASSERT_FALSE(v)						\
	KUNIT(!(v), "CU_ASSERT_FALSE(" #v ")", 0)
#define	CU_ASSERT_FALSE_FATAL(v)					\
	KUNIT(!(v), "CU_ASSERT_FALSE_FATAL(" #v ")", 1)

#define	CU_ASSERT_EQUAL(a, b)						\
	KUNIT((a) == (b), "CU_ASSERT_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_EQUAL_FATAL(a, b)					\
	KUNIT((a) == (b), "CU_ASSERT_EQUAL_FATAL(" #a "," #b ")", 1)
#define	CU_ASSERT_NOT_EQUAL(a, b)					\
	KUNIT((a) != (b), "CU_ASSERT_NOT_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_NOT_EQUAL_FATAL(a, b)					\
	KUNIT((a) != (b), "CU_ASSERT_NOT_EQUAL_FATAL(" #a "," #b ")", 1)

#define	CU_ASSERT_PTR_EQUAL(a, b)					\
	KUNIT((const void *)(a) == (const void *)(b),			\
	    "CU_ASSERT_PTR_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_PTR_EQUAL_FATAL(a, b)					\
	KUNIT((const void *)(a) == (const void *)(b),			\
	    "CU_ASSERT_PTR_EQUAL_FATAL(" #a "," #b ")", 1)
#define	CU_ASSERT_PTR_NOT_EQUAL(a, b)					\
	KUNIT((const void *)(a) != (const void *)(b),			\
	    "CU_ASSERT_PTR_NOT_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_PTR_NOT_EQUAL_FATAL(a, b)				\
	KUNIT((const void *)(a) != (const void *)(b),			\
	    "CU_ASSERT_PTR_NOT_EQUAL_FATAL(" #a "," #b ")", 1)

#define	CU_ASSERT_PTR_NULL(p)						\
	KUNIT((const void *)(p) == NULL,				\
	    "CU_ASSERT_PTR_NULL(" #p ")", 0)
#define	CU_ASSERT_PTR_NULL_FATAL(p)					\
	KUNIT((const void *)(p) == NULL,				\
	    "CU_ASSERT_PTR_NULL_FATAL(" #p ")", 1)
#define	CU_ASSERT_PTR_NOT_NULL(p)					\
	KUNIT((const void *)(p) != NULL,				\
	    "CU_ASSERT_PTR_NOT_NULL(" #p ")", 0)
#define	CU_ASSERT_PTR_NOT_NULL_FATAL(p)					\
	KUNIT((const void *)(p) != NULL,				\
	    "CU_ASSERT_PTR_NOT_NULL_FATAL(" #p ")", 1)

#define	CU_ASSERT_STRING_EQUAL(a, b)					\
	KUNIT(kunit_equal(a, b),					\
	    "CU_ASSERT_STRING_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_STRING_EQUAL_FATAL(a, b)				\
	KUNIT(kunit_equal(a, b),					\
	    "CU_ASSERT_STRING_EQUAL_FATAL(" #a "," #b ")", 1)
#define	CU_ASSERT_STRING_NOT_EQUAL(a, b)				\
	KUNIT(!kunit_equal(a, b),					\
	    "CU_ASSERT_STRING_NOT_EQUAL(" #a "," #b ")", 0)
#define	CU_ASSERT_STRING_NOT_EQUAL_FATAL(a, b)				\
	KUNIT(!kunit_equal(a, b),					\
	    "CU_ASSERT_STRING_NOT_EQUAL_FATAL(" #a "," #b ")", 1)

#endif /* !_TESTS_KUNIT_H_ */
