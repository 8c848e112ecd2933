/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What malloc and free cost, for each size class, in instructions; under
 * -icount each run gives the same numbers.  Not a test of make check:
 * tests/bench/run-kernel boots a kernel for it, and judges.
 *
 *	hit	a malloc and a free in turn: the block is at hand
 *	many	mallocs in a row, then frees, of as many blocks as twelve
 *		pages hold: those that kmem had no part in
 *	page	the rest of these: a malloc that takes a page from kmem,
 *		and a free that gives one back
 *
 * What is timed is the call, from the first argument that is pushed to the
 * last that is popped.
 */
#include "common/help.h"
#include "i386.h"
#include "cost.h"

#define	ROUNDS	100UL			/* Pairs of a row. */
#define	PAGES	12UL			/* Pages that a class fills. */
#define	RUNS	20UL			/* Runs of pages, likewise. */

static int type;

/* A row: kind, size, flags; then mallocs, their mean and maximum, and the
 * same of frees. */
static void
row(const char *kind, u_long size, const char *flags, const struct cost *m,
    const struct cost *f)
{

	if (m->c_n + f->c_n != 0)
		printf("bench: %s %lu %s %lu %lu %lu %lu %lu %lu\n", kind,
		    size, flags, m->c_n, cost_mean(m), m->c_max, f->c_n,
		    cost_mean(f), f->c_max);
}

/* Time a call: the first cost is for those in which kmem had no part, the
 * second for the rest.  No interrupt comes meanwhile: it would be counted. */
static void *
malloc_timed(struct cost c[2], u_long size, int flags)
{
	u_long fl, t, wired;
	void *p;

	wired = cnt.v_wire_count;
	fl = intr_disable();
	t = cycles();
	p = malloc(size, type, flags);
	t = cycles() - t;
	intr_restore(fl);
	cost_add(&c[wired != cnt.v_wire_count], t);
	CU_ASSERT_PTR_NOT_NULL(p);
	return (p);
}

static void
free_timed(struct cost c[2], void *p)
{
	u_long fl, t, wired;

	wired = cnt.v_wire_count;
	fl = intr_disable();
	t = cycles();
	free(p, type);
	t = cycles() - t;
	intr_restore(fl);
	cost_add(&c[wired != cnt.v_wire_count], t);
}

static void
time_nothing(void)
{
	u_long fl, t;

	fl = intr_disable();
	t = cycles();
	t = cycles() - t;
	intr_restore(fl);
	overhead = t;
}

/* Pairs at rest. */
static void
bench_hit(u_long size, const char *name, int flags)
{
	struct cost m[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct cost f[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	void *held;
	u_long i;

	held = malloc(size, type, M_NOWAIT);
	free(malloc(size, type, M_NOWAIT), type);
	for (i = 0; i < ROUNDS; i++)
		free_timed(f, malloc_timed(m, size, flags));
	free(held, type);
	CU_ASSERT_EQUAL(m[1].c_n + f[1].c_n, 0);
	row("hit", size, name, m, f);
}

/* The same by the macros, which may do more than call. */
static void
bench_macros(u_long size)
{
	struct cost m = { 0, 0, 0 }, f = m;
	u_long fl, i, t;
	void *held, *p;

	held = malloc(size, type, M_NOWAIT);
	free(malloc(size, type, M_NOWAIT), type);
	for (i = 0; i < ROUNDS; i++) {
		fl = intr_disable();
		t = cycles();
		MALLOC(p, void *, size, type, M_NOWAIT);
		t = cycles() - t;
		intr_restore(fl);
		cost_add(&m, t);
		fl = intr_disable();
		t = cycles();
		FREE(p, type);
		t = cycles() - t;
		intr_restore(fl);
		cost_add(&f, t);
	}
	free(held, type);
	row("macro", size, "nowait", &m, &f);
}

/* Many blocks, and all of them back, in the order in which they came. */
static void
bench_many(u_long size)
{
	struct cost m[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct cost f[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	u_long i, n;
	void **p;

	n = size < PAGE_SIZE ?
	    PAGES * bucket[class_of(size)].kb_elmperpg : RUNS;
	p = (void **)kmem_alloc(kernel_map, n * sizeof(*p), M_NOWAIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	malloc_reclaim();
	for (i = 0; i < n; i++)
		p[i] = malloc_timed(m, size, M_NOWAIT);
	for (i = 0; i < n; i++)
		free_timed(f, p[i]);
	kmem_free(kernel_map, (vm_offset_t)p, n * sizeof(*p));
	CU_ASSERT(m[1].c_n != 0 && f[1].c_n != 0);
	row("many", size, "nowait", &m[0], &f[0]);
	row("page", size, "nowait", &m[1], &f[1]);
}

static void
bench_classes(void)
{
	int c;

	type = malloc_type_attach("bench", LIMITLESS);
	time_nothing();
	for (c = 0; c < LARGE; c++)
		bench_hit(bucket[c].kb_size, "nowait", M_NOWAIT);
	bench_macros(64);
	bench_hit(64, "waitok", M_WAITOK);
	bench_hit(64, "zero", M_NOWAIT | M_ZERO_IT);
	bench_hit(1024, "zero", M_NOWAIT | M_ZERO_IT);
	bench_hit(PAGE_SIZE, "zero", M_NOWAIT | M_ZERO_IT);
	for (c = 0; c < LARGE; c++)
		bench_many(bucket[c].kb_size);
	bench_many(20 * PAGE_SIZE);
	malloc_type_detach(type);
}

void	bench_processes(u_long);		/* proc.c */

static void
bench_others(void)
{

	time_nothing();
	bench_processes(overhead);
}

CU_TestInfo bench_malloc_tests[] = {
	{"malloc and free of each size class", bench_classes},
	{"levels and processes", bench_others},
	CU_TEST_INFO_NULL,
};
