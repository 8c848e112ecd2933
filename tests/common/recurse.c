/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The reserve of map entries at every depth: see recurse.h.
 */
#include "common/recurse.h"

/* Each act, with each number of spare entries, on each stage. */
static void
every_depth(void)
{
	const struct act *a;
	struct found f;
	enum stock stock;
	int spare, served, bad;

	rtype = malloc_type_attach("recurse", LIMITLESS);
	for (stock = HAND; stock < NSTOCKS; stock++)
		for (a = acts; a < &acts[NACTS]; a++)
			for (spare = 0; spare <= SPARE; spare++) {
				spit_all(&rmeal);
				malloc_reclaim();
				look(&f);
				set_stage(spare, stock);
				served = (*a->a_do)();
				bad = !right_answer(a, spare, stock, served);
				bad += !all_in_order();
				bad += !goes_on(stock);
				(*a->a_undo)();
				clear_stage();
				spit_all(&rmeal);
				bad += !left(&f);
				bad += !all_in_order();
				if (bad)
					printf("    %s, %d entries spare, "
					    "stage %d: %d wrong (%s)\n",
					    a->a_name, spare, stock, bad,
					    served ? "served" : "refused");
				CU_ASSERT_EQUAL(bad, 0);
			}
	malloc_type_detach(rtype);
}

/* With malloc refusing, so many can be had: all that are spare, and not the
 * one that is kept for a refill.  How many: what let_go has put there. */
static void
counted(void)
{
	struct found f;
	u_long limit;
	int spare, before;

	rtype = malloc_type_attach("recurse", LIMITLESS);
	look(&f);
	limit = kmemstats[M_VMMAPENT].ks_limit;
	for (spare = 0; spare <= SPARE; spare++) {
		set_stage(spare, FRAMES);
		malloc_type_setlimit(M_VMMAPENT, 0);
		before = nhold;
		hold_entries(NHOLD);
		CU_ASSERT_EQUAL(nhold, before + spare);
		malloc_type_setlimit(M_VMMAPENT, limit);
		/* None is left but the fare, and that is enough. */
		CU_ASSERT(goes_on(FRAMES));
		clear_stage();
	}
	CU_ASSERT(left(&f));
	malloc_type_detach(rtype);
}

/* A drain whose frees give pages back: kmem_free runs inside kmem_free. */
static void
drained(void)
{
	struct found f;
	u_long highwat, returned;
	int c, n;

	rtype = malloc_type_attach("recurse", LIMITLESS);
	look(&f);
	c = entry_class();
	highwat = bucket[c].kb_highwat;
	nhold = 0;
	hold_entries(NHOLD);
	CU_ASSERT_EQUAL(nhold, NHOLD);
	bucket[c].kb_highwat = 0;
	stocks(0);
	returned = bucket[c].kb_returned;
	for (n = 0; nhold > 0; n++) {
		let_go();
		if (n % 50 == 0)
			CU_ASSERT(all_in_order());
	}
	CU_ASSERT(bucket[c].kb_returned >= returned + 2);
	bucket[c].kb_highwat = highwat;
	stocks(1);
	CU_ASSERT(all_in_order());
	CU_ASSERT(left(&f));
	malloc_type_detach(rtype);
}

/* A page of the window goes when its entries are back; what it had made
 * room for is not spent with it: there is an entry for a refill's page. */
static void
windowed(void)
{
	struct found f;
	int n, free_before;

	rtype = malloc_type_attach("recurse", LIMITLESS);
	look(&f);
	set_stage(0, NOTHING);
	/* The first middle freed makes a page of entries, and they are used
	 * up: those of the window, and whatever else there was. */
	CU_ASSERT(act_middle());
	n = nhold;
	malloc_type_setlimit(M_VMMAPENT, 0);
	hold_entries(NHOLD);
	CU_ASSERT(nhold >= n + 50 && nhold < NHOLD);
	/* They come back, in the order in which they went: one of another
	 * origin is the last that is used. */
	undo_middle();
	while (nhold > n)
		let_go();
	malloc_type_setlimit(M_VMMAPENT, kmemstats[M_TEMP].ks_limit);
	CU_ASSERT(all_in_order());
	free_before = (int)cnt.v_free_count;
	CU_ASSERT(free_before > 0);
	CU_ASSERT(goes_on(FRAMES));
	clear_stage();
	spit_all(&rmeal);
	CU_ASSERT(left(&f));
	malloc_type_detach(rtype);
}

CU_TestInfo recurse_tests[] = {
	{"M-RECURSE: at every depth of the reserve, served or refused, "
	    "never harmed", every_depth},
	{"M-RECURSE: all spare entries can be had but the refill's",
	    counted},
	{"M-RECURSE: the drain's frees give pages back", drained},
	{"M-RECURSE, K-FREE: a page of the window comes and goes", windowed},
	CU_TEST_INFO_NULL,
};
