/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * malloc(9) on the machine in a process: a flat one, but for the name strict.
 */
#include <sys/mman.h>
#include <string.h>
#include "bench.h"
#include "machine.h"
#include "kmem.h"
#include "host.h"
#include "malloc.h"

#define	MEMORY	(240UL << 20)	/* strict: what Linux's mappings allow */
#define	SPACE	(1UL << 30)

bench_alloc_t *bench_alloc;
bench_free_t *bench_free;

static int flat;

const char *
bench_start(const char *name)
{

	flat = strcmp(name, "strict") != 0;
	host_flat(flat);
	host_boot(MEMORY, SPACE);
	host_count_points(0);	/* a test's instrument */
	bench_alloc = malloc;
	bench_free = free;
	return (NULL);
}

/* Give Linux back what the kernel has given back. */
static void
drop(void)
{
	vm_offset_t from, va;

	for (va = from = virtual_avail; va <= virtual_end; va += PAGE_SIZE) {
		if (va < virtual_end && pmap_extract(kernel_pmap, va) == 0)
			continue;
		if (from < va)
			madvise((void *)from, va - from, MADV_DONTNEED);
		from = va + PAGE_SIZE;
	}
}

long
bench_pages(void)
{

	if (flat)
		drop();
	return ((long)cnt.v_wire_count);
}

void *
bench_page_get(void)
{

	return ((void *)kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT));
}

void
bench_page_put(void *p)
{

	kmem_free(kernel_map, (vm_offset_t)p, PAGE_SIZE);
}

/* Wholly free pages of a class that has more free blocks than its mark: as
 * many as would have to go until it has not. */
static long
surplus(int class, u_long pages, u_long nfree, u_long npages)
{
	long n;

	for (n = 0; pages > 0 && nfree > bucket[class].kb_highwat; pages--) {
		nfree -= bucket[class].kb_elmperpg;
		n += (long)npages;
	}
	return (n);
}

long
bench_surplus(void)
{
	static u_long empty[NBUCKETS], nfree[NBUCKETS], npages[NBUCKETS];
	struct malloc_page mp;
	u_long va;
	long n;
	int i;

	for (i = 0; i < NBUCKETS; i++)
		empty[i] = nfree[i] = 0;
	for (va = (u_long)kmembase; va < (u_long)kmemlimit; va += PAGE_SIZE) {
		if (!malloc_page(va, &mp) || mp.mp_class < 0 ||
		    mp.mp_first != va)
			continue;
		empty[mp.mp_class] += mp.mp_free == mp.mp_blocks;
		nfree[mp.mp_class] += mp.mp_free;
		npages[mp.mp_class] = mp.mp_npages;
	}
	for (i = 0, n = 0; i < NBUCKETS; i++)
		n += surplus(i, empty[i], nfree[i], npages[i]);
	return (n);
}
