/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An interrupt after every instruction.  Each scenario is run again and
 * again, stepped by the trap flag, with a handler delivered after its first,
 * its second, ... instruction that admits one, until it ends before that.
 * The handlers allocate and free.  After each run the walkers must be
 * content, nothing may have leaked, and the level must be as before.
 *
 * A scenario of L instructions is some L/3 runs, each stepped from its
 * beginning, which makes L squared; so longer ones are made of parts, and
 * each part is stepped for itself.  (Nothing zeroes pages in a scenario: a
 * string instruction is as many steps as it moves words.)  The walkers cost
 * what the machine has of pages.  On one of 4 MB every place is tried; where
 * there is more, one place in so many, for that is what the whole kernel's
 * run of all suites can afford (see tests/kernel/step.sh).
 */
#include "suite.h"
#include "i386.h"
#include "common/help.h"

static int t;			/* type of the scenario, and of the handler */

/* What was wrong in a run, and on which line first; 0: nothing. */
static int wrong, wrongline;

#define	MUST(cond)							\
	do {								\
		if (!(cond) && wrong++ == 0)				\
			wrongline = __LINE__;				\
	} while (0)

/* ---------------------------------------------------------------------
 * Handlers.
 */

/* What is there before each run, for a handler to free. */
static struct {
	char	*blk[2];		/* of the scenario's size */
	vm_offset_t pages;		/* three of kernel_map */
	vm_offset_t space;		/* a page of kmem_map's addresses */
	int	cut;			/* the middle one is gone */
} prey;

/* What a handler has taken, and keeps until the run is over. */
static struct {
	char	*blk, *page;
	vm_offset_t space;
	int	type;			/* 0: none */
} kept;

static u_long hsize;			/* bytes of the blocks */
static int hits;			/* how often a handler came */

#define	LEVEL()	MUST(splget() == IPL_IMP && cpu_intr_p())

static vm_offset_t
h_pages(vm_map_t map, int flags)
{
	vm_offset_t va;

	va = kmem_alloc(map, PAGE_SIZE, M_NOWAIT | flags);
	LEVEL();
	if (va != 0 && (flags & M_SPACE_ONLY) == 0)
		fill((void *)va, 16, 2);
	else
		MUST(va == 0 || badaddr((void *)va));
	return (va);
}

static const char h_name[] = "handler";

/* Take two of everything; give back one, and keep the other. */
static void
h_take(void *arg)
{
	vm_offset_t va;
	char *p;

	(void)arg;
	hits++;
	LEVEL();
	kept.blk = malloc(hsize, t, M_NOWAIT);
	p = malloc(hsize, t, M_NOWAIT);
	LEVEL();
	MUST(p == NULL || p != kept.blk);
	if (kept.blk != NULL)
		fill(kept.blk, 16, 1);
	if (p != NULL)
		fill(p, 16, 3);
	kept.page = (char *)h_pages(kernel_map, 0);
	va = h_pages(kernel_map, 0);
	kept.space = h_pages(kmem_map, M_SPACE_ONLY);
	free(p, t);
	LEVEL();
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	va = h_pages(kernel_map, M_SPACE_ONLY);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	kept.type = malloc_type_attach(h_name, 100);
	MUST(kept.type > 0);
	LEVEL();
}

/* Give back what was kept. */
static void
h_give(void)
{

	MUST(kept.blk == NULL || filled(kept.blk, 16, 1));
	MUST(kept.page == NULL || filled(kept.page, 16, 2));
	free(kept.blk, t);
	if (kept.page != NULL)
		kmem_free(kernel_map, (vm_offset_t)kept.page, PAGE_SIZE);
	if (kept.space != 0)
		kmem_free(kmem_map, kept.space, PAGE_SIZE);
	if (kept.type > 0) {
		MUST(kmemstats[kept.type].ks_shortdesc == h_name &&
		    kmemstats[kept.type].ks_limit == 100);
		malloc_type_detach(kept.type);
	}
	bzero(&kept, sizeof(kept));
}

/* Free what is there: blocks, then the middle of three pages, addresses;
 * and what the pool keeps. */
static void
h_free(void *arg)
{
	int i;

	(void)arg;
	hits++;
	for (i = 0; i < 2; i++) {
		free(prey.blk[i], t);
		prey.blk[i] = NULL;
		LEVEL();
	}
	kmem_free(kernel_map, prey.pages + PAGE_SIZE, PAGE_SIZE);
	prey.cut = 1;
	LEVEL();
	if (prey.space != 0)
		kmem_free(kmem_map, prey.space, PAGE_SIZE);
	prey.space = 0;
	LEVEL();
	(void)malloc_reclaim();
	LEVEL();
}

/* With each, the level at which the scenario runs: it may be any below
 * splimp, and must be the same when a call returns. */
static const struct handler {
	const char *name;
	void	(*fn)(void *);
	int	level;
} handlers[] = {
	{ "takes", h_take, IPL_TTY },
	{ "frees", h_free, IPL_NONE },
};
#define	NHANDLERS	(sizeof(handlers) / sizeof(handlers[0]))

static const struct handler *handler;
#define	FREES	(handler->fn == h_free && hits != 0)	/* ... did so */
#define	TAKES	(handler->fn == h_take && hits != 0)

/* ---------------------------------------------------------------------
 * Parts of a scenario, one of which is stepped through.
 */

static int nparts;			/* begun in this run */
static int stepped;			/* which one is, from 0 */
static unsigned long due;		/* after how many instructions */
static unsigned long came;		/* ... the handler came; 0: not */

/* A part ends here, if it is the one. */
static void
part_end(void)
{

	if (nparts == stepped + 1)
		came = intr_at(0, NULL, NULL);
}

/* And another begins. */
static void
part(void)
{

	part_end();
	if (nparts++ == stepped)
		(void)intr_at(due, handler->fn, NULL);
}

/* ---------------------------------------------------------------------
 * Processes that ask, again and again.
 */

static struct asker {
	u_long	size;
	vm_map_t map;			/* null: malloc */
	int	flags;			/* beyond M_WAITOK */
	void	*got;
	volatile int go, done, end;
	int	pid;
} asker[2];

static void
asker_fn(void *arg)
{
	struct asker *a = arg;
	int s, level;

	s = splimp();
	for (;;) {
		while (!a->go && !a->end)
			(void)tsleep((void *)&a->go, PVM, "gate", 0);
		splx(s);
		if (a->end)
			return;
		level = splget();
		if (a->map != NULL)
			a->got = (void *)kmem_alloc(a->map, a->size,
			    M_WAITOK | a->flags);
		else
			a->got = malloc(a->size, t, M_WAITOK | a->flags);
		MUST(splget() == level);
		s = splimp();
		a->go = 0;
		a->done = 1;
	}
}

/* Ask; after proc_settle it has asked. */
static void
want(struct asker *a, vm_map_t map, u_long size, int flags)
{

	a->map = map;
	a->size = size;
	a->flags = flags;
	a->got = NULL;
	a->done = 0;
	a->go = 1;
	wakeup((void *)&a->go);
}

static void
put(struct asker *a)
{

	MUST(a->done);
	if (a->got == NULL)
		return;
	if (a->map != NULL)
		kmem_free(a->map, (vm_offset_t)a->got, a->size);
	else
		free(a->got, t);
	a->got = NULL;
}

static int
askers_begin(void)
{
	int i;

	bzero(asker, sizeof(asker));
	for (i = 0; i < 2; i++) {
		asker[i].pid = proc_create("asker", asker_fn, &asker[i]);
		if (asker[i].pid == -1)
			return (0);
	}
	proc_settle();
	return (proc_asleep(asker[0].pid) && proc_asleep(asker[1].pid));
}

static int
askers_end(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		asker[i].end = 1;
		wakeup((void *)&asker[i].go);
	}
	proc_settle();
	return (proc_ended(asker[0].pid) && proc_ended(asker[1].pid));
}

/* ---------------------------------------------------------------------
 * Scenarios: what is there before, what is stepped through, and after.
 */

#define	NBLK	18
static char *blk[NBLK];
static vm_offset_t region;
static struct meal meal;

static void
blocks(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		blk[i] = malloc(hsize, t, M_NOWAIT);
		MUST(blk[i] != NULL);
	}
}

static void
free_blocks(int from, int to)
{

	for (; from < to; from++) {
		free(blk[from], t);
		blk[from] = NULL;
	}
}

/* A block, from its request to its end. */
static void
pair(u_long size, int flags)
{
	char *p;
	int s;

	s = splget();
	p = malloc(size, t, flags);
	MUST(splget() == s && p != NULL);
	if (p == NULL)
		return;
	MUST((flags & M_ZERO_IT) == 0 || zeros(p, 16));
	fill(p, 16, 7);
	MUST(filled(p, 16, 7));
	free(p, t);
	MUST(splget() == s);
}

/* A block of a class that has some, and of one that has none. */
static void
hit(void)
{

	pair(hsize, M_NOWAIT);
	part();
	pair(hsize, M_NOWAIT | M_ZERO_IT);
}

static struct chain others;		/* of the class, so that it has none */

static void
miss_before(void)
{

	drain(&others, class_of(hsize), t);
	MUST(malloc_freeblocks(class_of(hsize)) == 0);
}

static void
miss(void)
{
	char *p;
	int s;

	s = splget();
	p = malloc(hsize, t, M_NOWAIT);
	MUST(splget() == s && p != NULL);
	if (p == NULL)
		return;
	fill(p, 16, 7);
	part();
	MUST(filled(p, 16, 7));
	free(p, t);
	MUST(splget() == s);
}

static void
miss_after(void)
{

	chain_free(&others);
}

static void
run(void)
{

	pair(2 * PAGE_SIZE, M_NOWAIT);
}

/* More free than the class keeps and has in stock: pages return. */
static u_long returned;

static void
surplus_before(void)
{

	blocks(18);
	free_blocks(0, 12);
	returned = bucket[class_of(hsize)].kb_returned;
}

static void
surplus(void)
{

	free_blocks(12, 18);
	MUST(bucket[class_of(hsize)].kb_returned > returned);
}

/* A stock of four that is filled, three times, and that overflows. */
static void
stock(void)
{

	blocks(8);
	part();
	free_blocks(0, 8);
}

/* The limit: it is reached, and M_NOWAIT refused. */
static void
limit_before(void)
{

	malloc_type_setlimit(t, kmemstats[t].ks_memuse);
}

static void
limit(void)
{
	u_long refused;
	char *p;
	int s;

	s = splget();
	refused = kmemstats[t].ks_limblocks;
	p = malloc(hsize, t, M_NOWAIT);
	MUST(splget() == s);
	MUST(p == NULL || FREES);
	MUST(p != NULL || kmemstats[t].ks_limblocks > refused);
	free(p, t);
}

static void
limit_after(void)
{

	malloc_type_setlimit(t, LIMITLESS);
}

/* The limit is reached, and a process waits. */
static void
limit_sleep_before(void)
{

	blocks(1);
	limit_before();
}

static void
limit_sleep(void)
{
	int freed;

	want(&asker[0], NULL, hsize, 0);
	proc_settle();
	freed = FREES;
	proc_settle();
	MUST(asker[0].done || !freed);
	part();
	free_blocks(0, 1);
	proc_settle();
	MUST(asker[0].done);
	part();
	put(&asker[0]);
}

/* Two wait; a new limit lets one in, and the other will never fit. */
static void
setlimit_before(void)
{

	blocks(2);
	limit_before();
	want(&asker[0], NULL, 2 * PAGE_SIZE, 0);
	proc_settle();
	want(&asker[1], NULL, hsize, 0);
	proc_settle();
	MUST(!asker[0].done && !asker[1].done);
	free_blocks(0, 2);
	proc_settle();
	MUST(!asker[0].done && !asker[1].done);
}

static void
setlimit(void)
{
	int s;

	s = splget();
	malloc_type_setlimit(t, 2 * PAGE_SIZE - 1);
	MUST(splget() == s);
	proc_settle();
	MUST(asker[0].done && (asker[0].got == NULL || FREES));
	MUST(asker[1].done || TAKES || asker[0].got != NULL);
}

static void
setlimit_after(void)
{

	h_give();
	put(&asker[0]);
	proc_settle();
	MUST(asker[1].got != NULL);
	put(&asker[1]);
	limit_after();
}

/* So many frames are free, and no more.  (All but a few were taken when the
 * scenario began.) */
static void
leave_frames(u_long n)
{
	vm_offset_t va;

	meal.m_head = NULL;
	meal.m_map = kernel_map;
	meal.m_n = 0;
	while (cnt.v_free_count > n) {
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
		MUST(va != 0);
		if (va == 0)
			break;
		*(void **)va = meal.m_head;
		meal.m_head = (void *)va;
		meal.m_n++;
	}
	MUST(cnt.v_free_count == n);
}

static void
no_frames(void)
{

	leave_frames(0);
}

static void
two_frames(void)
{

	leave_frames(2);
}

static void
more_frames(void)
{

	spit_all(&meal);
}

/* A process waits for memory, in malloc; or in kmem_alloc. */
static void
memory_sleep(vm_map_t map, u_long size, int flags)
{
	int freed;

	want(&asker[0], map, size, flags);
	proc_settle();
	freed = FREES;
	proc_settle();
	MUST(asker[0].done || !freed);
	part();
	spit_frames(&meal, 1);
	part();
	proc_settle();
	part();
	spit_frames(&meal, 1);
	part();
	proc_settle();
	MUST(asker[0].done || TAKES);
}

static void
malloc_sleep(void)
{

	memory_sleep(NULL, 1024, 0);
}

static void
frame_sleep(void)
{

	memory_sleep(kernel_map, PAGE_SIZE, 0);
}

static void
sleep_after(void)
{

	h_give();
	spit_all(&meal);
	proc_settle();
	MUST(asker[0].got != NULL);
	put(&asker[0]);
}

/* ... or for addresses. */
static void
no_space(void)
{

	eat_space(kmem_map);
	MUST(largest_hole(kmem_map) == 0);
}

static void
space_sleep(void)
{
	int freed;

	want(&asker[0], kmem_map, PAGE_SIZE, M_SPACE_ONLY);
	proc_settle();
	freed = FREES;
	proc_settle();
	MUST(asker[0].done || !freed);
	part();
	ncourse--;
	kmem_free(kmem_map, course[ncourse].addr, course[ncourse].size);
	proc_settle();
	MUST(asker[0].done);
}

static void
space_sleep_after(void)
{

	put(&asker[0]);
	spit_space(kmem_map);
}

/* kmem_alloc, and kmem_free of what it gave. */
static void
pages(vm_map_t map, u_long n, int flags)
{
	vm_offset_t va;
	int s;

	s = splget();
	va = kmem_alloc(map, n * PAGE_SIZE, M_NOWAIT | flags);
	MUST(va != 0 && splget() == s);
	if (va == 0)
		return;
	if ((flags & M_SPACE_ONLY) == 0) {
		*(char *)va = 3;
		*(char *)(va + n * PAGE_SIZE - 1) = 4;
		MUST(*(char *)va == 3);
	} else
		MUST(badaddr((char *)va));
	kmem_free(map, va, n * PAGE_SIZE);
	MUST(splget() == s);
}

static void
one_page(void)
{

	pages(kernel_map, 1, 0);
}

static void
three_pages(void)
{

	pages(kmem_map, 3, 0);
}

static void
io_pages(void)
{
	vm_offset_t va, pa;
	int s;

	s = splget();
	va = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT | M_IO1);
	MUST(va != 0 && splget() == s);
	if (va == 0)
		return;
	fill((void *)va, 16, 8);
	fill((void *)(va + PAGE_SIZE), 16, 8);
	part();
	pa = kmem_phys(va);
	MUST(pa != 0 && kmem_phys(va + PAGE_SIZE) == pa + PAGE_SIZE);
	MUST(filled((void *)va, 16, 8));
	MUST(filled((void *)(va + PAGE_SIZE), 16, 8));
	MUST(pa / VM_IO1_BOUNDARY == (pa + PAGE_SIZE) / VM_IO1_BOUNDARY);
	kmem_free(kernel_map, va, 2 * PAGE_SIZE);
	MUST(splget() == s);
}

/* Two pages of a process, from the middle of the first on, are mapped; what
 * it wrote is there; the process gives them up first, or not. */
static vm_offset_t user;

static void
mmap_before(void)
{

	user = vm_allocate(proc_vm(), 2 * PAGE_SIZE, VM_PROT_READ |
	    VM_PROT_WRITE, M_NOWAIT);
	MUST(user != 0);
	if (user != 0)
		fill((void *)(user + 100), 16, 5);
}

static void
mmap(void)
{
	vm_offset_t va;
	u_long wired;
	int s;

	s = splget();
	wired = cnt.v_wire_count;
	va = kmem_mmap(kernel_map, user + 100, PAGE_SIZE);
	MUST(va != 0 && splget() == s);
	if (va == 0)
		return;
	part();
	MUST(filled((void *)va, 16, 5));
	MUST(kmem_phys(va) == pmap_extract(curpmap(), user + 100));
	MUST(cnt.v_wire_count == wired + 2 || hits != 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	MUST(splget() == s);
}

static void
mmap_after(void)
{

	MUST(user == 0 || vm_deallocate(proc_vm(), user) == 0);
}

/* Beyond them it has none: nothing is left behind. */
static void
mmap_refused(void)
{
	int s;

	s = splget();
	MUST(kmem_mmap(kernel_map, user, 3 * PAGE_SIZE) == 0);
	MUST(splget() == s);
}

static void
space_only(void)
{

	pages(kernel_map, 2, M_SPACE_ONLY);
}

/* Refused at the third page of three: all is given back. */
static void
rollback(void)
{
	vm_offset_t va;
	int s;

	s = splget();
	va = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT);
	MUST(splget() == s);
	MUST(va == 0 || FREES);
	if (va != 0)
		kmem_free(kernel_map, va, 3 * PAGE_SIZE);
}

/* Parts of five pages are freed: first the middle, for which an entry is
 * made; an edge; and what is whole. */
static void
region_before(void)
{

	region = kmem_alloc(kernel_map, 5 * PAGE_SIZE, M_NOWAIT);
	MUST(region != 0);
	if (region != 0)
		fill((void *)region, 16, 9);
}

static void
free_part(u_long first, u_long n)
{
	vm_offset_t va;
	int s;

	s = splget();
	va = region + first * PAGE_SIZE;
	kmem_free(kernel_map, va, n * PAGE_SIZE);
	MUST(splget() == s);
	MUST(badaddr((void *)va) || TAKES);
}

static void
middle(void)
{

	free_part(2, 1);
}

static void
edges(void)
{

	free_part(0, 1);
	part();
	free_part(4, 1);
}

static void
whole(void)
{

	free_part(0, 5);
}

static void
middle_after(void)
{

	MUST(filled((void *)region, 16, 9));
	kmem_free(kernel_map, region, 2 * PAGE_SIZE);
	kmem_free(kernel_map, region + 3 * PAGE_SIZE, 2 * PAGE_SIZE);
}

static void
edges_after(void)
{

	kmem_free(kernel_map, region + PAGE_SIZE, 3 * PAGE_SIZE);
}

/* The reserve of map entries is empty: each reservation takes one, and
 * malloc gives none.  Every hole is too small for two. */
#define	NRES	100
static vm_offset_t res[NRES];
static int nres;

static void
empty_reserve(void)
{

	malloc_type_setlimit(M_VMMAPENT, 0);
	for (nres = 0; nres < NRES; nres++) {
		res[nres] = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY);
		if (res[nres] == 0)
			break;
	}
	MUST(nres > 0 && nres < NRES);
}

static void
full_reserve(void)
{

	malloc_type_setlimit(M_VMMAPENT, LIMITLESS);
	while (nres > 0)
		kmem_free(kernel_map, res[--nres], PAGE_SIZE);
}

static void
window_before(void)
{

	region_before();
	empty_reserve();
}

/* A page of entries in the window, and its end. */
static void
window(void)
{
	u_long wired;

	wired = cnt.v_wire_count;
	free_part(2, 1);
	MUST(cnt.v_wire_count == wired || hits != 0);
	part();
	free_part(0, 2);
	part();
	free_part(3, 2);
}

/* The next request refills the reserve; with blocks at hand in the entries'
 * class, and with a page to be fetched. */
static void
refill_before(void)
{

	empty_reserve();
	malloc_type_setlimit(M_VMMAPENT, LIMITLESS);
}

static void
refill(void)
{
	vm_offset_t va;

	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	MUST(va != 0 || TAKES);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
}

/* More spares than the reserve likes: the frees drain it. */
static void
drain_before(void)
{

	refill_before();
	refill();
	while (nres > 8)
		kmem_free(kernel_map, res[--nres], PAGE_SIZE);
}

static void
drain_run(void)
{

	while (nres > 0) {
		kmem_free(kernel_map, res[--nres], PAGE_SIZE);
		part();
	}
}

/* A submap in the making.  (It is for ever, but a test may undo it: what is
 * reserved for it becomes an ordinary reservation.) */
static vm_map_t submap;

static void
submap_undo(vm_map_t map)
{
	struct vm_map_entry *e;
	vm_offset_t va;

	va = vm_map_min(map);
	for (e = kernel_map->header.next; e->start != va; e = e->next)
		continue;
	e->kind = VME_SPACE;
	kmem_free(kernel_map, va, map->size);
}

static void
suballoc(void)
{
	int s;

	s = splget();
	submap = kmem_suballoc(2 * PAGE_SIZE, FALSE);
	MUST(submap != NULL && splget() == s);
}

static void
suballoc_after(void)
{
	vm_offset_t va;

	if (submap == NULL)
		return;
	MUST(kept.page == NULL ||
	    (vm_offset_t)kept.page >= vm_map_max(submap) ||
	    (vm_offset_t)kept.page < vm_map_min(submap));
	va = kmem_alloc(submap, 2 * PAGE_SIZE, M_NOWAIT);
	MUST(va == vm_map_min(submap));
	MUST(kmem_check(submap, printf) == 0);
	kmem_free(submap, va, 2 * PAGE_SIZE);
	submap_undo(submap);
	free(submap, M_VMMAP);
}

/* Pages to give back: of fragments and of a run. */
static void
reclaim_before(void)
{

	blocks(4);
	free_blocks(0, 4);
	free(malloc(2 * PAGE_SIZE, t, M_NOWAIT), t);
}

static void
reclaim(void)
{
	int s;

	s = splget();
	(void)malloc_reclaim();
	MUST(splget() == s);
}

/* A type's life. */
static void
types(void)
{
	int type, s;
	char *p;

	s = splget();
	type = malloc_type_attach("step", 100);
	MUST(type > 0 && splget() == s);
	p = malloc(100, type, M_NOWAIT);
	MUST(p == NULL);
	p = malloc(90, type, M_NOWAIT);
	MUST(p != NULL);
	free(p, type);
	malloc_type_detach(type);
	MUST(splget() == s);
}

/* ---------------------------------------------------------------------
 * The loop.
 */

static void
prey_before(void)
{

	prey.blk[0] = malloc(hsize, t, M_NOWAIT);
	prey.blk[1] = malloc(hsize, t, M_NOWAIT);
	prey.pages = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT);
	prey.space = kmem_alloc(kmem_map, PAGE_SIZE, M_NOWAIT |
	    M_SPACE_ONLY);
	prey.cut = 0;
	MUST(prey.blk[0] != NULL && prey.blk[1] != NULL);
	MUST(prey.pages != 0 && prey.space != 0);
}

static void
prey_after(void)
{

	free(prey.blk[0], t);
	free(prey.blk[1], t);
	if (prey.cut) {
		kmem_free(kernel_map, prey.pages, PAGE_SIZE);
		kmem_free(kernel_map, prey.pages + 2 * PAGE_SIZE, PAGE_SIZE);
	} else
		kmem_free(kernel_map, prey.pages, 3 * PAGE_SIZE);
	if (prey.space != 0)
		kmem_free(kmem_map, prey.space, PAGE_SIZE);
}

struct scenario {
	const char *name;
	u_long	size;			/* of the handlers' blocks */
	int	frames;			/* leave a few dozen frames only */
	void	(*before)(void);	/* may be null, */
	void	(*run)(void);
	void	(*after)(void);		/* and so may this */
};

/* One run; was anything wrong? */
static int
one_run(const struct scenario *sc)
{
	struct found f;
	int s;

	wrong = wrongline = hits = nparts = 0;
	came = 0;
	malloc_reclaim();
	look(&f);
	prey_before();
	if (sc->before != NULL)
		(*sc->before)();
	s = splget();
	splx(handler->level);
	part();
	(*sc->run)();
	part_end();
	MUST(splget() == handler->level);
	splx(s);
	MUST(hits == (came != 0) && (came == 0 || came >= due));
	MUST(malloc_check(printf) == 0);
	MUST(kmem_check(kernel_map, printf) == 0);
	MUST(kmem_check(kmem_map, printf) == 0);
	if (sc->after != NULL)
		(*sc->after)();
	h_give();
	prey_after();
	MUST(left(&f));
	MUST(sums_agree());
	MUST(kmemstats[t].ks_inuse == 0 && kmemstats[t].ks_memuse == 0);
	return (wrong != 0);
}

static unsigned long stride;		/* from one place to the next */

/* All runs of a scenario with a handler: how many interrupts came. */
static unsigned long
each_place(const struct scenario *sc)
{
	unsigned long all;
	int bad;

	bad = 0;
	all = 0;
	stepped = 0;
	do
		for (due = 1; !(bad = one_run(sc)) && came != 0; all++)
			due = came + stride;
	while (!bad && ++stepped < nparts);
	if (bad)
		printf("    %s, a handler that %s after %lu instructions of "
		    "part %d: %d wrong, first on line %d\n", sc->name,
		    handler->name, came, stepped, wrong, wrongline);
	CU_ASSERT(!bad);
	return (all);
}

#define	FEW	40			/* frames left, where they are short */
#define	SPACE	(256 * PAGE_SIZE)	/* left of kernel_map */
#define	SMALL	(4UL << 20)		/* memory of a machine to try all on */

static void
each_handler(const struct scenario *sc)
{
	unsigned int h;
	unsigned long all;

	for (h = 0; h < NHANDLERS; h++) {
		handler = &handlers[h];
		all = each_place(sc);
		CU_ASSERT(all > 4);
		if (stride == 1)
			printf("    %lu places, a handler that %s\n", all,
			    handler->name);
	}
}

/* What each scenario needs, once.  Most of kernel_map's addresses are made a
 * submap meanwhile, which spares its walker to look whether anything is
 * mapped there. */
static void
step_through(const struct scenario *sc)
{
	static struct vm_map rest;
	vm_size_t size, taken;
	vm_offset_t va;
	int mask;

	stride = mem_found <= SMALL ? 1 : 16;
	CU_ASSERT_FATAL(askers_begin());
	CU_ASSERT_FATAL(proc_vm() == NULL);
	(void)proc_setvm(vmspace_alloc(M_NOWAIT));
	CU_ASSERT_FATAL(proc_vm() != NULL);
	t = malloc_type_attach("stepped", LIMITLESS);
	hsize = sc->size;
	malloc_reclaim();
	taken = (cnt.v_free_count - FEW) << PAGE_SHIFT;
	va = 0;
	if (sc->frames)
		va = kmem_alloc(kernel_map, taken, M_NOWAIT);
	CU_ASSERT(!sc->frames || va != 0);
	size = largest_hole(kernel_map) - SPACE;
	CU_ASSERT_FATAL(kmem_submap(&rest, size, FALSE) != NULL);
	mask = inb(0x21);
	outb(0x21, mask | 1);		/* no tick */
	each_handler(sc);
	outb(0x21, mask);
	submap_undo(&rest);
	if (va != 0)
		kmem_free(kernel_map, va, taken);
	CU_ASSERT(askers_end());
	vmspace_free(proc_setvm(NULL));
	malloc_type_detach(t);
}

#define	STEPPED(fn, ...)						\
static void								\
fn(void)								\
{									\
	static const struct scenario sc = { __VA_ARGS__ };		\
									\
	step_through(&sc);						\
}
STEPPED(step_hit, "a hit", 96, 0, NULL, hit, NULL)
STEPPED(step_miss, "a miss", 200, 0, miss_before, miss, miss_after)
STEPPED(step_run, "a run of pages", 2 * PAGE_SIZE, 0, NULL, run, NULL)
STEPPED(step_surplus, "surplus", 2048, 0, surplus_before, surplus, NULL)
STEPPED(step_stock, "a stock", 2048, 0, NULL, stock, NULL)
STEPPED(step_limit, "a limit", 96, 0, limit_before, limit, limit_after)
STEPPED(step_limit_sleep, "asleep at a limit", 2048, 0, limit_sleep_before,
    limit_sleep, limit_after)
STEPPED(step_setlimit, "setlimit", 2048, 0, setlimit_before, setlimit,
    setlimit_after)
STEPPED(step_malloc_sleep, "asleep in malloc", 1024, 1, no_frames,
    malloc_sleep, sleep_after)
STEPPED(step_frame_sleep, "asleep for frames", 1024, 1, no_frames,
    frame_sleep, sleep_after)
STEPPED(step_space_sleep, "asleep for addresses", 1024, 0, no_space,
    space_sleep, space_sleep_after)
STEPPED(step_page, "a page", 96, 0, NULL, one_page, NULL)
STEPPED(step_pages, "three pages", 96, 0, NULL, three_pages, NULL)
STEPPED(step_io, "pages for a device", 96, 0, NULL, io_pages, NULL)
STEPPED(step_mmap, "a process's pages", 96, 0, mmap_before, mmap, mmap_after)
STEPPED(step_mmap_refused, "pages there are not", 96, 0, mmap_before,
    mmap_refused, mmap_after)
STEPPED(step_rollback, "a rollback", 96, 1, two_frames, rollback,
    more_frames)
STEPPED(step_space, "addresses", 96, 0, NULL, space_only, NULL)
STEPPED(step_whole, "all freed", 96, 0, region_before, whole, NULL)
STEPPED(step_edges, "edges freed", 96, 0, region_before, edges, edges_after)
STEPPED(step_middle, "the middle freed", 96, 0, region_before, middle,
    middle_after)
STEPPED(step_window, "the window", 96, 0, window_before, window,
    full_reserve)
STEPPED(step_refill, "a refill", 96, 0, refill_before, refill, full_reserve)
STEPPED(step_drain, "a drain", 96, 0, drain_before, drain_run, full_reserve)
STEPPED(step_suballoc, "a submap", 96, 0, NULL, suballoc, suballoc_after)
STEPPED(step_reclaim, "reclaim", 2048, 0, reclaim_before, reclaim, NULL)
STEPPED(step_types, "types", 96, 0, NULL, types, NULL)

#define	AFTER	"interrupted after every instruction"
CU_TestInfo stepping_tests[] = {
	{ "M-LEVEL: a hit, " AFTER, step_hit },
	{ "M-LEVEL: a miss, " AFTER, step_miss },
	{ "M-LEVEL: a run of pages, " AFTER, step_run },
	{ "M-LEVEL, M-SURPLUS: a page that returns, " AFTER, step_surplus },
	{ "M-LEVEL, M-POOL: a stock, filled and overflowing, " AFTER,
	    step_stock },
	{ "M-LEVEL, M-LIMIT: a refusal, " AFTER, step_limit },
	{ "M-LEVEL, M-FIFO: a sleeper at the limit, " AFTER,
	    step_limit_sleep },
	{ "M-LEVEL, M-FIFO: a limit set over two sleepers, " AFTER,
	    step_setlimit },
	{ "M-LEVEL, M-WAITOK: a sleeper in malloc, " AFTER,
	    step_malloc_sleep },
	{ "M-LEVEL, K-WAITOK: a sleeper for frames, " AFTER,
	    step_frame_sleep },
	{ "M-LEVEL, K-WAITOK: a sleeper for addresses, " AFTER,
	    step_space_sleep },
	{ "M-LEVEL, K-ALLOC, E30: a page, " AFTER, step_page },
	{ "M-LEVEL, K-ALLOC, E30: three pages, " AFTER, step_pages },
	{ "M-LEVEL, K-IO: pages for a device, " AFTER, step_io },
	{ "M-LEVEL, K-MMAP: a process's pages, " AFTER, step_mmap },
	{ "M-LEVEL, K-MMAP, E33: pages that a process has not, " AFTER,
	    step_mmap_refused },
	{ "M-LEVEL, K-NOWAIT, E04: a refusal at the third page, " AFTER,
	    step_rollback },
	{ "M-LEVEL, K-SPACE: addresses alone, " AFTER, step_space },
	{ "M-LEVEL, K-FREE, E08, E29: all of an entry freed, " AFTER,
	    step_whole },
	{ "M-LEVEL, K-FREE, E08, E29: its edges freed, " AFTER, step_edges },
	{ "M-LEVEL, K-FREE, E08, E29: its middle freed, " AFTER,
	    step_middle },
	{ "M-LEVEL, K-FREE, M-RECURSE: a page of entries, " AFTER,
	    step_window },
	{ "M-LEVEL, M-RECURSE: a refill of the reserve, " AFTER,
	    step_refill },
	{ "M-LEVEL, M-RECURSE: a drain of the reserve, " AFTER, step_drain },
	{ "M-LEVEL, K-SUBALLOC: a submap, " AFTER, step_suballoc },
	{ "M-LEVEL, M-RECLAIM, E32: reclaim, " AFTER, step_reclaim },
	{ "M-LEVEL: a type that comes and goes, " AFTER, step_types },
	CU_TEST_INFO_NULL
};
