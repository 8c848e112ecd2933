/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What kmem_alloc and kmem_free cost in maps of 10 to 100,000 entries, in
 * instructions; under -icount each run gives the same numbers.  Not a test
 * of make check: tests/bench/run-kmem boots a kernel for it, and judges.
 *
 * A map of n entries is n / 2 pairs, and behind them a hole of two pages:
 *
 *	page	4i	4i + 1	4i + 2	4i + 3
 *		hole	entry	entry of two pages
 *
 * A pair's second entry may be freed and is then the only hole that takes
 * two pages, the one at the end apart: to allocate two pages brings the map
 * back to what it was, however often and wherever that is done.
 */
#include "common/help.h"
#include "i386.h"
#include "cost.h"

#define	SEED	20261994UL
#define	ROUNDS	1000UL			/* Operations of a row, at least. */
#define	FEW	100UL			/* Where each is like the last. */
#define	FILL	50UL		/* Pairs, so that malloc needs a page. */

static struct vm_map map;
static vm_offset_t base;		/* Its first address. */
static u_long npairs;
static int pairflags;			/* Of the entries of two pages. */
static u_long *order;			/* Numbers of pairs, shuffled. */
static u_long seed;

/* A row: kind, operation, entries; then operations, mean and maximum of
 * kmem_alloc, and of kmem_free. */
static void
row(const char *kind, const char *op, const struct cost *a,
    const struct cost *f)
{

	printf("bench: %s %s %lu %lu %lu %lu %lu %lu %lu\n", kind, op,
	    2 * npairs, a->c_n, cost_mean(a), a->c_max, f->c_n, cost_mean(f),
	    f->c_max);
}

/* The address of a pair's second entry. */
static vm_offset_t
second(u_long pair)
{

	return (base + (4 * pair + 2) * PAGE_SIZE);
}

/* No interrupt comes while something is timed: it would be counted. */
static vm_offset_t
alloc_timed(struct cost *c, vm_size_t size, int flags)
{
	vm_offset_t va;
	u_long fl, t;

	fl = intr_disable();
	t = cycles();
	va = kmem_alloc(&map, size, flags);
	t = cycles() - t;
	intr_restore(fl);
	cost_add(c, t);
	return (va);
}

static void
free_timed(struct cost *c, vm_offset_t va, vm_size_t size)
{
	u_long fl, t;

	fl = intr_disable();
	t = cycles();
	kmem_free(&map, va, size);
	t = cycles() - t;
	intr_restore(fl);
	cost_add(c, t);
}

/* The same two searches along the ring, as in a map that is a list. */
static struct vm_map_entry * __attribute__((noinline))
ring_fit(vm_size_t size)
{
	struct vm_map_entry *e;

	for (e = map.header.next; e != &map.header; e = e->next)
		if (e->start - e->prev->end >= size)
			break;
	return (e);
}

static struct vm_map_entry * __attribute__((noinline))
ring_lookup(vm_offset_t va)
{
	struct vm_map_entry *e;

	for (e = map.header.next; e != &map.header; e = e->next)
		if (e->end > va)
			break;
	return (e);
}

static void
ring_timed(struct cost *c, vm_offset_t va, vm_size_t size)
{
	struct vm_map_entry *e;
	u_long fl, t;

	fl = intr_disable();
	t = cycles();
	e = size != 0 ? ring_fit(size) : ring_lookup(va);
	t = cycles() - t;
	intr_restore(fl);
	cost_add(c, t);
	CU_ASSERT(e->prev->end <= va && va < (size != 0 ? e->start : e->end));
}

static void
time_nothing(void)
{
	struct cost c = { 0, 0, 0 };
	u_long fl, t;

	overhead = 0;
	fl = intr_disable();
	t = cycles();
	t = cycles() - t;
	intr_restore(fl);
	cost_add(&c, t);
	overhead = t;
}

/* Put the pairs but the last in another order. */
static void
shuffle(void)
{
	u_long i, j, t;

	for (i = 0; i < npairs; i++)
		order[i] = i;
	for (i = npairs - 1; i > 1; i--) {
		j = draw(&seed, i);
		t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

/* Allocate a place of the map that is being filled, from below; count it, if
 * it is among the last.  Does malloc take a page for entries meanwhile? */
static int
fill_place(struct cost *c, int counts, vm_offset_t at, u_long npg, int flags)
{
	struct cost none = { 0, 0, 0 };
	u_long wired;

	wired = cnt.v_wire_count;
	CU_ASSERT_EQUAL_FATAL(alloc_timed(counts ? c : &none,
	    npg * PAGE_SIZE, flags), at);
	return (counts && cnt.v_wire_count != wired);
}

/* Fill the map with pairs, and make the holes in random order. */
static void
build(const char *kind, u_long n, int flags)
{
	struct cost a = { 0, 0, 0 }, f = a, none = a;
	u_long i, last;
	int misses;

	npairs = n / 2;
	pairflags = flags | M_NOWAIT;
	last = npairs / 10 > FILL ? npairs / 10 : FILL;
	last = npairs > last ? npairs - last : 0;
	misses = 0;
	malloc_reclaim();
	for (i = 0; i < npairs; i++) {
		misses += fill_place(&a, i >= last, second(i) - 2 * PAGE_SIZE,
		    1, M_SPACE_ONLY | M_NOWAIT);
		misses += fill_place(&a, i >= last, second(i) - PAGE_SIZE,
		    1, M_SPACE_ONLY | M_NOWAIT);
		/* The last is not to join what comes behind it. */
		misses += fill_place(&a, i >= last, second(i), 2,
		    i == npairs - 1 ? M_SPACE_ONLY | M_NOWAIT : pairflags);
	}
	shuffle();
	for (i = 0; i < npairs; i++)
		free_timed(i >= last ? &f : &none,
		    second(order[i]) - 2 * PAGE_SIZE, PAGE_SIZE);
	if ((flags & M_SPACE_ONLY) != 0) {
		CU_ASSERT(n < 2 * FILL || misses > 0);
		row(kind, "fill", &a, &f);
	}
	CU_ASSERT_EQUAL(map.nentries, n);
	CU_ASSERT_EQUAL(kmem_check(&map, printf), 0);
}

static void
demolish(void)
{
	u_long i;

	shuffle();
	for (i = 0; i < npairs; i++) {
		kmem_free(&map, second(order[i]), 2 * PAGE_SIZE);
		kmem_free(&map, second(order[i]) - PAGE_SIZE, PAGE_SIZE);
	}
	CU_ASSERT_EQUAL(map.nentries, 0);
}

/* Free an entry anywhere, and allocate it again. */
static void
bench_random(const char *kind)
{
	struct cost a = { 0, 0, 0 }, f = a, ra = a, rf = a;
	vm_offset_t va;
	u_long i;

	for (i = 0; i < ROUNDS; i++) {
		va = second(draw(&seed, npairs - 1));
		if (i % (ROUNDS / FEW) == 0)
			ring_timed(&rf, va, 0);
		free_timed(&f, va, 2 * PAGE_SIZE);
		if (i % (ROUNDS / FEW) == 0)
			ring_timed(&ra, va, 2 * PAGE_SIZE);
		CU_ASSERT_EQUAL(alloc_timed(&a, 2 * PAGE_SIZE, pairflags), va);
	}
	row(kind, "random", &a, &f);
	if ((pairflags & M_SPACE_ONLY) != 0)
		row("ring", "random", &ra, &rf);
}

/* Allocate at one place, and free it: in the lowest hole, or the highest. */
static void
bench_place(const char *kind, const char *op, vm_offset_t at, u_long npg)
{
	struct cost a = { 0, 0, 0 }, f = a;
	u_long i;

	for (i = 0; i < FEW; i++) {
		CU_ASSERT_EQUAL(alloc_timed(&a, npg * PAGE_SIZE, pairflags),
		    at);
		free_timed(&f, at, npg * PAGE_SIZE);
	}
	row(kind, op, &a, &f);
}

/* Free half of what can be freed, in random order, and then allocate as
 * much: entries go back to malloc, and come from it. */
static void
bench_half(const char *kind)
{
	struct cost a = { 0, 0, 0 }, f = a;
	vm_offset_t va, last;
	u_long i;

	while (a.c_n < ROUNDS) {
		shuffle();
		for (i = 0; i < (npairs - 1) / 2; i++)
			free_timed(&f, second(order[i]), 2 * PAGE_SIZE);
		last = 0;
		for (i = 0; i < (npairs - 1) / 2; i++) {
			va = alloc_timed(&a, 2 * PAGE_SIZE, pairflags);
			CU_ASSERT(va > last);
			last = va;
		}
		CU_ASSERT_EQUAL(map.nentries, 2 * npairs);
	}
	row(kind, "half", &a, &f);
}

/* Add the depths of all nodes to a cost: their mean, and the height. */
static void
depths(const struct vm_map_entry *t, u_long depth, struct cost *c)
{

	if (t == NULL)
		return;
	c->c_n++;
	c->c_sum += depth;
	if (depth > c->c_max)
		c->c_max = depth;
	depths(t->left, depth + 1, c);
	depths(t->right, depth + 1, c);
}

/* A row that is not of instructions: how deep the nodes are, and how long
 * the paths to the lowest hole and to the highest. */
static void
bench_tree(const char *kind)
{
	struct cost a = { 0, 0, 0 }, f = a;
	const struct vm_map_entry *t;

	depths(map.root, 1, &a);
	f.c_n = 1;
	for (t = map.root; t != NULL; t = t->left)
		f.c_sum++;
	for (t = map.root; t != NULL; t = t->right)
		f.c_max++;
	if ((pairflags & M_SPACE_ONLY) != 0)
		row("depth", kind, &a, &f);
}

static void
bench_map(const char *kind, u_long n, int flags)
{

	build(kind, n, flags);
	bench_tree(kind);
	bench_random(kind);
	bench_place(kind, "low", base, 1);
	bench_place(kind, "far", base + 4 * npairs * PAGE_SIZE, 2);
	bench_half(kind);
	CU_ASSERT_EQUAL(kmem_check(&map, printf), 0);
	demolish();
}

/* Maps of 10 entries, 30, 100, ... up to most; and an empty one. */
static void
bench_sizes(const char *kind, u_long most, int flags)
{
	u_long n;

	seed = SEED;
	printf("bench: seed %lu\n", seed);
	time_nothing();
	order = (u_long *)kmem_alloc(kernel_map, most / 2 * sizeof(*order),
	    M_NOWAIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(order);
	npairs = 0;
	pairflags = flags | M_NOWAIT;
	bench_place(kind, "empty", base, 2);
	for (n = 10; n <= most; n *= 10) {
			bench_map(kind, n, flags);
		if (3 * n <= most)
			bench_map(kind, 3 * n, flags);
	}
	kmem_free(kernel_map, (vm_offset_t)order, most / 2 * sizeof(*order));
}

#define	MOST_SPACE	100000UL
#define	MOST_WIRED	10000UL

/* Let the map, empty, be [start, start + size). */
static void
move(vm_offset_t start, vm_size_t size)
{

	CU_ASSERT_EQUAL_FATAL(map.nentries, 0);
	base = map.header.end = start;
	map.header.start = start + size;
	map.header.hole = map.size = size;
}

/* A submap cannot be given back: it is made once. */
static void
make(void)
{

	if (map.size == 0)
		CU_ASSERT_PTR_NOT_NULL_FATAL(kmem_submap(&map,
		    (2 * MOST_WIRED + 2) * PAGE_SIZE, FALSE));
	base = vm_map_min(&map);
}

/* Half of the kernel's addresses are kmem_map, and no map of the other half
 * has two pages for each of 100,000 entries.  Nothing is mapped at addresses
 * that are only reserved, so that these need not be the kernel's. */
static void
bench_space(void)
{
	vm_offset_t start;
	vm_size_t size;

	make();
	start = base;
	size = map.size;
	move(256UL * 1024 * 1024, (2 * MOST_SPACE + 2) * PAGE_SIZE);
	bench_sizes("space", MOST_SPACE, M_SPACE_ONLY);
	move(start, size);
}

static void
bench_wired(void)
{

	make();
	bench_sizes("wired", MOST_WIRED, 0);
}

CU_TestInfo bench_kmem_tests[] = {
	{"reserved addresses: maps of 10 to 100,000 entries", bench_space},
	{"wired pages: maps of 10 to 10,000 entries", bench_wired},
	CU_TEST_INFO_NULL,
};
