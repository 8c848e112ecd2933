/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file i386/spl.h
 * The interrupt level of the i386 machine; see machine.h.
 */
#ifndef _SPL_H_
#define	_SPL_H_

/* A handler runs at its source's level, which masks it. */
#define	IPL_NONE	0		/**< Every interrupt is taken. */
#define	IPL_SOFT	1		/**< Software interrupts. */
#define	IPL_TTY		2		/**< The serial line. */
#define	IPL_IMP		3		/**< The clock; who calls malloc. */
#define	IPL_HIGH	4		/**< All of them are closed. */

extern int cpl;			/**< The level now. */
extern unsigned int intr_noted;	/**< Interrupts that wait for it. */
extern int intr_depth;		/**< Handlers that are running. */

/** No access to memory moves across this. */
#define	spl_barrier()	__asm__ volatile ("" : : : "memory")

/** Run what the level, just set, admits.  It saves all registers that it
 * uses, so that who calls splx need not save any. */
void	spl_run(void) __attribute__((no_caller_saved_registers,
	    target("general-regs-only")));

static inline int
splraise(int level)
{
	int s = cpl;

	if (s < level)
		cpl = level;
	spl_barrier();
	return (s);
}

static inline int
splimp(void)
{
	return (splraise(IPL_IMP));
}

static inline void
splx(int s)
{
	spl_barrier();
	cpl = s;
	spl_barrier();
	if (__builtin_expect(intr_noted != 0, 0))
		__asm__ volatile ("call spl_run" : : : "memory", "cc");
}

static inline int
cpu_intr_p(void)
{
	return (intr_depth != 0);
}
#endif /* !_SPL_H_ */
