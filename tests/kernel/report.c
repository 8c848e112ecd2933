/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Panics that nobody catches, for their reports: reports.sh takes them for
 * the book.
 */
#include "suite.h"
#include "i386.h"

static int __attribute__((noipa))
overflow(volatile char *above)
{
	volatile char here[64];

	here[0] = above[0];
	return (here[0] == 1 ? 0 : overflow(here) + here[0]);
}

static void
stack(void)
{
	volatile char top = 0;

	(void)overflow(&top);
}

static void
read_it(void *addr)
{

	(void)*(volatile char *)addr;
}

static void
handler(void)
{

	(void)intr_on_tick(read_it, (void *)5);
	tsleep(read_it, PUSER, "report", HZ);
}

CU_TestInfo report_stack_tests[] = {
	{ "report: of a stack that overflows", stack },
	CU_TEST_INFO_NULL
};
CU_TestInfo report_handler_tests[] = {
	{ "report: of a handler that faults", handler },
	CU_TEST_INFO_NULL
};
