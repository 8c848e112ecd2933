/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file kern.h
 * What test suites need of a machine, beyond machine.h.
 */
#ifndef _KERN_H_
#define	_KERN_H_

#include "machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Start a process that calls fn(arg); it is ready, not yet running.
 * @return its number, or -1 where memory does not suffice */
int	proc_create(const char *name, void (*fn)(void *), void *arg);

int	proc_asleep(int pid);	/**< Is the process asleep? */
int	proc_ended(int pid);	/**< Has it ended? */

/** Let all processes run until each sleeps or has ended (those that
 * sleep with a time-out count as asleep); then return. */
void	proc_settle(void);

/** Give the process that runs this address space; null: none.  It ends
 * with the process.  In an interrupt handler, a panic.
 * @return what it had before, now the caller's to free */
struct vmspace *proc_setvm(struct vmspace *vm);

/** The address space of the process that runs; null for none, and in an
 * interrupt handler. */
struct vmspace *proc_vm(void);


/** Run fn(arg) in an interrupt handler, as soon as the level is below
 * that of software interrupts; each call is delivered once, in order.
 * At most 64 wait at a time (panic). */
void	softintr(void (*fn)(void *), void *arg);

/** The level now, as splimp would return it. */
int	splget(void);

/** Set the level to 0; returns the level before. */
int	spl0(void);


/** Call fn(arg); return null if it returned, and if it panicked, the
 * panic's message, with the level and panicstr as they were before, and
 * what witness.h saves.  Calls nest. */
const char *panic_catch(void (*fn)(void *), void *arg);

int	badaddr(const void *addr);	/**< Does reading a byte fault? */
int	badwrite(void *addr);		/**< Does writing one? */

#if __STDC_HOSTED__
#include <stdio.h>
#else
/** As in <stdio.h>: knows c d i o p s u x X %, with flags - 0 # and
 * space, width (also *), precision for s, and l. */
int	printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#endif
/** Instructions since start-up, where the machine can count them (in the
 * emulator with -icount); else nanoseconds. */
unsigned long cycles(void);

#ifdef __cplusplus
}
#endif
#endif /* !_KERN_H_ */
