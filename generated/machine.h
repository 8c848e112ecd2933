/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file machine.h
 * What a machine supplies: the whole of what a port writes.  What it
 * declares inline is defined in the machine's own spl.h.
 */
#ifndef _MACHINE_H_
#define	_MACHINE_H_

#include "vm.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Raise the level so that no handler that may call malloc runs.
 * @return the level before, for splx */
static inline int splimp(void);

/** Set the level to what an earlier spl call returned; interrupts that
 * waited for that are taken before it returns. */
static inline void splx(int s);

/** Raise the level so that no handler runs at all. */
int	splhigh(void);

/** Is this an interrupt handler?  (A fact about who is running, not
 * about the level: a process at splimp is still a process.  But at level
 * 0 it is always a process.) */
static inline int cpu_intr_p(void);

/* These three, inline.  Each machine has its own; memory is not to be
 * read or written across a change of the level. */
#include "spl.h"

#define	PVM	4	/**< Priority of a sleep for memory. */

/** Sleep on a channel until wakeup(chan), or until timo clock ticks have
 * passed (0: for ever).  In a process only: in a handler, a panic.
 * Returns at once while cold, and after a panic.
 * @return 0 when woken; not 0 after timo */
int	tsleep(void *chan, int pri, const char *wmesg, int timo);

/** Make every process that sleeps on chan ready to run. */
void	wakeup(void *chan);
extern int cold;		/**< Not 0 until scheduling has begun. */
extern const char *panicstr;	/**< Not null after a panic. */

/** Stop, and say why: printf's arguments.  Does not return. */
void	panic(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

extern pmap_t kernel_pmap;	/**< The kernel's own. */

/** Map the page at va to the frame at pa; both page-aligned.  It can be
 * touched at once, even where a touch has faulted before.
 * @return 0, or not 0 where the machine cannot; never so for the first
 *	page entered after one was removed */
int	pmap_enter(pmap_t pmap, vm_offset_t va, vm_offset_t pa, int prot);

/** Unmap the pages of [sva, eva); after it a touch faults, with no stale
 * translation left in any processor. */
void	pmap_remove(pmap_t pmap, vm_offset_t sva, vm_offset_t eva);

/** Physical address of va, its offset in the page kept; 0 for none. */
vm_offset_t pmap_extract(pmap_t pmap, vm_offset_t va);

/** The pmap of the process that runs; null where it has none, and in an
 * interrupt handler. */
pmap_t	curpmap(void);

/** What its owner may do with the page at va: VM_PROT_READ and
 * VM_PROT_WRITE; 0 where there is no page, and for the kernel's. */
int	pmap_protection(pmap_t pmap, vm_offset_t va);

/** An empty pmap for a process.  Its page tables come from malloc and
 * kmem, never sleeping; their books are M_VMPMAP's and M_VMPVENT's.
 * @param min, max	get the addresses that a process may have
 * @return the pmap, or null where memory does not suffice */
pmap_t	pmap_create(vm_offset_t *min, vm_offset_t *max);

/** The end of a pmap in which nothing is mapped. */
void	pmap_destroy(pmap_t pmap);

/** Physical memory: pairs of page-aligned start and end, ended by a pair
 * of zeros; ascending, without frame 0.  Changed by pmap_steal_memory.
 * What lies above 4 GB is not used. */
extern vm_offset_t phys_avail[];

/** Kernel addresses not used by the machine itself begin here, */
extern vm_offset_t virtual_avail;
extern vm_offset_t virtual_end;	/**< and end here; both page-aligned. */

/** Take `size' bytes, zeroed, before kmem_init hands out what is in
 * phys_avail.  Panics where there is not so much.
 * @return an address that can be touched, aligned as for a pointer */
vm_offset_t pmap_steal_memory(vm_size_t size);

#ifndef VM_IO_LIMIT
/** Device memory ends here: M_IO pages lie below it. */
#define	VM_IO_LIMIT	0x1000000UL
#endif

/** What M_IO1 does not cross a multiple of, in bytes: ISA's controller
 * counts to 64 KB, in bytes on one half and in words on the other. */
#define	VM_IO1_BOUNDARY	0x10000UL
#define	VM_IO2_BOUNDARY	0x20000UL	/**< The same for M_IO2. */

#if __STDC_HOSTED__
#include <string.h>
#include <strings.h>
#else
/* A freestanding compiler asks for the first two. */
void	*memset(void *, int, __SIZE_TYPE__);	/**< As in <string.h>. */
void	*memcpy(void *, const void *, __SIZE_TYPE__);	/**< The same. */
void	bzero(void *, __SIZE_TYPE__);	/**< Fill with zeros. */
#endif

#ifdef __cplusplus
}
#endif
#endif /* !_MACHINE_H_ */
