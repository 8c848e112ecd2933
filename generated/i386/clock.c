/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file clock.c
 * The clock's interrupt, and the counter of instructions.
 */
#include "i386.h"

volatile unsigned long ticks;

#define	TIMER		0x40		/* The 8254's first port. */
#define	TIMER_FREQ	1193182UL	/* It counts so often a second. */
static struct tickfn {
	void	(*tk_fn)(void *);
	void	*tk_arg;
} tickfn[TICKFNS];
static int ntickfns;

int
intr_on_tick(void (*fn)(void *), void *arg)
{
	int s = splimp(), n = ntickfns;

	if (n < TICKFNS)
		tickfn[ntickfns++] = (struct tickfn){ fn, arg };
	splx(s);
	return (n < TICKFNS ? 0 : -1);
}

/** The clock's interrupt, HZ times a second, at IPL_IMP. */
static void
clockintr(void)
{
	ticks++;
	proc_timeouts();
	struct tickfn now[TICKFNS];
	int i, n = ntickfns;

	for (i = 0; i < n; i++)
		now[i] = tickfn[i];
	ntickfns = 0;
	for (i = 0; i < n; i++)
		now[i].tk_fn(now[i].tk_arg);
}

/** Let the clock tick. */
void
clock_init(void)
{
	outb(TIMER + 3, 0x34);		/* Counter 0, two bytes, repeat. */
	outb(TIMER, TIMER_FREQ / HZ & 0xFF);
	outb(TIMER, TIMER_FREQ / HZ >> 8);
	intr_establish(0, IPL_IMP, clockintr);
}

/** See kern.h: the low half of the processor's own counter. */
unsigned long
cycles(void)
{
	unsigned long lo;

	__asm__ volatile ("rdtsc" : "=a" (lo) : : "edx");
	return (lo);
}
