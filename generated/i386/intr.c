/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file intr.c
 * Interrupt levels, the interrupt controller, software interrupts.
 */
#include "i386.h"

int cpl;
unsigned int intr_noted;
int intr_depth;
static struct intrsource {
	void	(*is_handler)(void);
	unsigned int is_noted;		/* Times to be run. */
} source[IPL_HIGH];			/* By level. */
static int irqlevel[8];			/* Level of each line, or 0. */
static inline void
intr_enable(void)
{
	__asm__ volatile ("sti" : : : "memory");
}

static void
intr_note(int level)
{
	source[level].is_noted++;
	intr_noted++;
}

#define	NSOFT	64			/* Software interrupts, waiting. */
static void softrun(void);

/** Run all that is noted above level s.  With interrupts disabled. */
static void
intr_run(int s)
{
	int l;

	for (l = IPL_HIGH - 1; l > s && panicstr == NULL; l--)
		while (source[l].is_noted != 0) {
			source[l].is_noted--;
			intr_noted--;
			cpl = l;
			intr_depth++;
			intr_enable();
			source[l].is_handler();
			intr_disable();
			intr_depth--;
			cpl = s;
			l = IPL_HIGH - 1;
		}
}

/** Run fn(arg) as a handler at IPL_IMP.  With interrupts disabled, at a
 * lower level. */
void
intr_call(void (*fn)(void *), void *arg)
{
	int s = cpl;

	cpl = IPL_IMP;
	intr_depth++;
	intr_enable();
	fn(arg);
	intr_disable();
	intr_depth--;
	cpl = s;
	intr_run(s);
}

int
splhigh(void)
{
	return (splraise(IPL_HIGH));
}

/** See spl.h. */
void
spl_run(void)
{
	unsigned long fl;

	fl = intr_disable();
	intr_run(cpl);
	intr_restore(fl);
}

int
spl0(void)
{
	int s = cpl;

	splx(IPL_NONE);
	return (s);
}

int
splget(void)
{
	return (cpl);
}

#define	ICU1	0x20			/* The first controller's ports: */
#define	ICU2	0xA0			/* command, and data one above. */
#define	IRQ0	32			/* Vector of its line 0. */
#define	ICU_EOI	0x20			/* End of interrupt. */
/** A line of the controller: note it, and run what the level admits. */
void
intr(struct trapframe *tf)
{
	int irq = tf->tf_trapno - IRQ0;

	if (irqlevel[irq] == 0)
		return;
	outb(ICU1, ICU_EOI);
	intr_note(irqlevel[irq]);
	intr_run(cpl);
}

/** Both controllers set up, all lines closed; interrupts enabled. */
void
intr_init(void)
{
	outb(ICU1, 0x11);
	outb(ICU1 + 1, IRQ0);
	outb(ICU1 + 1, 1 << 2);
	outb(ICU1 + 1, 0x01);
	outb(ICU2, 0x11);
	outb(ICU2 + 1, IRQ0 + 8);
	outb(ICU2 + 1, 2);
	outb(ICU2 + 1, 0x01);
	outb(ICU1 + 1, 0xFF);
	outb(ICU2 + 1, 0xFF);
	source[IPL_SOFT].is_handler = softrun;
	intr_enable();
}

/** Let a line interrupt, and run the handler at this level. */
void
intr_establish(int irq, int level, void (*handler)(void))
{
	source[level].is_handler = handler;
	irqlevel[irq] = level;
	outb(ICU1 + 1, inb(ICU1 + 1) & ~(1 << irq));
}

static struct softcall {
	void	(*sc_fn)(void *);
	void	*sc_arg;
} softcall[NSOFT];			/* A ring. */
static unsigned int softfirst, softlast; /* Taken; put; both modulo. */

static void
softrun(void)
{
	int s = splimp();
	struct softcall sc = softcall[softfirst++ % NSOFT];

	splx(s);
	sc.sc_fn(sc.sc_arg);
}

/** See kern.h.  At any level. */
void
softintr(void (*fn)(void *), void *arg)
{
	unsigned long fl = intr_disable();

	if (softlast - softfirst == NSOFT) {
		intr_restore(fl);
		panic("softintr: %d calls wait already", NSOFT);
	}
	softcall[softlast++ % NSOFT] = (struct softcall){ fn, arg };
	intr_note(IPL_SOFT);
	intr_run(cpl);
	intr_restore(fl);
}
