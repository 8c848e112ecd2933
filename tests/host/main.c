/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Run the suites on the host, under CUnit.
 *	tests [suite | part of a test's name]
 * What cannot run under a tool that watches memory (host/memtool.h) is left
 * out of the program that is built for it, and the reason is printed.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include "suite.h"
#include "host/host.h"
#include "kmem.h"
#include "malloc.h"
#include "witness.h"

#define	MEMORY	(4UL << 20)	/* What a test finds, unless it boots */
#define	SPACE	(16UL << 20)	/* a machine of its own. */

COMMON_SUITES(DECLARE_SUITE)
HOST_SUITES(DECLARE_SUITE)

static void	set_up(void), tear_down(void);

#define	LIST_SUITE(name, tests)						\
	{ name, NULL, NULL, set_up, tear_down, tests },
static CU_SuiteInfo suites[] = {
	COMMON_SUITES(LIST_SUITE)
	HOST_SUITES(LIST_SUITE)
	CU_SUITE_INFO_NULL
};

static const struct skip {
	const char *name, *why;
} skips[] = {
#if defined(ASAN)
	{ "M-BOUND: the level is raised for a page at a time",
	    "AddressSanitizer's checks are instructions, and are counted" },
#elif defined(MEMCHECK)
#define	NOSTEPS	"Valgrind's processor has no trap after each instruction"
	{ "M-LEVEL: interrupted after every instruction", NOSTEPS },
	{ "M-BOUND: a pair costs the same in any crowd", NOSTEPS },
	{ "M-BOUND: a miss and a page's return cost the same in any crowd",
	    NOSTEPS },
	{ "M-BOUND: the level is raised for a page at a time", NOSTEPS },
#endif
	{ NULL, NULL }
};

static void
set_up(void)
{

	host_boot(MEMORY, SPACE);
}

/* A failure here counts for the test that has just run. */
static void
tear_down(void)
{

#ifdef DIAGNOSTIC
	CU_ASSERT_EQUAL(witness_held, 0);
#endif
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT_EQUAL(malloc_check(printf), 0);
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	CU_ASSERT_EQUAL(kmem_check(kmem_map, printf), 0);
}

/* Take the test of that name out of a table; return how many there were. */
static int
drop(CU_TestInfo *tests, const char *name)
{
	CU_TestInfo *from, *to;

	for (from = to = tests; from->pName != NULL; from++)
		if (strcmp(from->pName, name) != 0)
			*to++ = *from;
	to->pName = NULL;
	to->pTestFunc = NULL;
	return (from - to);
}

/* Leave out what cannot run, and say so.  A name that no test has is an
 * error: the test may have got another. */
static int
leave_out(void)
{
	const struct skip *sk;
	CU_SuiteInfo *s;
	int n;

	for (sk = skips; sk->name != NULL; sk++) {
		for (n = 0, s = suites; s->pName != NULL; s++)
			n += drop(s->pTests, sk->name);
		if (n != 1) {
			fprintf(stderr, "to be left out, but %d tests are "
			    "called so: %s\n", n, sk->name);
			return (0);
		}
		printf("skipped %s\n    (%s)\n", sk->name, sk->why);
	}
	return (1);
}

/* Keep the tests whose names hold `part'; return how many. */
static int
keep(CU_TestInfo *tests, const char *part)
{
	CU_TestInfo *from, *to;

	for (from = to = tests; from->pName != NULL; from++)
		if (suite_holds(from->pName, part))
			*to++ = *from;
	to->pName = NULL;
	to->pTestFunc = NULL;
	return (to - tests);
}

/* Keep the suite of that name, or else the tests whose names hold it. */
static int
choose(const char *name)
{
	CU_SuiteInfo *from, *to;
	int found;

	for (from = suites; from->pName != NULL; from++)
		if (strcmp(from->pName, name) == 0) {
			suites[0] = *from;
			suites[1] = (CU_SuiteInfo)CU_SUITE_INFO_NULL;
			return (1);
		}
	found = 0;
	for (from = to = suites; from->pName != NULL; from++)
		if (keep(from->pTests, name) != 0) {
			*to++ = *from;
			found = 1;
		}
	*to = (CU_SuiteInfo)CU_SUITE_INFO_NULL;
	return (found);
}

int
main(int argc, char **argv)
{
	unsigned int run, failed;

	if (argc > 2) {
		fprintf(stderr, "usage: %s [suite | part of a test's name]\n",
		    argv[0]);
		return (2);
	}
	if (!leave_out())
		return (2);
	if (argc == 2 && !choose(argv[1])) {
		fprintf(stderr, "%s: no suite or test is called %s\n",
		    argv[0], argv[1]);
		return (2);
	}
	if (CU_initialize_registry() != CUE_SUCCESS ||
	    CU_register_suites(suites) != CUE_SUCCESS) {
		fprintf(stderr, "%s: %s\n", argv[0], CU_get_error_msg());
		return (2);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	CU_basic_set_mode(CU_BRM_NORMAL);
	if (CU_basic_run_tests() != CUE_SUCCESS) {
		fprintf(stderr, "%s: %s\n", argv[0], CU_get_error_msg());
		return (2);
	}
	run = CU_get_number_of_tests_run();
	failed = CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	printf("%u passed, %u failed\n", run - failed, failed);
	return (run == 0 || failed != 0);
}
