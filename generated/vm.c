/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file vm.c
 * Processes' memory: objects, and the address spaces they lie in.
 *
 * No level is raised for any of it: only processes come here, and all is
 * whole wherever one of them may sleep.
 */
#include "machine.h"
#include "kmem.h"
#include "malloc.h"	/* last: it may rename malloc and free */

/* Memory that exists: its frames, in order. */
struct vm_object {
	unsigned long vo_refs;		/* entries, and who holds it */
	unsigned long vo_npages;
	vm_offset_t vo_page[];		/* the frames' addresses */
};

/* An entry of a process's map. */
struct vm_entry {
	struct vm_map_entry ve_entry;	/* first: what the map knows */
	struct vm_object *ve_object;	/* what lies there, */
	int	ve_prot;		/* and what may be done to it */
};

/*
 * The rule for who may call `who'.
 */
static void
in_process(const char *who)
{
	if (cpu_intr_p())
		panic("%s: in an interrupt handler", who);
}

/*
 * Make an object of zeroed frames.  See vm.h.
 */
struct vm_object *
vm_object_allocate(vm_size_t size, int flags)
{
	struct vm_object *vo;
	unsigned long n;

	in_process("vm_object_allocate");
	n = size / PAGE_SIZE + ((size & PAGE_MASK) != 0);
	if (n == 0 || n > cnt.v_page_count)
		return (NULL);
	vo = malloc(sizeof(*vo) + n * sizeof(vo->vo_page[0]), M_VMOBJ, flags);
	if (vo == NULL)
		return (NULL);
	vo->vo_refs = 1;
	vo->vo_npages = n;
	if (!kmem_getpages(vo->vo_page, n, flags)) {
		free(vo, M_VMOBJ);
		vo = NULL;
	}
	return (vo);
}

/*
 * Give up a reference; with the last one, the object.  See vm.h.
 */
void
vm_object_deallocate(struct vm_object *vo)
{
	in_process("vm_object_deallocate");
	if (--vo->vo_refs != 0)
		return;
	kmem_putpages(vo->vo_page, vo->vo_npages);
	free(vo, M_VMOBJ);
}

/* What has come of an attempt. */
enum { VM_DONE, VM_NOROOM, VM_NOMEM };

/*
 * Make one attempt; what it gives back when it fails is no gain.
 */
static int
once(int (*attempt)(void *), void *arg)
{
	int r;

	kmem_undoing = TRUE;
	r = (*attempt)(arg);
	kmem_undoing = FALSE;
	return (r);
}

/*
 * Attempt something that never sleeps; with M_WAITOK, again and again,
 * as often as memory is gained, while memory is what it lacks.
 */
static int
persist(int (*attempt)(void *), void *arg, int flags)
{
	int r, s;

	r = once(attempt, arg);
	if (r != VM_NOMEM || (flags & M_NOWAIT) != 0)
		return (r);
	s = splimp();
	kmem_waiters++;
	for (;;) {
		unsigned int seen = kmem_gained;

		splx(s);
		r = once(attempt, arg);
		(void)splimp();
		if (r != VM_NOMEM || cold || panicstr != NULL)
			break;
		kmem_wait(seen, "vmpmap");
	}
	kmem_waiters--;
	splx(s);
	return (r);
}

/*
 * Attempt to make the pmap, and a map of the addresses that it covers.
 */
static int
attempt_pmap(void *arg)
{
	struct vmspace *vm = arg;
	vm_offset_t min, max;

	vm->vm_pmap = pmap_create(&min, &max);
	if (vm->vm_pmap == NULL)
		return (VM_NOMEM);
	vm_map_init(&vm->vm_map, min, max);
	return (VM_DONE);
}

/*
 * Make an empty address space.  See vm.h.
 */
struct vmspace *
vmspace_alloc(int flags)
{
	struct vmspace *vm;

	in_process("vmspace_alloc");
	vm = malloc(sizeof(*vm), M_VMMAP, flags);
	if (vm != NULL && persist(attempt_pmap, vm, flags) != VM_DONE) {
		free(vm, M_VMMAP);
		vm = NULL;
	}
	return (vm);
}

/*
 * The entry in front of which size bytes fit: at addr, or, if that is 0,
 * at the end of the one before.  Null where they do not.
 */
static struct vm_map_entry *
find_place(vm_map_t map, vm_offset_t addr, vm_size_t size)
{
	struct vm_map_entry *next;

	if (addr == 0)
		return (vm_map_findspace(map, size));
	next = vm_map_lookup_entry(map, addr);
	if (addr < vm_map_min(map) || addr >= next->start ||
	    next->start - addr < size)
		return (NULL);
	return (next);
}

/*
 * Enter the pages of an entry's object, or none of them (0).
 */
static int
enter_pages(pmap_t pmap, const struct vm_entry *ve)
{
	const struct vm_object *vo = ve->ve_object;
	vm_offset_t start = ve->ve_entry.start;
	unsigned long i;

	for (i = 0; i < vo->vo_npages; i++)
		if (pmap_enter(pmap, start + i * PAGE_SIZE, vo->vo_page[i],
		    ve->ve_prot) != 0) {
			if (i != 0)
				pmap_remove(pmap, start, start +
				    i * PAGE_SIZE);
			return (0);
		}
	return (1);
}

/* What is to be mapped, and where. */
struct wish {
	struct vmspace *w_vm;
	vm_offset_t w_addr;		/* 0: anywhere */
	struct vm_entry *w_ve;
};

/*
 * Attempt to map an entry's object.
 */
static int
attempt_map(void *arg)
{
	struct wish *w = arg;
	vm_map_t map = &w->w_vm->vm_map;
	struct vm_map_entry *next, *e = &w->w_ve->ve_entry;
	vm_size_t size = w->w_ve->ve_object->vo_npages << PAGE_SHIFT;

	next = find_place(map, w->w_addr, size);
	if (next == NULL)
		return (VM_NOROOM);
	e->start = w->w_addr != 0 ? w->w_addr : next->prev->end;
	e->end = e->start + size;
	e->kind = VME_OBJECT;
	if (!enter_pages(w->w_vm->vm_pmap, w->w_ve))
		return (VM_NOMEM);
	vm_map_entry_link(map, next, e);
	map->used += size;
	return (VM_DONE);
}

/*
 * Let an object lie in an address space.  See vm.h.
 */
vm_offset_t
vm_map_object(struct vmspace *vm, vm_offset_t addr, struct vm_object *vo,
    int prot, int flags)
{
	struct wish w = { vm, addr, NULL };

	in_process("vm_map_object");
	if ((addr & PAGE_MASK) != 0)
		panic("vm_map_object: address %#lx is not page-aligned", addr);
	if ((prot & VM_PROT_READ) == 0 ||
	    (prot & ~(VM_PROT_READ | VM_PROT_WRITE)) != 0)
		panic("vm_map_object: protection %#x", (unsigned int)prot);
	w.w_ve = malloc(sizeof(*w.w_ve), M_VMMAPENT, flags);
	if (w.w_ve == NULL)
		return (0);
	w.w_ve->ve_object = vo;
	w.w_ve->ve_prot = prot;
	if (persist(attempt_map, &w, flags) != VM_DONE) {
		free(w.w_ve, M_VMMAPENT);
		return (0);
	}
	vo->vo_refs++;
	return (w.w_ve->ve_entry.start);
}

/*
 * Zeroed memory for a process.  See vm.h.
 */
vm_offset_t
vm_allocate(struct vmspace *vm, vm_size_t size, int prot, int flags)
{
	struct vm_object *vo;
	vm_offset_t addr;

	if (size > vm->vm_map.size)
		return (0);
	vo = vm_object_allocate(size, flags);
	if (vo == NULL)
		return (0);
	addr = vm_map_object(vm, 0, vo, prot, flags);
	vm_object_deallocate(vo);
	return (addr);
}

/*
 * Take an entry out of its map, and drop its reference.
 */
static void
take_out(struct vmspace *vm, struct vm_map_entry *e)
{
	struct vm_object *vo = ((struct vm_entry *)e)->ve_object;

	pmap_remove(vm->vm_pmap, e->start, e->end);
	vm_map_entry_unlink(&vm->vm_map, e);
	vm->vm_map.used -= e->end - e->start;
	free(e, M_VMMAPENT);
	vm_object_deallocate(vo);
}

/*
 * Take out what was put at addr.  See vm.h.
 */
int
vm_deallocate(struct vmspace *vm, vm_offset_t addr)
{
	struct vm_map_entry *e;

	in_process("vm_deallocate");
	e = vm_map_lookup_entry(&vm->vm_map, addr);
	if (e == &vm->vm_map.header || e->start != addr)
		return (-1);
	take_out(vm, e);
	return (0);
}

/*
 * End an address space; null is none.  See vm.h.
 */
void
vmspace_free(struct vmspace *vm)
{
	in_process("vmspace_free");
	if (vm == NULL)
		return;
	if (curpmap() == vm->vm_pmap)
		panic("vmspace_free: the process that runs is in it");
	while (vm->vm_map.header.next != &vm->vm_map.header)
		take_out(vm, vm->vm_map.header.next);
	if (vm->vm_map.used != 0 || vm->vm_map.nentries != 0)
		panic("vmspace_free: %lu bytes in %lu entries are left",
		    vm->vm_map.used, vm->vm_map.nentries);
	pmap_destroy(vm->vm_pmap);
	free(vm, M_VMMAP);
}

#define	EXPECT(cond, ...) \
	do { \
		if (!(cond)) { \
			wrong++; \
			pr("vmspace_check: " __VA_ARGS__); \
		} \
	} while (0)

/*
 * The pages that are mapped in the hole in front of an entry.
 */
static int
check_hole(pmap_t pmap, const struct vm_map_entry *e,
    int (*pr)(const char *, ...))
{
	vm_offset_t va;
	int wrong = 0;

	for (va = e->prev->end; va < e->start; va += PAGE_SIZE)
		EXPECT(pmap_extract(pmap, va) == 0 &&
		    pmap_protection(pmap, va) == 0,
		    "page %#lx is mapped, in a hole\n", va);
	return (wrong);
}

/*
 * What is wrong with an entry and its pages.
 */
static int
check_object(pmap_t pmap, const struct vm_entry *ve,
    int (*pr)(const char *, ...))
{
	const struct vm_map_entry *e = &ve->ve_entry;
	const struct vm_object *vo = ve->ve_object;
	vm_offset_t va;
	int wrong = 0;

	EXPECT(e->kind == VME_OBJECT && vo->vo_refs != 0 &&
	    vo->vo_npages == (e->end - e->start) >> PAGE_SHIFT,
	    "entry %#lx of kind %d has an object of %lu pages\n", e->start,
	    e->kind, vo->vo_npages);
	for (va = e->start; va < e->end; va += PAGE_SIZE)
		EXPECT(pmap_extract(pmap, va) ==
		    vo->vo_page[(va - e->start) >> PAGE_SHIFT] &&
		    pmap_protection(pmap, va) == ve->ve_prot,
		    "page %#lx is mapped to %#lx, protection %d\n", va,
		    pmap_extract(pmap, va), pmap_protection(pmap, va));
	return (wrong);
}

/*
 * Check every invariant of an address space.  See vm.h.
 */
int
vmspace_check(struct vmspace *vm, int (*pr)(const char *, ...))
{
	const struct vm_map_entry *e, *header = &vm->vm_map.header;
	int wrong;

	wrong = kmem_check(&vm->vm_map, pr);
	for (e = header->next; e != header; e = e->next) {
		wrong += check_hole(vm->vm_pmap, e, pr);
		wrong += check_object(vm->vm_pmap,
		    (const struct vm_entry *)e, pr);
	}
	return (wrong + check_hole(vm->vm_pmap, header, pr));
}
