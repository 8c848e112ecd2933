/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file port/spl.h
 * The smallest machine's interrupt level; see machine.h.
 */
#ifndef _SPL_H_
#define	_SPL_H_

extern int spl_level;	/**< 0: handlers may run. */

/** No access to memory moves across this. */
#define	spl_barrier()	__asm__ volatile ("" : : : "memory")

/** With interrupts: mask them, and return whether they were. */
static inline int
splimp(void)
{
	int s = spl_level;

	spl_level = 1;
	spl_barrier();
	return (s);
}

/** With interrupts: mask or unmask them, as they were at splimp. */
static inline void
splx(int s)
{
	spl_barrier();
	spl_level = s;
}

/** With interrupts: a count that their entry code keeps. */
static inline int
cpu_intr_p(void)
{
	return (0);
}
#endif /* !_SPL_H_ */
