/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file port/pages.c
 * In place of kmem.c: pages of one array, without page tables.
 */
#include "machine.h"
#include "kmem.h"
#include "malloc.h"

#ifndef NPAGES
#define	NPAGES	256	/**< Pages of memory; a port's own number. */
#endif

static char memory[NPAGES][PAGE_SIZE] __attribute__((aligned(4096)));
static char taken[NPAGES];

static struct vm_map everything;
vm_map_t kernel_map, kmem_map;
struct vmmeter cnt;

/** Let a map be all of memory. */
vm_map_t
kmem_submap(vm_map_t map, vm_size_t size, boolean_t pageable)
{
	vm_map_min(map) = (vm_offset_t)memory[0];
	vm_map_max(map) = (vm_offset_t)memory[0] + sizeof(memory);
	map->size = size;
	map->pageable = pageable;
	return (map);
}

void
kmem_init(void)
{
	kernel_map = kmem_submap(&everything, 2 * sizeof(memory), FALSE);
	cnt.v_page_count = cnt.v_free_count = NPAGES;
}

/** Index of the first of n free pages; NPAGES if there are none. */
static vm_size_t
find(vm_size_t n)
{
	vm_size_t i, run;

	for (i = run = 0; i < NPAGES; i++) {
		run = taken[i] ? 0 : run + 1;
		if (run == n)
			return (i + 1 - n);
	}
	return (NPAGES);
}

vm_offset_t
kmem_alloc(vm_map_t map, vm_size_t size, int flags)
{
	vm_size_t first, i, n;
	int s;

	(void)map;
	if (size == 0 || size > sizeof(memory))
		return (0);
	n = round_page(size) >> PAGE_SHIFT;
	s = splimp();
	first = find(n);
	if (first == NPAGES && kmem_map != 0 && malloc_reclaim() != 0)
		first = find(n);
	if (first == NPAGES) {
		splx(s);
		return (0);
	}
	for (i = first; i < first + n; i++)
		taken[i] = 1;
	cnt.v_free_count -= n;
	cnt.v_wire_count += n;
	splx(s);
	if (flags & M_ZERO_IT)
		bzero(memory[first], n << PAGE_SHIFT);
	return ((vm_offset_t)memory[first]);
}

void
kmem_free(vm_map_t map, vm_offset_t addr, vm_size_t size)
{
	vm_size_t first, i, n;
	int s;

	(void)map;
	first = (addr - (vm_offset_t)memory[0]) >> PAGE_SHIFT;
	n = round_page(size) >> PAGE_SHIFT;
	s = splimp();
	for (i = first; i < first + n; i++)
		taken[i] = 0;
	cnt.v_free_count += n;
	cnt.v_wire_count -= n;
	if (kmem_waiters != 0)
		kmem_gain();
	splx(s);
}

vm_offset_t
kmem_phys(vm_offset_t kva)
{
	vm_offset_t off = kva - (vm_offset_t)memory[0];

	if (off >= sizeof(memory) || !taken[off >> PAGE_SHIFT])
		return (0);
	return (kva);
}

volatile unsigned int kmem_gained;
unsigned int kmem_waiters;

void
kmem_wait(unsigned int seen, const char *wmesg)
{
	if (kmem_gained == seen)
		tsleep((void *)&kmem_gained, PVM, wmesg, 0);
}

void
kmem_gain(void)
{
	kmem_gained++;
	wakeup((void *)&kmem_gained);
}
