/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * How long the level stays at splimp, in instructions, for each function
 * that raises it: a tracer, linked into a kernel of its own (make
 * bench-level), to be run under -icount.  When that kernel exits it prints
 *
 *	level: FILE FUNCTION STRETCHES LONGEST OWN ENDED-BY
 *
 * for each place that raised the level from below, and `any any' for the
 * longest of all.  OWN is the longest without what wakeup took, whose work is
 * the machine's and grows with the number of sleepers.  A stretch ends where
 * the level comes down; where a process goes to sleep, and then one of
 * tsleep's begins; and where processes are switched.  When the process runs
 * again with the level raised, one more of its function's begins.  (`any' is
 * not parted so.)  What is not timed: a stretch into which a trap or an
 * interrupt came, since their instructions are not the function's; and
 * handlers that run at splimp or above, as the clock's, from end to end.
 *
 * The last row, `nops nops', is a stretch of 1,000 instructions.
 */
#include "spl.h"
#undef splimp
#undef splx
#include "kern.h"
#include "i386.h"

void	__real_trap(struct trapframe *), __wrap_trap(struct trapframe *);
void	__real_intr(struct trapframe *), __wrap_intr(struct trapframe *);
void	__real_machine_exit(int) __attribute__((noreturn));
void	__wrap_machine_exit(int) __attribute__((noreturn));
void	__real_wakeup(void *), __wrap_wakeup(void *);
void	__real_cpu_switch(void *, void *), __wrap_cpu_switch(void *, void *);
int	__real_tsleep(void *, int, const char *, int);
int	__wrap_tsleep(void *, int, const char *, int);

static struct level_site sleeping =
    { "generated/i386/proc.c", "tsleep", 0, 0, 0, 0, 0, 0 };
static struct level_site switching =
    { "generated/i386/proc.c", "swtch", 0, 0, 0, 0, 0, 0 };
static struct level_site any = { "any", "any", 0, 0, 0, 0, 0, 0 };
static struct level_site **last = &any.ls_next;

/* The stretch that is being timed, and the whole one of which it is part. */
static struct level_site *site, *whole;
static unsigned long begun, wholebegun;
static unsigned long waking;		/* Of it, in wakeup. */
static unsigned long disturbed;		/* Traps and interrupts, ever, */
static unsigned long before, wholebefore; /* and when it began. */

static void
open(struct level_site *ls)
{

	if (!ls->ls_listed) {
		ls->ls_listed = 1;
		*last = ls;
		last = &ls->ls_next;
	}
	site = ls;
	waking = 0;
	before = disturbed;
	begun = cycles();
}

static void
close(unsigned long now, const char *func)
{
	unsigned long t = now - begun;

	if (site != NULL && before == disturbed) {
		site->ls_n++;
		if (t > site->ls_longest) {
			site->ls_longest = t;
			site->ls_end = func;
		}
		if (t - waking > site->ls_own)
			site->ls_own = t - waking;
	}
	site = NULL;
}

int
level_raise(struct level_site *ls)
{
	int s = cpl;

	if (s >= IPL_IMP)
		return (s);
	cpl = IPL_IMP;
	spl_barrier();
	whole = ls;
	wholebefore = disturbed;
	wholebegun = cycles();
	open(ls);
	return (s);
}

void
level_lower(int s, const char *func)
{
	unsigned long now = cycles();

	if (s < IPL_IMP && cpl >= IPL_IMP) {
		close(now, func);
		if (whole != NULL && wholebefore == disturbed) {
			any.ls_n++;
			if (now - wholebegun > any.ls_longest) {
				any.ls_longest = now - wholebegun;
				any.ls_own = any.ls_longest;
				any.ls_end = whole->ls_func;
			}
		}
		whole = NULL;
	}
	splx(s);
}

int
__wrap_tsleep(void *chan, int pri, const char *wmesg, int timo)
{
	unsigned long now = cycles();
	struct level_site *who = site;
	int error;

	if (who == NULL)
		return (__real_tsleep(chan, pri, wmesg, timo));
	close(now, "tsleep");
	open(&sleeping);
	error = __real_tsleep(chan, pri, wmesg, timo);
	now = cycles();
	close(now, "tsleep");
	open(who);
	return (error);
}

/* Returns in another process than it was called in.  (One that is new does
 * not return from here, and lowers the level at once.) */
void
__wrap_cpu_switch(void *from, void *to)
{
	unsigned long now = cycles();
	struct level_site *who = site;

	close(now, "swtch");
	open(&switching);
	__real_cpu_switch(from, to);
	now = cycles();
	close(now, "swtch");
	if (who != NULL)
		open(who);
}

void
__wrap_wakeup(void *chan)
{
	unsigned long t = cycles();

	__real_wakeup(chan);
	waking += cycles() - t;
}

void
__wrap_trap(struct trapframe *tf)
{

	disturbed++;
	__real_trap(tf);
}

void
__wrap_intr(struct trapframe *tf)
{

	disturbed++;
	__real_intr(tf);
}

/* The shortest stretch of nothing, which is what timing costs; or of 1,000
 * instructions.  Each is tried again until no interrupt comes. */
static struct level_site nops = { "nops", "nops", 0, 1, 0, 0, 0, 0 };

static unsigned long
known(int instructions)
{
	int s;

	for (nops.ls_n = 0; nops.ls_n == 0; ) {
		nops.ls_longest = nops.ls_own = 0;
		s = level_raise(&nops);
		if (instructions != 0)
			__asm__ volatile (".rept 1000; nop; .endr");
		level_lower(s, "nops");
	}
	return (nops.ls_longest);
}

static void
report(const struct level_site *ls, unsigned long cost)
{

	if (ls->ls_n != 0)
		printf("level: %s %s %lu %lu %lu %s\n", ls->ls_file,
		    ls->ls_func, ls->ls_n, ls->ls_longest - cost,
		    ls->ls_own - cost, ls->ls_end);
}

void
__wrap_machine_exit(int status)
{
	static int reported;
	const struct level_site *ls;
	unsigned long cost;

	if (!reported && panicstr == NULL && cpl == IPL_NONE) {
		reported = 1;
		cost = known(0);
		for (ls = &any; ls != NULL; ls = ls->ls_next)
			report(ls, cost);
		(void)known(1);
		report(&nops, cost);
	}
	__real_machine_exit(status);
}
