/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file monitor.h
 * The test kernel as a person meets it: tour and monitor.
 */
#ifndef _MONITOR_H_
#define	_MONITOR_H_

/** The first process: acts by the boot command line, does not return. */
void	kernel_main(void) __attribute__((noreturn));

/** Show what malloc does. @return how many expectations failed */
int	tour(void);

/** Obey a person at the console, until quit or end of input. */
void	monitor(void);

/** The same after a panic, with the commands that only look. */
void	monitor_postmortem(void);

/** Run the suite of that name, or the tests whose names hold it, or all
 * (null), and print the sums. @return failures */
int	run_suites(const char *name, int (*pr)(const char *, ...));

#endif /* !_MONITOR_H_ */
