/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file user.h
 * What programs in user mode include.
 */
#ifndef _USER_H_
#define	_USER_H_

#include "i386.h"

/** A system call: its result. */
static inline long
sys(long n, long a, long b)
{
	__asm__ volatile ("int $0x80" : "+a" (n) : "b" (a), "c" (b) :
	    "memory");
	return (n);
}

/** End, with this status; the kernel keeps it. */
#define	exit(status)		sys(SYS_exit, (status), 0)
/** Zeroed memory, of so many bytes: its address, or -1. */
#define	map(size, writable)	sys(SYS_map, (long)(size), (writable))
/** Give it back: 0, or -1 where nothing begins there. */
#define	unmap(addr)		sys(SYS_unmap, (long)(addr), 0)
/** Sleep for n ticks of the clock. */
#define	sleep(n)		sys(SYS_sleep, (n), 0)
/** Make text upper case, where it is, and print it: 0, or -1. */
#define	shout(addr, len)	sys(SYS_shout, (long)(addr), (long)(len))
/** Lend bytes to the device. */
#define	device(addr, len)	sys(SYS_device, (long)(addr), (long)(len))
#endif /* !_USER_H_ */
