/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file host/spl.h
 * The interrupt level inside a Linux process; see machine.h.
 */
#ifndef _SPL_H_
#define	_SPL_H_

enum {
	SPL_NONE,		/**< Every interrupt is taken. */
	SPL_SOFT,		/**< Software interrupts wait. */
	SPL_IMP,		/**< So do devices that call malloc. */
	SPL_HIGH		/**< Nothing is taken. */
};

extern int spl_level;	/**< The level of who runs. */
extern int spl_intr;	/**< Handlers that it is in, nested. */
extern int spl_watched;	/**< Not 0: changes of the level pass points. */

void	spl_point(void);	/**< An interrupt may come here. */
int	spl_set(int s);		/**< Set the level, passing a point. */

/** No access to memory moves across this. */
#define	spl_barrier()	__asm__ volatile ("" : : : "memory")

static inline int
cpu_intr_p(void)
{
	return (spl_intr != 0);
}

static inline int
splimp(void)
{
	int s = spl_level;

	if (s < SPL_IMP) {
		if (__builtin_expect(spl_watched != 0, 0))
			spl_point();
		spl_level = SPL_IMP;
	}
	spl_barrier();
	return (s);
}

static inline void
splx(int s)
{
	spl_barrier();
	if (__builtin_expect(spl_watched != 0, 0))
		(void)spl_set(s);
	else
		spl_level = s;
	spl_barrier();
}
#endif /* !_SPL_H_ */
