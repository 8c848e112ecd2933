/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file pmap.c
 * Physical memory, and page tables.
 */
#include "i386.h"
#include "kmem.h"
#include "malloc.h"

#define	NPHYS	16			/* Ranges of frames at most. */
#define	NRESERVED	4		/* Ranges kept out at most. */
vm_offset_t phys_avail[2 * NPHYS + 2];
vm_offset_t virtual_avail, virtual_end;
vm_size_t mem_stolen;

typedef unsigned long pt_entry_t;
#define	PG_V	0x001			/* Valid. */
#define	PG_RW	0x002			/* Writable. */
#define	PG_U	0x004			/* For user mode, too. */
#define	PG_FRAME	(~PAGE_MASK)	/* The frame's address. */
extern pt_entry_t kernel_pd[], kernel_pt[];
extern char bootguard[];
#define	NPTE	(PAGE_SIZE / sizeof(pt_entry_t))
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

/** A page table of a process. */
struct ptable {
	struct ptable *pt_next;
	unsigned long pt_index;		/* In the directory. */
	unsigned long pt_live;		/* Valid entries; never 0. */
	pt_entry_t *pt_entries;		/* The page. */
};

struct pmap {
	pt_entry_t *pm_pdir;		/* The page directory, */
	vm_offset_t pm_pa;		/* and its frame. */
	struct ptable *pm_tables;	/* A process's page tables. */
};

static struct pmap kernel_pmap_store = {
	kernel_pd, (vm_offset_t)kernel_pd - KERNBASE, NULL
};
pmap_t kernel_pmap = &kernel_pmap_store;
static pmap_t active = &kernel_pmap_store;	/* In %cr3. */
static struct ptable *ptable_find(pmap_t, vm_offset_t);

/** The page-table entry of va; null where there is no page table. */
static pt_entry_t *
pmap_pte(pmap_t pmap, vm_offset_t va)
{
	struct ptable *t;

	if (pmap != kernel_pmap) {
		if ((t = ptable_find(pmap, va)) == NULL)
			return (NULL);
		return (&t->pt_entries[(va >> PAGE_SHIFT) % NPTE]);
	}
	if ((kernel_pd[va >> PDSHIFT] & PG_V) == 0)
		return (NULL);
	return ((pt_entry_t *)PTMAP + (va >> PAGE_SHIFT));
}

static void
tlbflush(void)
{
	unsigned long r;

	__asm__ volatile ("movl %%cr3,%0; movl %0,%%cr3" : "=r" (r) : :
	    "memory");
}

/** Forget translations, if the processor may have any of this pmap. */
static void
pmap_flush(pmap_t pmap)
{
	if (pmap == kernel_pmap || pmap == active)
		tlbflush();
}

/** The record of the page table that va belongs to; null for none. */
static struct ptable *
ptable_find(pmap_t pmap, vm_offset_t va)
{
	struct ptable *t;

	for (t = pmap->pm_tables; t != NULL; t = t->pt_next)
		if (t->pt_index == va >> PDSHIFT)
			break;
	return (t);
}

/** Have a page table for va, which may be new and empty.
 * @return 0 where va is no process's, or memory does not suffice */
static int
ptable_need(pmap_t pmap, vm_offset_t va)
{
	struct ptable *t;

	if (va < USERMIN || va >= USERMAX)
		return (0);
	if (ptable_find(pmap, va) != NULL)
		return (1);
	t = malloc(sizeof(*t), M_VMPVENT, M_NOWAIT | M_ZERO_IT);
	if (t == NULL)
		return (0);
	t->pt_entries = (pt_entry_t *)kmem_alloc(kernel_map, PAGE_SIZE,
	    M_NOWAIT | M_ZERO_IT);
	if (t->pt_entries == NULL) {
		free(t, M_VMPVENT);
		return (0);
	}
	t->pt_index = va >> PDSHIFT;
	t->pt_next = pmap->pm_tables;
	pmap->pm_tables = t;
	pmap->pm_pdir[t->pt_index] = PG_V | PG_RW | PG_U |
	    pmap_extract(kernel_pmap, (vm_offset_t)t->pt_entries);
	return (1);
}

/** Clear the entries of [sva, eva) that are in this table. */
static void
ptable_clear(struct ptable *t, vm_offset_t sva, vm_offset_t eva)
{
	vm_offset_t va = t->pt_index << PDSHIFT, end = va + BOOTMAP;
	pt_entry_t *pte;

	if (va < sva)
		va = sva;
	for (; va < end && va < eva; va += PAGE_SIZE) {
		pte = &t->pt_entries[(va >> PAGE_SHIFT) % NPTE];
		t->pt_live -= *pte & PG_V;
		*pte = 0;
	}
}

/** Unmap pages of a process, and free tables that are empty then. */
static void
pmap_remove_user(pmap_t pmap, vm_offset_t sva, vm_offset_t eva)
{
	struct ptable **tp = &pmap->pm_tables, *t, *empty = NULL;

	while ((t = *tp) != NULL) {
		ptable_clear(t, sva, eva);
		if (t->pt_live != 0) {
			tp = &t->pt_next;
			continue;
		}
		pmap->pm_pdir[t->pt_index] = 0;
		*tp = t->pt_next;
		t->pt_next = empty;
		empty = t;
	}
	pmap_flush(pmap);
	while ((t = empty) != NULL) {
		empty = t->pt_next;
		kmem_free(kernel_map, (vm_offset_t)t->pt_entries, PAGE_SIZE);
		free(t, M_VMPVENT);
	}
}

/** See machine.h.  Fails only where va has no page table, nor gets one. */
int
pmap_enter(pmap_t pmap, vm_offset_t va, vm_offset_t pa, int prot)
{
	pt_entry_t *pte, old;

	if (pmap != kernel_pmap && !ptable_need(pmap, va))
		return (1);
	if ((pte = pmap_pte(pmap, va)) == NULL)
		return (1);
	old = *pte;
	*pte = pa | PG_V | (prot & VM_PROT_WRITE ? PG_RW : 0) |
	    (pmap != kernel_pmap ? PG_U : 0);
	if (old & PG_V)
		pmap_flush(pmap);
	else if (pmap != kernel_pmap)
		ptable_find(pmap, va)->pt_live++;
	return (0);
}

/** Unmap pages of the kernel.  One flush however many they are. */
static void
pmap_remove_kernel(vm_offset_t sva, vm_offset_t eva)
{
	pt_entry_t *pte, old = 0;

	for (; sva < eva; sva += PAGE_SIZE)
		if ((pte = pmap_pte(kernel_pmap, sva)) != NULL) {
			old |= *pte;
			*pte = 0;
		}
	if (old & PG_V)
		tlbflush();
}

/** See machine.h. */
void
pmap_remove(pmap_t pmap, vm_offset_t sva, vm_offset_t eva)
{
	if (pmap == kernel_pmap)
		pmap_remove_kernel(sva, eva);
	else
		pmap_remove_user(pmap, sva, eva);
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

/** See machine.h. */
int
pmap_protection(pmap_t pmap, vm_offset_t va)
{
	pt_entry_t *pte = pmap_pte(pmap, va);

	if (pte == NULL || (*pte & PG_V) == 0)
		return (0);
	return (VM_PROT_READ | (*pte & PG_RW ? VM_PROT_WRITE : 0));
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
	virtual_avail = boot_map(symbol_map(round_page(end)));
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

/** See machine.h. */
pmap_t
pmap_create(vm_offset_t *min, vm_offset_t *max)
{
	pmap_t pmap = malloc(sizeof(*pmap), M_VMPMAP,
	    M_NOWAIT | M_ZERO_IT);

	if (pmap == NULL)
		return (NULL);
	pmap->pm_pdir = (pt_entry_t *)kmem_alloc(kernel_map, PAGE_SIZE,
	    M_NOWAIT | M_ZERO_IT);
	if (pmap->pm_pdir == NULL) {
		free(pmap, M_VMPMAP);
		return (NULL);
	}
	pmap->pm_pa = pmap_extract(kernel_pmap, (vm_offset_t)pmap->pm_pdir);
	memcpy(&pmap->pm_pdir[KERNBASE >> PDSHIFT],
	    &kernel_pd[KERNBASE >> PDSHIFT],
	    PAGE_SIZE - (KERNBASE >> PDSHIFT) * sizeof(pt_entry_t));
	*min = USERMIN;
	*max = USERMAX;
	return (pmap);
}

/** See machine.h.  Panics where it is loaded, or not empty. */
void
pmap_destroy(pmap_t pmap)
{
	unsigned long live = 0;
	struct ptable *t;

	for (t = pmap->pm_tables; t != NULL; t = t->pt_next)
		live += t->pt_live;
	if (pmap == kernel_pmap || pmap == active)
		panic("pmap_destroy: the address space is in use");
	if (live != 0)
		panic("pmap_destroy: %lu pages are mapped", live);
	kmem_free(kernel_map, (vm_offset_t)pmap->pm_pdir, PAGE_SIZE);
	free(pmap, M_VMPMAP);
}

/** Translate by this pmap from now on; null: by the one before. */
void
pmap_activate(pmap_t pmap)
{
	if (pmap != NULL)
		active = pmap;
	__asm__ volatile ("movl %0,%%cr3" : : "r" (active->pm_pa) :
	    "memory");
}
