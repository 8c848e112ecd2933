/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file witness.h
 * In debug builds, a witness of the locks of malloc.c and kmem.c: of the
 * sections, that is, that they enter by splimp and leave by splx.  A file
 * that defines WITNESS_LOCK as its own includes it last.
 */
#ifndef _WITNESS_H_
#define	_WITNESS_H_

#include "machine.h"

#ifdef DIAGNOSTIC
/* The locks, in the order in which they may be taken. */
#define	WITNESS_MALLOC	1	/**< malloc.c's, first. */
#define	WITNESS_KMEM	2	/**< kmem.c's. */

extern unsigned int witness_held;	/**< A bit for each that is taken. */

/** What to call a lock, or both. */
static inline const char *
witness_name(unsigned int locks)
{
	return (locks == WITNESS_MALLOC ? "malloc" :
	    locks == WITNESS_KMEM ? "kmem" : "malloc and kmem");
}

/** For who leaves by a jump: what is taken, */
#define	WITNESS_SAVE()		(witness_held)
/** to be set back after it. */
#define	WITNESS_RESTORE(held)	(witness_held = (held))

/** Raise the level and take a lock; `who' is the function that does. */
static inline int
witness_enter(unsigned int lock, const char *who)
{
	unsigned int held;
	int s;

	s = splimp();
	held = witness_held;
	if (held >= lock) {
		splx(s);
		if ((held & lock) != 0)
			panic("witness: %s takes the lock of %s twice", who,
			    witness_name(lock));
		panic("witness: %s takes the lock of %s after that of %s", who,
		    witness_name(lock), witness_name(held));
	}
	witness_held = held | lock;
	return (s);
}

/** Leave a lock, and set the level to s. */
static inline void
witness_leave(unsigned int lock, int s, const char *who)
{
	if ((witness_held & lock) == 0)
		panic("witness: %s leaves the lock of %s, which is not taken",
		    who, witness_name(lock));
	witness_held &= ~lock;
	splx(s);
}

/** Sleep, giving up the one lock that is taken meanwhile. */
static inline int
witness_sleep(void *chan, int pri, const char *wmesg, int timo)
{
	unsigned int held;
	int error;

	held = witness_held;
	if ((held & (held - 1)) != 0)
		panic("witness: %s is waited for with the locks of %s taken",
		    wmesg, witness_name(held));
	witness_held = 0;
	error = tsleep(chan, pri, wmesg, timo);
	witness_held = held;
	return (error);
}

/** The function `who' has been called: it must be with no lock taken. */
static inline void
witness_none(const char *who)
{
	if (witness_held != 0)
		panic("witness: %s is called with the lock of %s taken", who,
		    witness_name(witness_held));
}

#ifdef WITNESS_LOCK
#define	splimp()	witness_enter(WITNESS_LOCK, __func__)
#define	splx(s)		witness_leave(WITNESS_LOCK, (s), __func__)
#define	tsleep(chan, pri, wmesg, timo) \
	witness_sleep((chan), (pri), (wmesg), (timo))
#endif
#else
#define	witness_none(who)	((void)0)
#define	WITNESS_SAVE()		0U
#define	WITNESS_RESTORE(held)	((void)(held))
#endif
#endif /* !_WITNESS_H_ */
