/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file kmem.h
 * Kernel address space and memory, by the page: kmem(9).
 */
#ifndef _KMEM_H_
#define	_KMEM_H_

#include "vm.h"

#ifdef __cplusplus
extern "C" {
#endif

extern vm_map_t kernel_map;	/**< All of the kernel's addresses. */
extern vm_map_t kmem_map;	/**< malloc's arena. */
extern vm_map_t mb_map;		/**< Network clusters, if one is made. */
extern vm_map_t phys_map;	/**< Raw I/O, if one is made. */
extern vm_map_t pager_map;	/**< Pagers, if one is made. */

/** Allocate address space in a map, with wired pages behind it.
 * @param map	kernel_map, kmem_map, ... or what kmem_suballoc made
 * @param size	bytes, rounded up to whole pages
 * @param flags	M_WAITOK or M_NOWAIT, M_ZERO_IT, M_SPACE_ONLY, M_IO1 ...
 * @return the first address, page-aligned; 0 where it cannot be done
 *
 * Level: any up to splimp.  M_WAITOK may sleep, and from an interrupt
 * handler is a panic.  Clauses: K-ALLOC, K-NOWAIT, K-WAITOK, K-SPACE,
 * K-IO. */
vm_offset_t kmem_alloc(vm_map_t map, vm_size_t size, int flags);

/** Give back any wholly allocated range of a map.
 * @param map	the map that it was allocated from
 * @param addr	page-aligned, as kmem_alloc returned it
 * @param size	bytes, rounded up to whole pages
 *
 * Panics, changing nothing, where the range is not wholly allocated.
 * Level: any up to splimp.  Never fails, never sleeps.  Clause: K-FREE. */
void	kmem_free(vm_map_t map, vm_offset_t addr, vm_size_t size);

/** Carve a map out of kernel_map.
 * @param size	bytes, rounded up to whole pages
 * @param pageable	whether what lies in it may be paged out
 * @return the map, or null where there is no room
 *
 * After kmeminit; level: any up to splimp; never sleeps.
 * Clause: K-SUBALLOC. */
vm_map_t kmem_suballoc(vm_size_t size, boolean_t pageable);

/** Physical address of a kernel address; 0 where no page is.
 * Level: any up to splimp.  Clause: K-PHYS. */
vm_offset_t kmem_phys(vm_offset_t kva);

/** Start kmem: frames, kernel_map.  Once, before kmeminit. */
void	kmem_init(void);

/** Check every invariant of the frames and of one map, at rest: where a
 * handler may call kmem meanwhile, it is to be called at splimp.
 * @param map	the map
 * @param pr	prints a line for each thing found wrong
 * @return how many things are wrong: 0
 *
 * Level: any up to splimp.  Clause: K-COUNT. */
int	kmem_check(vm_map_t map, int (*pr)(const char *, ...));

/** Map memory of the process that runs into a map of the kernel's.
 * @param map	kernel_map, or another
 * @param addr	the process's address, of any alignment
 * @param size	bytes
 * @return the kernel's address of the same byte; 0 where there is no
 *	process, or no room, or a page may not be written or is not there
 *
 * The pages are held, whatever the process does, until kmem_free is
 * given the returned address and the size.  Never sleeps.
 * Clause: K-MMAP. */
vm_offset_t kmem_mmap(vm_map_t map, vm_offset_t addr, vm_size_t size);


/** Carve a map that the caller has room for; as kmem_suballoc. */
vm_map_t kmem_submap(vm_map_t map, vm_size_t size, boolean_t pageable);

/** How often memory was gained while somebody waited for it. */
extern volatile unsigned int kmem_gained;

/** Processes that wait for memory, or in malloc for room under a limit;
 * each counts itself. */
extern unsigned int kmem_waiters;

/** Sleep, unless memory was gained since kmem_gained was `seen'.  In a
 * process that has counted itself in kmem_waiters, at splimp; the level
 * is dropped while asleep. */
void	kmem_wait(unsigned int seen, const char *wmesg);

/** Memory was gained, of any kind: wake who waits.  At splimp, and
 * only where kmem_waiters is not 0. */
void	kmem_gain(void);

/** What the process that runs gives back was free a moment ago, and is no
 * gain.  It does not sleep while this is set. */
extern boolean_t kmem_undoing;

/** Take zeroed frames for a process's memory: all, or none.
 * @param frame	where their addresses go
 * @param n	how many
 * @param flags	M_WAITOK or M_NOWAIT
 * @return 1; 0 where there are not so many, with M_WAITOK: ever
 *
 * In a process. */
int	kmem_getpages(vm_offset_t frame[], unsigned long n, int flags);

/** Give frames back that kmem_getpages gave.  No process may have them
 * mapped any more; a page that kmem_mmap holds stays until kmem_free. */
void	kmem_putpages(const vm_offset_t frame[], unsigned long n);

/** Make an empty map of [min, max). */
void	vm_map_init(vm_map_t map, vm_offset_t min, vm_offset_t max);

/** The first entry with a hole of so many bytes in front of it; null
 * where there is none. */
struct vm_map_entry *vm_map_findspace(vm_map_t map, vm_size_t size);

/** The first entry that ends after addr; the header where none does. */
struct vm_map_entry *vm_map_lookup_entry(vm_map_t map, vm_offset_t addr);

/** Put an entry, with start, end and kind set, in front of `next'. */
void	vm_map_entry_link(vm_map_t map, struct vm_map_entry *next,
	    struct vm_map_entry *e);

/** Take an entry out. */
void	vm_map_entry_unlink(vm_map_t map, struct vm_map_entry *e);

/** How many free frames lie below an address.  Linear in their number;
 * level: any up to splimp. */
unsigned long kmem_free_below(vm_offset_t limit);

#ifdef __cplusplus
}
#endif
#endif /* !_KMEM_H_ */
