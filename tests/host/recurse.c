/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The reserve of map entries at every depth, with an interrupt at every
 * point: see common/recurse.h.
 */
#include "host/host.h"
#include "common/recurse.h"

#define	MB	(1UL << 20)

/* ---------------------------------------------------------------------
 * Handlers, each after all it can get.
 */

static int hits;
#define	NTAKEN	12
#define	NCUTS	SPARE	/* each takes an entry; none is left */
static vm_offset_t taken[NTAKEN];
static u_long ntaken;
static struct chain swallowed;
static int cutout;

static void
h_space(void *arg)
{

	(void)arg;
	hits++;
	while (ntaken < NTAKEN && (taken[ntaken] = kmem_alloc(kernel_map,
	    PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT)) != 0)
		ntaken++;
}

static void
h_pages(void *arg)
{

	(void)arg;
	hits++;
	while (ntaken < 3 && (taken[ntaken] = kmem_alloc(kernel_map,
	    PAGE_SIZE, M_NOWAIT)) != 0)
		ntaken++;
}

static void
h_middles(void *arg)
{
	int i;

	(void)arg;
	hits++;
	for (i = 1; i < nmiddle[1]; i += 2)
		kmem_free(kernel_map, middle[1] + i * PAGE_SIZE, PAGE_SIZE);
	cutout = 1;
}

static void
h_blocks(void *arg)
{
	void *p;

	(void)arg;
	hits++;
	while (swallowed.ch_n < 150 && (p = malloc(
	    sizeof(struct vm_map_entry), rtype, M_NOWAIT)) != NULL)
		chain_push(&swallowed, p);
}

static void (*const handler[])(void *) = {
	h_space, h_pages, h_middles, h_blocks
};
#define	NHANDLER	(sizeof(handler) / sizeof(handler[0]))

static void
undo_handler(void)
{
	int i;

	while (ntaken > 0)
		kmem_free(kernel_map, taken[--ntaken], PAGE_SIZE);
	chain_free(&swallowed);
	if (cutout) {
		for (i = 0; i < nmiddle[1]; i += 2)
			kmem_free(kernel_map, middle[1] + i * PAGE_SIZE,
			    PAGE_SIZE);
		middle[1] = 0;
	}
	cutout = 0;
}

/* ---------------------------------------------------------------------
 * Every point.
 */

static const struct act *acting;
static unsigned long at;
static void (*at_fn)(void *);
static int served;

static void
act_now(void *arg)
{

	(void)arg;
	host_interrupt_at(at, at_fn, NULL);
	served = (*acting->a_do)();
	host_interrupt_at(0, NULL, NULL);
}

/* One act on one stage, interrupted at the point `at'; what is wrong. */
static int
interrupted(int spare, enum stock stock, int insoft)
{
	struct found f;
	int bad;

	if (MEMORY_LEFT(stock)) {
		malloc_reclaim();
		look(&f);
	}
	swallowed.ch_type = rtype;
	hits = 0;
	set_stage(spare, stock);
	if (insoft)
		softintr(act_now, NULL);
	else
		act_now(NULL);
	/* (What was freed, the handler may have taken.) */
	bad = acting->a_frees && !served && (hits == 0 || at_fn == h_middles);
	bad += !all_in_order();
	bad += !goes_on(stock);
	bad += MEMORY_LEFT(stock) && !acting->a_frees && !served;
	(*acting->a_undo)();
	undo_handler();
	clear_stage();
	if (MEMORY_LEFT(stock))
		bad += !left(&f);
	return (bad);
}

/* Each handler at each point; returns how many came. */
static int
every_point(enum stock stock, int insoft)
{
	static const int spares[] = { 0, 1, SPARE };
	struct found f;
	unsigned int i, h;
	int bad, all;

	host_boot(MB, 4 * MB);
	rtype = malloc_type_attach("recurse", LIMITLESS);
	rmeal.m_head = NULL;
	rmeal.m_n = 0;
	all = 0;
	look(&f);
	for (i = 0; i < sizeof(spares) / sizeof(spares[0]); i++)
		for (h = 0; h < NHANDLER; h++)
			for (at = 1; at < 3000; at++) {
				at_fn = handler[h];
				nmiddle[1] = at_fn != h_middles ? 1 :
				    acting != acts ? 5 : 2 * NCUTS + 1;
				bad = interrupted(spares[i], stock, insoft);
				if (bad)
					printf("    %s, %d entries spare, "
					    "stage %d, handler %u at %lu: "
					    "%d wrong\n", acting->a_name,
					    spares[i], stock, h, at, bad);
				CU_ASSERT_EQUAL(bad, 0);
				if (hits == 0 || bad)
					break;
				all++;
			}
	spit_all(&rmeal);
	CU_ASSERT(left(&f));
	CU_ASSERT(all_in_order());
	return (all);
}

static void
act_interrupted(const char *name)
{
	enum stock stock;
	int all;

	for (acting = acts; !same(acting->a_name, name); acting++)
		continue;
	all = 0;
	for (stock = HAND; stock < NSTOCKS; stock++)
		all += every_point(stock, 0);
	all += every_point(FRAMES, 1);
	CU_ASSERT(all > 200);
	printf("    %d interrupts\n", all);
}

static void
intr_space(void)
{

	act_interrupted("kmem_alloc of space");
}

static void
intr_page(void)
{

	act_interrupted("kmem_alloc of a page");
}

static void
intr_malloc(void)
{

	act_interrupted("malloc");
}

static void
intr_middle(void)
{

	act_interrupted("kmem_free of a middle");
}

static void
intr_reclaim(void)
{

	act_interrupted("malloc_reclaim");
}

static void
intr_drain(void)
{

	act_interrupted("kmem_free, and a drain");
}

#ifndef STATIC		/* entries that exist from the start: NSTATIC */
#define	STATIC	32
#endif

/* On a fresh machine, with malloc giving none: every entry can be had, one by
 * one, but the fare. */
static void
all_but_one(void)
{
	u_long used;

	host_boot(MB, 4 * MB);
	CU_ASSERT_EQUAL(kmemstats[M_VMMAPENT].ks_calls, 0);
	used = kernel_map->nentries + kmem_map->nentries;
	nhold = 0;
	malloc_type_setlimit(M_VMMAPENT, 0);
	hold_entries(NHOLD);
	CU_ASSERT_EQUAL((u_long)nhold + used + 1, STATIC);
	while (nhold > 0)
		let_go();
	CU_ASSERT(all_in_order());
}

CU_TestInfo recurse_intr_tests[] = {
	{"M-RECURSE: every entry of the start can be had but the fare",
	    all_but_one},
	{"M-RECURSE: space at every depth, interrupted", intr_space},
	{"M-RECURSE: a page at every depth, interrupted", intr_page},
	{"M-RECURSE: malloc at every depth, interrupted", intr_malloc},
	{"M-RECURSE, K-FREE: a middle at every depth, interrupted",
	    intr_middle},
	{"M-RECURSE: reclaim at every depth, interrupted", intr_reclaim},
	{"M-RECURSE, K-FREE: a drain at every depth, interrupted",
	    intr_drain},
	CU_TEST_INFO_NULL,
};
