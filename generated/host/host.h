/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file host/host.h
 * A machine inside a Linux process; see also machine.h and kern.h.
 */
#ifndef _HOST_H_
#define	_HOST_H_

#include "vm.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A fresh machine; then kmem_init and kmeminit.  May be called again and
 * again, by the thread that was first (it is process 0).  All that the
 * last machine held is gone, its other processes included.
 * @param memory	bytes of physical memory
 * @param space		bytes of kernel address space
 * Panics where Linux does not give so much. */
void	host_boot(vm_size_t memory, vm_size_t space);

extern char *host_memory;	/**< Physical memory: [pa] is its byte. */
extern int host_paniclevel;	/**< The level at the last panic. */
/** Deliver one interrupt at the n-th point from now where it can come.
 * A point is every raise of the level, just before it, and every lowering,
 * just after it, while the level is below splimp.  fn(arg) runs at splimp,
 * in a handler.  A later call replaces an earlier; n 0 cancels it. */
void	host_interrupt_at(unsigned long n, void (*fn)(void *), void *arg);

/** Points passed since the machine was booted, while they were counted. */
unsigned long host_points(void);

/** Count points, or (0) do not.  They are counted from the boot on; for a
 * benchmark, which is quicker when nobody counts. */
void	host_count_points(int on);
/** Have later boots make a flat machine (1), or not (0).  On a flat one each
 * kernel address is memory of its own, for good: pmap_enter and pmap_remove
 * keep the kernel's table and do no more.  No touch of such an address
 * faults, and what is mapped twice is not the same.  For measurements. */
void	host_flat(int on);

#ifdef __cplusplus
}
#endif
#endif /* !_HOST_H_ */
