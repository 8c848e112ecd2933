/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes' page directories, and processes in user mode.
 */
#include "../common/help.h"
#include "i386.h"

#define	RW	(VM_PROT_READ | VM_PROT_WRITE)

/* ---------------------------------------------------------------------
 * Page directories, by hand.
 */

static pmap_t
new_pmap(void)
{
	vm_offset_t min, max;
	pmap_t pmap;

	pmap = pmap_create(&min, &max);
	CU_ASSERT_FATAL(pmap != NULL);
	CU_ASSERT(min == USERMIN && max == USERMAX);
	return (pmap);
}

static vm_offset_t
frame_of(vm_offset_t va)
{

	return (pmap_extract(kernel_pmap, va));
}

/* Pages of one process in three tables; each is there while any page is. */
static void
tables(void)
{
	static const vm_offset_t at[] = { USERMIN, 0x3ff000, 0x400000,
	    USERMAX - PAGE_SIZE };
	struct found before;
	vm_offset_t page, pa;
	pmap_t pmap;
	int i;

	look(&before);
	page = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(page != 0);
	pa = frame_of(page);
	pmap = new_pmap();
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 1);
	for (i = 0; i < 4; i++) {
		CU_ASSERT(pmap_extract(pmap, at[i]) == 0);
		CU_ASSERT(pmap_protection(pmap, at[i]) == 0);
		CU_ASSERT(pmap_enter(pmap, at[i], pa,
		    i % 2 ? RW : VM_PROT_READ) == 0);
		CU_ASSERT(pmap_extract(pmap, at[i] + 5) == pa + 5);
		CU_ASSERT(pmap_protection(pmap, at[i]) ==
		    (i % 2 ? RW : VM_PROT_READ));
		CU_ASSERT(pmap_extract(kernel_pmap, at[i]) == 0);
	}
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 3);
	CU_ASSERT(pmap_enter(pmap, at[0], pa, RW) == 0);
	CU_ASSERT(pmap_protection(pmap, at[0]) == RW);
	pmap_remove(pmap, at[0], at[0] + PAGE_SIZE);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 3);
	CU_ASSERT(pmap_extract(pmap, at[0]) == 0);
	CU_ASSERT(pmap_extract(pmap, at[1]) == pa);
	pmap_remove(pmap, at[1], at[2] + PAGE_SIZE);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 1);
	pmap_remove(pmap, USERMIN, USERMAX);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	pmap_destroy(pmap);
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
	kmem_free(kernel_map, page, PAGE_SIZE);
	CU_ASSERT(left(&before));
}

/* What no process may have is none of its pmap's, nor the kernel's. */
static void
bounds(void)
{
	vm_offset_t pa;
	pmap_t pmap;

	pmap = new_pmap();
	pa = frame_of((vm_offset_t)tables & ~PAGE_MASK);
	CU_ASSERT(pmap_enter(pmap, 0, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, USERMAX, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, KERNBASE, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, trunc_page(kernel_start), pa, RW) != 0);
	CU_ASSERT(pmap_extract(pmap, (vm_offset_t)tables) == 0);
	CU_ASSERT(pmap_protection(pmap, (vm_offset_t)tables) == 0);
	CU_ASSERT(pmap_protection(kernel_pmap, (vm_offset_t)tables) == RW);
	CU_ASSERT(pmap_enter(kernel_pmap, USERMIN, pa, RW) != 0);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	pmap_destroy(pmap);
}

static void
call_destroy(void *arg)
{

	pmap_destroy(arg);
}

/* Two address spaces, by two struct vmspace that have nothing else. */
static void
directories(void)
{
	static struct vmspace a, b;
	volatile unsigned long *p, *ka, *kb;
	struct found before;
	vm_offset_t pages;

	look(&before);
	p = (volatile unsigned long *)0x123000;
	pages = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(pages != 0);
	ka = (volatile unsigned long *)pages;
	kb = (volatile unsigned long *)(pages + PAGE_SIZE);
	a.vm_pmap = new_pmap();
	b.vm_pmap = new_pmap();
	CU_ASSERT(pmap_enter(a.vm_pmap, 0x123000, frame_of(pages), RW) == 0);
	CU_ASSERT(pmap_enter(b.vm_pmap, 0x123000,
	    frame_of(pages + PAGE_SIZE), RW) == 0);
	*ka = 1;
	*kb = 2;
	CU_ASSERT(curpmap() == NULL && badaddr((void *)p));
	CU_ASSERT(proc_setvm(&a) == NULL);
	CU_ASSERT(proc_vm() == &a && curpmap() == a.vm_pmap && *p == 1);
	*p = 3;
	CU_ASSERT(proc_setvm(&b) == &a && *p == 2);
	CU_ASSERT(*ka == 3 && *kb == 2);

	/* A change is seen at once, and a page that goes faults at once. */
	CU_ASSERT(pmap_enter(b.vm_pmap, 0x123000, frame_of(pages), RW) == 0);
	CU_ASSERT(*p == 3);
	pmap_remove(b.vm_pmap, 0x123000, 0x124000);
	CU_ASSERT(badaddr((void *)p));
	CU_ASSERT(badaddr(NULL));
	PANICS(call_destroy, b.vm_pmap,
	    "pmap_destroy: the address space is in use");
	PANICS(call_destroy, a.vm_pmap, "pmap_destroy: 1 pages are mapped");

	/* Another process has its own, or none, while we sleep. */
	CU_ASSERT(proc_setvm(&a) == &b && *p == 3);
	(void)tsleep(&a, PVM, "vm", 3);
	CU_ASSERT(*p == 3 && curpmap() == a.vm_pmap);
	CU_ASSERT(proc_setvm(NULL) == &a);
	CU_ASSERT(badaddr((void *)p) && curpmap() == NULL);
	pmap_remove(a.vm_pmap, 0x123000, 0x124000);
	pmap_destroy(a.vm_pmap);
	pmap_destroy(b.vm_pmap);
	kmem_free(kernel_map, pages, 2 * PAGE_SIZE);
	CU_ASSERT(left(&before));
}

static void
handler_pmap(void *arg)
{

	*(int *)arg = curpmap() == NULL && proc_vm() == NULL;
}

static void
handler_setvm(void *arg)
{

	proc_setvm(arg);
}

static void
post_setvm(void *arg)
{

	softintr(handler_setvm, arg);
}

static int
deeper(volatile char *above)
{
	volatile char here[64];

	here[0] = above[0];
	if (here[0] == 1)
		return (0);
	return (deeper(here) + here[0]);
}

static void
overflow(void *arg)
{
	volatile char top[1];

	(void)arg;
	top[0] = 0;
	(void)deeper(top);
}

/* In a handler there is no process; and a double fault, which brings the
 * kernel's directory along, puts the process's back. */
static void
elsewhere(void)
{
	static struct vmspace a;
	vm_offset_t page;
	int none;

	page = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(page != 0);
	*(int *)page = 7;
	a.vm_pmap = new_pmap();
	CU_ASSERT(pmap_enter(a.vm_pmap, USERMIN, frame_of(page), RW) == 0);
	CU_ASSERT(proc_setvm(&a) == NULL);
	none = 0;
	softintr(handler_pmap, &none);
	CU_ASSERT(none == 1 && curpmap() == a.vm_pmap);
	PANICS(post_setvm, NULL, "proc_setvm: in an interrupt handler");
	CU_ASSERT(curpmap() == a.vm_pmap);
	PANICS(overflow, NULL, "stack overflow: process");
	CU_ASSERT(!badaddr((void *)USERMIN) && *(int *)USERMIN == 7);
	CU_ASSERT(proc_setvm(NULL) == &a);
	pmap_remove(a.vm_pmap, USERMIN, USERMIN + PAGE_SIZE);
	pmap_destroy(a.vm_pmap);
	kmem_free(kernel_map, page, PAGE_SIZE);
}

/* With 0, 1, 2 ... frames free: a pmap and a page in it, or nothing. */
static void
shortage(void)
{
	struct found before;
	struct meal m;
	vm_offset_t min, max, pa;
	u_long n, frames, inuse, refused;
	pmap_t pmap;
	int s;

	look(&before);
	pa = frame_of((vm_offset_t)tables & ~PAGE_MASK);
	refused = 0;
	for (n = 0; n < 8; n++) {
		eat_frames(&m, kernel_map, n);
		frames = cnt.v_free_count;
		inuse = kmemstats[M_VMPVENT].ks_inuse;
		s = splimp();
		pmap = pmap_create(&min, &max);
		CU_ASSERT(splget() == 3);
		if (pmap != NULL && pmap_enter(pmap, USERMIN, pa, RW) != 0) {
			refused++;
			CU_ASSERT(pmap_extract(pmap, USERMIN) == 0);
			CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == inuse);
		} else if (pmap == NULL) {
			CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
			CU_ASSERT(frames <= 2);
		}
		splx(s);
		if (pmap != NULL) {
			pmap_remove(pmap, USERMIN, USERMAX);
			pmap_destroy(pmap);
		}
		spit_all(&m);
	}
	CU_ASSERT(refused > 0);
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	CU_ASSERT(left(&before));
}

CU_TestInfo user_tests[] = {
	{ "K-COUNT: page tables of a process come and go with its pages",
	    tables },
	{ "pmap: a process's addresses, and none of the kernel's", bounds },
	{ "pmap: the same address in two processes, two pages", directories },
	{ "pmap: none in a handler; kept over a double fault", elsewhere },
	{ "K-NOWAIT: a pmap and its tables, with few frames: all or nothing",
	    shortage },
	CU_TEST_INFO_NULL
};
