/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes' memory, on the host and in the kernel.
 */
#include "common/help.h"

#define	RW	(VM_PROT_READ | VM_PROT_WRITE)
#define	PAGES(n) ((vm_size_t)(n) << PAGE_SHIFT)

static struct found before;
static u_long active;

static void
begin(void)
{

	malloc_reclaim();
	look(&before);
	active = cnt.v_active_count;
}

/* Free frames, and those of the pool, whose free blocks come and go. */
static u_long
unwired_now(void)
{

	return (cnt.v_free_count + pool_pages());
}

/* Free, active and wired frames are all there are, and these are active. */
static int
frames(u_long n)
{

	return (cnt.v_active_count == active + n && cnt.v_free_count +
	    cnt.v_active_count + cnt.v_wire_count == cnt.v_page_count);
}

static void
end(void)
{

	CU_ASSERT(frames(0));
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	CU_ASSERT(left(&before));
}

/* Run a process to its end. */
static void
run(void (*fn)(void *), void *arg)
{
	int pid;

	pid = proc_create("vm", fn, arg);
	CU_ASSERT(pid != -1);
	proc_settle();
	CU_ASSERT(proc_ended(pid));
}

/* Give the process that runs memory of its own. */
static struct vmspace *
own(void)
{
	struct vmspace *vm;

	vm = vmspace_alloc(M_WAITOK);
	CU_ASSERT(vm != NULL);
	CU_ASSERT(proc_setvm(vm) == NULL);
	return (vm);
}

static int
good(struct vmspace *vm)
{

	return (vmspace_check(vm, printf) == 0);
}

static vm_offset_t
phys(struct vmspace *vm, vm_offset_t va)
{

	return (pmap_extract(vm->vm_pmap, va));
}

/* All pages of a range have this protection. */
static int
protected(struct vmspace *vm, vm_offset_t va, u_long n, int prot)
{

	for (; n > 0; n--, va += PAGE_SIZE)
		if (pmap_protection(vm->vm_pmap, va) != prot ||
		    (phys(vm, va) != 0) != (prot != 0))
			return (0);
	return (1);
}

/* Stop here until told to go on. */
struct gate {
	volatile int go;
	int	there;
};

static void
stop_at(struct gate *g)
{
	int s;

	s = splimp();
	g->there = 1;
	while (!g->go)
		tsleep(g, PVM, "gate", 0);
	splx(s);
}

static void
open_gate(struct gate *g)
{

	g->go = 1;
	wakeup(g);
	proc_settle();
}

/* ---------------------------------------------------------------------
 * Memory that a process writes.
 */

struct member {
	struct gate gate;
	unsigned int id;
	vm_offset_t va;
	vm_offset_t pa[3];
};

static void
member(void *arg)
{
	struct member *m = arg;
	struct vmspace *vm;
	int i;

	CU_ASSERT(proc_vm() == NULL);
	CU_ASSERT(curpmap() == NULL);
	vm = own();
	CU_ASSERT(proc_vm() == vm);
	CU_ASSERT(curpmap() == vm->vm_pmap);
	m->va = vm_allocate(vm, PAGES(3), RW, M_WAITOK);
	CU_ASSERT(m->va != 0 && zeros((void *)m->va, PAGES(3)));
	for (i = 0; i < 3; i++)
		m->pa[i] = phys(vm, m->va + PAGES(i));
	fill((void *)m->va, PAGES(3), m->id);
	stop_at(&m->gate);
	CU_ASSERT(proc_vm() == vm);
	CU_ASSERT(curpmap() == vm->vm_pmap);
	CU_ASSERT(filled((void *)m->va, PAGES(3), m->id));
	CU_ASSERT(good(vm));
}

static void
apart(void)
{
	static struct member a, b;
	int i, j;

	begin();
	a = (struct member){ .id = 1 };
	b = (struct member){ .id = 77 };
	CU_ASSERT(proc_create("a", member, &a) != -1);
	CU_ASSERT(proc_create("b", member, &b) != -1);
	proc_settle();
	CU_ASSERT(a.gate.there && b.gate.there);
	CU_ASSERT(curpmap() == NULL);
	CU_ASSERT(frames(6));
	for (i = 0; i < 3; i++)
		for (j = 0; j < 3; j++) {
			CU_ASSERT(a.pa[i] != b.pa[j] && a.pa[i] != 0);
			CU_ASSERT(i == j || a.pa[i] != a.pa[j]);
		}
	open_gate(&b.gate);
	CU_ASSERT(frames(3));
	open_gate(&a.gate);
	end();
}

/* Frames that a process has used are zeros for the next one. */
static void
fresh(void *arg)
{
	struct vmspace *vm = own();
	vm_size_t size = PAGES(*(u_long *)arg);
	vm_offset_t va;

	va = vm_allocate(vm, size, RW, M_WAITOK);
	CU_ASSERT(va != 0 && zeros((void *)va, size));
	fill((void *)va, size, 0x55);
	CU_ASSERT(frames(size / PAGE_SIZE));
}

static void
zeroed(void)
{
	u_long n;

	begin();
	for (n = 1; n < 40; n += 13)
		run(fresh, &n);
	end();
}

static void
sizes(void *arg)
{
	static const u_long size[] = { 1, 4095, 4096, 4097, 8192, 8193 };
	struct vmspace *vm = own();
	vm_offset_t va, hi;
	unsigned int i;
	u_long n;

	(void)arg;
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		n = (size[i] + PAGE_MASK) >> PAGE_SHIFT;
		va = vm_allocate(vm, size[i], RW, M_NOWAIT);
		CU_ASSERT(va >= vm_map_min(&vm->vm_map) && va != 0);
		CU_ASSERT_EQUAL(va & PAGE_MASK, 0);
		hi = va + PAGES(n);
		CU_ASSERT(hi <= vm_map_max(&vm->vm_map));
		CU_ASSERT(frames(n));
		CU_ASSERT(protected(vm, va, n, RW));
		CU_ASSERT_EQUAL(phys(vm, hi), 0);
		CU_ASSERT(badaddr((void *)hi));
		CU_ASSERT(!badwrite((void *)(hi - 1)));
		CU_ASSERT_EQUAL(vm->vm_map.used, PAGES(n));
		CU_ASSERT(good(vm));
		CU_ASSERT_EQUAL(vm_deallocate(vm, va), 0);
		CU_ASSERT(frames(0));
		CU_ASSERT(badaddr((void *)va));
		CU_ASSERT_EQUAL(vm->vm_map.used, 0);
	}
#define	NONE(size) CU_ASSERT_EQUAL(vm_allocate(vm, (size), RW, M_WAITOK), 0)
	NONE(0);
	NONE(vm->vm_map.size + 1);
	NONE(~0UL);
	NONE(~0UL - PAGE_SIZE + 2);
#undef NONE
	CU_ASSERT(vm_object_allocate(0, M_WAITOK) == NULL);
	CU_ASSERT(vm_object_allocate(~0UL, M_WAITOK) == NULL);
	CU_ASSERT(vm_object_allocate(PAGES(cnt.v_page_count + 1),
	    M_WAITOK) == NULL);
	CU_ASSERT(good(vm) && frames(0));
}

static void
rounded(void)
{

	begin();
	run(sizes, NULL);
	end();
}

/* ---------------------------------------------------------------------
 * An object in two maps.
 */

struct share {
	struct gate gate;
	struct vm_object *vo;
	vm_offset_t pa;
	int	prot;
};

static void
sharer(void *arg)
{
	struct share *sh = arg;
	struct vmspace *vm = own();
	vm_offset_t at, va;

	at = vm_map_min(&vm->vm_map) + PAGES(sh->prot == RW ? 5 : 9);
	va = vm_map_object(vm, at, sh->vo, sh->prot, M_WAITOK);
	CU_ASSERT_EQUAL(va, at);
	CU_ASSERT(protected(vm, va, 2, sh->prot));
	sh->pa = phys(vm, va);
	if (sh->prot == RW)
		fill((void *)va, PAGES(2), 3);
	else {
		CU_ASSERT(filled((void *)va, PAGES(2), 3));
#if __STDC_HOSTED__
		/* A 386 lets its kernel write anywhere. */
		CU_ASSERT(badwrite((void *)va));
#endif
	}
	stop_at(&sh->gate);
	CU_ASSERT(good(vm));
	CU_ASSERT(filled((void *)va, PAGES(2), 3));
}

static void
shared(void)
{
	static struct share a, b;
	struct vm_object *vo;
	u_long blocks;

	begin();
	blocks = kmemstats[M_VMOBJ].ks_inuse;
	vo = vm_object_allocate(PAGES(2) - 7, M_WAITOK);
	CU_ASSERT(vo != NULL && frames(2));
	a = (struct share){ .vo = vo, .prot = RW };
	b = (struct share){ .vo = vo, .prot = VM_PROT_READ };
	CU_ASSERT(proc_create("a", sharer, &a) != -1);
	CU_ASSERT(proc_create("b", sharer, &b) != -1);
	proc_settle();
	CU_ASSERT(a.gate.there && b.gate.there);
	CU_ASSERT(a.pa != 0 && a.pa == b.pa);
	CU_ASSERT(frames(2));
	/* The maker lets go, and then one process: the other has it still. */
	vm_object_deallocate(vo);
	CU_ASSERT(frames(2));
	open_gate(&a.gate);
	CU_ASSERT(frames(2));
	CU_ASSERT_EQUAL(kmemstats[M_VMOBJ].ks_inuse, blocks + 1);
	open_gate(&b.gate);
	CU_ASSERT_EQUAL(kmemstats[M_VMOBJ].ks_inuse, blocks);
	end();
}

/* ---------------------------------------------------------------------
 * Places.
 */

struct bad {
	struct vmspace *vm;
	struct vm_object *vo;
	vm_offset_t addr;
	int	prot;
};

static void
map_bad(void *arg)
{
	struct bad *b = arg;

	(void)vm_map_object(b->vm, b->addr, b->vo, b->prot, M_NOWAIT);
}

static void
place(void *arg)
{
	struct vmspace *vm = own();
	vm_offset_t min, max;
	struct vm_object *one, *four;
	struct bad bad;
	u_long n;

	(void)arg;
	min = vm_map_min(&vm->vm_map);
	max = vm_map_max(&vm->vm_map);
	one = vm_object_allocate(PAGE_SIZE, M_WAITOK);
	four = vm_object_allocate(PAGES(4), M_WAITOK);
	CU_ASSERT(one != NULL && four != NULL);
#define	AT(addr, vo) vm_map_object(vm, (addr), (vo), RW, M_NOWAIT)
	CU_ASSERT_EQUAL(AT(min + PAGES(2), four), min + PAGES(2));
	CU_ASSERT_EQUAL(AT(max - PAGES(4), four), max - PAGES(4));
	n = vm->vm_map.nentries;
	CU_ASSERT_EQUAL(n, 2);
	/* Not over what is there, by a page on either side, or within. */
	CU_ASSERT_EQUAL(AT(min + PAGES(2), one), 0);
	CU_ASSERT_EQUAL(AT(min + PAGES(5), one), 0);
	CU_ASSERT_EQUAL(AT(min + PAGE_SIZE, four), 0);
	CU_ASSERT_EQUAL(AT(min + PAGES(5), four), 0);
	CU_ASSERT_EQUAL(AT(min, four), 0);
	/* Not beyond either end, nor around. */
	if (min != PAGE_SIZE)
		CU_ASSERT_EQUAL(AT(min - PAGE_SIZE, one), 0);
	CU_ASSERT_EQUAL(AT(max, one), 0);
	CU_ASSERT_EQUAL(AT(max + PAGE_SIZE, one), 0);
	CU_ASSERT_EQUAL(AT(max - PAGES(7), four), 0);
	CU_ASSERT_EQUAL(AT(~0UL - PAGE_SIZE + 1, four), 0);
	CU_ASSERT_EQUAL(vm->vm_map.nentries, n);
	CU_ASSERT_EQUAL(vm->vm_map.used, PAGES(8));
	CU_ASSERT(good(vm));
	/* The lowest hole that will do. */
	CU_ASSERT_EQUAL(AT(0, four), min + PAGES(6));
	CU_ASSERT_EQUAL(AT(0, one), min);
	CU_ASSERT_EQUAL(AT(min + PAGE_SIZE, one), min + PAGE_SIZE);
	CU_ASSERT_EQUAL(AT(0, one), min + PAGES(10));
	CU_ASSERT(good(vm));
	CU_ASSERT(frames(5));
	/* Only what begins there is taken out. */
	n = vm->vm_map.nentries;
	CU_ASSERT_EQUAL(vm_deallocate(vm, min + PAGES(3)), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, min + PAGES(2) + 1), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, min + PAGES(11)), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, min - PAGE_SIZE), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, max), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, 0), -1);
	CU_ASSERT_EQUAL(vm_deallocate(vm, ~0UL), -1);
	CU_ASSERT_EQUAL(vm->vm_map.nentries, n);
	CU_ASSERT_EQUAL(vm_deallocate(vm, min + PAGES(2)), 0);
	CU_ASSERT_EQUAL(vm_deallocate(vm, min + PAGES(2)), -1);
	CU_ASSERT_EQUAL(vm->vm_map.nentries, n - 1);
	CU_ASSERT_EQUAL(AT(0, four), min + PAGES(2));
	CU_ASSERT(good(vm));
#undef AT
	bad.vm = vm;
	bad.vo = one;
	bad.prot = RW;
	bad.addr = min + PAGES(20) + 8;
	CU_ASSERT(says(panic_catch(map_bad, &bad),
	    "vm_map_object: address %#lx is not page-aligned", bad.addr));
	bad.addr = min + PAGES(20);
	for (bad.prot = 0; bad.prot < 7; bad.prot++)
		if (bad.prot != RW && bad.prot != VM_PROT_READ)
			CU_ASSERT(says(panic_catch(map_bad, &bad),
			    "vm_map_object: protection %#x",
			    (unsigned int)bad.prot));
	CU_ASSERT_EQUAL(vm->vm_map.nentries, n);
	vm_object_deallocate(one);
	vm_object_deallocate(four);
	CU_ASSERT(frames(5) && good(vm));
}

static void
places(void)
{

	begin();
	run(place, NULL);
	end();
}

/* Entries come and go in any order; a model of 24 places knows them. */
#define	NPLACE	24

static void
mixer(void *arg)
{
	struct vmspace *vm = own();
	struct vm_object *vo[3];
	vm_offset_t min, va;
	u_long seed, n, used, i;
	int there[NPLACE], round;

	seed = *(u_long *)arg;
	min = vm_map_min(&vm->vm_map);
	for (i = 0; i < 3; i++) {
		vo[i] = vm_object_allocate(PAGES(i + 1), M_WAITOK);
		CU_ASSERT(vo[i] != NULL);
	}
	for (i = 0; i < NPLACE; i++)
		there[i] = 0;
	n = used = 0;
	for (round = 0; round < 300; round++) {
		i = draw(&seed, NPLACE);
		va = min + PAGES(3 * i);
		if (there[i] != 0) {
			CU_ASSERT_EQUAL(vm_deallocate(vm, va), 0);
			used -= PAGES(there[i]);
			n--;
			there[i] = 0;
		} else {
			there[i] = 1 + (int)draw(&seed, 3);
			CU_ASSERT_EQUAL(vm_map_object(vm, va,
			    vo[there[i] - 1], draw(&seed, 2) ? RW :
			    VM_PROT_READ, M_WAITOK), va);
			used += PAGES(there[i]);
			n++;
		}
		if (vm->vm_map.used != used || vm->vm_map.nentries != n ||
		    (round % 20 == 0 && !good(vm))) {
			CU_ASSERT_EQUAL(vm->vm_map.used, used);
			CU_ASSERT_EQUAL(vm->vm_map.nentries, n);
			break;
		}
	}
	CU_ASSERT(good(vm) && frames(6) && n > 2);
	for (i = 0; i < 3; i++)
		vm_object_deallocate(vo[i]);
	CU_ASSERT(frames(6) || n == 0);
}

static void
mixed(void)
{
	u_long seed;

	begin();
	for (seed = 1994; seed < 1997; seed++) {
		printf("    seed %lu\n", seed);
		run(mixer, &seed);
	}
	end();
}

/* ---------------------------------------------------------------------
 * Where the records come from.
 */

static const int vmtype[] = {
	M_VMMAP, M_VMMAPENT, M_VMOBJ, M_VMPMAP, M_VMPVENT
};
#define	NVMTYPE	(sizeof(vmtype) / sizeof(vmtype[0]))

static u_long
inuse(int type)
{

	return (kmemstats[type].ks_inuse);
}

static void
recorder(void *arg)
{
	u_long was[NVMTYPE], entries;
	struct vmspace *vm;
	vm_offset_t a, b;
	unsigned int i;

	(void)arg;
	for (i = 0; i < NVMTYPE; i++)
		was[i] = inuse(vmtype[i]);
	vm = own();
	CU_ASSERT_EQUAL(inuse(M_VMMAP), was[0] + 1);
	CU_ASSERT_EQUAL(inuse(M_VMPMAP), was[3] + 1);
	a = vm_allocate(vm, PAGES(3), RW, M_WAITOK);
	CU_ASSERT_EQUAL(inuse(M_VMOBJ), was[2] + 1);
	CU_ASSERT(inuse(M_VMPVENT) > was[4]);
	/* Once more, and now the pool has blocks and kmem is not asked:
	 * the one entry that comes is the process's. */
	b = vm_allocate(vm, PAGES(2), RW, M_WAITOK);
	CU_ASSERT_EQUAL(vm_deallocate(vm, b), 0);
	entries = inuse(M_VMMAPENT);
	b = vm_allocate(vm, PAGES(2), RW, M_WAITOK);
	CU_ASSERT(a != 0 && b != 0);
	CU_ASSERT_EQUAL(inuse(M_VMMAPENT), entries + 1);
	CU_ASSERT_EQUAL(inuse(M_VMMAP), was[0] + 1);
	CU_ASSERT_EQUAL(inuse(M_VMOBJ), was[2] + 2);
	CU_ASSERT_EQUAL(vm_deallocate(vm, b), 0);
	CU_ASSERT_EQUAL(inuse(M_VMMAPENT), entries);
	CU_ASSERT_EQUAL(inuse(M_VMOBJ), was[2] + 1);
}

static void
records(void)
{
	u_long was[NVMTYPE];
	unsigned int i;

	begin();
	for (i = 0; i < NVMTYPE; i++)
		was[i] = inuse(vmtype[i]);
	run(recorder, NULL);
	for (i = 0; i < NVMTYPE; i++)
		if (vmtype[i] != M_VMMAPENT)
			CU_ASSERT_EQUAL(inuse(vmtype[i]), was[i]);
	end();
}

/* The type's limit is what it has: nothing more is to be had. */
static u_long
forbid(int type)
{
	u_long limit;

	limit = kmemstats[type].ks_limit;
	malloc_type_setlimit(type, 0);
	return (limit);
}

static void
refused(void *arg)
{
	struct vmspace *vm, *other;
	struct vm_object *vo;
	u_long limit, blocks[NVMTYPE];
	vm_offset_t va;
	unsigned int i, j;

	(void)arg;
	vm = own();
	other = NULL;
	for (i = 0; i < NVMTYPE; i++) {
		vo = vm_object_allocate(PAGES(2), M_WAITOK);
		CU_ASSERT(vo != NULL);
		for (j = 0; j < NVMTYPE; j++)
			blocks[j] = inuse(vmtype[j]);
		limit = forbid(vmtype[i]);
		switch (vmtype[i]) {
		case M_VMMAP:
		case M_VMPMAP:
			other = vmspace_alloc(M_NOWAIT);
			CU_ASSERT(other == NULL);
			break;
		case M_VMOBJ:
			CU_ASSERT(vm_object_allocate(1, M_NOWAIT) == NULL);
			break;
		default:
			va = vm_map_object(vm, 0, vo, RW, M_NOWAIT);
			CU_ASSERT_EQUAL(va, 0);
			break;
		}
		CU_ASSERT_EQUAL(vm_allocate(vm, 1, RW, M_NOWAIT) != 0,
		    vmtype[i] == M_VMMAP || vmtype[i] == M_VMPMAP);
		malloc_type_setlimit(vmtype[i], limit);
		if (vm->vm_map.nentries != 0)
			CU_ASSERT_EQUAL(vm_deallocate(vm,
			    vm->vm_map.header.next->start), 0);
		CU_ASSERT_EQUAL(vm->vm_map.nentries, 0);
		CU_ASSERT(good(vm) && frames(2));
		for (j = 0; j < NVMTYPE; j++)
			CU_ASSERT(inuse(vmtype[j]) <= blocks[j] +
			    (vmtype[j] == M_VMPVENT || vmtype[j] ==
			    M_VMMAPENT ? SPARES : 0));
		vm_object_deallocate(vo);
		/* Page tables that stay would hide the next refusal. */
		vmspace_free(proc_setvm(NULL));
		vm = own();
	}
}

static void
refusals(void)
{

	begin();
	run(refused, NULL);
	end();
}

/* With so few frames left, each call works or leaves nothing behind. */
static struct meal meal;

struct few {
	u_long	leave;
	int	done;
};

static void
few_frames(void *arg)
{
	struct few *f = arg;
	struct vmspace *vm;
	vm_offset_t va, vb;
	u_long n;

	n = unwired_now();
	vm = vmspace_alloc(M_NOWAIT);
	f->done = vm != NULL;
	if (vm == NULL) {
		CU_ASSERT(unwired_now() + WINDOWS >= n);
		return;
	}
	CU_ASSERT(proc_setvm(vm) == NULL);
	va = vm_allocate(vm, PAGES(4), RW, M_NOWAIT);
	vb = vm_allocate(vm, PAGES(4), RW, M_NOWAIT);
	f->done += (va != 0) + (vb != 0);
	CU_ASSERT(frames((va != 0 ? 4 : 0) + (vb != 0 ? 4 : 0)));
	CU_ASSERT(vm->vm_map.used == PAGES((va != 0 ? 4 : 0) +
	    (vb != 0 ? 4 : 0)));
	CU_ASSERT(good(vm));
	if (va != 0)
		CU_ASSERT(zeros((void *)va, PAGES(4)));
}

static void
short_of_frames(void)
{
	struct few f;
	int seen[4] = { 0 };

	begin();
	for (f.leave = 1; f.leave < 30; f.leave++) {
		int pid = proc_create("few", few_frames, &f);

		CU_ASSERT(pid != -1);
		eat_frames(&meal, kernel_map, f.leave);
		f.done = 0;
		proc_settle();
		CU_ASSERT(proc_ended(pid));
		CU_ASSERT(frames(0));
		CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
		spit_all(&meal);
		seen[f.done]++;
	}
	/* Both ends were met, and what lies between. */
	CU_ASSERT(seen[3] > 0);
	CU_ASSERT(seen[1] > 0 || seen[0] > 0);
	CU_ASSERT(seen[2] > 0);
	end();
}

/* ---------------------------------------------------------------------
 * Waiting.
 */

struct waiter {
	struct vmspace *vm;
	vm_offset_t va;
	int	type;
	int	done;
	int	level;
	struct gate gate;
};

static void
wait_alloc(void *arg)
{
	struct waiter *w = arg;
	struct vmspace *vm;
	int s;

	vm = own();
	stop_at(&w->gate);
	s = splimp();
	w->va = vm_allocate(vm, PAGES(6), RW, M_WAITOK);
	CU_ASSERT(splget() == s || splget() != 0);
	splx(s);
	CU_ASSERT(w->va != 0 && zeros((void *)w->va, PAGES(6)));
	CU_ASSERT(good(vm));
	w->done = 1;
}

static void
waits_frames(void)
{
	static struct waiter w;
	u_long n;
	int pid;

	begin();
	w = (struct waiter){ .va = 0 };
	pid = proc_create("wait", wait_alloc, &w);
	CU_ASSERT(pid != -1);
	proc_settle();
	CU_ASSERT(w.gate.there);
	eat_frames(&meal, kernel_map, 3);
	open_gate(&w.gate);
	CU_ASSERT(!w.done && proc_asleep(pid));
	for (n = 0; n < 40 && !w.done; n++) {
		spit_frames(&meal, 1);
		proc_settle();
	}
	CU_ASSERT(w.done && proc_ended(pid));
	CU_ASSERT(n >= 3);
	spit_all(&meal);
	end();
}

/* A pmap, or a page table, that is refused is waited for. */
static void
wait_table(void *arg)
{
	struct waiter *w = arg;
	struct vmspace *vm;
	struct vm_object *vo;

	if (w->type == M_VMPMAP) {
		stop_at(&w->gate);
		vm = own();
	} else {
		vm = own();
		vo = vm_object_allocate(PAGES(3), M_WAITOK);
		stop_at(&w->gate);
		w->va = vm_map_object(vm, 0, vo, RW, M_WAITOK);
		CU_ASSERT(w->va != 0);
		vm_object_deallocate(vo);
	}
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(good(vm));
	w->done = 1;
}

static void
waits_tables(void)
{
	static const int type[] = { M_VMPMAP, M_VMPVENT };
	static struct waiter w;
	u_long limit;
	void *p;
	int i, pid;

	begin();
	for (i = 0; i < 2; i++) {
		w = (struct waiter){ .type = type[i] };
		pid = proc_create("wait", wait_table, &w);
		CU_ASSERT(pid != -1);
		proc_settle();
		CU_ASSERT(w.gate.there);
		p = malloc(100, M_TEMP, M_WAITOK);
		limit = forbid(type[i]);
		open_gate(&w.gate);
		CU_ASSERT(!w.done && proc_asleep(pid));
		CU_ASSERT_EQUAL(kmem_waiters, 1);
		/* Woken, and refused again. */
		free(p, M_TEMP);
		proc_settle();
		CU_ASSERT(!w.done && proc_asleep(pid));
		malloc_type_setlimit(type[i], limit);
		p = malloc(100, M_TEMP, M_WAITOK);
		free(p, M_TEMP);
		proc_settle();
		CU_ASSERT(w.done && proc_ended(pid));
		CU_ASSERT_EQUAL(kmem_waiters, 0);
	}
	end();
}

/* Where nobody sleeps, M_WAITOK is refused as M_NOWAIT is. */
static void
cold_wait(void)
{
	struct vmspace *vm;
	u_long limit;
	int i;

	begin();
	limit = forbid(M_VMPMAP);
	for (i = 0; i < 2; i++) {
		if (i == 0)
			cold = 1;
		else
			panicstr = "a test";
		vm = vmspace_alloc(M_WAITOK);
		cold = 0;
		panicstr = NULL;
		CU_ASSERT(vm == NULL);
		CU_ASSERT_EQUAL(kmem_waiters, 0);
	}
	malloc_type_setlimit(M_VMPMAP, limit);
	end();
}

/* What waits for room is told that there is none. */
static void
no_room(void *arg)
{
	struct vmspace *vm = own();
	struct vm_object *vo;
	vm_offset_t min;
	u_long n, i;

	(void)arg;
	vo = vm_object_allocate(PAGES(8), M_WAITOK);
	CU_ASSERT(vo != NULL);
	min = vm_map_min(&vm->vm_map);
	CU_ASSERT_EQUAL(vm_map_object(vm, min, vo, RW, M_WAITOK), min);
	CU_ASSERT_EQUAL(vm_map_object(vm, min, vo, RW, M_WAITOK), 0);
	CU_ASSERT_EQUAL(vm_map_object(vm, min + PAGES(7), vo, RW,
	    M_WAITOK), 0);
	/* A map full of one small object. */
	for (n = 1; vm_map_object(vm, 0, vo, VM_PROT_READ, M_NOWAIT) != 0;
	    n++)
		continue;
	CU_ASSERT(n <= vm->vm_map.size / PAGES(8));
	CU_ASSERT_EQUAL(vm->vm_map.nentries, n);
	CU_ASSERT(good(vm));
	if (vm->vm_map.size - vm->vm_map.used < PAGES(8)) {
		CU_ASSERT_EQUAL(vm_map_object(vm, 0, vo, RW, M_WAITOK), 0);
		CU_ASSERT_EQUAL(vm_allocate(vm, PAGES(8), RW, M_WAITOK), 0);
	}
	/* What is refused leaves no entry behind. */
	n = inuse(M_VMMAPENT);
	for (i = 0; i < 10 * SPARES; i++)
		CU_ASSERT_EQUAL(vm_map_object(vm, min, vo, RW, M_NOWAIT), 0);
	CU_ASSERT(inuse(M_VMMAPENT) <= n + SPARES);
	/* Nor is the block of an object waited for that cannot be. */
	eat_frames(&meal, kernel_map, 0);
	CU_ASSERT(vm_object_allocate(PAGES(cnt.v_page_count + 1),
	    M_WAITOK) == NULL);
	CU_ASSERT_EQUAL(vm_allocate(vm, vm->vm_map.size + 1, RW,
	    M_WAITOK), 0);
	spit_all(&meal);
	CU_ASSERT(frames(8));
	vm_object_deallocate(vo);
}

static void
full(void)
{

	begin();
	run(no_room, NULL);
	end();
}

/* ---------------------------------------------------------------------
 * What is no process's business, or nobody's.
 */

static struct vmspace *shown;
static struct vm_object *shown_vo;

static void do_vmspace_alloc(void *a) { (void)a; vmspace_alloc(M_NOWAIT); }
static void do_vmspace_free(void *a) { (void)a; vmspace_free(shown); }
static void do_object(void *a) { (void)a; vm_object_allocate(1, M_NOWAIT); }
static void do_drop(void *a) { (void)a; vm_object_deallocate(shown_vo); }
static void
do_map(void *a)
{

	(void)a;
	vm_map_object(shown, 0, shown_vo, RW, M_NOWAIT);
}
static void do_allocate(void *a) { (void)a; vm_allocate(shown, 1, RW, 1); }
static void do_deallocate(void *a) { (void)a; vm_deallocate(shown, 4096); }
static void do_setvm(void *a) { (void)a; proc_setvm(NULL); }

static void
from_handler(void *arg)
{
	static const struct {
		void	(*fn)(void *);
		const char *who;
	} call[] = {
		{ do_vmspace_alloc,	"vmspace_alloc" },
		{ do_vmspace_free,	"vmspace_free" },
		{ do_object,		"vm_object_allocate" },
		{ do_drop,		"vm_object_deallocate" },
		{ do_map,		"vm_map_object" },
		{ do_allocate,		"vm_object_allocate" },
		{ do_deallocate,	"vm_deallocate" },
		{ do_setvm,		"proc_setvm" },
	};
	unsigned int i;
	int *told = arg;
	u_long h;

	h = books();
	for (i = 0; i < sizeof(call) / sizeof(call[0]); i++)
		*told += says(panic_catch(call[i].fn, NULL),
		    "%s: in an interrupt handler", call[i].who);
	*told += books() == h;
	*told += proc_vm() == NULL && curpmap() == NULL;
}

static void
interrupted(void *arg)
{
	int told;

	(void)arg;
	shown = own();
	shown_vo = vm_object_allocate(1, M_WAITOK);
	told = 0;
	softintr(from_handler, &told);
	CU_ASSERT_EQUAL(told, 10);
	CU_ASSERT(proc_vm() == shown);
	/* Nor may a process end the memory that it stands on. */
	CU_ASSERT(says(panic_catch(do_vmspace_free, NULL),
	    "vmspace_free: the process that runs is in it"));
	CU_ASSERT(good(shown));
	vm_object_deallocate(shown_vo);
}

static void
handlers(void)
{

	begin();
	run(interrupted, NULL);
	end();
}

/* Given up by its process, and ended by another. */
static void
swapper(void *arg)
{
	struct vmspace *a, *b;
	vm_offset_t va, vb;

	(void)arg;
	a = own();
	va = vm_allocate(a, PAGES(2), RW, M_WAITOK);
	fill((void *)va, PAGES(2), 1);
	b = vmspace_alloc(M_WAITOK);
	vb = vm_allocate(b, PAGES(2), RW, M_WAITOK);
	CU_ASSERT(va != 0 && vb != 0 && good(b));
	CU_ASSERT(proc_setvm(b) == a);
	CU_ASSERT(zeros((void *)vb, PAGES(2)));
	fill((void *)vb, PAGES(2), 2);
	CU_ASSERT(proc_setvm(a) == b);
	CU_ASSERT(filled((void *)va, PAGES(2), 1));
	CU_ASSERT(frames(4) && good(a) && good(b));
	vmspace_free(b);
	CU_ASSERT(frames(2) && filled((void *)va, PAGES(2), 1));
	vmspace_free(NULL);
	vmspace_free(proc_setvm(NULL));
	CU_ASSERT(proc_vm() == NULL && curpmap() == NULL && frames(0));
}

static void
swapped(void)
{

	begin();
	run(swapper, NULL);
	end();
}

/* Does the checker see what is wrong? */
static int
complaints(struct vmspace *vm)
{

	return (vmspace_check(vm, quiet));
}

static void
damager(void *arg)
{
	struct vmspace *vm = own();
	struct vm_map_entry *e;
	vm_offset_t va, pa;

	(void)arg;
	va = vm_allocate(vm, PAGES(3), RW, M_WAITOK);
	pa = phys(vm, va + PAGE_SIZE);
	CU_ASSERT_EQUAL(complaints(vm), 0);
	pmap_remove(vm->vm_pmap, va + PAGE_SIZE, va + PAGES(2));
	CU_ASSERT_EQUAL(complaints(vm), 1);
	CU_ASSERT_EQUAL(pmap_enter(vm->vm_pmap, va + PAGE_SIZE, pa,
	    VM_PROT_READ), 0);
	CU_ASSERT_EQUAL(complaints(vm), 1);
	CU_ASSERT_EQUAL(pmap_enter(vm->vm_pmap, va + PAGE_SIZE,
	    phys(vm, va), RW), 0);
	CU_ASSERT_EQUAL(complaints(vm), 1);
	CU_ASSERT_EQUAL(pmap_enter(vm->vm_pmap, va + PAGE_SIZE, pa, RW), 0);
	CU_ASSERT_EQUAL(complaints(vm), 0);
	CU_ASSERT_EQUAL(pmap_enter(vm->vm_pmap, va + PAGES(5), pa, RW), 0);
	CU_ASSERT_EQUAL(complaints(vm), 1);
	pmap_remove(vm->vm_pmap, va + PAGES(5), va + PAGES(6));
	e = vm_map_lookup_entry(&vm->vm_map, va);
	e->kind = VME_SPACE;
	CU_ASSERT_EQUAL(complaints(vm), 1);
	e->kind = VME_OBJECT;
	vm->vm_map.used++;
	CU_ASSERT_EQUAL(complaints(vm), 1);
	vm->vm_map.used--;
	CU_ASSERT_EQUAL(complaints(vm), 0);
	/* What is mapped is never left behind. */
	CU_ASSERT_EQUAL(pmap_enter(vm->vm_pmap, va + PAGES(5), pa, RW), 0);
	(void)proc_setvm(NULL);
	shown = vm;
	CU_ASSERT(says(panic_catch(do_vmspace_free, NULL),
	    "pmap_destroy: %lu pages are mapped", 1UL));
	pmap_remove(vm->vm_pmap, va + PAGES(5), va + PAGES(6));
	CU_ASSERT(good(vm));
	vm->vm_map.used = 5;
	CU_ASSERT(says(panic_catch(do_vmspace_free, NULL),
	    "vmspace_free: %lu bytes in %lu entries are left", 5UL, 0UL));
	vm->vm_map.used = 0;
	vm->vm_map.nentries = 2;
	CU_ASSERT(says(panic_catch(do_vmspace_free, NULL),
	    "vmspace_free: %lu bytes in %lu entries are left", 0UL, 2UL));
	vm->vm_map.used = vm->vm_map.nentries = 0;
	vmspace_free(vm);
}

static void
damaged(void)
{

	begin();
	run(damager, NULL);
	end();
}

/* ---------------------------------------------------------------------
 * K-MMAP: a process's memory in the kernel.
 */

static int
bytes_same(vm_offset_t a, vm_offset_t b, u_long n)
{
	u_long i;

	for (i = 0; i < n; i++)
		if (((volatile char *)a)[i] != ((volatile char *)b)[i])
			return (0);
	return (1);
}

/* A process with n pages, filled. */
static struct vmspace *
tenant(u_long n, vm_offset_t *va)
{
	struct vmspace *vm;

	vm = own();
	*va = vm_allocate(vm, PAGES(n), RW, M_WAITOK);
	CU_ASSERT(*va != 0);
	fill((void *)*va, PAGES(n), 9);
	return (vm);
}

static vm_map_t
map_no(int i)
{

	return (i == 0 ? kernel_map : i == 1 ? kmem_map : the_submap());
}

/* One region: the same bytes, the same frames, and nothing more. */
static void
one_region(struct vmspace *vm, vm_map_t map, vm_offset_t va, vm_size_t size)
{
	vm_offset_t k, at, kend, vend;
	u_long used, n, nent;

	used = map->used;
	nent = map->nentries;
	vend = round_page(va + size);
	n = (vend - trunc_page(va)) >> PAGE_SHIFT;
	k = kmem_mmap(map, va, size);
	CU_ASSERT(k != 0);
	if (k == 0)
		return;
	CU_ASSERT_EQUAL(k & PAGE_MASK, va & PAGE_MASK);
	CU_ASSERT(k >= vm_map_min(map));
	kend = trunc_page(k) + PAGES(n);
	CU_ASSERT(kend <= vm_map_max(map));
	CU_ASSERT_EQUAL(map->used, used + PAGES(n));
	CU_ASSERT(bytes_same(k, va, size));
	for (at = 0; at < size; at += at + PAGE_SIZE / 2 < size ? 100 : 1)
		if (kmem_phys(k + at) != phys(vm, va + at)) {
			CU_ASSERT_EQUAL(kmem_phys(k + at),
			    phys(vm, va + at));
			break;
		}
	/* Its pages to both ends, and not one more. */
	CU_ASSERT(bytes_same(trunc_page(k), trunc_page(va), PAGES(n)));
	/* Written on either side, and read on the other. */
	*(volatile char *)va = 'a';
	CU_ASSERT_EQUAL(*(volatile char *)k, 'a');
	*(volatile char *)(k + size - 1) = 'z';
	CU_ASSERT_EQUAL(*(volatile char *)(va + size - 1), 'z');
	fill((void *)trunc_page(k), PAGES(n), (unsigned int)size);
	CU_ASSERT(filled((void *)trunc_page(va), PAGES(n),
	    (unsigned int)size));
	CU_ASSERT_EQUAL(kmem_check(map, printf), 0);
	kmem_free(map, k, size);
	CU_ASSERT(badaddr((void *)k) && badaddr((void *)(kend - 1)));
	CU_ASSERT_EQUAL(map->used, used);
	CU_ASSERT(map->nentries <= nent + (map == kernel_map ? 1 : 0));
	CU_ASSERT(filled((void *)trunc_page(va), PAGES(n),
	    (unsigned int)size));
	CU_ASSERT(protected(vm, trunc_page(va), n, RW));
}

static void
regions(void *arg)
{
	static const u_long off[] = { 0, 1, 96, 4095, 4096, 5000 };
	static const u_long size[] = { 1, 2, 4000, 4095, 4096, 4097, 8191,
	    8192, 8193, 12289 };
	struct vmspace *vm;
	unsigned int i, j;
	vm_offset_t va;
	int m;

	(void)arg;
	vm = tenant(6, &va);
	for (m = 0; m < 3; m++)
		for (i = 0; i < sizeof(off) / sizeof(off[0]); i++)
			for (j = 0; j < sizeof(size) / sizeof(size[0]); j++)
				one_region(vm, map_no(m), va + off[i],
				    size[j]);
	/* From the first byte to the last. */
	one_region(vm, kernel_map, va, PAGES(6));
	CU_ASSERT(good(vm) && frames(6));
}

static void
mmap_regions(void)
{

	(void)the_submap();
	begin();
	run(regions, NULL);
	end();
}

/* Counts while pages are lent: they are wired, and active again after. */
static void
lender(void *arg)
{
	vm_offset_t va, a, b;
	struct vmspace *vm;
	vm_map_t other;
	u_long w;

	other = arg;
	vm = tenant(5, &va);
	a = kmem_mmap(kernel_map, va, 1);	/* its entry may cost a page */
	kmem_free(kernel_map, a, 1);
	w = cnt.v_wire_count - pool_pages();
	a = kmem_mmap(kernel_map, va + 100, PAGES(2));
	CU_ASSERT(a != 0 && frames(2));
	CU_ASSERT_EQUAL(cnt.v_wire_count - pool_pages(), w + 3);
	/* A page may be lent twice, into two maps. */
	b = kmem_mmap(other, va + PAGES(2) + 5, PAGES(2));
	CU_ASSERT(b != 0 && frames(0));
	*(volatile char *)(b + 1) = 'q';
	CU_ASSERT_EQUAL(*(volatile char *)(trunc_page(a) + PAGES(2) + 6),
	    'q');
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	CU_ASSERT_EQUAL(kmem_check(other, printf), 0);
	kmem_free(kernel_map, a, PAGES(2));
	CU_ASSERT(frames(2));
	CU_ASSERT_EQUAL(*(volatile char *)(va + PAGES(2) + 6), 'q');
	CU_ASSERT_EQUAL(*(volatile char *)(b + 1), 'q');
	kmem_free(other, b, PAGES(2));
	CU_ASSERT(frames(5) && good(vm));
	CU_ASSERT_EQUAL(cnt.v_wire_count - pool_pages(), w);
}

static void
mmap_counts(void)
{

	vm_map_t pageable;

	pageable = kmem_suballoc(PAGES(8), TRUE);	/* it stays */
	CU_ASSERT_FATAL(pageable != NULL);
	(void)the_submap();
	begin();
	run(lender, the_submap());
	run(lender, pageable);
	end();
}

/* Refused, and nothing is left: no address, entry, frame or page. */
static int
mmap_none(vm_map_t map, vm_offset_t va, vm_size_t size)
{
	u_long used, nent, act;
	vm_offset_t k;
	int same_counts;

	used = map->used;
	nent = map->nentries;
	act = cnt.v_active_count;
	k = kmem_mmap(map, va, size);
	if (k != 0)
		kmem_free(map, k, size);
	same_counts = map->used == used && cnt.v_active_count == act &&
	    kmem_check(map, printf) == 0 &&
	    (map == kernel_map || map->nentries == nent) &&
	    kmem_check(kernel_map, printf) == 0;
	return (k == 0 && same_counts);
}

static void
stranger(void *arg)
{
	vm_offset_t va, ro, hole, max;
	struct vmspace *vm;
	struct vm_object *vo;
	vm_map_t map;
	int m;

	(void)arg;
	vm = own();
	va = vm_map_min(&vm->vm_map) + PAGES(4);
	max = vm_map_max(&vm->vm_map);
	vo = vm_object_allocate(PAGES(3), M_WAITOK);
	CU_ASSERT_EQUAL(vm_map_object(vm, va, vo, RW, M_WAITOK), va);
	vm_object_deallocate(vo);
	hole = va + PAGES(3);
	ro = hole + PAGE_SIZE;
	vo = vm_object_allocate(PAGES(2), M_WAITOK);
	CU_ASSERT_EQUAL(vm_map_object(vm, ro, vo, VM_PROT_READ, M_WAITOK),
	    ro);
	/* The same pages, and this time to be written: that is allowed. */
	CU_ASSERT_EQUAL(vm_map_object(vm, ro + PAGES(2), vo, RW, M_WAITOK),
	    ro + PAGES(2));
	vm_object_deallocate(vo);
	for (m = 0; m < 3; m++) {
		map = map_no(m);
#define	NONE(addr, size) CU_ASSERT(mmap_none(map, (addr), (size)))
		NONE(va, 0);
		NONE(va + 5, 0);
		/* A page that is not there: before, behind, all, between. */
		NONE(va - 1, 2);
		NONE(va - PAGE_SIZE, PAGES(2));
		NONE(va, PAGES(3) + 1);
		NONE(hole - 1, 2);
		NONE(hole, 1);
		NONE(hole + 7, 100);
		NONE(va + 1, PAGES(3));
		NONE(va, PAGES(8));
		/* Not at the process's ends, and not the kernel's own. */
		NONE(max - PAGE_SIZE, PAGES(2));
		NONE(max, 1);
		NONE(0, 1);
		NONE(PAGE_SIZE - 1, 1);
		NONE((vm_offset_t)kmembase, 100);
		/* A page that may be read only: alone, first, last. */
		NONE(ro, 1);
		NONE(ro + PAGE_SIZE, PAGES(2));
		NONE(ro + PAGES(2) - 1, 2);
		/* More than the map, and around the end of all addresses. */
		NONE(va, map->size + 1);
		NONE(va, ~0UL);
		NONE(va, ~0UL - va);
		NONE(va, ~0UL - va + 2);
		NONE(va + 100, ~0UL - PAGE_SIZE);
		NONE(~0UL, 1);
		NONE(~0UL, 2);
		NONE(~0UL - PAGE_SIZE + 1, PAGE_SIZE);
#undef NONE
		one_region(vm, map, ro + PAGES(2), PAGES(2));
		one_region(vm, map, va, PAGES(3));
	}
	CU_ASSERT(good(vm) && frames(5));
}

/* ... and whoever has no memory has none to show. */
static void
pauper(void *arg)
{
	vm_offset_t va;
	struct vmspace *vm;

	(void)arg;
	CU_ASSERT(mmap_none(kernel_map, 4096, 1));
	CU_ASSERT(mmap_none(kernel_map, (vm_offset_t)&va, 1));
	vm = tenant(2, &va);
	one_region(vm, kernel_map, va, 100);
	CU_ASSERT(proc_setvm(NULL) == vm);
	CU_ASSERT(mmap_none(kernel_map, va, 1));
	CU_ASSERT(proc_setvm(vm) == NULL);
	one_region(vm, kernel_map, va, 100);
}

static void
mmap_refused(void)
{

	(void)the_submap();
	begin();
	run(stranger, NULL);
	run(pauper, NULL);
	end();
}

static void
mmap_intr(void *arg)
{
	vm_offset_t *va = arg;

	*va = kmem_mmap(kernel_map, *va, 1);
}

static void
mmap_intr_free(void *arg)
{

	kmem_free(kernel_map, *(vm_offset_t *)arg, 10);
}

static void
mmap_handler(void *arg)
{
	struct vmspace *vm;
	vm_offset_t va, got;

	(void)arg;
	vm = tenant(1, &va);
	got = va;
	softintr(mmap_intr, &got);
	CU_ASSERT_EQUAL(got, 0);
	CU_ASSERT(good(vm) && frames(1));
	/* To end one is any handler's right. */
	got = kmem_mmap(kernel_map, va + 20, 10);
	CU_ASSERT(got != 0);
	softintr(mmap_intr_free, &got);
	CU_ASSERT(badaddr((void *)got));
	CU_ASSERT(good(vm) && frames(1));
}

static void
mmap_intr_none(void)
{

	begin();
	run(mmap_handler, NULL);
	end();
}

/* No room in the map, or no entry for it. */
static void
crowded(void *arg)
{
	struct vmspace *vm;
	vm_offset_t va, k;
	vm_map_t map;

	(void)arg;
	vm = tenant(4, &va);
	map = the_submap();
	k = kmem_alloc(map, map->size - PAGES(3), M_SPACE_ONLY | M_NOWAIT);
	CU_ASSERT(k != 0);
	CU_ASSERT(mmap_none(map, va, PAGES(4)));
	CU_ASSERT(mmap_none(map, va + 1, PAGES(3)));
	one_region(vm, map, va, PAGES(3));
	kmem_free(map, k, map->size - PAGES(3));
	/* Without a free frame it works: it takes none. */
	eat_frames(&meal, kernel_map, 0);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	one_region(vm, map, va, PAGES(4));
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	spit_all(&meal);
	CU_ASSERT(good(vm) && frames(4));
}

static void
mmap_full(void)
{

	(void)the_submap();
	begin();
	run(crowded, NULL);
	end();
}

/* Only the whole is freed, and nothing else with it. */
static void
parts(void *arg)
{
	struct vmspace *vm;
	vm_offset_t va, k, k2, w;
	u_long h;

	(void)arg;
	vm = tenant(4, &va);
	k = kmem_mmap(kernel_map, va + 10, PAGES(2));
	k2 = kmem_mmap(kernel_map, va, PAGES(4));
	w = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(k != 0 && k2 != 0 && w != 0);
	h = books();
#define	PART(addr, size)						\
	CU_ASSERT(says(kmem_free_panics(kernel_map, (addr), (size)),	\
	    "kmem_free: %lu bytes at %#lx are part of a process's memory", \
	    (u_long)(size), (u_long)(addr)))
	PART(trunc_page(k), PAGE_SIZE);
	PART(trunc_page(k) + PAGE_SIZE, PAGE_SIZE);
	PART(k + PAGE_SIZE, PAGES(1));
	PART(k, PAGES(1));
	PART(k2, PAGES(3));
	PART(k2 + PAGE_SIZE, PAGES(3));
#undef PART
	CU_ASSERT_EQUAL(books(), h);
	kmem_free(kernel_map, k, PAGES(2));
	kmem_free(kernel_map, w, PAGE_SIZE);
	CU_ASSERT(bytes_same(k2, va, PAGES(4)));
	kmem_free(kernel_map, k2, PAGES(4));
	CU_ASSERT(good(vm) && frames(4));
}

static void
mmap_parts(void)
{

	begin();
	run(parts, NULL);
	end();
}

/* The process unmaps its pages, or ends, before the kernel is done. */
struct leaver {
	struct gate gate;
	vm_offset_t k, pa;
	int	unmap;		/* or else: just end */
};

static void
leaver(void *arg)
{
	struct leaver *l = arg;
	struct vmspace *vm;
	vm_offset_t va;

	vm = tenant(4, &va);
	l->k = kmem_mmap(kernel_map, va + PAGE_SIZE + 50, PAGES(1));
	CU_ASSERT(l->k != 0);
	l->pa = phys(vm, va + PAGE_SIZE);
	*(volatile char *)(va + PAGE_SIZE + 50) = 'L';
	CU_ASSERT(frames(2));
	if (l->unmap) {
		CU_ASSERT_EQUAL(vm_deallocate(vm, va), 0);
		CU_ASSERT(badaddr((void *)va));
		CU_ASSERT(frames(0));
		/* What it gets now is not what it gave up. */
		va = vm_allocate(vm, PAGES(8), RW, M_WAITOK);
		CU_ASSERT(va != 0 && zeros((void *)va, PAGES(8)));
		fill((void *)va, PAGES(8), 200);
		CU_ASSERT_EQUAL(*(volatile char *)l->k, 'L');
		stop_at(&l->gate);
	}
}

static void
mmap_leaves(void)
{
	static struct leaver l;
	struct meal other;
	u_long n, f;
	int i;

	begin();
	for (i = 0; i < 2; i++) {
		l = (struct leaver){ .unmap = i };
		CU_ASSERT(proc_create("leave", leaver, &l) != -1);
		proc_settle();
		CU_ASSERT(l.k != 0 && kmem_phys(l.k) == l.pa + 50);
		CU_ASSERT_EQUAL(*(volatile char *)l.k, 'L');
		CU_ASSERT(frames(i == 0 ? 0 : 8));
		CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
		/* Nobody else is given the page while it is held. */
		eat_frames(&other, kernel_map, 0);
		for (n = other.m_n; n > 0; n--) {
			CU_ASSERT(kmem_phys((vm_offset_t)other.m_head) !=
			    l.pa);
			spit_frames(&other, 1);
		}
		CU_ASSERT(filled((char *)trunc_page(l.k), 50, 9 + 16));
		CU_ASSERT(filled((char *)trunc_page(l.k) + PAGE_SIZE,
		    PAGE_SIZE, 9 + 32));
		CU_ASSERT_EQUAL(*(volatile char *)l.k, 'L');
		malloc_reclaim();
		f = cnt.v_free_count;
		kmem_free(kernel_map, l.k, PAGES(1));
		malloc_reclaim();
		CU_ASSERT(cnt.v_free_count >= f + 2);
		CU_ASSERT(badaddr((void *)l.k));
		CU_ASSERT_EQUAL(kmem_phys(l.k), 0);
		if (i == 1)
			open_gate(&l.gate);
		CU_ASSERT(frames(0));
	}
	end();
}

/* What a sleeper waits for may be the kernel's letting go. */
static void
mmap_wakes(void)
{
	static struct leaver l;
	static struct waiter w;
	int pid;

	begin();
	w = (struct waiter){ .va = 0 };
	pid = proc_create("wait", wait_alloc, &w);
	l = (struct leaver){ .unmap = 0 };
	CU_ASSERT(pid != -1 && proc_create("leave", leaver, &l) != -1);
	proc_settle();
	CU_ASSERT(w.gate.there && l.k != 0);
	/* Six pages are wanted, and the pmap may want one for each level. */
	eat_frames(&meal, kernel_map, 0);
	spit_frames(&meal, 5);
	open_gate(&w.gate);
	CU_ASSERT(!w.done && proc_asleep(pid));
	kmem_free(kernel_map, l.k, PAGES(1));
	proc_settle();
	if (!w.done) {
		spit_frames(&meal, 4);
		proc_settle();
	}
	CU_ASSERT(w.done && proc_ended(pid));
	spit_all(&meal);
	end();
}

CU_TestInfo vm_tests[] = {
	{ "vm: two processes have different memory, and what they write "
	    "stays", apart },
	{ "vm: a process's memory begins as zeros, whoever had the frames",
	    zeroed },
	{ "vm: sizes are rounded up; none, and too many pages, is refused",
	    rounded },
	{ "vm: an object in two maps is one memory, of two protections",
	    shared },
	{ "vm: an object lies where it is wanted, or nowhere", places },
	{ "vm: maps, pmaps and counts agree after 300 random changes",
	    mixed },
	{ "M-STATS, K-COUNT: the records of a process's memory are counted "
	    "under five types", records },
	{ "M-LIMIT: each of the VM's types can be refused, and nothing is "
	    "left", refusals },
	{ "K-NOWAIT, K-COUNT: a process's memory with few frames: all, or "
	    "nothing left behind", short_of_frames },
	{ "K-WAITOK: a process waits for the frames of its memory",
	    waits_frames },
	{ "K-WAITOK: a process waits for a pmap, and for a page table",
	    waits_tables },
	{ "M-COLD: a process's memory is refused where nobody sleeps",
	    cold_wait },
	{ "vm: a full address space says so at once", full },
	{ "M-PANIC: a process's memory is not for handlers, nor to be "
	    "ended underfoot", handlers },
	{ "K-COUNT: an address space is changed for another, and ends",
	    swapped },
	{ "vm: the checker sees a map and a pmap that differ", damaged },
	{ "K-MMAP, E06: the same bytes at the kernel's address, from any "
	    "offset, of any size", mmap_regions },
	{ "K-MMAP, K-COUNT: pages that are lent are wired meanwhile, twice if "
	    "need be", mmap_counts },
	{ "K-MMAP, E33: 0, and nothing left, for parts unmapped or read-only, "
	    "no process, and nonsense", mmap_refused },
	{ "K-MMAP: 0 in an interrupt handler; kmem_free in one ends it",
	    mmap_intr_none },
	{ "K-MMAP: 0 where the map is full; no frame is needed", mmap_full },
	{ "K-MMAP, K-FREE: a region is freed whole, and no other with it",
	    mmap_parts },
	{ "K-MMAP, E33: the process unmaps it, or ends, and the page stays "
	    "until kmem_free", mmap_leaves },
	{ "K-MMAP, K-WAITOK: the end of a region wakes who waits for its "
	    "frames", mmap_wakes },
	CU_TEST_INFO_NULL
};
