/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The defects of the 386BSD 1.0 facility, each by its number, and each
 * absent here.  E04, E08 and E29 to E32 want a machine that can be
 * interrupted anywhere, or thrown away: tests/host has them.
 */
#include "common/help.h"

static struct found before;
static int t;
static struct meal meal;
static struct chain chain, chain2;

static void
begin(u_long limit)
{

	(void)the_submap();
	malloc_reclaim();
	look(&before);
	t = malloc_type_attach("errata", limit);
	CU_ASSERT(t >= 0);
}

static void
end(void)
{

	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 0);
	CU_ASSERT(kmemstats[t].ks_waitq == NULL);
	if (kmemstats[t].ks_inuse == 0 && kmemstats[t].ks_waitq == NULL)
		malloc_type_detach(t);
	CU_ASSERT(left(&before));
	CU_ASSERT(sums_agree());
}

static void
memory_out(int c)
{

	eat_frames(&meal, kernel_map, 0);
	drain(&chain, c, M_TEMP);
}

static void
memory_back(void)
{

	chain_free(&chain);
	spit_all(&meal);
}

static void
e01(void)
{
	vm_offset_t va[10];
	vm_map_t map;
	u_long nent;
	int i, m;

	begin(LIMITLESS);
	for (m = 0; m < 3; m++) {
		map = m == 0 ? kernel_map : m == 1 ? kmem_map : the_submap();
		nent = map->nentries;
		for (i = 0; i < 10; i++) {
			va[i] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
			CU_ASSERT(va[i] != 0);
			fill((void *)va[i], PAGE_SIZE, (unsigned int)i);
		}
		/* Two at most, where they fill a hole and go on after it. */
		CU_ASSERT(map->nentries <= nent + 2);
		for (i = 0; i < 10; i++) {
			CU_ASSERT(filled((void *)va[i], PAGE_SIZE,
			    (unsigned int)i));
			kmem_free(map, va[i], PAGE_SIZE);
		}
		CU_ASSERT(map->nentries <= nent + 1);
	}
	end();
}

static void
e02(void)
{
	u_long free;
	int m;

	begin(LIMITLESS);
	for (m = 0; m < 2; m++) {
		free = cnt.v_free_count + pool_pages();
		eat_frames(&meal, m ? kmem_map : kernel_map, 0);
		CU_ASSERT(meal.m_n + pool_pages() >= free);
		CU_ASSERT_EQUAL(cnt.v_free_count, 0);
		CU_ASSERT(meal.m_n > 500);
		spit_all(&meal);
	}
	end();
}

static void
e03(void)
{
	vm_offset_t va;
	u_long used, nent, kused;

	begin(LIMITLESS);
	eat_frames(&meal, kernel_map, 0);
	spit_frames(&meal, 2);
	CU_ASSERT_EQUAL(cnt.v_free_count, 2);
	used = kmem_map->used;
	nent = kmem_map->nentries;
	kused = kernel_map->used;
	CU_ASSERT_EQUAL(kmem_alloc(kmem_map, 3 * PAGE_SIZE, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(cnt.v_free_count, 2);
	CU_ASSERT_EQUAL(kmem_map->used, used);
	CU_ASSERT_EQUAL(kmem_map->nentries, nent);
	CU_ASSERT_EQUAL(kernel_map->used, kused);
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	CU_ASSERT(va < (vm_offset_t)kmembase || va >= (vm_offset_t)kmemlimit);
	kmem_free(kernel_map, va, PAGE_SIZE);
	chain_free(&chain);
	spit_all(&meal);
	end();
}

static void
nowait_everything(void *arg)
{
	vm_map_t map;
	vm_offset_t va;
	u_long n;

	(void)arg;
	map = the_submap();
	for (n = 1; n < SUBPAGES; n += 5) {
		va = kmem_alloc(map, n * PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_EQUAL(va, 0);
	}
	/* Without frames, as many reservations as there are entries. */
	n = 0;
	while ((va = kmem_alloc(map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY)) !=
	    0)
		n++;
	CU_ASSERT(n > 0 && n <= SUBPAGES);
}

static void
e05(void)
{
	vm_offset_t va;
	vm_map_t map;
	struct vm_map_entry *e, *next;

	begin(LIMITLESS);
	map = the_submap();
	memory_out(class_of(sizeof(struct vm_map_entry)));
	softintr(nowait_everything, NULL);
	for (e = map->header.next; e != &map->header; e = next) {
		next = e->next;
		va = e->start;
		kmem_free(map, va, PAGE_SIZE);
	}
	memory_back();
	end();
}

static void
e06(void)
{
	vm_offset_t va;
	u_long free, used;

	begin(LIMITLESS);
	free = cnt.v_free_count + pool_pages();
	used = kernel_map->used;
	va = kmem_alloc(kernel_map, PAGE_SIZE + 1, M_NOWAIT);
	CU_ASSERT(va != 0);
	CU_ASSERT_EQUAL(cnt.v_free_count + pool_pages(), free - 2);
	kmem_free(kernel_map, va, PAGE_SIZE + 1);
	CU_ASSERT_EQUAL(cnt.v_free_count + pool_pages(), free);
	CU_ASSERT_EQUAL(kernel_map->used, used);
	CU_ASSERT(badaddr((void *)va));
	CU_ASSERT(badaddr((void *)(va + PAGE_SIZE)));
	/* A region that is not aligned is nobody's. */
	va = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(kmem_free_panics(kernel_map, va + 100, PAGE_SIZE) != NULL);
	kmem_free(kernel_map, va, 2 * PAGE_SIZE);
	end();
}

static void
e07(void)
{
	vm_offset_t va;
	u_long wire, free;
	int i;

	begin(LIMITLESS);
	kmem_free(kmem_map, kmem_alloc(kmem_map, 8192, M_NOWAIT), 8192);
	malloc_reclaim();
	wire = cnt.v_wire_count;
	free = cnt.v_free_count;
	for (i = 0; i < 1000; i++) {
		va = kmem_alloc(i & 1 ? kmem_map : kernel_map, 8192,
		    M_NOWAIT);
		if (va == 0)
			break;
		kmem_free(i & 1 ? kmem_map : kernel_map, va, 8192);
	}
	CU_ASSERT_EQUAL(i, 1000);
	CU_ASSERT_EQUAL(cnt.v_wire_count, wire);
	CU_ASSERT_EQUAL(cnt.v_free_count, free);
	end();
}

static void
e09(void)
{
	u_long h;

	begin(LIMITLESS);
	h = books();
	if (kmemstats[M_LAST].ks_shortdesc == NULL)
		CU_ASSERT(says(malloc_panics(16, M_LAST, 0),
		    "malloc: type %d does not exist", M_LAST));
	CU_ASSERT(says(malloc_panics(16, MTYPES, 0),
	    "malloc: type %d does not exist", MTYPES));
	CU_ASSERT(says(malloc_panics(16, -1, 0),
	    "malloc: type %d does not exist", -1));
	CU_ASSERT(says(free_panics(kmembase, MTYPES),
	    "free: type %d does not exist", MTYPES));
	CU_ASSERT_EQUAL(books(), h);
	end();
}

static void
e10(void)
{
	struct ask a, b;
	char *p;

	begin(4096);
	p = malloc(1UL << 20, t, M_NOWAIT);
	CU_ASSERT(p == NULL);
	p = malloc(4097, t, M_NOWAIT);
	CU_ASSERT(p == NULL);
	p = malloc(4096, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	CU_ASSERT(malloc(1, t, M_NOWAIT) == NULL);
	free(p, t);
	/* Two that would both pass the check, and then sleep for memory. */
	ask(&a, 4096, t, M_WAITOK);
	ask(&b, 4096, t, M_WAITOK);
	memory_out(NFRAGMENT);
	CU_ASSERT(asleep(&a) && asleep(&b));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 4096);
	memory_back();
	CU_ASSERT(answered(&a));
	CU_ASSERT(asleep(&b));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 4096);
	free(a.a_got, t);
	CU_ASSERT(answered(&b));
	free(b.a_got, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 4096);
	end();
}

static void
e11(void)
{
	struct ask a;
	u_long ret;
	char *p;
	int c, i;

	begin(2 * PAGE_SIZE);
	/* Refused and blocked, for the limit ... */
	p = malloc(2 * PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(malloc(1, t, M_NOWAIT) == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	ask(&a, 1, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	free(p, t);
	CU_ASSERT(answered(&a));
	free(a.a_got, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
	/* ... and for memory. */
	ask(&a, PAGE_SIZE, t, M_WAITOK);
	memory_out(NFRAGMENT);
	CU_ASSERT(malloc(PAGE_SIZE, t, M_NOWAIT) == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 1);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 2);
	memory_back();
	CU_ASSERT(answered(&a));
	free(a.a_got, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	/* Pages returned. */
	c = class_of(2048);
	malloc_type_setlimit(t, LIMITLESS);
	drain(&chain, c, M_TEMP);
	ret = bucket[c].kb_returned;
	for (i = 0; i < 18; i++)
		chain_push(&chain, malloc(2048, M_TEMP, M_NOWAIT));
	chain_free(&chain);
	CU_ASSERT(bucket[c].kb_returned > ret);
	end();
}

static void
e12(void)
{
	int flags;

	begin(LIMITLESS);
	for (flags = M_WAITOK; flags <= M_NOWAIT; flags++) {
		CU_ASSERT(malloc_panics(kmem_map->size + 1, t, flags) ==
		    NULL);
		CU_ASSERT(malloc(kmem_map->size + 1, t, flags) == NULL);
		CU_ASSERT(malloc(kmem_map->size + PAGE_SIZE, t, flags) ==
		    NULL);
		CU_ASSERT(malloc(~0UL, t, flags) == NULL);
		CU_ASSERT(malloc(~0UL - 14, t, flags) == NULL);
		CU_ASSERT(malloc(~0UL - PAGE_SIZE + 2, t, flags) == NULL);
	}
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 12);
	end();
}

static void
e13(void)
{
	char *p, *other, *a, *b;

	begin(LIMITLESS);
	untagged_stocks(0);
	other = malloc(64, t, M_NOWAIT);
	p = malloc(64, t, M_NOWAIT);
	free(p, t);
	CU_ASSERT(says(free_panics(p, t),
	    "free: address %p of type %s is free already", (void *)p,
	    "errata"));
	a = malloc(64, t, M_NOWAIT);
	b = malloc(64, t, M_NOWAIT);
	CU_ASSERT(a != NULL && b != NULL && a != b);
	free(a, t);
	free(b, t);
	free(other, t);
	untagged_stocks(1);
	end();
}

#ifdef DIAGNOSTIC
static void
e14(void)
{
	char *p;
	u_long inuse;

	begin(LIMITLESS);
	p = malloc(64, t, M_NOWAIT);
	inuse = kmemstats[M_GPROF].ks_inuse;
	CU_ASSERT(says(free_panics(p, M_GPROF),
	    "free: address %p of type %s was allocated as %s", (void *)p,
	    kmemstats[M_GPROF].ks_shortdesc, "errata"));
	CU_ASSERT_EQUAL(kmemstats[M_GPROF].ks_inuse, inuse);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 1);
	free(p, t);
	end();
}
#endif

static void
e15(void)
{
	u_long h;
	char *p;

	begin(LIMITLESS);
	p = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
	h = books();
	CU_ASSERT(says(free_panics(p + 4096, t), "free: address %p of type "
	    "%s is inside a block of several pages", (void *)(p + 4096),
	    "errata"));
	CU_ASSERT_EQUAL(books(), h);
	free(p, t);
	end();
}

static void
e16(void)
{
	u_long h;
	char *p;

	begin(LIMITLESS);
	p = malloc(128, t, M_NOWAIT);
	h = books();
	CU_ASSERT(says(free_panics(p + 8, t), "free: address %p of type %s "
	    "is not the start of a block", (void *)(p + 8), "errata"));
	CU_ASSERT_EQUAL(books(), h);
	free(p, t);
	end();
}

static void
e17(void)
{

	begin(LIMITLESS);
	CU_ASSERT(says(free_panics(kmemlimit, t), "free: address %p of type "
	    "%s is outside the arena", (void *)kmemlimit, "errata"));
	end();
}

/* Write all over what is free: nothing of malloc's is in there. */
static void
e18(void)
{
	struct chain ch, hold;
	char *p, *q;
	u_long i, n;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		hold.ch_head = NULL;
		hold.ch_n = 0;
		hold.ch_type = t;
		n = bucket[c].kb_elmperpg;
		/* One of two stays, so that the page does, too. */
		q = NULL;
		for (i = 0; i < n; i++) {
			p = malloc(bucket[c].kb_size, t, M_NOWAIT);
			fill(p, bucket[c].kb_size, 0xff);
			if (i & 1) {
				free(p, t);
				trespass(p, bucket[c].kb_size, 0xee);
			} else
				chain_push(&hold, p);
		}
		for (i = 0; i < 2 * n; i++) {
			q = malloc(bucket[c].kb_size, t, M_NOWAIT);
			CU_ASSERT(q != NULL);
			chain_push(&hold, q);
		}
		chain_free(&hold);
		chain_free(&ch);
	}
	end();
}

/* What the free costs that sends a page away, with nfree blocks free. */
static unsigned long
cost_of_surplus(int c, u_long npages)
{
	static struct chain ends;
	unsigned long best, took;
	u_long mark, i, elm;
	char *p, *first;

	elm = bucket[c].kb_elmperpg;
	stocks(0);
	mark = bucket[c].kb_highwat;
	bucket[c].kb_highwat = LIMITLESS;
	drain(&chain, c, t);
	ends.ch_head = NULL;
	ends.ch_n = 0;
	ends.ch_type = t;
	for (i = 0; i < npages * elm; i++) {
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		if (p == NULL)
			break;
		chain_push(i % elm == elm / 2 ? &ends : &chain, p);
	}
	CU_ASSERT_EQUAL(i, npages * elm);
	/* All free but for one block in each page. */
	chain_free(&chain);
	bucket[c].kb_highwat = 0;
	best = ~0UL;
	while ((p = chain_pop(&ends)) != NULL) {
		first = p;
		took = cycles();
		free(p, t);
		took = cycles() - took;
		CU_ASSERT(badaddr(first));
		if (took < best && ends.ch_n > npages / 2)
			best = took;
	}
	stocks(1);
	bucket[c].kb_highwat = mark;
	return (best);
}

static void
e19(void)
{
	unsigned long few, many;
	u_long npages;
	int try;

	begin(LIMITLESS);
	npages = cnt.v_free_count / 3;
	if (npages > 250)
		npages = 250;
	/* Twenty times the blocks and more; some allowance for the cache, and
	 * more than one try, as the host may be busy: a walk over the blocks
	 * takes too long every time. */
	for (try = 0; try < 8; try++) {
		few = cost_of_surplus(0, 8);
		many = cost_of_surplus(0, npages);
		if (many <= 3 * few + 3000)
			break;
		printf("    %lu with 8 pages, %lu with %lu\n", few, many,
		    npages);
	}
	CU_ASSERT(try < 8);
	end();
}

static void
e20(void)
{
	u_long pages;
	int c, i;
	void *p;

	begin(LIMITLESS);
	c = class_of(128);
	drain(&chain, c, t);
	pages = bucket[c].kb_pages;
	chain2.ch_head = NULL;
	chain2.ch_n = 0;
	chain2.ch_type = M_MBUF;
	for (i = 0; i < 2560; i++) {
		p = malloc(128, M_MBUF, M_NOWAIT);
		CU_ASSERT(p != NULL);
		if (p == NULL)
			break;
		chain_push(&chain2, p);
	}
	CU_ASSERT_EQUAL(bucket[c].kb_pages, pages + 80);
	chain_free(&chain2);
	CU_ASSERT_EQUAL(bucket[c].kb_pages, pages + 5);
	chain_free(&chain);
	end();
}

static void
e21(void)
{
	struct ask a, b;
	char *p;
	int i;

	begin(LIMITLESS);
	for (i = 0; i < 2; i++) {
		ask(&a, 4 * PAGE_SIZE, t, M_WAITOK);
		ask_kmem(&b, kernel_map, PAGE_SIZE, M_WAITOK);
		ask_later(&b);
		p = malloc(5 * PAGE_SIZE, t, M_NOWAIT);
		eat_frames(&meal, kernel_map, 0);
		free(p, t);		/* in the pool, and stays there */
		CU_ASSERT_EQUAL(cnt.v_free_count, 0);
		if (i == 0) {
			CU_ASSERT(answered(&a));
			CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
			free(a.a_got, t);
			ask_now(&b);
			CU_ASSERT(answered(&b));
		} else {
			ask_now(&b);
			CU_ASSERT(answered(&b) && answered(&a));
			CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
			free(a.a_got, t);
		}
		CU_ASSERT(b.a_got != NULL);
		kmem_free(kernel_map, (vm_offset_t)b.a_got, PAGE_SIZE);
		spit_all(&meal);
		malloc_reclaim();
	}
	end();
}

static void
e22(void)
{
	struct ask a, b;
	vm_offset_t all;
	vm_map_t map;
	char *spare;

	begin(LIMITLESS);
	/* The free of a fragment, in a page that stays. */
	ask(&a, 400, t, M_WAITOK);
	spare = malloc(448, M_TEMP, M_NOWAIT);
	memory_out(class_of(400));
	CU_ASSERT(asleep(&a));
	free(chain_pop(&chain), M_TEMP);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	memory_back();
	free(spare, M_TEMP);
	/* Space deleted in a map. */
	map = the_submap();
	all = kmem_alloc(map, map->size, M_SPACE_ONLY | M_NOWAIT);
	ask_kmem(&a, map, PAGE_SIZE, M_WAITOK);
	ask_kmem(&b, map, 2 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	CU_ASSERT(asleep(&a) && asleep(&b));
	kmem_free(map, all, map->size);
	CU_ASSERT(answered(&a) && answered(&b));
	kmem_free(map, (vm_offset_t)a.a_got, PAGE_SIZE);
	kmem_free(map, (vm_offset_t)b.a_got, 2 * PAGE_SIZE);
	end();
}

static void
e23(void)
{
	u_long h;

	begin(LIMITLESS);
	h = books();
	CU_ASSERT(says(malloc_panics(2 * PAGE_SIZE, t, M_SPACE_ONLY),
	    "malloc: flags %#x are not malloc's (M_NOWAIT, M_ZERO_IT)",
	    (unsigned int)M_SPACE_ONLY));
	CU_ASSERT(says(malloc_panics(100, t, M_NOWAIT | M_IO2),
	    "malloc: flags %#x are not malloc's (M_NOWAIT, M_ZERO_IT)",
	    (unsigned int)M_IO2));
	CU_ASSERT_EQUAL(books(), h);
	end();
}

static void
e24(void)
{
	char *p;

	begin(1024);
	p = malloc(1024, t, M_WAITOK);
	cold = 1;
	CU_ASSERT(malloc(1, t, M_WAITOK) == NULL);
	cold = 0;
	panicstr = "a test";
	CU_ASSERT(malloc(1, t, M_WAITOK) == NULL);
	panicstr = NULL;
	free(p, t);
	memory_out(NFRAGMENT);
	malloc_type_setlimit(t, LIMITLESS);
	cold = 1;
	CU_ASSERT(malloc(PAGE_SIZE, t, M_WAITOK) == NULL);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, PAGE_SIZE, M_WAITOK), 0);
	cold = 0;
	panicstr = "a test";
	CU_ASSERT(malloc(PAGE_SIZE, t, M_WAITOK) == NULL);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, PAGE_SIZE, M_WAITOK), 0);
	panicstr = NULL;
	memory_back();
	end();
}

/* Each of the types 43 to 48 (as far as they are to be had) blocks under
 * its name, and is woken. */
static void
e25(void)
{
	struct ask a;
	int type[M_TEMP], n, i;
	char *p;

	begin(LIMITLESS);
	for (n = 0; n < 6; n++) {
		type[n] = malloc_type_attach("late type", 512);
		if (type[n] < 0 || type[n] >= M_TEMP)
			break;
	}
	if (n < 6 && type[n] >= 0)
		malloc_type_detach(type[n]);
	CU_ASSERT(t > M_SUBPROC && (t >= M_TEMP || n > 0));
	for (i = 0; i < n; i++) {
		CU_ASSERT(same(kmemstats[type[i]].ks_shortdesc, "late type"));
		p = malloc(512, type[i], M_WAITOK);
		ask(&a, 100, type[i], M_WAITOK);
		CU_ASSERT(asleep(&a));
		free(p, type[i]);
		CU_ASSERT(answered(&a));
		CU_ASSERT(a.a_got != NULL);
		free(a.a_got, type[i]);
	}
	while (n-- > 0)
		malloc_type_detach(type[n]);
	end();
}

/* The macro forms: statements, for an address of any type. */
static void
e26(void)
{
	struct found *fp;
	unsigned short *sp;
	int some;

	begin(LIMITLESS);
	some = 1;
	if (some)
		MALLOC(fp, struct found *, sizeof(*fp), t, M_WAITOK);
	else
		fp = NULL;
	CU_ASSERT(fp != NULL);
	MALLOC(sp, unsigned short *, 100 + 1, t, M_NOWAIT | M_ZERO_IT);
	CU_ASSERT(sp != NULL && sp[49] == 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 2);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse,
	    charge_of(sizeof(*fp)) + 112);
	if (some)
		FREE(fp, t);
	else
		FREE(sp, t);
	FREE(sp, t);
	end();
}

static void
e27(void)
{
	u_long h;

	begin(LIMITLESS);
	h = books();
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 0, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(kmem_alloc(kmem_map, 0, M_WAITOK), 0);
	CU_ASSERT_EQUAL(kmem_alloc(the_submap(), 0, M_SPACE_ONLY), 0);
	CU_ASSERT_EQUAL(books(), h);
	end();
}

static void
e28(void)
{
	vm_offset_t va, vb;
	vm_map_t map;
	u_long wire;

	begin(LIMITLESS);
	map = the_submap();
	wire = cnt.v_wire_count - pool_pages();
	va = kmem_alloc(map, 4 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
	vb = kmem_alloc(map, 2 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT(va >= vm_map_min(map) && vb < vm_map_max(map));
	CU_ASSERT_EQUAL(cnt.v_wire_count - pool_pages(), wire + 4);
	CU_ASSERT_EQUAL(map->used, 6 * PAGE_SIZE);
	CU_ASSERT(zeros((void *)va, 4 * PAGE_SIZE));
	fill((void *)va, 4 * PAGE_SIZE, 9);
	CU_ASSERT(badaddr((void *)vb));
	kmem_free(map, va, 4 * PAGE_SIZE);
	kmem_free(map, vb, 2 * PAGE_SIZE);
	CU_ASSERT_EQUAL(cnt.v_wire_count - pool_pages(), wire);
	end();
}

/* Null, where the manual of 386BSD promised null and its code panicked; and
 * more than 64 KB, which its manual denied. */
static void
e34(void)
{
	vm_offset_t va;
	char *p;

	begin(LIMITLESS);
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT_EQUAL(kmem_phys(va), 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	CU_ASSERT_EQUAL(kmem_phys(va), 0);
	CU_ASSERT_EQUAL(kmem_phys(vm_map_max(kernel_map)), 0);
	CU_ASSERT(kmem_suballoc(kernel_map->size, FALSE) == NULL);
	p = malloc(65 * 1024, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	if (p != NULL)
		fill(p, 65 * 1024, 0);
	free(p, t);
	end();
}

CU_TestInfo errata_tests[] = {
	{"E01: one-page allocations merge into an entry", e01},
	{"E02: pages until refused, with M_NOWAIT, and no panic", e02},
	{"E03: a shortage rolls back in the caller's map", e03},
	{"E05: a map made late, M_NOWAIT, at interrupt level", e05},
	{"E06: 4097 bytes are two pages, both ways", e06},
	{"E07: 1000 pairs of 8 KB leave the counts as they were", e07},
	{"E09: type M_LAST is refused before its statistics are touched",
	    e09},
	{"E10: a limit of 4096 grants 4096", e10},
	{"E11: refusals, blocks and pages returned are counted", e11},
	{"E12: more than the map, and near the largest integer", e12},
	{"E13: a double free while its page is in use", e13},
#ifdef DIAGNOSTIC
	{"E14: a free with another type", e14},
#endif
	{"E15: an address inside a large block", e15},
	{"E16: the middle of a block", e16},
	{"E17: the end of the arena", e17},
	{"E18: stray writes to free blocks", e18},
	{"E19: a page returns in constant time", e19},
	{"E20: frees of type M_MBUF return pages", e20},
	{"E21: nobody sleeps beside free memory", e21},
	{"E22: a fragment, and a map's space, wake who waits", e22},
	{"E23: M_SPACE_ONLY does not leak through malloc", e23},
	{"E24: M_WAITOK does not spin where sleeping returns at once", e24},
	{"E25: types 43 to 48 sleep under a name", e25},
	{"E26: the macro forms", e26},
	{"E27: size 0 allocates nothing", e27},
	{"E28: a submap of one's own is backed and wired", e28},
	{"E34: null where the manual says null; more than 64 KB", e34},
	CU_TEST_INFO_NULL,
};
