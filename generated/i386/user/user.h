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

#define	exit(status)		sys(SYS_exit, (status), 0)
#define	map(size, writable)	sys(SYS_map, (long)(size), (writable))
#define	unmap(addr)		sys(SYS_unmap, (long)(addr), 0)
#define	sleep(n)		sys(SYS_sleep, (n), 0)
#define	shout(addr, len)	sys(SYS_shout, (long)(addr), (long)(len))
#define	device(addr, len)	sys(SYS_device, (long)(addr), (long)(len))
#endif /* !_USER_H_ */
