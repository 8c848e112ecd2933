/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Run the suites inside the kernel, and print what CUnit would.
 */
#include "suite.h"
#include "kmem.h"
#include "malloc.h"

int	run_suites(const char *name, int (*pr)(const char *, ...));

COMMON_SUITES(DECLARE_SUITE)
KERNEL_SUITES(DECLARE_SUITE)
NAMED_SUITES(DECLARE_SUITE)

#define	LIST_SUITE(name, tests)	{ name, tests, 0 },
#define	LIST_NAMED(name, tests)	{ name, tests, 1 },
static const struct {
	const char *s_name;
	CU_TestInfo *s_tests;
	int	s_named;		/* Runs only when named. */
} suites[] = {
	COMMON_SUITES(LIST_SUITE)
	KERNEL_SUITES(LIST_SUITE)
	NAMED_SUITES(LIST_NAMED)
};
#define	NSUITES	(sizeof(suites) / sizeof(suites[0]))

static int (*say)(const char *, ...);
static unsigned long nasserts;		/* Assertions made, */
static volatile unsigned long nbad;	/* those that did not hold, */
static unsigned long nrun, nfailed;	/* tests run, and those failed. */
static void *leave[5];			/* Where a fatal one goes. */

void
kunit_assert(int holds, const char *file, int line, const char *what,
    int fatal)
{

	nasserts++;
	if (holds)
		return;
	nbad++;
	(*say)("    %s:%d: %s\n", file, line, what);
	if (fatal)
		__builtin_longjmp(leave, 1);
}

int
kunit_equal(const char *a, const char *b)
{

	while (*a != '\0' && *a == *b)
		a++, b++;
	return (*a == *b);
}

/* Is everything in order after a test? */
static void
check(int level)
{

	KUNIT(splget() == level, "the level is as before the test", 0);
	splx(level);
	KUNIT(cold == 0 && panicstr == NULL, "neither cold nor panicked", 0);
	cold = 0;
	panicstr = NULL;
	KUNIT(malloc_check(say) == 0, "malloc_check finds nothing", 0);
	KUNIT(kmem_check(kernel_map, say) == 0,
	    "kmem_check(kernel_map) finds nothing", 0);
	KUNIT(kmem_check(kmem_map, say) == 0,
	    "kmem_check(kmem_map) finds nothing", 0);
}

static void __attribute__((noinline))
run_test(const CU_TestInfo *test)
{
	static int level;
	static unsigned long before;

	level = splget();
	before = nbad;
	if (__builtin_setjmp(leave) == 0)
		(*test->pTestFunc)();
	check(level);
	nrun++;
	if (nbad != before)
		nfailed++;
	(*say)("  %s %s\n", nbad == before ? "ok" : "not ok", test->pName);
}

/* Run every suite but the benchmarks, or the suite of that name, or else the
 * tests whose names hold it; return how many failed, or 1 where there is no
 * such. */
int
run_suites(const char *name, int (*pr)(const char *, ...))
{
	const CU_TestInfo *test;
	unsigned long whole, i;

	say = pr;
	nasserts = nbad = nrun = nfailed = 0;
	whole = 0;
	for (i = 0; i < NSUITES; i++)
		if (name != NULL && kunit_equal(name, suites[i].s_name))
			whole = i + 1;
	for (i = 0; i < NSUITES; i++) {
		if (whole != 0 ? whole != i + 1 : suites[i].s_named)
			continue;
		if (name == NULL || whole != 0)
			(*say)("suite %s\n", suites[i].s_name);
		for (test = suites[i].s_tests; test->pName != NULL; test++)
			if (name == NULL || whole != 0 ||
			    suite_holds(test->pName, name))
				run_test(test);
	}
	if (nrun == 0) {
		(*say)("no suite or test is called %s\n", name);
		return (1);
	}
	(*say)("%lu assertions in %lu tests\n", nasserts, nrun);
	(*say)("%lu passed, %lu failed\n", nrun - nfailed, nfailed);
	return ((int)nfailed);
}
