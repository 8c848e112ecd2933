/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a suite includes, before malloc.h: CUnit's macros, on the host from
 * CUnit itself, in the kernel from kunit.h.  A suite is a table of tests,
 * xxx_tests[], ended by CU_TEST_INFO_NULL, and listed here.
 *
 * The _FATAL forms leave the test function by a jump: they belong in it (or
 * in what it calls), not in another process, in a handler, or inside
 * panic_catch.
 */
#ifndef _TESTS_SUITE_H_
#define	_TESTS_SUITE_H_

#if __STDC_HOSTED__
#include <CUnit/CUnit.h>
#else
#include "kunit.h"
#endif
#include "kern.h"

#ifdef DIAGNOSTIC
#define	WITNESS_SUITE(S)	S("witness", witness_tests)
#else
#define	WITNESS_SUITE(S)
#endif

/* Suites: S(name, table).  In tests/common, run on both machines, */
#define	COMMON_SUITES(S)						\
	S("malloc", malloc_tests)					\
	S("kmem", kmem_tests)						\
	S("recurse", recurse_tests)					\
	WITNESS_SUITE(S)						\
	S("vm", vm_tests)						\
	S("errata", errata_tests)					\
	S("replay", replay_tests)					\
	S("examples", example_tests)

/* in tests/kernel, run in the kernel alone (a port has its own), */
#ifndef KERNEL_SUITES
#define	KERNEL_SUITES(S)						\
	S("i386", i386_tests)						\
	S("user", user_tests)						\
	S("stepping", stepping_tests)
#endif

/* and in tests/host, run on the host alone. */
#define	HOST_SUITES(S)							\
	S("machine", host_machine_tests)				\
	S("steps", steps_tests)						\
	S("recurse-intr", recurse_intr_tests)				\
	S("levels", levels_tests)

/* Linked into the kernel too, and run only when they are named (test=bench-kmem
 * on the boot line): benchmarks, and panics for their reports. */
#ifndef NAMED_SUITES
#define	NAMED_SUITES(S)							\
	S("bench-malloc", bench_malloc_tests)				\
	S("bench-kmem", bench_kmem_tests)				\
	S("report-stack", report_stack_tests)				\
	S("report-handler", report_handler_tests)
#endif

#define	DECLARE_SUITE(name, tests)	extern CU_TestInfo tests[];

/* Does the text hold this part? */
static inline int
suite_holds(const char *text, const char *part)
{
	int i;

	for (; *text != '\0'; text++) {
		for (i = 0; part[i] != '\0' && text[i] == part[i]; i++)
			continue;
		if (part[i] == '\0')
			return (1);
	}
	return (*part == '\0');
}

/* Does fn(arg) panic, and does its message hold this part? */
static inline int
suite_panics(void (*fn)(void *), void *arg, const char *part)
{
	const char *msg;

	msg = panic_catch(fn, arg);
	if (msg != NULL && suite_holds(msg, part))
		return (1);
	printf("    panic: %s\n   wanted: %s\n", msg != NULL ? msg : "none",
	    part);
	return (0);
}

/* Assert that fn(arg) panics with a message that holds this part. */
#define	PANICS(fn, arg, part)						\
	CU_ASSERT(suite_panics((fn), (arg), (part)))

#endif /* !_TESTS_SUITE_H_ */
