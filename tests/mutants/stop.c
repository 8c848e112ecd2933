/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Linked to the suites by tests/run-mutants (with --wrap): the program ends
 * at the first assertion that fails, at a panic or a fault that nobody
 * catches, and where it does not end by itself.  Its last line says in which
 * test, and why.
 */
#include <sys/time.h>
#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define	CPUTIME		20	/* seconds of processor that a test may take */
#define	WALLTIME	400	/* seconds that a suite may take */

CU_BOOL	__wrap_CU_assertImplementation(CU_BOOL, unsigned int, const char *,
	    const char *, const char *, CU_BOOL);

static CU_pTest last;		/* whose time is measured */

static void
set_timer(void)
{
	struct itimerval it = { { 0, 0 }, { CPUTIME, 0 } };

	last = CU_get_current_test();
	setitimer(ITIMER_PROF, &it, NULL);
}

static void
stop(const char *why)
{
	CU_pTest test = CU_get_current_test();

	dprintf(STDOUT_FILENO, "\nstopped in \"%s\": %s\n",
	    test != NULL ? test->pName : "no test", why);
	_exit(1);
}

CU_BOOL
__wrap_CU_assertImplementation(CU_BOOL value, unsigned int line,
    const char *condition, const char *file, const char *function,
    CU_BOOL fatal)
{
	(void)line, (void)file, (void)function, (void)fatal;
	if (!value)
		stop(condition);
	if (CU_get_current_test() != last)
		set_timer();
	return (CU_TRUE);
}

static void
stop_signal(int sig)
{
	stop(sig == SIGABRT ? "panic or fault" : "it does not end");
}

__attribute__((constructor)) static void
set_limits(void)
{
	set_timer();
	alarm(WALLTIME);
	signal(SIGPROF, stop_signal);
	signal(SIGALRM, stop_signal);
	signal(SIGABRT, stop_signal);
}
