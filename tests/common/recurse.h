/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The reserve of map entries, taken down to each depth.  A stage is a kernel
 * with so many spare entries and so little memory; an act is a call that
 * needs an entry, made on it.  tests/common/recurse.c has each act on each
 * stage; tests/host/recurse.c has an interrupt at every point of it, too.
 */
#ifndef _TESTS_RECURSE_H_
#define	_TESTS_RECURSE_H_

#include "common/help.h"

#ifndef SPARE	/* spare entries at most, the fare apart: RESERVE */
#define	SPARE	8
#endif

/* What malloc has, when kmem asks it for an entry. */
enum stock {
	HAND,		/* a block at hand */
	FRAMES,		/* no block, but frames for a page of them */
	POOL,		/* no frame, but an empty page of another class */
	NOTHING,	/* no memory at all */
	NSTOCKS
};

#define	MEMORY_LEFT(stock)	((stock) <= FRAMES)

static int rtype;		/* the type of all blocks here */
static struct meal rmeal;	/* frames eaten */
static struct chain rblocks;	/* blocks of the entries' class */
#define	NHOLD	400
static vm_offset_t hold[NHOLD];	/* reservations; each holds an entry */
static int nhold;
static vm_offset_t middle[2];	/* regions to be freed from the middle */
#define	NMIDDLE	5
static int nmiddle[2] = { NMIDDLE, NMIDDLE };	/* their pages */
static void *page[3];		/* blocks of a page, in a row */
static void *emptied;		/* freed, it leaves a page empty */

static USED int
entry_class(void)
{

	return (class_of(sizeof(struct vm_map_entry)));
}

/* Reserve pages, each an entry that joins with none, until there is no
 * entry, or `most' are held. */
static USED void
hold_entries(int most)
{

	while (nhold < most && (hold[nhold] = kmem_alloc(kernel_map,
	    PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT)) != 0)
		nhold++;
}

static USED void
let_go(void)
{

	kmem_free(kernel_map, hold[--nhold], PAGE_SIZE);
}

/* Leave just so many spare entries: malloc gives none meanwhile. */
static USED void
spare_entries(int n)
{
	u_long limit;

	limit = kmemstats[M_VMMAPENT].ks_limit;
	malloc_type_setlimit(M_VMMAPENT, 0);
	hold_entries(NHOLD);
	CU_ASSERT(nhold > n && nhold < NHOLD);
	while (n-- > 0)
		let_go();
	malloc_type_setlimit(M_VMMAPENT, limit);
}

/* Eat what frames are free. */
static USED void
eat_rest(void)
{
	vm_offset_t va;

	malloc_reclaim();
	while ((va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		*(void **)va = rmeal.m_head;
		rmeal.m_head = (void *)va;
		rmeal.m_n++;
	}
}

/* Build the stage. */
static USED void
set_stage(int spare, enum stock stock)
{
	int i;

	nhold = 0;
	rmeal.m_map = kernel_map;
	while (cnt.v_free_count < 50 && rmeal.m_n > 0)
		spit_frames(&rmeal, 1);
	hold_entries(SPARE + 1);
	for (i = 0; i < 2; i++)
		middle[i] = kmem_alloc(kernel_map, nmiddle[i] * PAGE_SIZE,
		    M_NOWAIT);
	for (i = 0; i < 3; i++)
		page[i] = malloc(PAGE_SIZE, rtype, M_NOWAIT);
	emptied = malloc(2048, rtype, M_NOWAIT);
	if (!MEMORY_LEFT(stock))
		eat_rest();
	drain(&rblocks, entry_class(), rtype);
	spare_entries(spare);
	if (stock == HAND)
		free(chain_pop(&rblocks), rtype);
	if (stock == POOL) {
		free(emptied, rtype);
		emptied = NULL;
	}
	CU_ASSERT(middle[0] != 0 && middle[1] != 0 && page[2] != NULL);
	if (!MEMORY_LEFT(stock))
		CU_ASSERT_EQUAL(cnt.v_free_count, 0);
}

/* Tear it down, but for what was eaten. */
static USED void
clear_stage(void)
{
	int i;

	while (nhold > 0)
		let_go();
	for (i = 0; i < 2; i++)
		if (middle[i] != 0)
			kmem_free(kernel_map, middle[i],
			    nmiddle[i] * PAGE_SIZE);
	for (i = 0; i < 3; i++)
		free(page[i], rtype);
	free(emptied, rtype);
	chain_free(&rblocks);
}

/* ---------------------------------------------------------------------
 * The acts.  Each returns whether it was served, and has an undoing.
 */

static vm_offset_t got;

static USED int
act_space(void)
{

	got = kmem_alloc(kernel_map, PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	return (got != 0);
}

static USED int
act_page(void)
{

	got = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	return (got != 0);
}

static USED void
undo_page(void)
{

	if (got != 0)
		kmem_free(kernel_map, got, PAGE_SIZE);
}

/* malloc, kmem_alloc, and on this stage perhaps both once more. */
static USED int
act_malloc(void)
{

	got = (vm_offset_t)malloc(3 * PAGE_SIZE, rtype, M_NOWAIT);
	return (got != 0);
}

static USED void
undo_malloc(void)
{

	free((void *)got, rtype);
}

/* kmem_free may not fail: the page is gone, and those beside it are not. */
static USED int
act_middle(void)
{
	vm_offset_t va;

	va = middle[0] + PAGE_SIZE;
	kmem_free(kernel_map, va, 2 * PAGE_SIZE);
	return (badaddr((void *)va) && badaddr((void *)(va + PAGE_SIZE)) &&
	    !badaddr((void *)(va - 1)) &&
	    !badaddr((void *)(va + 2 * PAGE_SIZE)));
}

static USED void
undo_middle(void)
{

	int i;

	for (i = 0; i < NMIDDLE; i += i == 0 ? 3 : 1)
		kmem_free(kernel_map, middle[0] + i * PAGE_SIZE, PAGE_SIZE);
	middle[0] = 0;
}

/* An empty page of the pool goes back, out of the middle of the arena. */
static USED int
act_reclaim(void)
{
	void *p;

	p = page[1];
	page[1] = NULL;
	free(p, rtype);
	malloc_reclaim();
	return (badaddr(p));
}

/* Entries come back, more than the reserve holds: the drain frees them. */
static USED int
act_drain(void)
{
	int n;

	for (n = 0; n < 12 && nhold > 0; n++)
		let_go();
	return (1);
}

static USED void
undo_nothing(void)
{
}

static const struct act {
	const char *a_name;
	int	(*a_do)(void);
	void	(*a_undo)(void);
	int	a_pages;	/* frames that it needs */
	int	a_frees;	/* it may not be refused */
} acts[] = {
	{ "kmem_alloc of space", act_space, undo_page, 0, 0 },
	{ "kmem_alloc of a page", act_page, undo_page, 1, 0 },
	{ "malloc", act_malloc, undo_malloc, 3, 0 },
	{ "kmem_free of a middle", act_middle, undo_middle, 0, 1 },
	{ "malloc_reclaim", act_reclaim, undo_nothing, 0, 1 },
	{ "kmem_free, and a drain", act_drain, undo_nothing, 0, 1 },
};
#define	NACTS	(sizeof(acts) / sizeof(acts[0]))

/* Is this answer right, when nothing interrupts?  An entry is there, if one
 * is spare or malloc gives one; frames, as the stage has them.  (Whether a
 * POOL's one page goes to the caller or becomes a page of entries is not
 * promised.) */
static USED int
right_answer(const struct act *a, int spare, enum stock stock, int served)
{

	if (a->a_frees || MEMORY_LEFT(stock))
		return (served);
	if (a->a_pages == 0)
		return (served == (spare > 0 || stock == POOL));
	if (stock == POOL && a->a_pages == 1)
		return (1);
	return (!served);
}

/* The walkers are content, and the level is as it was. */
static USED int
all_in_order(void)
{

	return (splget() == 0 && malloc_check(printf) == 0 &&
	    kmem_check(kernel_map, printf) == 0 &&
	    kmem_check(kmem_map, printf) == 0);
}

/* Whatever has happened: where there are frames, the next can be served.
 * Else somebody has the entry that was to fetch a page of entries. */
static USED int
goes_on(enum stock stock)
{
	vm_offset_t va;

	va = kmem_alloc(kernel_map, PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	return (va != 0 || !MEMORY_LEFT(stock));
}

#endif /* !_TESTS_RECURSE_H_ */
