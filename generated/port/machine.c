/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file port/machine.c
 * The smallest machine: no processes, no interrupts, no page tables.
 * Where a port has more, each function says what it would do.
 */
#include "machine.h"

int spl_level;

int cold = 1;

/** With processes: queue this one on chan, then lower the level. */
int
tsleep(void *chan, int pri, const char *wmesg, int timo)
{
	(void)chan; (void)pri; (void)wmesg; (void)timo;
	return (0);
}

/** With processes: make those on chan ready. */
void
wakeup(void *chan)
{
	(void)chan;
}

const char *panicstr;

/** With a console: print fmt and what follows it. */
void
panic(const char *fmt, ...)
{
	panicstr = fmt;
	for (;;)
		__builtin_trap();
}

void *
memset(void *to, int c, __SIZE_TYPE__ n)
{
	volatile char *p = to;

	while (n-- != 0)
		*p++ = c;
	return (to);
}

void
bzero(void *to, __SIZE_TYPE__ n)
{
	memset(to, 0, n);
}

void *
memcpy(void *to, const void *from, __SIZE_TYPE__ n)
{
	volatile char *p = to;
	const char *q = from;

	while (n-- != 0)
		*p++ = *q++;
	return (to);
}
