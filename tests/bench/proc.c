/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What levels and processes cost, in instructions, under -icount; rows of
 * the same form as malloc.c's, of which only the first three figures count.
 * Of the rounds the cheapest is taken: a tick may fall into one of them, and
 * is not what is timed.
 *
 *	level	splimp and splx, with nothing noted
 *	soft	softintr at level 0, with the interrupt that it causes
 *	create	proc_create
 *	life	a process that ends at once runs, and is buried
 *	round	a wakeup, a sleep and a switch, there and back
 *	wake	from a wakeup in the clock's handler to behind the tsleep
 */
#include "common/help.h"
#include "i386.h"

#define	ROUNDS	50

static u_long overhead;			/* Of timing nothing. */
static u_long least, begun;
static int chan[2], rounds;

static void
time_from(void)
{

	begun = cycles();
}

static void
time_to(void)
{
	u_long t = cycles() - begun - overhead;

	if (t < least)
		least = t;
}

static void
row(const char *name)
{

	printf("bench: proc 0 %s %d %lu %lu 0 0 0\n", name, ROUNDS, least,
	    least);
	least = ~0UL;
}

static void
nothing(void *arg)
{

	(void)arg;
}

/* The other end of a round. */
static void
answer(void *arg)
{
	int s = splimp();

	(void)arg;
	while (rounds > 0) {
		wakeup(&chan[0]);
		tsleep(&chan[1], PVM, "answer", 0);
	}
	splx(s);
}

static void
wake(void *arg)
{

	time_from();
	wakeup(arg);
}

static void
bench_calls(void)
{
	u_long fl;
	int i, s;

	for (i = 0; i < ROUNDS; i++) {
		fl = intr_disable();
		time_from();
		s = splimp();
		splx(s);
		time_to();
		intr_restore(fl);
	}
	row("level");
	for (i = 0; i < ROUNDS; i++) {
		time_from();
		softintr(nothing, NULL);
		time_to();
	}
	row("soft");
}

static void
bench_lives(void)
{
	u_long life = ~0UL;
	int i, pid;

	for (i = 0; i < ROUNDS; i++) {
		time_from();
		pid = proc_create("bench", nothing, NULL);
		time_to();
		CU_ASSERT(pid >= 0);
		time_from();
		proc_settle();
		begun = cycles() - begun - overhead;
		if (begun < life)
			life = begun;
		CU_ASSERT(proc_ended(pid));
	}
	row("create");
	least = life;
	row("life");
}

static void
bench_sleeps(void)
{
	int i, s;

	s = splimp();
	rounds = ROUNDS;
	CU_ASSERT_FATAL(proc_create("bench", answer, NULL) >= 0);
	tsleep(&chan[0], PVM, "round", 0);
	for (; rounds > 0; rounds--) {
		time_from();
		wakeup(&chan[1]);
		tsleep(&chan[0], PVM, "round", 0);
		time_to();
	}
	wakeup(&chan[1]);
	splx(s);
	proc_settle();
	row("round");
	for (i = 0; i < ROUNDS; i++) {
		s = splimp();
		CU_ASSERT(intr_on_tick(wake, &chan[0]) == 0);
		tsleep(&chan[0], PVM, "wake", 0);
		time_to();
		splx(s);
	}
	row("wake");
}

/* Called by malloc.c's, which has timed nothing. */
void
bench_processes(u_long nothing_timed)
{

	overhead = nothing_timed;
	least = ~0UL;
	bench_calls();
	bench_lives();
	bench_sleeps();
}
