/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file pmap.c
 * Physical memory, and the kernel's page tables.
 */
#include "i386.h"

#define	NPHYS	16			/* Ranges of frames at most. */
#define	NRESERVED	4		/* Ranges kept out at most. */
vm_offset_t phys_avail[2 * NPHYS + 2];
vm_offset_t virtual_avail, virtual_end;
vm_size_t mem_stolen;

typedef unsigned long pt_entry_t;
#define	PG_V	0x001			/* Valid. */
#define	PG_RW	0x002			/* Writable. */
#define	PG_FRAME	(~PAGE_MASK)	/* The frame's address. */
extern pt_entry_t kernel_pd[], kernel_pt[];
extern char bootguard[];
static vm_offset_t reserved[2 * NRESERVED + 2] = {
	(vm_offset_t)kernel_start - KERNBASE, (vm_offset_t)end - KERNBASE
};

/** Frames from start to end are somebody's: phys_add leaves them out. */
void
phys_reserve(vm_offset_t start, vm_offset_t end)
{
	vm_offset_t *r;

	for (r = reserved; r[1] != 0; r += 2)
		if (r == &reserved[2 * NRESERVED - 2])
			boot_fail("too many modules");
	r[0] = start;
	r[1] = end;
}

static void
phys_split(vm_offset_t start, vm_offset_t end, const vm_offset_t *r)
{
	static int n;

	for (; r[1] != 0 && start < end; r += 2) {
		if (start >= round_page(r[1]) || trunc_page(r[0]) >= end)
			continue;
		phys_split(start, trunc_page(r[0]), r + 2);
		start = round_page(r[1]);
	}
	if (start >= end)
		return;
	if (n == 2 * NPHYS) {
		printf("boot: memory at %#lx is one range too many\n", start);
		return;
	}

	phys_avail[n++] = start;
	phys_avail[n++] = end;
}

/** The boot loader found memory from start to end, both page-aligned. */
void
phys_add(vm_offset_t start, vm_offset_t end)
{
	phys_split(start, end, reserved);
}

/** The first free frame, before kmem_init; 0 where there is none. */
static vm_offset_t
phys_take(void)
{
	vm_offset_t pa = phys_avail[0], *p = phys_avail;

	if (pa != 0 && (p[0] += PAGE_SIZE) == p[1])
		do {
			p[0] = p[2];
			p[1] = p[3];
		} while (*(p += 2) != 0);
	return (pa);
}

/** Make an empty page table for the 4 MB at va. */
static void
pmap_table(vm_offset_t va)
{
	vm_offset_t pa = phys_take();

	if (pa == 0)
		boot_fail("no memory for page tables");
	kernel_pd[va >> PDSHIFT] = pa | PG_V | PG_RW;
	bzero((pt_entry_t *)PTMAP + (va >> PAGE_SHIFT), PAGE_SIZE);
}

struct pmap {
	pt_entry_t *pm_pdir;		/* The page directory. */
	pt_entry_t *pm_ptab;		/* All page tables, in order. */
};

static struct pmap kernel_pmap_store = { kernel_pd, (pt_entry_t *)PTMAP };
pmap_t kernel_pmap = &kernel_pmap_store;

/** The page-table entry of va; null where there is no page table. */
static pt_entry_t *
pmap_pte(pmap_t pmap, vm_offset_t va)
{
	if ((pmap->pm_pdir[va >> PDSHIFT] & PG_V) == 0)
		return (NULL);
	return (&pmap->pm_ptab[va >> PAGE_SHIFT]);
}

static void
tlbflush(void)
{
	unsigned long r;

	__asm__ volatile ("movl %%cr3,%0; movl %0,%%cr3" : "=r" (r) : :
	    "memory");
}

/** See machine.h.  Fails only where va has no page table. */
int
pmap_enter(pmap_t pmap, vm_offset_t va, vm_offset_t pa, int prot)
{
	pt_entry_t *pte = pmap_pte(pmap, va), old;

	if (pte == NULL)
		return (1);
	old = *pte;
	*pte = pa | PG_V | (prot & VM_PROT_WRITE ? PG_RW : 0);
	if (old & PG_V)
		tlbflush();
	return (0);
}

/** See machine.h.  One flush however many pages. */
void
pmap_remove(pmap_t pmap, vm_offset_t sva, vm_offset_t eva)
{
	pt_entry_t *pte, old = 0;

	for (; sva < eva; sva += PAGE_SIZE)
		if ((pte = pmap_pte(pmap, sva)) != NULL) {
			old |= *pte;
			*pte = 0;
		}
	if (old & PG_V)
		tlbflush();
}

/** See machine.h. */
vm_offset_t
pmap_extract(pmap_t pmap, vm_offset_t va)
{
	pt_entry_t *pte = pmap_pte(pmap, va);

	if (pte == NULL || (*pte & PG_V) == 0)
		return (0);
	return ((*pte & PG_FRAME) | (va & PAGE_MASK));
}

/** Build page tables for all addresses that the kernel will ever have,
 * unmap what it should not have, and set virtual_avail, virtual_end. */
void
pmap_bootstrap(void)
{
	vm_size_t span = BOOTMAP + 4 * BOOTMAP + 2 * mem_found;
	vm_offset_t va;

	if (mem_found > (STACKBASE - KERNBASE) / 2 - 5 * BOOTMAP)
		span = STACKBASE - KERNBASE;
	virtual_end = KERNBASE + (span & -BOOTMAP);
	for (va = KERNBASE + BOOTMAP; va < virtual_end; va += BOOTMAP)
		pmap_table(va);
	pmap_table(STACKBASE);
	kernel_pd[0] = 0;
	bzero(kernel_pt, ((vm_offset_t)kernel_start - KERNBASE) >>
	    (PAGE_SHIFT - 2));
	pmap_remove(kernel_pmap, round_page(end), KERNBASE + BOOTMAP);
	pmap_remove(kernel_pmap, (vm_offset_t)bootguard,
	    (vm_offset_t)bootguard + PAGE_SIZE);
	tlbflush();
	virtual_avail = symbol_map(round_page(end));
}

/** See machine.h.  Takes whole pages. */
vm_offset_t
pmap_steal_memory(vm_size_t size)
{
	vm_offset_t va = virtual_avail;
	vm_size_t want = round_page(size), left = virtual_end - va;

	vm_size_t frames = 0;
	vm_offset_t *p;

	for (p = phys_avail; p[1] != 0; p += 2)
		frames += p[1] - p[0];
	if (frames < left)
		left = frames;
	if (want < size || want > left)
		panic("pmap_steal_memory: %lu bytes wanted, %lu left",
		    size, left);
	mem_stolen += want;
	for (; virtual_avail < va + want; virtual_avail += PAGE_SIZE)
		pmap_enter(kernel_pmap, virtual_avail, phys_take(),
		    VM_PROT_READ | VM_PROT_WRITE);
	bzero((void *)va, want);
	return (va);
}
