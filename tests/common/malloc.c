/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * malloc(9), clause by clause, on the host and in the kernel.
 */
#include "common/help.h"

static struct found before;	/* the account when the test began */
static int t;			/* a type of the test's own */

static void
begin(u_long limit)
{

	malloc_reclaim();
	look(&before);
	t = malloc_type_attach("test", limit);
	CU_ASSERT(t >= 0);
}

static void
detach(void *arg)
{

	malloc_type_detach(*(int *)arg);
}

static void
end(void)
{
	const char *msg;

	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 0);
	CU_ASSERT(kmemstats[t].ks_waitq == NULL);
	msg = panic_catch(detach, &t);
	CU_ASSERT(msg == NULL);
	CU_ASSERT(left(&before));
	CU_ASSERT(sums_agree());
}

/* The sizes around each class's bounds: the bound, and one byte either
 * side.  Index from 0; 0 bytes where there is no more. */
static u_long
edge(int i)
{
	u_long size;
	int c;

	c = i / 3;
	if (c > LARGE)
		return (0);
	size = c < LARGE ? bucket[c].kb_size : bucket[LARGE - 1].kb_size * 2;
	return (size - 1 + (u_long)(i % 3));
}

/* ---------------------------------------------------------------------
 * M-SIZE
 */

static const unsigned short sizes[NFRAGMENT] = {
	16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
	448, 512, 640, 768, 896, 1024, 1360, 2048
};

static void
size_classes(void)
{
	u_long n;
	int c;

	for (c = 0; c < NFRAGMENT; c++) {
		CU_ASSERT_EQUAL(bucket[c].kb_size, sizes[c]);
		CU_ASSERT_EQUAL(bucket[c].kb_elmperpg, PAGE_SIZE / sizes[c]);
		CU_ASSERT_EQUAL(bucket[c].kb_highwat,
		    5 * (PAGE_SIZE / sizes[c]));
	}
	for (; c < LARGE; c++) {
		n = class_pages(c);
		CU_ASSERT_EQUAL(bucket[c].kb_size, n * PAGE_SIZE);
		CU_ASSERT_EQUAL(bucket[c].kb_elmperpg, 1);
		CU_ASSERT_EQUAL(bucket[c].kb_highwat, n > 5 ? 1 : 5 / n);
	}
	CU_ASSERT_EQUAL(bucket[LARGE].kb_size, 0);
}

/* One request: its charge is its class's size, its page (or run) is of that
 * class, and it holds all of the bytes. */
static int
size_one(u_long size)
{
	struct malloc_page mp;
	u_long use, first, last;
	char *p;
	int ok;

	use = kmemstats[t].ks_memuse;
	p = malloc(size, t, M_NOWAIT);
	if (p == NULL)
		return (0);
	use = kmemstats[t].ks_memuse - use;
	ok = use == charge_of(size) && use >= size;
	ok &= malloc_page((u_long)p, &mp) && mp.mp_class == class_of(size);
	first = mp.mp_first;
	last = mp.mp_first + mp.mp_npages * PAGE_SIZE;
	ok &= (u_long)p >= first && (u_long)p + use <= last;
	ok &= p >= kmembase && p + use <= kmemlimit;
	fill(p, size, (unsigned int)size);
	ok &= filled(p, size, (unsigned int)size);
	free(p, t);
	if (!ok)
		printf("    size %lu: charged %lu, class %d\n", size, use,
		    mp.mp_class);
	return (ok);
}

static void
size_every(void)
{
	u_long size;
	int i, bad;

	begin(LIMITLESS);
	bad = 0;
	for (size = 1; size <= PAGE_SIZE + 64; size++)
		bad += !size_one(size);
	CU_ASSERT_EQUAL(bad, 0);
	for (i = 0; edge(i) != 0; i++)
		bad += !size_one(edge(i));
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

static void
size_zero(void)
{
	u_long i, j, n;
	char *p[40];

	begin(LIMITLESS);
	n = kmemstock[0].sk_calls;
	for (i = 0; i < 40; i++) {
		p[i] = malloc(0, t, i & 1 ? M_NOWAIT : M_WAITOK);
		CU_ASSERT(p[i] != NULL);
		for (j = 0; j < i && p[j] != p[i]; j++)
			;
		CU_ASSERT(j == i);
		CU_ASSERT_EQUAL(page_class(p[i]), 0);
	}
	CU_ASSERT_EQUAL(kmemstock[0].sk_calls, n + 40);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 40 * bucket[0].kb_size);
	while (i-- > 0)
		free(p[i], t);
	end();
}

static void
size_runs(void)
{
	struct malloc_page mp;
	u_long n, i;
	char *p;
	int ok;

	begin(LIMITLESS);
	for (n = 1; n <= NRUN + 3; n++) {
		p = malloc(n * PAGE_SIZE, t, M_NOWAIT);
		CU_ASSERT(p != NULL);
		if (p == NULL)
			continue;
		ok = 1;
		for (i = 0; i < n; i++) {
			mp.mp_npages = 0;
			ok &= malloc_page((u_long)p + i * PAGE_SIZE, &mp);
			ok &= mp.mp_class == (n > NRUN ? LARGE :
			    NFRAGMENT + (int)n - 1);
			ok &= mp.mp_npages == n;
			ok &= mp.mp_first == (u_long)p;
			ok &= mp.mp_blocks == 1 && mp.mp_free == 0;
		}
		CU_ASSERT(ok);
		free(p, t);
	}
	end();
}

static void
size_large(void)
{
	u_long size;
	char *p;

	begin(LIMITLESS);
	CU_ASSERT(size_one(64 * 1024));
	CU_ASSERT(size_one(64 * 1024 + 1));
	CU_ASSERT(size_one(100 * 1024 - 3));
	/* As much as there is room for and frames, but for a few. */
	size = largest_hole(kmem_map);
	if (size > (cnt.v_free_count - 32) * PAGE_SIZE)
		size = (cnt.v_free_count - 32) * PAGE_SIZE;
	CU_ASSERT(size > 128 * 1024);
	p = malloc(size, t, M_WAITOK);
	CU_ASSERT(p != NULL);
	if (p != NULL) {
		CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, size);
		p[0] = p[size - 1] = p[size / 2] = 1;
		free(p, t);
		CU_ASSERT(badaddr(p) && badaddr(p + size - 1));
	}
	end();
}

/* ---------------------------------------------------------------------
 * M-ALIGN
 */

/* Take more than a page's worth of a class and look at each block. */
static int
align_class(int c)
{
	struct chain ch;
	u_long size, i, at;
	char *p;
	int bad;

	ch.ch_head = NULL;
	ch.ch_n = 0;
	ch.ch_type = t;
	size = bucket[c].kb_size;
	bad = 0;
	for (i = 0; i < 2 * bucket[c].kb_elmperpg + 1; i++) {
		p = malloc(size, t, M_NOWAIT);
		if (p == NULL)
			return (1);
		at = (u_long)p & PAGE_MASK;
		if (at % 16 != 0)
			bad++;
		if (size < PAGE_SIZE && at + size > PAGE_SIZE)
			bad++;
		if (size >= PAGE_SIZE && at != 0)
			bad++;
		if ((size & (size - 1)) == 0 && size <= PAGE_SIZE &&
		    (u_long)p % size != 0)
			bad++;
		chain_push(&ch, p);
	}
	chain_free(&ch);
	return (bad);
}

static void
align_blocks(void)
{
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++)
		if (c <= NFRAGMENT || (c & 3) == 0)
			CU_ASSERT_EQUAL(align_class(c), 0);
	end();
}

static void
align_powers(void)
{
	static char *p[2 * PAGE_SIZE / 16];
	u_long size, i, n;

	begin(LIMITLESS);
	for (size = 1; size <= PAGE_SIZE; size *= 2) {
		n = 2 * PAGE_SIZE / (size < 16 ? 16 : size);
		for (i = 0; i < n; i++) {
			p[i] = malloc(size, t, M_NOWAIT);
			if (p[i] == NULL || (u_long)p[i] % size != 0)
				break;
		}
		CU_ASSERT_EQUAL(i, n);
		while (i-- > 0)
			free(p[i], t);
	}
	end();
}

static void
align_every(void)
{
	u_long size, at;
	char *p;
	int bad;

	begin(LIMITLESS);
	bad = 0;
	for (size = 0; size <= PAGE_SIZE; size++) {
		p = malloc(size, t, M_NOWAIT);
		at = (u_long)p & PAGE_MASK;
		if (p == NULL || at % 16 != 0 || at + size > PAGE_SIZE)
			bad++;
		free(p, t);
	}
	CU_ASSERT_EQUAL(bad, 0);
	for (; size <= 18 * PAGE_SIZE; size += 1021) {
		p = malloc(size, t, M_NOWAIT);
		if (p == NULL || (u_long)p % PAGE_SIZE != 0)
			bad++;
		free(p, t);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* ---------------------------------------------------------------------
 * M-DISJOINT
 */

#define	NMANY	256

static struct {
	char	*p;
	u_long	size;
} many[NMANY];

/* Each block full of its own pattern; all of them still whole? */
static int
many_whole(void)
{
	int i, bad;

	bad = 0;
	for (i = 0; i < NMANY; i++)
		if (many[i].p != NULL && !filled(many[i].p, many[i].size,
		    (unsigned int)i))
			bad++;
	return (bad);
}

/* No two of them share a byte, and none a rounded one? */
static int
many_apart(void)
{
	u_long a, b;
	int i, j, bad;

	bad = 0;
	for (i = 0; i < NMANY; i++)
		for (j = 0; j < NMANY; j++) {
			a = (u_long)many[i].p;
			b = (u_long)many[j].p;
			if (i != j && a != 0 && b >= a &&
			    b < a + charge_of(many[i].size))
				bad++;
		}
	return (bad);
}

static void
disjoint(void)
{
	u_long seed, n;
	int i, round, bad;

	begin(LIMITLESS);
	seed = 1994;
	bad = 0;
	for (i = 0; i < NMANY; i++)
		many[i].p = NULL;
	for (round = 0; round < 4; round++) {
		for (i = 0; i < NMANY; i++) {
			if (many[i].p != NULL)
				continue;
			n = draw(&seed, 100);
			many[i].size = n < 60 ? draw(&seed, 300) :
			    n < 95 ? draw(&seed, 3000) :
			    draw(&seed, 3 * PAGE_SIZE);
			many[i].p = malloc(many[i].size, t, M_NOWAIT);
			if (many[i].p == NULL)
				bad++;
			else
				fill(many[i].p, many[i].size,
				    (unsigned int)i);
		}
		CU_ASSERT_EQUAL(many_apart(), 0);
		CU_ASSERT_EQUAL(many_whole(), 0);
		for (i = 0; i < NMANY; i++)
			if (draw(&seed, 2) || round == 3) {
				free(many[i].p, t);
				many[i].p = NULL;
			}
		CU_ASSERT_EQUAL(many_whole(), 0);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* Two blocks from one page that was cut, freed and cut again. */
static void
disjoint_recut(void)
{
	struct chain ch;
	u_long n;
	int c, bad;
	char *p, *q;

	begin(LIMITLESS);
	bad = 0;
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		for (n = 0; n < bucket[c].kb_elmperpg; n++) {
			p = malloc(bucket[c].kb_size, t, M_NOWAIT);
			for (q = ch.ch_head; q != NULL; q = *(char **)q)
				bad += p == NULL || (p < q +
				    bucket[c].kb_size &&
				    q < p + bucket[c].kb_size);
			if (p != NULL)
				chain_push(&ch, p);
		}
		chain_free(&ch);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* ---------------------------------------------------------------------
 * M-POOL
 */

static void
pool_shares(void)
{
	struct chain ch;
	u_long n, total;
	char *p, *first;
	int c, bad;

	begin(LIMITLESS);
	bad = 0;
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		total = bucket[c].kb_total;
		first = NULL;
		for (n = 0; n < bucket[c].kb_elmperpg; n++) {
			p = malloc(bucket[c].kb_size, t, M_NOWAIT);
			if (p == NULL)
				break;
			if (first == NULL)
				first = (char *)trunc_page(p);
			if ((char *)trunc_page(p) != first)
				bad++;
			chain_push(&ch, p);
		}
		CU_ASSERT_EQUAL(n, bucket[c].kb_elmperpg);
		CU_ASSERT_EQUAL(bucket[c].kb_total, total + n);
		CU_ASSERT_EQUAL(bucket[c].kb_totalfree, 0);
		chain_free(&ch);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* What a hit may not touch: the VM's counts, its maps, its entries. */
struct vmstate {
	struct vmmeter vs_cnt;
	u_long	vs_arena, vs_entries, vs_space, vs_kentries, vs_calls;
};

static void
vmstate(struct vmstate *v)
{

	v->vs_cnt = cnt;
	v->vs_arena = kmem_map->used;
	v->vs_entries = kmem_map->nentries;
	v->vs_space = kernel_map->used;
	v->vs_kentries = kernel_map->nentries;
	v->vs_calls = kmemstats[M_VMMAPENT].ks_calls;
}

static int
vmsame(const struct vmstate *v)
{
	struct vmstate now;

	vmstate(&now);
	return (now.vs_cnt.v_free_count == v->vs_cnt.v_free_count &&
	    now.vs_cnt.v_wire_count == v->vs_cnt.v_wire_count &&
	    now.vs_arena == v->vs_arena && now.vs_entries == v->vs_entries &&
	    now.vs_space == v->vs_space &&
	    now.vs_kentries == v->vs_kentries &&
	    now.vs_calls == v->vs_calls);
}

static void
pool_keeps(void)
{
	struct vmstate v;
	struct chain ch;
	char *p;
	int c, i, bad;

	begin(LIMITLESS);
	bad = 0;
	for (c = 0; c < LARGE; c++) {
		drain(&ch, c, t);
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		CU_ASSERT(p != NULL);
		vmstate(&v);
		for (i = 0; i < 3; i++) {
			free(p, t);
			bad += !vmsame(&v);
			p = malloc(bucket[c].kb_size, t, M_NOWAIT);
			bad += p == NULL || !vmsame(&v);
		}
		free(p, t);
		bad += !vmsame(&v);
		chain_free(&ch);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* All of the kept pages of a class are used again before kmem is asked. */
static void
pool_uses_all(void)
{
	struct vmstate v;
	struct chain ch, mine;
	u_long n;
	int c, bad;

	begin(LIMITLESS);
	bad = 0;
	mine.ch_type = t;
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		mine.ch_head = NULL;
		mine.ch_n = 0;
		for (n = 0; n < bucket[c].kb_highwat; n++)
			chain_push(&mine, malloc(bucket[c].kb_size, t,
			    M_NOWAIT));
		chain_free(&mine);
		CU_ASSERT_EQUAL(malloc_freeblocks(c), bucket[c].kb_highwat);
		vmstate(&v);
		for (n = 0; n < bucket[c].kb_highwat; n++)
			chain_push(&mine, malloc(bucket[c].kb_size, t,
			    M_NOWAIT));
		bad += !vmsame(&v) || malloc_freeblocks(c) != 0;
		chain_free(&mine);
		chain_free(&ch);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* Allocation prefers fuller pages, so that pages empty: with one block left
 * in each of two pages and one page nearly full, ... the pages that are
 * wholly free stay so while a partly free one has room. */
static void
pool_prefers_partial(void)
{
	struct chain ch;
	struct malloc_page mp;
	char *a, *b, *p;
	int c;

	begin(LIMITLESS);
	stocks(0);
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		while (ch.ch_n % bucket[c].kb_elmperpg != 0 ||
		    ch.ch_n < 2 * bucket[c].kb_elmperpg) {
			p = malloc(bucket[c].kb_size, t, M_NOWAIT);
			if (p == NULL)
				break;
			chain_push(&ch, p);
		}
		while (bucket[c].kb_totalfree != 0)
			chain_push(&ch, malloc(bucket[c].kb_size, t,
			    M_NOWAIT));
		/* A new page, wholly free but in the pool; then a partly
		 * free one. */
		a = malloc(bucket[c].kb_size, t, M_NOWAIT);
		free(a, t);
		CU_ASSERT(malloc_page((u_long)a, &mp));
		CU_ASSERT_EQUAL(mp.mp_free, mp.mp_blocks);
		b = chain_pop(&ch);
		free(b, t);
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		CU_ASSERT(trunc_page(p) == trunc_page(b));
		free(p, t);
		chain_free(&ch);
	}
	stocks(1);
	end();
}

/* ---------------------------------------------------------------------
 * M-NOWAIT
 */

static void
nowait_frames(void)
{
	struct chain ch;
	struct meal m;
	u_long calls, blocks;
	char *p;
	int c;

	begin(LIMITLESS);
	eat_frames(&m, kernel_map, 0);
	for (c = 0; c <= LARGE; c++) {
		drain(&ch, c, t);
		calls = kmemstats[t].ks_calls;
		blocks = kmemstats[t].ks_mapblocks;
		p = malloc(c == LARGE ? (NRUN + 1) * PAGE_SIZE :
		    bucket[c].kb_size, t, M_NOWAIT | (c & 1 ? M_ZERO_IT : 0));
		CU_ASSERT(p == NULL);
		CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, blocks + 1);
		CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 0);
		CU_ASSERT_EQUAL(kmemstats[t].ks_calls, calls);
		CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, ch.ch_n);
		CU_ASSERT_EQUAL(kmemstats[t].ks_memuse,
		    c == LARGE ? 0 : ch.ch_n * bucket[c].kb_size);
		CU_ASSERT(kmemstats[t].ks_waitq == NULL);
		CU_ASSERT_EQUAL(kmem_waiters, 0);
		chain_free(&ch);
	}
	spit_all(&m);
	p = malloc(PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, t);
	end();
}

static void
nowait_space(void)
{
	struct chain ch;
	u_long blocks;
	char *p;
	int c;

	begin(LIMITLESS);
	eat_space(kmem_map);
	for (c = 0; c <= LARGE; c += 3) {
		drain(&ch, c, t);
		blocks = kmemstats[t].ks_mapblocks;
		p = malloc(c == LARGE ? (NRUN + 1) * PAGE_SIZE :
		    bucket[c].kb_size, t, M_NOWAIT);
		CU_ASSERT(p == NULL);
		CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, blocks + 1);
		chain_free(&ch);
	}
	spit_space(kmem_map);
	end();
}

static void
nowait_limit(void)
{
	char *p, *q;

	begin(64);
	p = malloc(60, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	q = malloc(1, t, M_NOWAIT);
	CU_ASSERT(q == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 1);
	q = malloc(1, t, M_NOWAIT | M_ZERO_IT);
	CU_ASSERT(q == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 64);
	free(p, t);
	end();
}

/* In an interrupt handler: a grant, and a refusal. */
static struct call intr;

static void
intr_malloc(void *arg)
{

	CU_ASSERT(cpu_intr_p());
	call_malloc(arg);
}

static void
intr_free(void *arg)
{

	call_free(arg);
}

static void
nowait_interrupt(void)
{
	int s;

	begin(128);
	intr.c_size = 100;
	intr.c_type = t;
	intr.c_flags = M_NOWAIT;
	intr.c_got = NULL;
	s = splimp();
	softintr(intr_malloc, &intr);
	CU_ASSERT(intr.c_got == NULL);
	splx(s);
	CU_ASSERT(intr.c_got != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 1);
	intr.c_addr = intr.c_got;
	softintr(intr_malloc, &intr);
	CU_ASSERT(intr.c_got == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	softintr(intr_free, &intr);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	end();
}

/* ---------------------------------------------------------------------
 * M-WAITOK
 */

static void
waitok_limit(void)
{
	struct ask a;
	char *p;

	begin(1024);
	p = malloc(1000, t, M_WAITOK);
	CU_ASSERT(p != NULL);
	ask(&a, 500, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	CU_ASSERT(kmemstats[t].ks_waitq != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 1);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	free(p, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	CU_ASSERT(kmemstats[t].ks_waitq == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 2);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 512);
	if (a.a_got != NULL)
		fill(a.a_got, 500, 1);
	free(a.a_got, t);
	end();
}

/* Asleep at a raised level: others are not kept out meanwhile, and the
 * level is there again afterwards. */
static void
waitok_raised(void)
{
	struct ask a;
	char *p;

	begin(1024);
	p = malloc(1024, t, M_WAITOK);
	ask(&a, 16, t, M_WAITOK);
	a.a_raise = 1;
	CU_ASSERT(asleep(&a));
	intr.c_addr = p;
	intr.c_type = t;
	softintr(intr_free, &intr);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse <= 1, 1);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	end();
}

/* No frame, no free block: what wakes the sleeper is ... */
static struct meal meal;
static struct chain chain;

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

/* ... a free of its class. */
static void
waitok_fragment(void)
{
	struct ask a;
	char *spare;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < NFRAGMENT; c += 7) {
		/* The spare page must not become wholly free: then it would
		 * be a page that wakes, not a block. */
		ask(&a, bucket[c].kb_size, t, M_WAITOK | M_ZERO_IT);
		spare = malloc(bucket[c].kb_size, M_TEMP, M_NOWAIT);
		memory_out(c);
		CU_ASSERT(chain.ch_n > 0);
		CU_ASSERT(asleep(&a));
		CU_ASSERT_EQUAL(kmemstats[t].ks_waitq != NULL, 1);
		/* It is charged and has no block; the walker knows that. */
		CU_ASSERT_EQUAL(malloc_check(printf), 0);
		free(chain_pop(&chain), M_TEMP);
		CU_ASSERT(answered(&a));
		CU_ASSERT(a.a_got != NULL);
		CU_ASSERT(a.a_got == NULL ||
		    zeros(a.a_got, bucket[c].kb_size));
		free(a.a_got, t);
		free(spare, M_TEMP);
		memory_back();
	}
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 4);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 4);
	end();
}

/* ... a page freed to kmem, from another map and by another's free. */
static void
waitok_frames(void)
{
	struct ask a;
	u_long n;
	char *p;
	int c;

	begin(LIMITLESS);
	for (c = 0; c <= NFRAGMENT; c += 11) {
		ask(&a, bucket[c].kb_size, t, M_WAITOK);
		memory_out(c);
		CU_ASSERT(asleep(&a));
		CU_ASSERT(answered_after(&a, &meal, 2) <= 2);
		CU_ASSERT(a.a_got != NULL);
		free(a.a_got, t);
		memory_back();
	}
	/* A run needs several: the first is not enough. */
	ask(&a, 3 * PAGE_SIZE, t, M_WAITOK);
	memory_out(NFRAGMENT + 2);
	CU_ASSERT(asleep(&a));
	n = answered_after(&a, &meal, 4);
	CU_ASSERT(n == 3 || n == 4);
	CU_ASSERT(a.a_got != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 4);
	free(a.a_got, t);
	memory_back();
	/* A large block of another type, freed. */
	ask(&a, PAGE_SIZE, t, M_WAITOK);
	p = malloc(20 * PAGE_SIZE, M_TEMP, M_NOWAIT);
	memory_out(NFRAGMENT);
	CU_ASSERT(asleep(&a));
	free(p, M_TEMP);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	memory_back();
	end();
}

/* ... addresses freed in kmem_map. */
static void
waitok_space(void)
{
	struct ask a;

	begin(LIMITLESS);
	ask(&a, 2 * PAGE_SIZE, t, M_WAITOK);
	eat_space(kmem_map);
	CU_ASSERT(ncourse > 0);
	drain(&chain, NFRAGMENT + 1, M_TEMP);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 1);
	while (ncourse > 0 && course[--ncourse].size < 2 * PAGE_SIZE)
		kmem_free(kmem_map, course[ncourse].addr,
		    course[ncourse].size);
	kmem_free(kmem_map, course[ncourse].addr, course[ncourse].size);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 1);
	free(a.a_got, t);
	chain_free(&chain);
	spit_space(kmem_map);
	end();
}

/* ... a whole run of its class. */
static void
waitok_run(void)
{
	struct ask a;
	char *p;

	begin(LIMITLESS);
	ask(&a, 4 * PAGE_SIZE, t, M_WAITOK);
	p = malloc(4 * PAGE_SIZE, M_TEMP, M_NOWAIT);
	memory_out(NFRAGMENT + 3);
	CU_ASSERT(asleep(&a));
	free(p, M_TEMP);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	memory_back();
	end();
}

/* What can never be met is refused, at once, whatever the flag. */
static int
never_met(u_long size, int flags)
{
	struct kmemstats ks;
	struct vmstate v;
	void *p;

	vmstate(&v);
	ks = kmemstats[t];
	p = malloc(size, t, flags);
	if (p != NULL) {
		free(p, t);
		return (0);
	}
	/* (A refusal for memory may have given the pool's pages back.) */
	return (kmemstats[t].ks_inuse == ks.ks_inuse &&
	    kmemstats[t].ks_calls == ks.ks_calls &&
	    kmemstats[t].ks_memuse == ks.ks_memuse &&
	    kmemstats[t].ks_maxused == ks.ks_maxused &&
	    kmemstats[t].ks_waitq == NULL &&
	    kmemstats[t].ks_limblocks + kmemstats[t].ks_mapblocks ==
	    ks.ks_limblocks + ks.ks_mapblocks + 1);
}

static void
waitok_never(void)
{
	u_long map, size;
	int f;

	begin(LIMITLESS);
	map = kmem_map->size;
	for (f = M_WAITOK; f <= (M_NOWAIT | M_ZERO_IT); f++) {
		CU_ASSERT(never_met(map + 1, f));
		CU_ASSERT(never_met(map + PAGE_SIZE, f));
		CU_ASSERT(never_met(2 * map, f));
		for (size = ~0UL; size / 2 > map; size /= 2) {
			CU_ASSERT(never_met(size, f));
			CU_ASSERT(never_met(size - PAGE_SIZE, f));
			CU_ASSERT(never_met(size - PAGE_SIZE + 1, f));
		}
		if ((cnt.v_page_count + 1) * PAGE_SIZE <= map)
			CU_ASSERT(never_met((cnt.v_page_count + 1) *
			    PAGE_SIZE, f));
	}
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 0);
	CU_ASSERT(kmemstats[t].ks_mapblocks > 0);
	end();
}

static void
waitok_never_limit(void)
{
	char *p;
	int f;

	begin(4096);
	p = malloc(16, t, M_NOWAIT);
	for (f = M_WAITOK; f <= (M_NOWAIT | M_ZERO_IT); f++) {
		CU_ASSERT(never_met(4097, f));
		CU_ASSERT(never_met(20 * PAGE_SIZE, f));
		CU_ASSERT(never_met(~0UL, f));
	}
	malloc_type_setlimit(t, 100);
	/* 97 bytes are charged as 112. */
	CU_ASSERT(never_met(97, M_WAITOK));
	CU_ASSERT(kmemstats[t].ks_limblocks >= 9);
	free(p, t);
	p = malloc(96, t, M_WAITOK);
	CU_ASSERT(p != NULL);
	free(p, t);
	end();
}

/* Who waits for memory has been charged, and keeps the charge. */
static void
waitok_charged(void)
{
	struct ask a;
	char *p;

	begin(2 * PAGE_SIZE);
	ask(&a, 2 * PAGE_SIZE, t, M_WAITOK);
	memory_out(0);
	CU_ASSERT(asleep(&a));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 2 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 0);
	free(chain_pop(&chain), M_TEMP);
	p = malloc(16, t, M_NOWAIT);
	CU_ASSERT(p == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 1);
	memory_back();
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	end();
}

/* Many sleepers for memory: each gets its own, none is forgotten. */
#define	NASK	8
static struct ask asks[NASK];

static void
waitok_many(void)
{
	int i, j, n;

	begin(LIMITLESS);
	for (i = 0; i < NASK; i++)
		ask(&asks[i], i & 1 ? PAGE_SIZE : bucket[1].kb_size,
		    i < 4 ? t : M_DEVBUF, M_WAITOK);
	memory_out(1);
	drain(&chain, 1, M_TEMP);
	for (i = 0; i < NASK; i++)
		CU_ASSERT(asleep(&asks[i]));
	for (i = 1; i <= NASK; i++) {
		spit_frames(&meal, 1);
		proc_settle();
		for (j = n = 0; j < NASK; j++)
			n += asks[j].a_done;
		CU_ASSERT(n >= i - 1 || n == NASK);
	}
	for (i = 0; i < NASK; i++) {
		CU_ASSERT(answered(&asks[i]));
		CU_ASSERT(asks[i].a_got != NULL);
		for (j = 0; j < i; j++)
			CU_ASSERT(asks[i].a_got != asks[j].a_got);
	}
	for (i = 0; i < NASK; i++)
		free(asks[i].a_got, i < 4 ? t : M_DEVBUF);
	memory_back();
	end();
}

/* ---------------------------------------------------------------------
 * M-WAITOK-INTR
 */

static int intr_ok;

static void
intr_waitok(void *arg)
{
	struct call *c;
	u_long h;
	int s;

	c = arg;
	c->c_got = NULL;
	s = splget();
	h = books();
	intr_ok = says(panic_catch(call_malloc, c),
	    "malloc: M_WAITOK in an interrupt handler (type %s, %lu bytes)",
	    "test", c->c_size);
	intr_ok &= c->c_got == NULL && books() == h && splget() == s;
}

static void
waitok_interrupt(void)
{
	static struct call c;
	char *p;

	begin(PAGE_SIZE);
	c.c_type = t;
	c.c_flags = M_WAITOK;
	/* With memory at hand ... */
	p = malloc(100, t, M_NOWAIT);
	free(p, t);
	c.c_size = 100;
	softintr(intr_waitok, &c);
	CU_ASSERT(intr_ok);
	c.c_size = 0;
	c.c_flags = M_WAITOK | M_ZERO_IT;
	intr_ok = 0;
	softintr(intr_waitok, &c);
	CU_ASSERT(intr_ok);
	/* ... at the limit, and for what can never be met. */
	p = malloc(PAGE_SIZE, t, M_NOWAIT);
	c.c_size = 17;
	intr_ok = 0;
	softintr(intr_waitok, &c);
	CU_ASSERT(intr_ok);
	c.c_size = ~0UL;
	intr_ok = 0;
	softintr(intr_waitok, &c);
	CU_ASSERT(intr_ok);
	free(p, t);
	end();
}

static void
waitok_process(void)
{
	char *p;
	int s;

	begin(LIMITLESS);
	s = splimp();
	p = malloc(100, t, M_WAITOK);
	CU_ASSERT(p != NULL);
	free(p, t);
	p = malloc(3 * PAGE_SIZE, t, M_WAITOK | M_ZERO_IT);
	CU_ASSERT(p != NULL);
	free(p, t);
	splx(s);
	s = splhigh();
	CU_ASSERT(!cpu_intr_p());
	splx(s);
	end();
}

/* ---------------------------------------------------------------------
 * M-COLD
 */

static void
cold_refuses(void)
{
	struct ask a;
	char *p, *q;
	int i;

	begin(1024);
	p = malloc(1024, t, M_WAITOK);
	ask(&a, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	for (i = 0; i < 2; i++) {
		if (i == 0)
			cold = 1;
		else
			panicstr = "a test";
		q = malloc(16, t, M_WAITOK);
		cold = 0;
		panicstr = NULL;
		CU_ASSERT(q == NULL);
		CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2 + (u_long)i);
		CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 1024);
	}
	free(p, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	cold = 1;
	p = malloc(100, t, M_WAITOK | M_ZERO_IT);
	cold = 0;
	CU_ASSERT(p != NULL);
	free(p, t);
	end();
}

static void
cold_memory(void)
{
	char *q;
	int i;

	begin(LIMITLESS);
	memory_out(3);
	for (i = 0; i < 2; i++) {
		if (i == 0)
			cold = 1;
		else
			panicstr = "a test";
		q = malloc(bucket[3].kb_size, t, M_WAITOK);
		cold = 0;
		panicstr = NULL;
		CU_ASSERT(q == NULL);
		CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 1 + (u_long)i);
		CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 0);
		CU_ASSERT(kmemstats[t].ks_waitq == NULL);
	}
	memory_back();
	end();
}

/* Who will not sleep anyway does not wait its turn: there, M_WAITOK passes
 * the queue, as M_NOWAIT does. */
static void
cold_passes(void)
{
	struct ask a;
	char *p, *q;
	int i;

	begin(1024);
	p = malloc(512, t, M_WAITOK);
	ask(&a, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	for (i = 0; i < 2; i++) {
		if (i == 0)
			cold = 1;
		else
			panicstr = "a test";
		q = malloc(16, t, M_WAITOK);
		cold = 0;
		panicstr = NULL;
		CU_ASSERT(q != NULL);
		free(q, t);
		CU_ASSERT(asleep(&a));
	}
	free(p, t);
	CU_ASSERT(answered(&a));
	free(a.a_got, t);
	end();
}

/* ---------------------------------------------------------------------
 * M-FIFO
 */

static void
fifo_small_behind_large(void)
{
	struct ask a, b;
	char *x, *y, *p;

	begin(4096);
	x = malloc(2048, t, M_WAITOK);
	y = malloc(2048, t, M_WAITOK);
	ask(&a, 4096, t, M_WAITOK);
	ask(&b, 16, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(asleep(&b));
	free(x, t);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(asleep(&b));
	/* There is room for 2048 bytes, for who will not wait. */
	p = malloc(2048, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, t);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(asleep(&b));
	free(y, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(asleep(&b));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	CU_ASSERT(answered(&b));
	CU_ASSERT(b.a_got != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	free(b.a_got, t);
	end();
}

/* A newcomer that would fit queues too, though it never met the limit. */
static void
fifo_newcomer(void)
{
	struct ask a, b;
	char *x, *y;

	begin(4096);
	x = malloc(2048, t, M_WAITOK);
	y = malloc(1024, t, M_WAITOK);
	ask(&a, 2048, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	ask(&b, 16, t, M_WAITOK);
	CU_ASSERT(asleep(&b));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 3072);
	free(y, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(asleep(&b));
	free(x, t);
	CU_ASSERT(answered(&b));
	CU_ASSERT(a.a_order < b.a_order);
	free(a.a_got, t);
	free(b.a_got, t);
	end();
}

static void
fifo_order(void)
{
	char *x;
	int i;

	begin(1024);
	x = malloc(1024, t, M_WAITOK);
	for (i = 0; i < NASK; i++) {
		ask(&asks[i], 1024, t, M_WAITOK);
		CU_ASSERT(asleep(&asks[i]));
	}
	free(x, t);
	for (i = 0; i < NASK; i++) {
		CU_ASSERT(answered(&asks[i]));
		CU_ASSERT(i + 1 == NASK || asleep(&asks[i + 1]));
		CU_ASSERT(asks[i].a_got != NULL);
		free(asks[i].a_got, t);
	}
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, NASK);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, NASK + 1);
	end();
}

/* The free hands the room over itself: nobody can take it in between. */
static void
fifo_charges_head(void)
{
	struct ask a;
	char *x, *p;

	begin(1024);
	x = malloc(1024, t, M_WAITOK);
	ask(&a, 768, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	free(x, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 768);
	p = malloc(257, t, M_NOWAIT);
	CU_ASSERT(p == NULL);
	p = malloc(256, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 1024);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 1024);
	free(p, t);
	free(a.a_got, t);
	end();
}

/* One free may admit several, in order, and stops at who does not fit. */
static void
fifo_admits_several(void)
{
	struct ask a, b, c, d;
	char *x;

	begin(4096);
	x = malloc(4096, t, M_WAITOK);
	ask(&a, 1024, t, M_WAITOK);
	ask(&b, 1024, t, M_WAITOK);
	ask(&c, 4096, t, M_WAITOK);
	ask(&d, 16, t, M_WAITOK);
	CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c) && asleep(&d));
	free(x, t);
	CU_ASSERT(kmemstats[t].ks_memuse >= 1024);
	CU_ASSERT(answered(&a) && answered(&b));
	CU_ASSERT(asleep(&c) && asleep(&d));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 2048);
	CU_ASSERT(a.a_order < b.a_order);
	free(a.a_got, t);
	CU_ASSERT(asleep(&c) && asleep(&d));
	free(b.a_got, t);
	CU_ASSERT(answered(&c));
	CU_ASSERT(asleep(&d));
	free(c.a_got, t);
	CU_ASSERT(answered(&d));
	free(d.a_got, t);
	end();
}

static void
fifo_lower_limit(void)
{
	struct ask a, b, c;
	char *x, *y;

	begin(4096);
	x = malloc(2048, t, M_WAITOK);
	y = malloc(2048, t, M_WAITOK);
	ask(&a, 3000, t, M_WAITOK);
	ask(&b, 1024, t, M_WAITOK);
	ask(&c, 2049, t, M_WAITOK);
	CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c));
	/* Now a and c can never fit, wherever they stand. */
	malloc_type_setlimit(t, 2048);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got == NULL);
	CU_ASSERT(answered(&c));
	CU_ASSERT(c.a_got == NULL);
	CU_ASSERT(asleep(&b));
	free(x, t);
	CU_ASSERT(asleep(&b));
	free(y, t);
	CU_ASSERT(answered(&b));
	CU_ASSERT(b.a_got != NULL);
	free(b.a_got, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 3);
	end();
}

/* The head was too large; without it, who stands behind it fits. */
static void
fifo_lower_limit_admits(void)
{
	struct ask a, b;
	char *x;

	begin(8192);
	x = malloc(4096, t, M_WAITOK);
	ask(&a, 8192, t, M_WAITOK);
	ask(&b, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&a) && asleep(&b));
	malloc_type_setlimit(t, 5120);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 5120);
	CU_ASSERT(answered(&a) && answered(&b));
	CU_ASSERT(a.a_got == NULL);
	CU_ASSERT(b.a_got != NULL);
	free(b.a_got, t);
	free(x, t);
	end();
}

static void
fifo_raise_limit(void)
{
	struct ask a, b;
	char *x;

	begin(1024);
	x = malloc(1024, t, M_WAITOK);
	ask(&a, 512, t, M_WAITOK);
	ask(&b, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&a) && asleep(&b));
	malloc_type_setlimit(t, 1536);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	CU_ASSERT(asleep(&b));
	malloc_type_setlimit(t, LIMITLESS);
	CU_ASSERT(answered(&b));
	CU_ASSERT(b.a_got != NULL);
	free(x, t);
	free(a.a_got, t);
	free(b.a_got, t);
	end();
}

/* The same queue for memory: behind one that waits for pages waits a
 * smaller one of its type, though its block is there; other types, and who
 * will not wait, are not concerned. */
static void
fifo_memory(void)
{
	struct ask a, b, o;
	char *p, *spare;

	begin(LIMITLESS);
	ask(&a, 16 * PAGE_SIZE, t, M_WAITOK);
	ask(&b, 32, t, M_WAITOK);
	ask(&o, 32, M_DEVBUF, M_WAITOK);
	ask_later(&b);
	ask_later(&o);
	spare = malloc(32, M_TEMP, M_NOWAIT);
	memory_out(class_of(32));
	CU_ASSERT(asleep(&a));
	free(chain_pop(&chain), M_TEMP);
	free(chain_pop(&chain), M_TEMP);
	ask_now(&b);
	CU_ASSERT(asleep(&b));
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	ask_now(&o);
	CU_ASSERT(answered(&o));
	CU_ASSERT(o.a_got != NULL);
	free(o.a_got, M_DEVBUF);
	p = malloc(32, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, t);
	CU_ASSERT(asleep(&a) && asleep(&b));
	spit_frames(&meal, 17);
	CU_ASSERT(answered(&a) && answered(&b));
	CU_ASSERT(a.a_got != NULL && b.a_got != NULL);
	CU_ASSERT(a.a_order < b.a_order);
	free(a.a_got, t);
	free(b.a_got, t);
	free(spare, M_TEMP);
	memory_back();
	end();
}

/* No wakeup is lost: processes that take and give, at the limit, all end. */
static int laps;

static void
lap_fn(void *arg)
{
	u_long seed;
	void *p;
	int i;

	seed = (u_long)arg;
	for (i = 0; i < 40; i++) {
		p = malloc(1 + draw(&seed, 2048), t, M_WAITOK);
		if (p == NULL)
			return;
		/* Lets the others run while it holds the block. */
		tsleep(&laps, PVM, "lap", 1);
		free(p, t);
		laps++;
	}
}

static void
fifo_no_loss(void)
{
	int pid[5], i, j;

	begin(3000);
	laps = 0;
	for (i = 0; i < 5; i++)
		pid[i] = proc_create("lap", lap_fn, (void *)(i + 1L));
	for (i = 0; i < 2000 && laps < 200; i++) {
		proc_settle();
		wakeup(&laps);
	}
	proc_settle();
	CU_ASSERT_EQUAL(laps, 200);
	for (i = j = 0; i < 5; i++)
		j += pid[i] != -1 && proc_ended(pid[i]);
	CU_ASSERT_EQUAL(j, 5);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 200);
	end();
}

/* ---------------------------------------------------------------------
 * M-ZERO
 */

static void
zero_all(void)
{
	struct chain ch;
	u_long size;
	char *p;
	int c, i, bad;

	begin(LIMITLESS);
	bad = 0;
	for (c = 0; c <= LARGE; c++) {
		size = c == LARGE ? 18 * PAGE_SIZE - 5 : bucket[c].kb_size - 3;
		drain(&ch, c == LARGE ? LARGE - 1 : c, t);
		for (i = 0; i < 3; i++) {
			/* The first from kmem; the others were dirty. */
			p = malloc(size, t, M_NOWAIT | M_ZERO_IT);
			if (p == NULL || !zeros(p, size))
				bad++;
			if (p != NULL)
				fill(p, size, 0xa5);
			free(p, t);
			p = malloc(size, t, M_WAITOK | M_ZERO);
			if (p == NULL || !zeros(p, size))
				bad++;
			if (p != NULL)
				fill(p, size, 0x5a);
			free(p, t);
		}
		chain_free(&ch);
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

/* Frames that were dirty elsewhere are zeroed as well. */
static void
zero_dirty_frames(void)
{
	vm_offset_t va;
	u_long i;
	char *p;

	begin(LIMITLESS);
	for (i = 0; i < 4; i++) {
		va = kmem_alloc(kernel_map, 40 * PAGE_SIZE, M_NOWAIT);
		CU_ASSERT(va != 0);
		if (va == 0)
			break;
		fill((void *)va, 40 * PAGE_SIZE, 0xff);
		kmem_free(kernel_map, va, 40 * PAGE_SIZE);
		p = malloc((20 + i) * PAGE_SIZE, t, M_NOWAIT | M_ZERO_IT);
		CU_ASSERT(p != NULL);
		CU_ASSERT(p == NULL || zeros(p, (20 + i) * PAGE_SIZE));
		free(p, t);
		p = malloc((2 + i) * PAGE_SIZE, t, M_NOWAIT | M_ZERO_IT);
		CU_ASSERT(p == NULL || zeros(p, (2 + i) * PAGE_SIZE));
		free(p, t);
		malloc_reclaim();
	}
	end();
}

static void
zero_values(void)
{

	CU_ASSERT_EQUAL(M_WAITOK, 0);
	CU_ASSERT_EQUAL(M_NOWAIT, 1);
	CU_ASSERT_EQUAL(M_ZERO_IT, 2);
	CU_ASSERT_EQUAL(M_ZERO, M_ZERO_IT);
	CU_ASSERT_EQUAL(M_SPACE_ONLY, 4);
	CU_ASSERT_EQUAL(M_IO1, 8);
	CU_ASSERT_EQUAL(M_IO2, 0x10);
	CU_ASSERT_EQUAL(M_IO3, 0x18);
	CU_ASSERT_EQUAL(M_IO, 0x18);
}

/* ---------------------------------------------------------------------
 * M-FLAGS
 */

static void
flags_refused(void)
{
	static const int bad[] = {
		M_SPACE_ONLY, M_IO1, M_IO2, M_IO3, M_SPACE_ONLY | M_IO,
		0x20, 0x40, 0x80, 0x100, 0x8000, 0x10000, 0x40000000,
		(int)0x80000000
	};
	unsigned int i;
	u_long h;
	int f;

	begin(LIMITLESS);
	free(malloc(100, t, M_NOWAIT), t);
	h = books();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (f = 0; f <= (M_NOWAIT | M_ZERO_IT); f++)
			CU_ASSERT(says(malloc_panics(100, t, bad[i] | f),
			    "malloc: flags %#x are not malloc's "
			    "(M_NOWAIT, M_ZERO_IT)", (unsigned int)bad[i]));
	CU_ASSERT(says(malloc_panics(100, t, -1), "malloc: flags %#x are not "
	    "malloc's (M_NOWAIT, M_ZERO_IT)", ~3U));
	CU_ASSERT(says(malloc_panics(~0UL, t, M_IO1), "malloc: flags %#x are "
	    "not malloc's (M_NOWAIT, M_ZERO_IT)", (unsigned int)M_IO1));
	CU_ASSERT_EQUAL(books(), h);
	end();
}

/* ---------------------------------------------------------------------
 * M-TYPE
 */

static void
set_limit(void *arg)
{

	malloc_type_setlimit(*(int *)arg, 100000);
}

static void
type_missing(void)
{
	static const int no[] = {
		M_FREE, -1, -2, -128, -50000, -2147483647 - 1, 43, 44, 45, 46,
		47, 48, M_LAST, M_LAST + 1, MTYPES - 1, MTYPES, MTYPES + 1,
		255, 256, 65536 + M_TEMP, 256 + M_TEMP, 2147483647
	};
	unsigned int i;
	u_long h;
	char *p;
	int type;

	begin(LIMITLESS);
	p = malloc(100, t, M_NOWAIT);
	h = books();
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		type = no[i];
		if (type > M_FREE && type < MTYPES &&
		    kmemstats[type].ks_shortdesc != NULL)
			continue;	/* ours, or the kernel's own */
		CU_ASSERT(says(malloc_panics(100, type, M_NOWAIT),
		    "malloc: type %d does not exist", type));
		CU_ASSERT(says(malloc_panics(100, type, M_WAITOK),
		    "malloc: type %d does not exist", type));
		CU_ASSERT(says(free_panics(p, type),
		    "free: type %d does not exist", type));
		CU_ASSERT(says(panic_catch(set_limit, &type),
		    "malloc_type_setlimit: type %d does not exist", type));
		CU_ASSERT(says(panic_catch(detach, &type),
		    "malloc_type_detach: type %d was not attached", type));
	}
	CU_ASSERT_EQUAL(books(), h);
	free(p, t);
	end();
}

static void
type_names(void)
{
	const char *name;
	int i, j, len;

	for (i = 1; i <= M_TEMP; i++) {
		name = kmemstats[i].ks_shortdesc;
		if (i > M_SUBPROC && i < M_TEMP)
			continue;
		CU_ASSERT(name != NULL);
		if (name == NULL)
			continue;
		for (len = 0; name[len] > ' ' && name[len] < 127; len++)
			;
		/* Or with a space within. */
		for (; name[len] >= ' ' && name[len] < 127; len++)
			;
		CU_ASSERT(name[len] == '\0' && len > 0 && len <= 16);
		for (j = 1; j < i; j++)
			CU_ASSERT(kmemstats[j].ks_shortdesc == NULL ||
			    !same(kmemstats[j].ks_shortdesc, name));
	}
	CU_ASSERT(kmemstats[M_FREE].ks_shortdesc == NULL ||
	    kmemstats[M_FREE].ks_calls == 0);
}

/* The numbers are the binary interface. */
static void
type_values(void)
{
	static const unsigned char is[] = {
		M_FREE, M_MBUF, M_DEVBUF, M_SOCKET, M_PCB, M_RTABLE, M_HTABLE,
		M_FTABLE, M_ZOMBIE, M_IFADDR, M_SOOPTS, M_SONAME, M_NAMEI,
		M_GPROF, M_IOCTLOPS, M_SUPERBLK, M_CRED, M_PGRP, M_SESSION,
		M_IOV, M_MOUNT, M_FHANDLE, M_NFSREQ, M_NFSMNT, M_VNODE,
		M_CACHE, M_DQUOT, M_UFSMNT, M_MAPMEM, M_SHM, M_VMMAP,
		M_VMMAPENT, M_VMOBJ, M_VMOBJHASH, M_VMPMAP, M_VMPVENT,
		M_VMPAGER, M_VMPGDATA, M_FILE, M_FILEDESC, M_LOCKF, M_PROC,
		M_SUBPROC
	};
	int i;

	for (i = 0; i <= M_SUBPROC; i++)
		CU_ASSERT_EQUAL(is[i], i);
	CU_ASSERT_EQUAL(M_TEMP, 49);
	CU_ASSERT_EQUAL(M_LAST, 50);
}

static signed char attached[MTYPES];

static void
type_attach(void)
{
	struct found f;
	char *p;
	int i, n, type;

	malloc_reclaim();
	look(&f);
	for (i = 0; i < MTYPES; i++)
		attached[i] = kmemstats[i].ks_shortdesc != NULL;
	n = 0;
	while ((type = malloc_type_attach("extra", 4096)) != -1) {
		CU_ASSERT((type > M_SUBPROC && type < M_TEMP) ||
		    (type >= M_LAST && type < MTYPES));
		if (type < 0 || type >= MTYPES)
			break;
		CU_ASSERT(attached[type] == 0);
		attached[type] = 2;
		CU_ASSERT(says(kmemstats[type].ks_shortdesc, "extra"));
		CU_ASSERT_EQUAL(kmemstats[type].ks_calls, 0);
		CU_ASSERT_EQUAL(kmemstats[type].ks_maxused, 0);
		CU_ASSERT_EQUAL(kmemstats[type].ks_limblocks, 0);
		CU_ASSERT_EQUAL(kmemstats[type].ks_limit, 4096);
		p = malloc(2000, type, M_NOWAIT);
		CU_ASSERT(p != NULL);
		CU_ASSERT(malloc(4096, type, M_NOWAIT) == NULL);
		free(p, type);
		n++;
	}
	/* All of the numbers: 43 to 48, and M_LAST to MTYPES - 1. */
	for (i = 1; i < MTYPES; i++)
		CU_ASSERT(attached[i] != 0);
	CU_ASSERT(n > 0 && n <= 84);
	CU_ASSERT_EQUAL(malloc_type_attach("none", 0), -1);
	for (i = MTYPES; i-- > 0; )
		if (attached[i] == 2) {
			malloc_type_detach(i);
			CU_ASSERT(says(malloc_panics(1, i, M_NOWAIT),
			    "malloc: type %d does not exist", i));
		}
	CU_ASSERT(left(&f));
}

static void
attach_null(void *arg)
{

	(void)malloc_type_attach(arg, 0);
}

static void
type_detach(void)
{
	struct ask a;
	char *p, *q;
	int fixed;

	begin(1024);
	p = malloc(500, t, M_NOWAIT);
	q = malloc(500, t, M_NOWAIT);
	CU_ASSERT(says(panic_catch(detach, &t),
	    "malloc_type_detach: type %s still has %lu blocks", "test", 2UL));
	free(q, t);
	CU_ASSERT(says(panic_catch(detach, &t),
	    "malloc_type_detach: type %s still has %lu blocks", "test", 1UL));
	/* Waited for, and nothing in use: */
	ask(&a, 1000, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	free(p, t);
	CU_ASSERT(says(panic_catch(detach, &t),
	    "malloc_type_detach: type %s is waited for", "test"));
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	fixed = M_TEMP;
	CU_ASSERT(says(panic_catch(detach, &fixed),
	    "malloc_type_detach: type %d was not attached", M_TEMP));
	CU_ASSERT(says(panic_catch(attach_null, NULL),
	    "malloc_type_attach: a type needs a name"));
	end();
	/* Its number is free again, and its account starts afresh. */
	fixed = t;
	begin(2048);
	CU_ASSERT_EQUAL(t, fixed);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 0);
	end();
}

static void
type_waited_for(void)
{
	struct ask a;

	begin(LIMITLESS);
	ask(&a, 2 * PAGE_SIZE, t, M_WAITOK);
	memory_out(NFRAGMENT + 1);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(says(panic_catch(detach, &t),
	    "malloc_type_detach: type %s is waited for", "test"));
	memory_back();
	CU_ASSERT(answered(&a));
	free(a.a_got, t);
	end();
}

/* ---------------------------------------------------------------------
 * M-LIMIT
 */

static void
limit_exact(void)
{
	char *a, *b, *c;

	begin(4096);
	a = malloc(2048, t, M_NOWAIT);
	b = malloc(2000, t, M_NOWAIT);
	CU_ASSERT(a != NULL && b != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 4096);
	c = malloc(1, t, M_NOWAIT);
	CU_ASSERT(c == NULL);
	free(b, t);
	c = malloc(2049, t, M_NOWAIT);
	CU_ASSERT(c == NULL);
	c = malloc(1361, t, M_NOWAIT);
	CU_ASSERT(c != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 4096);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 4096);
	free(a, t);
	free(c, t);
	/* In whole pages, and larger than the pool's runs. */
	malloc_type_setlimit(t, 20 * PAGE_SIZE);
	a = malloc(20 * PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(a != NULL);
	b = malloc(0, t, M_NOWAIT);
	CU_ASSERT(b == NULL);
	free(a, t);
	malloc_type_setlimit(t, 20 * PAGE_SIZE - 1);
	a = malloc(19 * PAGE_SIZE + 1, t, M_NOWAIT);
	CU_ASSERT(a == NULL);
	a = malloc(19 * PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(a != NULL);
	free(a, t);
	end();
}

static void
limit_lowered(void)
{
	char *p[4], *q;
	int i;

	begin(4096);
	for (i = 0; i < 4; i++)
		p[i] = malloc(1024, t, M_NOWAIT);
	malloc_type_setlimit(t, 2048);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limit, 2048);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 4096);
	for (i = 0; i < 2; i++) {
		q = malloc(16, t, M_NOWAIT);
		CU_ASSERT(q == NULL);
		free(p[i], t);
	}
	q = malloc(16, t, M_NOWAIT);
	CU_ASSERT(q == NULL);
	free(p[2], t);
	q = malloc(1024, t, M_NOWAIT);
	CU_ASSERT(q != NULL);
	free(q, t);
	free(p[3], t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 4096);
	malloc_type_setlimit(t, LIMITLESS);
	end();
}

static void
limit_default(void)
{
	u_long want;
	int fresh;

	begin(0);
	want = kmem_map->size / 10 * 6;
	CU_ASSERT(kmemstats[t].ks_limit + PAGE_SIZE >= want);
	CU_ASSERT(kmemstats[t].ks_limit <= want + PAGE_SIZE);
	fresh = kmemstats[M_DQUOT].ks_limit == kmemstats[t].ks_limit;
	CU_ASSERT(fresh);
	CU_ASSERT_EQUAL(kmem_map->size, (u_long)(kmemlimit - kmembase));
	end();
}

/* ---------------------------------------------------------------------
 * M-STATS
 */

static void
stats_type(void)
{
	char *a, *b;

	begin(LIMITLESS);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limit, LIMITLESS);
	a = malloc(1, t, M_NOWAIT);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 16);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 16);
	b = malloc(3 * PAGE_SIZE - 1, t, M_NOWAIT);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 2);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 16 + 3 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 16 + 3 * PAGE_SIZE);
	free(a, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 1);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 3 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 16 + 3 * PAGE_SIZE);
	a = malloc(17 * PAGE_SIZE + 1, t, M_NOWAIT);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 3);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 21 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmemstats[t].ks_maxused, 21 * PAGE_SIZE);
	free(a, t);
	free(b, t);
	CU_ASSERT_EQUAL(kmemstats[t].ks_calls, 3);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
	end();
}

static void
stats_class(void)
{
	struct kmembuckets kb;
	struct chain ch;
	char *p;
	u_long calls;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++) {
		drain(&ch, c, t);
		kb = bucket[c];
		calls = kmemstock[c].sk_calls;
		p = malloc(kb.kb_size, t, M_NOWAIT);
		CU_ASSERT_EQUAL(kmemstock[c].sk_calls, calls + 1);
		CU_ASSERT_EQUAL(bucket[c].kb_total,
		    kb.kb_total + kb.kb_elmperpg);
		CU_ASSERT_EQUAL(malloc_freeblocks(c), kb.kb_elmperpg - 1);
		CU_ASSERT_EQUAL(bucket[c].kb_pages,
		    kb.kb_pages + class_pages(c));
		free(p, t);
		CU_ASSERT_EQUAL(kmemstock[c].sk_calls, calls + 1);
		CU_ASSERT_EQUAL(malloc_freeblocks(c), kb.kb_elmperpg);
		CU_ASSERT_EQUAL(bucket[c].kb_returned, kb.kb_returned);
		CU_ASSERT(malloc_reclaim() >= class_pages(c));
		CU_ASSERT_EQUAL(bucket[c].kb_total, kb.kb_total);
		CU_ASSERT_EQUAL(malloc_freeblocks(c), 0);
		CU_ASSERT_EQUAL(bucket[c].kb_returned,
		    kb.kb_returned + class_pages(c));
		chain_free(&ch);
	}
	kb = bucket[LARGE];
	calls = kmemstock[LARGE].sk_calls;
	p = malloc(17 * PAGE_SIZE - 9, t, M_NOWAIT);
	CU_ASSERT_EQUAL(kmemstock[LARGE].sk_calls, calls + 1);
	CU_ASSERT_EQUAL(bucket[LARGE].kb_total, kb.kb_total + 1);
	CU_ASSERT_EQUAL(bucket[LARGE].kb_totalfree, 0);
	CU_ASSERT_EQUAL(bucket[LARGE].kb_pages, kb.kb_pages + 17);
	free(p, t);
	CU_ASSERT_EQUAL(kmemstock[LARGE].sk_calls, calls + 1);
	CU_ASSERT_EQUAL(bucket[LARGE].kb_total, kb.kb_total);
	CU_ASSERT_EQUAL(bucket[LARGE].kb_pages, kb.kb_pages);
	end();
}

static void
stats_sums(void)
{
	u_long seed, tcalls, ccalls;
	int i, round;

	begin(LIMITLESS);
	seed = 7;
	tcalls = ccalls = 0;
	for (i = 0; i < MTYPES; i++)
		tcalls -= kmemstats[i].ks_calls;
	for (i = 0; i < NBUCKETS; i++)
		ccalls -= kmemstock[i].sk_calls;
	for (i = 0; i < NMANY; i++)
		many[i].p = NULL;
	for (round = 0; round < 6; round++) {
		for (i = 0; i < NMANY; i++) {
			free(many[i].p, i & 1 ? t : M_IOV);
			many[i].p = round == 5 ? NULL : malloc(draw(&seed,
			    draw(&seed, 50) ? 2500 : 18 * PAGE_SIZE),
			    i & 1 ? t : M_IOV, M_NOWAIT);
		}
		CU_ASSERT(sums_agree());
	}
	for (i = 0; i < MTYPES; i++)
		tcalls += kmemstats[i].ks_calls;
	for (i = 0; i < NBUCKETS; i++)
		ccalls += kmemstock[i].sk_calls;
	CU_ASSERT_EQUAL(tcalls, ccalls);
	end();
}

/* Does the walker see it when a count is this much more than it should be? */
static int
seen_wrong(u_long *count, u_long more)
{
	int wrong;

	*count += more;
	wrong = malloc_check(quiet);
	*count -= more;
	return (wrong != 0);
}

/* And when a class has lost the pages of a list, or a stock has a block
 * that it should not have? */
static int
seen_lost(struct kmemusage **list)
{
	struct kmemusage *pages = *list;
	int wrong;

	*list = NULL;
	wrong = malloc_check(quiet);
	*list = pages;
	return (pages != NULL && wrong != 0);
}

static int
seen_stocked(struct kmemstock *sk, void *va)
{
	void *was = sk->sk_block[0];
	int wrong;

	sk->sk_block[0] = va;
	wrong = malloc_check(quiet);
	sk->sk_block[0] = was;
	return (wrong != 0);
}

static void
walker_sees(void)
{
	struct kmembuckets *kbp;
	struct kmemstats *ksp;
	struct kmemstock *sk;
	struct chain ch;
	u_long i;
	char *p;

	begin(LIMITLESS);
	drain(&ch, class_of(128), t);
	for (i = 0; i < 3 * PAGE_SIZE / 128; i++)
		chain_push(&ch, malloc(128, t, M_NOWAIT));
	p = malloc(128, t, M_NOWAIT);
	chain_free(&ch);
	kbp = &bucket[class_of(128)];
	sk = &kmemstock[class_of(128)];
	ksp = &kmemstats[t];
	CU_ASSERT(sk->sk_nblocks > 2);
	CU_ASSERT_EQUAL(malloc_check(printf), 0);
	CU_ASSERT(seen_wrong(&kbp->kb_total, 1));
	CU_ASSERT(seen_wrong(&kbp->kb_totalfree, 1));
	CU_ASSERT(seen_wrong(&kbp->kb_pages, 1));
	CU_ASSERT(seen_wrong(&kbp->kb_highwat, -kbp->kb_highwat));
	CU_ASSERT(seen_wrong(&ksp->ks_memuse, 128));
	CU_ASSERT(seen_wrong(&ksp->ks_bound, ksp->ks_maxused + 1));
#ifdef DIAGNOSTIC
	CU_ASSERT(seen_wrong(&ksp->ks_inuse, 1));
#endif
	CU_ASSERT(seen_lost(&kbp->kb_partial));
	CU_ASSERT(seen_lost(&kbp->kb_empty));
	CU_ASSERT(seen_stocked(sk, sk->sk_block[1]));
	CU_ASSERT(seen_stocked(sk, (char *)sk->sk_block[0] + 16));
	CU_ASSERT_EQUAL(malloc_check(printf), 0);
	free(p, t);
	end();
}

/* ---------------------------------------------------------------------
 * M-VMSTAT
 */

static char report[20480];
static struct text report_text;

static int __attribute__((format(printf, 1, 2)))
report_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_print(&report_text, fmt, ap);
	va_end(ap);
	return (0);
}

static void
report_take(void)
{

	report_text.t_at = report;
	report_text.t_end = report + sizeof(report) - 1;
	malloc_vmstat(report_print);
	CU_ASSERT(report_text.t_at < report_text.t_end);
}

/* The line after the one that begins so; null where there is none. */
static const char *
line_after(const char *s, const char *what)
{
	int i;

	while (*s != '\0') {
		for (i = 0; what[i] != '\0' && s[i] == what[i]; i++)
			;
		while (*s != '\0' && *s++ != '\n')
			;
		if (what[i] == '\0')
			return (s);
	}
	return (NULL);
}

/* The next number on this line; *ok 0 where there is none. */
static u_long
number(const char **s, int *ok)
{
	u_long n;

	while (**s != '\n' && **s != '\0' && (**s < '0' || **s > '9'))
		(*s)++;
	if (**s < '0' || **s > '9')
		*ok = 0;
	for (n = 0; **s >= '0' && **s <= '9'; (*s)++)
		n = n * 10 + (u_long)(**s - '0');
	return (n);
}

static void
vmstat_classes(void)
{
	struct kmembuckets *kb;
	const char *s;
	int c, ok, lines;
	char *p, *q;

	begin(LIMITLESS);
	p = malloc(1300, t, M_NOWAIT);
	q = malloc(18 * PAGE_SIZE, t, M_NOWAIT);
	free(malloc(500, t, M_NOWAIT), t);
	report_take();
	s = line_after(report, "Memory statistics by bucket size");
	CU_ASSERT(s != NULL);
	s = s == NULL ? NULL : line_after(s, "    Size");
	CU_ASSERT(s != NULL);
	lines = 0;
	for (c = 0; s != NULL && c < NBUCKETS; c++) {
		kb = &bucket[c];
		if (kmemstock[c].sk_calls == 0)
			continue;
		ok = 1;
		if (c == LARGE)
			ok &= suite_holds(s, "larger");
		else
			ok &= number(&s, &ok) == kb->kb_size;
		ok &= number(&s, &ok) == kb->kb_total -
		    malloc_freeblocks(c);
		ok &= number(&s, &ok) == malloc_freeblocks(c);
		ok &= number(&s, &ok) == kmemstock[c].sk_calls;
		ok &= number(&s, &ok) == kb->kb_highwat;
		ok &= number(&s, &ok) == kb->kb_returned;
		ok &= number(&s, &ok) == kb->kb_pages;
		CU_ASSERT(ok);
		CU_ASSERT(*s == '\n');
		s++;
		lines++;
	}
	CU_ASSERT(s != NULL && *s == '\n');	/* none more */
	CU_ASSERT(lines >= 3);
	free(p, t);
	free(q, t);
	end();
}

static void
vmstat_types(void)
{
	struct kmemstats *ks;
	const char *s, *name;
	int type, ok, i;
	char *p, *q;

	begin(2048);
	p = malloc(1300, t, M_NOWAIT);
	q = malloc(1300, t, M_NOWAIT);
	CU_ASSERT(q == NULL);
	q = malloc(100, t, M_NOWAIT);
	free(q, t);
	CU_ASSERT(malloc(~0UL, t, M_NOWAIT) == NULL);
	report_take();
	s = line_after(report, "Memory statistics by type");
	CU_ASSERT(s != NULL);
	s = s == NULL ? NULL : line_after(s, "Type ");
	CU_ASSERT(s != NULL);
	for (type = 0; s != NULL && type < MTYPES; type++) {
		ks = &kmemstats[type];
		name = ks->ks_shortdesc;
		if (name == NULL || (ks->ks_calls == 0 &&
		    ks->ks_limblocks == 0 && ks->ks_mapblocks == 0))
			continue;
		while (*s == '(')		/* who has left */
			s = line_after(s, "");
		for (i = 0; i < 11 && name[i] != '\0'; i++)
			CU_ASSERT(s[i] == name[i]);
		s += 11;
		ok = 1;
		ok &= number(&s, &ok) == ks->ks_inuse;
		ok &= number(&s, &ok) == ks->ks_memuse;
		ok &= number(&s, &ok) == ks->ks_maxused;
		ok &= number(&s, &ok) == ks->ks_limit;
		ok &= number(&s, &ok) == ks->ks_calls;
		ok &= number(&s, &ok) == ks->ks_limblocks;
		ok &= number(&s, &ok) == ks->ks_mapblocks;
		CU_ASSERT(ok);
		CU_ASSERT(*s == '\n');
		s++;
		if (type == t)
			CU_ASSERT(ks->ks_limblocks == 1 &&
			    ks->ks_mapblocks == 1 && ks->ks_calls == 2 &&
			    ks->ks_maxused == 1360 + 112);
	}
	free(p, t);
	end();
}

static void
vmstat_totals(void)
{
	u_long used, spare, calls, n;
	const char *s;
	char *p, *q;
	int i, ok;

	begin(LIMITLESS);
	p = malloc(700, t, M_NOWAIT);
	q = malloc(19 * PAGE_SIZE, M_IOV, M_NOWAIT);
	report_take();
	for (s = report; s != NULL && !(s[0] == 'M' && s[7] == 't' &&
	    s[8] == 'o'); s = line_after(s, ""))
		;
	CU_ASSERT(s != NULL);
	used = spare = calls = 0;
	for (i = 0; i < MTYPES; i++) {
		used += kmemstats[i].ks_memuse;
		calls += kmemstats[i].ks_calls;
	}
	for (i = 0; i < LARGE; i++)
		spare += malloc_freeblocks(i) * bucket[i].kb_size;
	ok = s != NULL;
	if (ok) {
		CU_ASSERT_EQUAL(number(&s, &ok), used);
		CU_ASSERT_EQUAL(number(&s, &ok), used);
		s = line_after(s, "");
		CU_ASSERT_EQUAL(number(&s, &ok), spare);
		n = number(&s, &ok);
		CU_ASSERT_EQUAL(n, calls);
	}
	CU_ASSERT(ok);
	free(p, t);
	free(q, M_IOV);
	end();
}

/* ---------------------------------------------------------------------
 * M-FREE
 */

static void
free_returns(void)
{
	struct malloc_page mp;
	struct chain ch;
	char *p, *q;
	int c;

	begin(LIMITLESS);
	stocks(0);
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, t);
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		q = malloc(bucket[c].kb_size, t, M_NOWAIT);
		CU_ASSERT(p != NULL && q != NULL);
		CU_ASSERT(malloc_page((u_long)p, &mp));
		CU_ASSERT_EQUAL(mp.mp_free, mp.mp_blocks - 2);
		free(p, t);
		CU_ASSERT(malloc_page((u_long)p, &mp));
		CU_ASSERT_EQUAL(mp.mp_free, mp.mp_blocks - 1);
		CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, ch.ch_n + 1);
		free(q, t);
		CU_ASSERT(malloc_page((u_long)p, &mp));
		CU_ASSERT_EQUAL(mp.mp_free, mp.mp_blocks);
		CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, ch.ch_n);
		chain_free(&ch);
	}
	p = malloc(17 * PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, t);
	CU_ASSERT(badaddr(p));
	CU_ASSERT(badaddr(p + 17 * PAGE_SIZE - 1));
	CU_ASSERT_EQUAL(page_class(p), -1);
	stocks(1);
	end();
}

static void
free_null(void)
{
	u_long h;
	int s;

	begin(LIMITLESS);
	h = books();
	free(NULL, t);
	free(NULL, M_TEMP);
	s = splimp();
	free(NULL, M_MBUF);
	splx(s);
	CU_ASSERT_EQUAL(books(), h);
	end();
}

/* ---------------------------------------------------------------------
 * M-SURPLUS
 */

/* Pages (or runs) of this test's own: the blocks of page i are chain i. */
#define	NOWN	14
static struct chain own[NOWN];
static char *ownpage[NOWN];

static void
own_get(int c, int n, int type)
{
	u_long i;
	char *p;
	int k;

	for (k = 0; k < n; k++) {
		own[k].ch_head = NULL;
		own[k].ch_n = 0;
		own[k].ch_type = type;
		ownpage[k] = NULL;
		for (i = 0; i < bucket[c].kb_elmperpg; i++) {
			p = malloc(bucket[c].kb_size, type, M_NOWAIT);
			CU_ASSERT(p != NULL);
			if (p == NULL)
				return;
			if (i == 0)
				ownpage[k] = (char *)trunc_page(p);
			CU_ASSERT((char *)trunc_page(p) == ownpage[k]);
			chain_push(&own[k], p);
		}
	}
}

/* How many of them fault by now? */
static int
own_gone(int n)
{
	int k, gone;

	gone = 0;
	for (k = 0; k < n; k++)
		if (badaddr(ownpage[k]))
			gone++;
	return (gone);
}

/* A class with its mark's worth of free pages keeps them; one block more,
 * and one page goes; and so on with each page more. */
static void
surplus_full(int c, int type)
{
	u_long elm, kept, ret, frames;
	int k, n;

	elm = bucket[c].kb_elmperpg;
	kept = bucket[c].kb_highwat / elm;
	n = (int)kept + 2;
	drain(&chain, c, M_TEMP);
	own_get(c, n, type);
	ret = bucket[c].kb_returned;
	frames = cnt.v_free_count;
	for (k = 0; k < (int)kept; k++)
		chain_free(&own[k]);
	CU_ASSERT_EQUAL(bucket[c].kb_totalfree, bucket[c].kb_highwat);
	CU_ASSERT_EQUAL(bucket[c].kb_returned, ret);
	CU_ASSERT_EQUAL(cnt.v_free_count, frames);
	CU_ASSERT_EQUAL(own_gone(n), 0);
	for (; k < n; k++) {
		/* The first block above the mark sends a page away. */
		ret += class_pages(c);
		frames += class_pages(c);
		free(chain_pop(&own[k]), type);
		CU_ASSERT_EQUAL(bucket[c].kb_returned, ret);
		CU_ASSERT_EQUAL(cnt.v_free_count, frames);
		CU_ASSERT_EQUAL(bucket[c].kb_totalfree,
		    bucket[c].kb_highwat + 1 - elm);
		CU_ASSERT_EQUAL(own_gone(n), k - (int)kept + 1);
		/* The others bring it to the mark again, no further. */
		chain_free(&own[k]);
		CU_ASSERT_EQUAL(bucket[c].kb_returned, ret);
		CU_ASSERT_EQUAL(bucket[c].kb_totalfree,
		    bucket[c].kb_highwat);
	}
	chain_free(&chain);
	malloc_reclaim();
	CU_ASSERT_EQUAL(own_gone(n), n);
}

static void
surplus_classes(void)
{
	int c;

	begin(LIMITLESS);
	stocks(0);
	for (c = 0; c < LARGE; c++)
		surplus_full(c, t);
	stocks(1);
	end();
}

/* Above the mark in half-free pages, nothing can go; then the page goes
 * that becomes wholly free, at that free, and no other. */
static void
surplus_scattered(void)
{
	struct malloc_page mp;
	u_long elm, ret, frames;
	void *last[NOWN], *p;
	int c, k, n, gone, above;

	begin(LIMITLESS);
	stocks(0);
	n = 12;
	for (c = 0; c < NFRAGMENT; c++) {
		elm = bucket[c].kb_elmperpg;
		drain(&chain, c, M_TEMP);
		own_get(c, n, t);
		ret = bucket[c].kb_returned;
		frames = cnt.v_free_count;
		for (k = 0; k < n; k++) {
			/* One block stays; not the same one everywhere. */
			last[k] = chain_pop(&own[k]);
			if (k & 1) {
				p = last[k];
				last[k] = chain_pop(&own[k]);
				free(p, t);
			}
			chain_free(&own[k]);
		}
		CU_ASSERT_EQUAL(bucket[c].kb_totalfree,
		    (elm - 1) * (u_long)n);
		CU_ASSERT(bucket[c].kb_totalfree > bucket[c].kb_highwat);
		CU_ASSERT_EQUAL(bucket[c].kb_returned, ret);
		CU_ASSERT_EQUAL(cnt.v_free_count, frames);
		gone = 0;
		for (k = 0; k < n; k++) {
			CU_ASSERT(malloc_page((u_long)last[k], &mp));
			CU_ASSERT_EQUAL(mp.mp_free, elm - 1);
			above = bucket[c].kb_totalfree + 1 >
			    bucket[c].kb_highwat;
			free(last[k], t);
			gone += above;
			CU_ASSERT_EQUAL(bucket[c].kb_returned,
			    ret + (u_long)gone);
			CU_ASSERT_EQUAL(cnt.v_free_count,
			    frames + (u_long)gone);
			CU_ASSERT_EQUAL(own_gone(n), gone);
			/* No other page is wholly free: it is this one. */
			if (gone == k + 1) {
				CU_ASSERT(badaddr(last[k]));
				CU_ASSERT_EQUAL(page_class(last[k]), -1);
			}
		}
		CU_ASSERT(gone > 0 && gone < n);
		chain_free(&chain);
		malloc_reclaim();
	}
	stocks(1);
	end();
}

static void
surplus_types(void)
{
	int type;

	begin(LIMITLESS);
	stocks(0);
	for (type = 1; type < MTYPES; type++)
		if (kmemstats[type].ks_shortdesc != NULL &&
		    kmemstats[type].ks_limit > 16 * PAGE_SIZE &&
		    type != M_VMMAPENT)
			surplus_full(class_of(128), type);
	stocks(1);
	end();
}

/* The mark is a bound of the class that anybody may read. */
static void
surplus_mark(void)
{
	u_long mark;
	int c;

	begin(LIMITLESS);
	stocks(0);
	c = class_of(256);
	mark = bucket[c].kb_highwat;
	bucket[c].kb_highwat = 2 * bucket[c].kb_elmperpg;
	surplus_full(c, t);
	bucket[c].kb_highwat = mark;
	stocks(1);
	end();
}

/* ---------------------------------------------------------------------
 * M-RECLAIM
 */

/* Leave wholly free pages in the pool: one of each of these classes, unless
 * a page of it is in use for something else. */
static u_long
hoard(void)
{
	u_long n;
	int c;

	n = 0;
	for (c = 0; c < NFRAGMENT; c += 3) {
		free(malloc(bucket[c].kb_size, t, M_NOWAIT), t);
		if (malloc_freeblocks(c) == bucket[c].kb_total)
			n += bucket[c].kb_pages;
	}
	return (n);
}

static void
reclaim_call(void)
{
	u_long frames, used, n;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++) {
		drain(&chain, c, t);
		frames = cnt.v_free_count;
		used = kmem_map->used;
		free(malloc(bucket[c].kb_size, t, M_NOWAIT), t);
		n = malloc_reclaim();
		CU_ASSERT(n >= class_pages(c));
		CU_ASSERT(cnt.v_free_count >= frames);
		CU_ASSERT(kmem_map->used <= used);
		CU_ASSERT_EQUAL(malloc_reclaim(), 0);
		chain_free(&chain);
	}
	malloc_reclaim();
	for (c = 0; c < LARGE; c++)
		CU_ASSERT(bucket[c].kb_empty == NULL);
	end();
}

/* Take every frame that is free, but nothing of what the pool holds. */
static void
eat_free(struct meal *m)
{
	vm_offset_t va;

	m->m_head = NULL;
	m->m_n = 0;
	m->m_map = kernel_map;
	while (cnt.v_free_count > 0) {
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
		if (va == 0)
			break;
		*(void **)va = m->m_head;
		m->m_head = (void *)va;
		m->m_n++;
	}
}

static void
reclaim_before_refusal(void)
{
	struct meal m, m2;
	u_long n, empty;
	vm_offset_t va;

	begin(LIMITLESS);
	stocks(0);
	n = hoard();
	eat_free(&m);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	empty = empty_pages();
	CU_ASSERT(empty >= n);
	/* kmem gets all that the pool holds free, and only then refuses. */
	m2.m_head = NULL;
	m2.m_n = 0;
	m2.m_map = kernel_map;
	while ((va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		*(void **)va = m2.m_head;
		m2.m_head = (void *)va;
		m2.m_n++;
	}
	CU_ASSERT(m2.m_n + 1 >= empty);
	CU_ASSERT_EQUAL(empty_pages(), 0);
	spit_all(&m2);
	/* Several at once, of one page each in the pool. */
	spit_frames(&m, 20);
	n = hoard();
	eat_free(&m2);
	CU_ASSERT(empty_pages() >= n);
	va = kmem_alloc(kernel_map, (n - 1) * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	if (va != 0)
		kmem_free(kernel_map, va, (n - 1) * PAGE_SIZE);
	spit_all(&m2);
	spit_all(&m);
	stocks(1);
	end();
}

/* ---------------------------------------------------------------------
 * Stocks: M-POOL, M-SURPLUS, M-RECLAIM
 */

/* The block freed last is handed out first, and no page is asked. */
static void
stock_last_first(void)
{
	struct kmembuckets kb;
	char *p[40];
	unsigned int i, n;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++) {
		n = kmemstock[c].sk_most;
		for (i = 0; i < n; i++)
			p[i] = malloc(bucket[c].kb_size, t, M_NOWAIT);
		malloc_reclaim();
		kb = bucket[c];
		for (i = 0; i < n; i++)
			free(p[i], t);
		CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, n);
		for (i = n; i > 0; i--)
			CU_ASSERT_PTR_EQUAL(p[i - 1],
			    malloc(bucket[c].kb_size, t, M_NOWAIT));
		CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, 0);
		CU_ASSERT_EQUAL(bucket[c].kb_totalfree, kb.kb_totalfree);
		CU_ASSERT_PTR_EQUAL(bucket[c].kb_partial, kb.kb_partial);
		for (i = 0; i < n; i++)
			free(p[i], t);
	}
	end();
}

/* A stock that is empty takes half of what it may hold, and the block that
 * was asked for: where its pages have that, and from two pages at most. */
static void
stock_fills(void)
{
	struct chain own;
	u_long elm, i;
	char *p[5], *q;
	unsigned int n;
	int c;

	begin(LIMITLESS);
	own.ch_type = t;
	for (c = 0; c < NFRAGMENT; c++) {
		elm = bucket[c].kb_elmperpg;
		drain(&chain, c, t);
		p[0] = malloc(bucket[c].kb_size, t, M_NOWAIT);
		n = kmemstock[c].sk_most / 3;
		CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks,
		    (n < elm ? n : elm) - 1);
		free(p[0], t);
		chain_free(&chain);

		/* Five pages with a free block each. */
		stocks(0);
		drain(&chain, c, t);
		own.ch_head = NULL;
		own.ch_n = 0;
		for (i = 0; i < 5 * elm; i++) {
			q = malloc(bucket[c].kb_size, t, M_NOWAIT);
			if (i % elm != 0)
				chain_push(&own, q);
			else
				p[i / elm] = q;
		}
		for (i = 0; i < 5; i++)
			free(p[i], t);
		stocks(1);
		for (i = 0; i < 5; i++) {
			p[i] = malloc(bucket[c].kb_size, t, M_NOWAIT);
			CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks,
			    n > 1 && i % 2 == 0 && i < 4);
		}
		CU_ASSERT_EQUAL(malloc_freeblocks(c), 0);
		for (i = 0; i < 5; i++)
			free(p[i], t);
		chain_free(&own);
		chain_free(&chain);
		malloc_reclaim();
	}
	end();
}

/* One block more than a stock may hold sends the oldest to their pages, so
 * that half of what it may hold is left. */
static void
stock_spills(void)
{
	char *p[40];
	unsigned int i, n;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++) {
		n = kmemstock[c].sk_most;
		for (i = 0; i <= n; i++)
			p[i] = malloc(bucket[c].kb_size, t, M_NOWAIT);
		malloc_reclaim();
		for (i = 0; i <= n; i++)
			free(p[i], t);
		CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, n / 2);
		for (i = 0; i < n / 2; i++)
			CU_ASSERT_PTR_EQUAL(kmemstock[c].sk_block[i],
			    p[n + 1 - n / 2 + i]);
		malloc_reclaim();
	}
	end();
}

/* What a stock holds does not count towards the mark: a class of as many
 * blocks as the mark, and half a stock's worth of whole pages, keeps all. */
static void
stock_beside_mark(void)
{
	struct chain own;
	u_long elm, n;
	int c, more;

	begin(LIMITLESS);
	more = 0;
	own.ch_type = t;
	for (c = 0; c < LARGE; c++) {
		drain(&chain, c, t);
		own.ch_head = NULL;
		own.ch_n = 0;
		elm = bucket[c].kb_elmperpg;
		n = kmemstock[c].sk_most / 2 / elm * elm;
		more += n > 0;
		for (n += bucket[c].kb_highwat; n > 0; n--)
			chain_push(&own, malloc(bucket[c].kb_size, t,
			    M_NOWAIT));
		CU_ASSERT_EQUAL(malloc_freeblocks(c), 0);
		n = bucket[c].kb_returned;
		while (own.ch_n > 0) {
			free(chain_pop(&own), t);
			CU_ASSERT(kmemstock[c].sk_nblocks <=
			    kmemstock[c].sk_most);
		}
		CU_ASSERT_EQUAL(bucket[c].kb_returned, n);
		CU_ASSERT_EQUAL(malloc_check(printf), 0);
		chain_free(&chain);
		malloc_reclaim();
	}
	CU_ASSERT(more >= 10);
	end();
}

/* Everything freed, a block of each page last: what is held are pages of
 * the mark's worth, and one for each block in stock. */
static void
stock_pins(void)
{
	struct chain most, last;
	u_long elm, i, n, pages, blocks, bytes;
	int c;

	begin(LIMITLESS);
	pages = blocks = bytes = 0;
	for (c = 0; c < LARGE; c++) {
		elm = bucket[c].kb_elmperpg;
		n = (kmemstock[c].sk_most + 8) * elm;
		drain(&chain, c, t);
		most = last = chain;
		most.ch_head = last.ch_head = NULL;
		most.ch_n = last.ch_n = 0;
		for (i = 0; i < n; i++)
			chain_push(i % elm == elm - 1 ? &last : &most,
			    malloc(bucket[c].kb_size, t, M_NOWAIT));
		chain_free(&chain);
		chain_free(&most);
		chain_free(&last);
		CU_ASSERT(bucket[c].kb_pages <= (bucket[c].kb_highwat / elm +
		    kmemstock[c].sk_nblocks) * class_pages(c));
		blocks += c < NFRAGMENT ? kmemstock[c].sk_most : 0;
		pages += kmemstock[c].sk_most * class_pages(c);
		bytes += kmemstock[c].sk_most * bucket[c].kb_size;
		malloc_reclaim();
	}
	CU_ASSERT_EQUAL(blocks, 416);
	CU_ASSERT_EQUAL(pages, 420);
	CU_ASSERT(bytes < 128 * 1024);
	end();
}

/* sk_most may be set at any time, to nothing too. */
static void
stock_most(void)
{
	struct malloc_page mp;
	char *p, *q;
	int c;

	begin(LIMITLESS);
	c = class_of(64);
	p = malloc(64, t, M_NOWAIT);
	q = malloc(64, t, M_NOWAIT);
	CU_ASSERT(kmemstock[c].sk_nblocks > 1);
	kmemstock[c].sk_most = 0;
	free(p, t);
	CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, 0);
	CU_ASSERT(malloc_page((u_long)p, &mp));
	CU_ASSERT_EQUAL(mp.mp_free, mp.mp_blocks - 1);
	p = malloc(64, t, M_NOWAIT);
	CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, 0);
	CU_ASSERT_EQUAL(malloc_check(printf), 0);
	stocks(1);
	CU_ASSERT_EQUAL(kmemstock[c].sk_most, 24);
	free(p, t);
	free(q, t);
	end();
}

/* A stock serves nobody who must wait for his turn, though the type had
 * more in use before and a block is at hand. */
static void
stock_newcomer(void)
{
	struct ask a, b;
	char *x;

	begin(4096);
	x = malloc(2048, t, M_WAITOK);
	free(malloc(1024, t, M_WAITOK), t);
	free(malloc(1024, t, M_WAITOK), t);
	CU_ASSERT(kmemstats[t].ks_bound >= 3072);
	CU_ASSERT(kmemstock[class_of(1024)].sk_nblocks > 0);
	ask(&a, PAGE_SIZE, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	ask(&b, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&b));
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 2048);
	free(x, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(asleep(&b));
	free(a.a_got, t);
	CU_ASSERT(answered(&b));
	free(b.a_got, t);
	end();
}

/* Nor one who would pass a limit that was lowered below what was in use. */
static void
stock_lowered(void)
{
	char *p[4], *q;
	int i;

	begin(4096);
	for (i = 0; i < 4; i++)
		p[i] = malloc(512, t, M_NOWAIT);
	for (i = 1; i < 4; i++)
		free(p[i], t);
	CU_ASSERT(kmemstock[class_of(512)].sk_nblocks >= 3);
	malloc_type_setlimit(t, 512);
	q = malloc(512, t, M_NOWAIT);
	CU_ASSERT(q == NULL);
	malloc_type_setlimit(t, 1024);
	p[1] = malloc(512, t, M_NOWAIT);
	CU_ASSERT(p[1] != NULL);
	q = malloc(512, t, M_NOWAIT);
	CU_ASSERT(q == NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 2);
	free(p[0], t);
	free(p[1], t);
	end();
}

/* The pages that go back because a stock is emptied are counted, too. */
static void
stock_counted(void)
{
	u_long mark, n;
	int c, i;

	begin(LIMITLESS);
	c = class_of(64);
	mark = bucket[c].kb_highwat;
	bucket[c].kb_highwat = 0;
	free(malloc(64, t, M_NOWAIT), t);
	n = 0;
	for (i = 0; i < NBUCKETS; i++)
		n -= bucket[i].kb_returned;
	n -= malloc_reclaim();
	for (i = 0; i < NBUCKETS; i++)
		n += bucket[i].kb_returned;
	CU_ASSERT_EQUAL(n, 0);
	bucket[c].kb_highwat = mark;
	end();
}

/* Nobody is refused beside blocks in stock that pin their pages. */
static void
stock_reclaimed(void)
{
	struct meal m;
	u_long n;
	vm_offset_t va;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < NFRAGMENT; c++)
		free(malloc(bucket[c].kb_size, t, M_NOWAIT), t);
	n = 0;
	for (c = 0; c < NFRAGMENT; c++)
		if (malloc_freeblocks(c) == bucket[c].kb_total &&
		    kmemstock[c].sk_nblocks > 0)
			n += bucket[c].kb_pages;
	CU_ASSERT(n >= 20);
	eat_free(&m);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	va = kmem_alloc(kernel_map, (n - 2) * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	for (c = 0; c < NBUCKETS; c++)
		CU_ASSERT_EQUAL(kmemstock[c].sk_nblocks, 0);
	if (va != 0)
		kmem_free(kernel_map, va, (n - 2) * PAGE_SIZE);
	spit_all(&m);
	end();
}

/* malloc of one class gets what another class holds free. */
static void
reclaim_other_class(void)
{
	struct meal m;
	char *p;

	begin(LIMITLESS);
	free(malloc(5 * PAGE_SIZE, t, M_NOWAIT), t);
	drain(&chain, class_of(200), M_TEMP);
	eat_free(&m);
	CU_ASSERT_EQUAL(bucket[NFRAGMENT + 4].kb_totalfree, 1);
	p = malloc(200, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, t);
	p = malloc(2 * PAGE_SIZE, t, M_WAITOK);
	CU_ASSERT(p != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_mapblocks, 0);
	free(p, t);
	chain_free(&chain);
	spit_all(&m);
	end();
}

/* The same where it is addresses that are short, not frames. */
static void
reclaim_space(void)
{
	char *p, *q;

	begin(LIMITLESS);
	q = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
	eat_space(kmem_map);
	drain(&chain, NFRAGMENT, M_TEMP);
	free(q, t);
	CU_ASSERT_EQUAL(bucket[NFRAGMENT + 2].kb_totalfree, 1);
	p = malloc(PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	CU_ASSERT_EQUAL(bucket[NFRAGMENT + 2].kb_totalfree, 0);
	free(p, t);
	chain_free(&chain);
	spit_space(kmem_map);
	end();
}

/* Somebody sleeps for a page in kmem; the last block of a page is freed,
 * its class far below its mark: the sleeper gets the page. */
static void
reclaim_sleeper(void)
{
	struct ask a, b;
	char *p;
	int c;

	begin(LIMITLESS);
	for (c = 2; c <= NFRAGMENT; c += 4) {
		ask_kmem(&a, kernel_map, PAGE_SIZE, M_WAITOK);
		ask(&b, 17 * PAGE_SIZE, t, M_WAITOK);
		ask_later(&b);
		drain(&chain, c, M_TEMP);
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		eat_frames(&meal, kernel_map, 0);
		CU_ASSERT(asleep(&a));
		free(p, t);
		CU_ASSERT(answered(&a));
		CU_ASSERT(a.a_got != NULL);
		CU_ASSERT(badaddr(p) || a.a_got != NULL);
		ask_now(&b);
		spit_all(&meal);
		CU_ASSERT(answered(&b));
		if (a.a_got != NULL)
			kmem_free(kernel_map, (vm_offset_t)a.a_got,
			    PAGE_SIZE);
		free(b.a_got, t);
		chain_free(&chain);
	}
	end();
}

/* ... and the sleeper may sleep in malloc, for another class. */
static void
reclaim_sleeper_malloc(void)
{
	struct ask a;
	char *p;

	begin(LIMITLESS);
	ask(&a, 1024, t, M_WAITOK);
	p = malloc(64, t, M_NOWAIT);
	drain(&chain, class_of(64), M_TEMP);
	free(p, t);
	p = malloc(4 * PAGE_SIZE, t, M_NOWAIT);
	eat_frames(&meal, kernel_map, 0);
	CU_ASSERT(asleep(&a) || a.a_done);
	free(p, t);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	chain_free(&chain);
	spit_all(&meal);
	end();
}

/* ---------------------------------------------------------------------
 * M-RECURSE
 */

/* Reservations do not join, so that each needs an entry, and each entry a
 * block, and every now and then a page: malloc runs inside kmem_alloc. */
#define	NRES	200
static vm_offset_t res[NRES];

static void
recurse_entries(void)
{
	u_long n, calls, pages;
	int i;

	begin(LIMITLESS);
	n = kernel_map->nentries;
	calls = kmemstats[M_VMMAPENT].ks_calls;
	pages = bucket[class_of(sizeof(struct vm_map_entry))].kb_total;
	for (i = 0; i < NRES; i++) {
		res[i] = kmem_alloc(kernel_map, PAGE_SIZE,
		    M_SPACE_ONLY | M_NOWAIT);
		CU_ASSERT(res[i] != 0);
	}
	CU_ASSERT_EQUAL(kernel_map->nentries, n + NRES);
	CU_ASSERT(kmemstats[M_VMMAPENT].ks_calls >= calls + NRES / 2);
	CU_ASSERT(kmemstats[M_VMMAPENT].ks_inuse >= NRES / 2);
	CU_ASSERT(bucket[class_of(sizeof(struct vm_map_entry))].kb_total >
	    pages);
	for (i = 0; i < NRES; i += 2)
		kmem_free(kernel_map, res[i], PAGE_SIZE);
	for (i = 1; i < NRES; i += 2)
		kmem_free(kernel_map, res[i], PAGE_SIZE);
	CU_ASSERT_EQUAL(kernel_map->nentries, n);
	end();
}

/* With no frame and no free block for an entry, freeing every other page of
 * a range needs entries that malloc cannot give: the reserve must. */
static void
recurse_reserve(void)
{
	struct chain ch;
	vm_offset_t va;
	u_long i, n;

	begin(LIMITLESS);
	n = 150;
	va = kmem_alloc(kernel_map, n * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	eat_frames(&meal, kmem_map, 0);
	drain(&ch, class_of(sizeof(struct vm_map_entry)), t);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	for (i = 1; va != 0 && i < n; i += 2) {
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
		CU_ASSERT(badaddr((void *)(va + i * PAGE_SIZE)));
		CU_ASSERT(!badaddr((void *)(va + (i - 1) * PAGE_SIZE)));
	}
	for (i = 0; va != 0 && i < n; i += 2)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	chain_free(&ch);
	spit_all(&meal);
	end();
}

/* ---------------------------------------------------------------------
 * M-LEVEL
 */

static void
level_paths(void)
{
	struct chain ch;
	struct malloc_page mp;
	struct meal m;
	char *p, *q;
	int s, raised, before_it, i;

	for (raised = 0; raised < 2; raised++) {
		begin(20 * PAGE_SIZE);
		s = raised ? splimp() : splget();
		before_it = splget();
#define	LEVEL	CU_ASSERT_EQUAL(splget(), before_it)
		drain(&ch, class_of(100), t);
		p = malloc(100, t, M_NOWAIT);		/* a miss */
		LEVEL;
		q = malloc(100, t, M_WAITOK);		/* a hit */
		LEVEL;
		free(p, t);
		LEVEL;
		free(q, t);
		LEVEL;
		free(NULL, t);
		LEVEL;
		p = malloc(3 * PAGE_SIZE, t, M_WAITOK | M_ZERO_IT);
		LEVEL;
		free(p, t);
		LEVEL;
		p = malloc(17 * PAGE_SIZE, t, M_WAITOK | M_ZERO_IT);
		LEVEL;
		free(p, t);
		LEVEL;
		p = malloc(21 * PAGE_SIZE, t, M_WAITOK);	/* never */
		LEVEL;
		p = malloc(~0UL, t, M_WAITOK);
		LEVEL;
		p = malloc(18 * PAGE_SIZE, t, M_NOWAIT);
		q = malloc(4 * PAGE_SIZE, t, M_NOWAIT);	/* the limit */
		CU_ASSERT(q == NULL);
		LEVEL;
		free(p, t);
		for (i = 0; i < 8; i++) {		/* a surplus */
			p = malloc(PAGE_SIZE, t, M_NOWAIT);
			LEVEL;
			chain_push(&ch, p);
		}
		while ((p = chain_pop(&ch)) != NULL) {
			free(p, t);
			LEVEL;
		}
		malloc_reclaim();
		LEVEL;
		malloc_type_setlimit(t, 30 * PAGE_SIZE);
		LEVEL;
		malloc_vmstat(quiet);
		LEVEL;
		(void)malloc_check(quiet);
		LEVEL;
		(void)malloc_page((u_long)kmembase, &mp);
		LEVEL;
		malloc_type_detach(malloc_type_attach("level", 0));
		LEVEL;
		eat_frames(&m, kernel_map, 0);
		LEVEL;
		p = malloc(17 * PAGE_SIZE, t, M_NOWAIT);	/* memory */
		CU_ASSERT(p == NULL);
		LEVEL;
		spit_all(&m);
		LEVEL;
		CU_ASSERT(malloc_panics(1, -1, 0) != NULL);
		LEVEL;
		CU_ASSERT(free_panics((void *)3, t) != NULL);
		LEVEL;
		splx(s);
		end();
	}
#undef LEVEL
}

/* A handler that waits at splimp comes as soon as the call is over, not
 * inside it, and not never. */
static void
level_handler(void)
{
	struct call c;
	char *p;
	int s;

	begin(LIMITLESS);
	c.c_size = 200;
	c.c_type = t;
	c.c_flags = M_NOWAIT;
	c.c_got = NULL;
	s = splimp();
	softintr(intr_malloc, &c);
	p = malloc(200, t, M_NOWAIT);
	CU_ASSERT(c.c_got == NULL);
	free(p, t);
	CU_ASSERT(c.c_got == NULL);
	splx(s);
	CU_ASSERT(c.c_got != NULL);
	free(c.c_got, t);
	end();
}

/* ---------------------------------------------------------------------
 * M-BADFREE
 */

#define	BADFREE(addr, type, ...)					\
do {									\
	u_long h_ = books();						\
	CU_ASSERT(says(free_panics(addr, type), __VA_ARGS__));		\
	CU_ASSERT_EQUAL(books(), h_);					\
} while (0)

static void
bad_outside(void)
{
	static char other[32];
	char *no[8], *p;
	int i;

	begin(LIMITLESS);
	p = malloc(1, t, M_NOWAIT);
	no[0] = kmemlimit;
	no[1] = kmembase - 1;
	no[2] = kmembase - 16;
	no[3] = kmemlimit + 16;
	no[4] = other;
	no[5] = (char *)16;
	no[6] = (char *)~0UL;
	no[7] = (char *)(~0UL / 2);
	for (i = 0; i < 8; i++)
		BADFREE(no[i], t, "free: address %p of type %s is outside "
		    "the arena", (void *)no[i], "test");
	free(p, t);
	end();
}

static void
bad_no_page(void)
{
	struct malloc_page mp;
	vm_offset_t va;
	char *p;
	int n;

	begin(LIMITLESS);
	va = kmem_alloc(kmem_map, 2 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	BADFREE((void *)va, t, "free: address %p of type %s is in no page of "
	    "malloc's", (void *)va, "test");
	BADFREE((void *)(va + PAGE_SIZE + 16), t, "free: address %p of type "
	    "%s is in no page of malloc's", (void *)(va + PAGE_SIZE + 16),
	    "test");
	kmem_free(kmem_map, va, 2 * PAGE_SIZE);
	n = 0;
	for (p = kmembase; p < kmemlimit && n < 40; p += PAGE_SIZE)
		if (page_class(p) == -1) {
			n++;
			fill(&mp, sizeof(mp), 1);
			CU_ASSERT(malloc_page((u_long)p, &mp));
			CU_ASSERT(mp.mp_first == (u_long)p &&
			    mp.mp_npages == 0 && mp.mp_blocks == 0 &&
			    mp.mp_free == 0);
			BADFREE(p, t, "free: address %p of type %s is in no "
			    "page of malloc's", (void *)p, "test");
		}
	CU_ASSERT(n > 0);
	p = kmemlimit - PAGE_SIZE;
	if (page_class(p) == -1)
		BADFREE(p + 32, t, "free: address %p of type %s is in no "
		    "page of malloc's", (void *)(p + 32), "test");
	end();
}

static void
bad_start(void)
{
	u_long off, size;
	char *p;
	int c;

	begin(LIMITLESS);
	for (c = 0; c <= NFRAGMENT; c++) {
		size = bucket[c].kb_size;
		p = malloc(size, t, M_NOWAIT);
		for (off = 1; off < size; off += off < 17 ? 1 : size / 5)
			BADFREE(p + off, t, "free: address %p of type %s is "
			    "not the start of a block", (void *)(p + off),
			    "test");
		BADFREE(p + size - 1, t, "free: address %p of type %s is "
		    "not the start of a block", (void *)(p + size - 1),
		    "test");
		/* What no block uses, at the end of the page. */
		off = bucket[c].kb_elmperpg * size;
		if (off < PAGE_SIZE)
			BADFREE((char *)trunc_page(p) + off, t, "free: "
			    "address %p of type %s is not the start of a "
			    "block", (void *)(trunc_page(p) + off), "test");
		free(p, t);
	}
	end();
}

static void
bad_inside(void)
{
	u_long n, off;
	char *p;

	begin(LIMITLESS);
	for (n = 2; n <= NRUN + 4; n += 3) {
		p = malloc(n * PAGE_SIZE, t, M_NOWAIT);
		for (off = PAGE_SIZE; off < n * PAGE_SIZE; off += PAGE_SIZE) {
			BADFREE(p + off, t, "free: address %p of type %s is "
			    "inside a block of several pages",
			    (void *)(p + off), "test");
			BADFREE(p + off + 16, t, "free: address %p of type "
			    "%s is inside a block of several pages",
			    (void *)(p + off + 16), "test");
		}
		BADFREE(p + 8, t, "free: address %p of type %s is not the "
		    "start of a block", (void *)(p + 8), "test");
		BADFREE(p + n * PAGE_SIZE - 1, t, "free: address %p of type "
		    "%s is inside a block of several pages",
		    (void *)(p + n * PAGE_SIZE - 1), "test");
		free(p, t);
	}
	end();
}

static void
bad_twice(void)
{
	struct chain ch;
	char *p, *q;
	int c;

	begin(LIMITLESS);
	untagged_stocks(0);
	for (c = 0; c < LARGE; c++) {
		drain(&ch, c, t);
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		q = c < NFRAGMENT ? malloc(bucket[c].kb_size, t, M_NOWAIT) :
		    p;
		/* Its page partly in use, then wholly free. */
		free(p, t);
		BADFREE(p, t, "free: address %p of type %s is free already",
		    (void *)p, "test");
		if (q != p)
			free(q, t);
		BADFREE(p, t, "free: address %p of type %s is free already",
		    (void *)p, "test");
		BADFREE(q, t, "free: address %p of type %s is free already",
		    (void *)q, "test");
		/* Whatever the type. */
		BADFREE(q, M_TEMP, "free: address %p of type %s is free "
		    "already", (void *)q, kmemstats[M_TEMP].ks_shortdesc);
		chain_free(&ch);
	}
	/* A block that never was in use. */
	drain(&ch, 5, t);
	p = malloc(bucket[5].kb_size, t, M_NOWAIT);
	q = (char *)trunc_page(p);
	if (q == p)
		q += bucket[5].kb_size;
	BADFREE(q, t, "free: address %p of type %s is free already",
	    (void *)q, "test");
	free(p, t);
	chain_free(&ch);
	/* One that went back to kmem. */
	p = malloc(17 * PAGE_SIZE, t, M_NOWAIT);
	free(p, t);
	BADFREE(p, t, "free: address %p of type %s is in no page of malloc's",
	    (void *)p, "test");
	untagged_stocks(1);
	end();
}

#ifndef DIAGNOSTIC
static void
reclaim(void *arg)
{

	(void)arg;
	malloc_reclaim();
}
#endif

/* In stock: with tags found at once, without when the stock is emptied,
 * and then no list, count or stock is the worse for it. */
static void
bad_stocked(void)
{
	char *p, *q;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < LARGE; c++) {
		if (kmemstock[c].sk_most < 2)
			continue;
		p = malloc(bucket[c].kb_size, t, M_NOWAIT);
		q = malloc(bucket[c].kb_size, t, M_NOWAIT);
		free(p, t);
#ifdef DIAGNOSTIC
		BADFREE(p, t, "free: address %p of type %s is free already",
		    (void *)p, "test");
		free(q, t);
#else
		free(p, t);
		CU_ASSERT(says(panic_catch(reclaim, NULL),
		    "free: address %p was freed twice", (void *)p));
		malloc_reclaim();
		/* The account gave back what it had for q. */
		CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 0);
		CU_ASSERT(says(free_panics(q, t), "free: address %p of type "
		    "%s was allocated as another type", (void *)q, "test"));
		kmemstats[t].ks_memuse += bucket[c].kb_size;
		kmemstats[t].ks_inuse++;
		free(q, t);
#endif
		CU_ASSERT_EQUAL(malloc_check(printf), 0);
	}
	end();
}

#ifndef DIAGNOSTIC
/* Freed twice, its page gone and another class's by the time that the stock
 * is emptied: found all the same, and nothing of the other class touched. */
static void
bad_stocked_gone(void)
{
	u_long mark;
	char *p[8], *r, *q;
	int c, i;

	begin(LIMITLESS);
	c = class_of(1024);
	mark = bucket[c].kb_highwat;
	stocks(0);
	drain(&chain, c, t);
	for (i = 0; i < 8; i++)
		p[i] = malloc(1024, t, M_NOWAIT);
	r = malloc(1024, t, M_NOWAIT);
	stocks(1);
	CU_ASSERT_EQUAL(kmemstock[c].sk_most, 8);
	CU_ASSERT_PTR_EQUAL(trunc_page(p[0]), trunc_page(p[3]));
	bucket[c].kb_highwat = 0;
	for (i = 0; i < 8; i++)
		free(p[i], t);
	free(p[0], t);
	CU_ASSERT_EQUAL(page_class(p[0]), -1);
	q = malloc(PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT_PTR_EQUAL(q, trunc_page(p[0]));
	CU_ASSERT(says(panic_catch(reclaim, NULL),
	    "free: address %p was freed twice", (void *)p[0]));
	bucket[c].kb_highwat = mark;
	kmemstats[t].ks_memuse += 1024;
	kmemstats[t].ks_inuse++;
	CU_ASSERT_EQUAL(malloc_check(printf), 0);
	free(q, t);
	free(r, t);
	chain_free(&chain);
	end();
}
#endif

#ifdef DIAGNOSTIC
static void
bad_type(void)
{
	char *p;
	int c, other;

	begin(LIMITLESS);
	other = malloc_type_attach("other", LIMITLESS);
	for (c = 0; c <= LARGE; c++) {
		p = malloc(c == LARGE ? 17 * PAGE_SIZE : bucket[c].kb_size, t,
		    M_NOWAIT);
		BADFREE(p, M_TEMP, "free: address %p of type %s was "
		    "allocated as %s", (void *)p,
		    kmemstats[M_TEMP].ks_shortdesc, "test");
		BADFREE(p, other, "free: address %p of type %s was "
		    "allocated as %s", (void *)p, "other", "test");
		free(p, t);
		/* The type is the new owner's, not the first one's. */
		p = malloc(c == LARGE ? 17 * PAGE_SIZE : bucket[c].kb_size,
		    other, M_NOWAIT);
		BADFREE(p, t, "free: address %p of type %s was allocated as "
		    "%s", (void *)p, "test", "other");
		free(p, other);
	}
	malloc_type_detach(other);
	end();
}

/* Each block has a type of its own, not each page. */
static void
bad_type_neighbours(void)
{
	struct chain ch;
	char *p;
	u_long i;
	int c;

	begin(LIMITLESS);
	for (c = 0; c < NFRAGMENT; c++) {
		drain(&ch, c, M_TEMP);
		for (i = 0; i < bucket[c].kb_elmperpg; i++)
			own[0].ch_head = NULL;
		own[0].ch_n = own[1].ch_n = 0;
		own[0].ch_head = own[1].ch_head = NULL;
		own[0].ch_type = t;
		own[1].ch_type = M_IOV;
		for (i = 0; i < bucket[c].kb_elmperpg; i++)
			chain_push(&own[i & 1], malloc(bucket[c].kb_size,
			    own[i & 1].ch_type, M_NOWAIT));
		for (i = 0; i < 2; i++)
			while ((p = chain_pop(&own[i])) != NULL) {
				CU_ASSERT(free_panics(p, i ? t : M_IOV) !=
				    NULL);
				free(p, own[i].ch_type);
			}
		chain_free(&ch);
	}
	end();
}
#endif

/* ---------------------------------------------------------------------
 * M-PANIC
 */

/* After each kind of panic the next call works, and finds all as it was. */
static void
panic_goes_on(void)
{
	struct malloc_page mp, mp2;
	struct chain ch;
	char *p, *q, *r;
	int c, s, raised;

	begin(LIMITLESS);
	untagged_stocks(0);
	c = class_of(300);
	drain(&ch, c, t);
	p = malloc(300, t, M_NOWAIT);
	q = malloc(300, t, M_NOWAIT);
	free(q, t);
	for (raised = 0; raised < 2; raised++) {
		s = raised ? splimp() : splget();
		CU_ASSERT(malloc_page((u_long)p, &mp));
		CU_ASSERT(free_panics(q, t) != NULL);
		CU_ASSERT(free_panics(p + 16, t) != NULL);
		CU_ASSERT(free_panics(p, -5) != NULL);
		CU_ASSERT(free_panics(kmemlimit, t) != NULL);
		CU_ASSERT(malloc_panics(300, M_FREE, M_NOWAIT) != NULL);
		CU_ASSERT(malloc_panics(300, t, M_IO1) != NULL);
#ifdef DIAGNOSTIC
		CU_ASSERT(free_panics(p, M_TEMP) != NULL);
#endif
		CU_ASSERT(malloc_page((u_long)p, &mp2));
		CU_ASSERT_EQUAL(mp.mp_free, mp2.mp_free);
		r = malloc(300, t, M_NOWAIT);
		CU_ASSERT(r != NULL && r != p);
		fill(r, 300, 5);
		free(r, t);
		CU_ASSERT(panicstr == NULL);
		splx(s);
	}
	free(p, t);
	chain_free(&ch);
	untagged_stocks(1);
	end();
}

/* Nobody waits, nobody was woken, nothing was charged by what panicked. */
static void
panic_before_change(void)
{
	struct ask a;
	char *p;

	begin(1024);
	untagged_stocks(0);
	p = malloc(1024, t, M_NOWAIT);
	ask(&a, 1024, t, M_WAITOK);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(free_panics(p + 16, t) != NULL);
	CU_ASSERT(asleep(&a));
	CU_ASSERT(malloc_panics(100, t, M_SPACE_ONLY) != NULL);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 1024);
	CU_ASSERT_EQUAL(kmemstats[t].ks_limblocks, 1);
	free(p, t);
	CU_ASSERT(free_panics(p, t) != NULL);
	CU_ASSERT(answered(&a));
	CU_ASSERT(a.a_got != NULL);
	free(a.a_got, t);
	untagged_stocks(1);
	end();
}

CU_TestInfo malloc_tests[] = {
	{"M-SIZE: the classes are those of the manual", size_classes},
	{"M-SIZE: every size gets its class, and all of its bytes",
	    size_every},
	{"M-SIZE: size 0 gives a distinct smallest block", size_zero},
	{"M-SIZE: a block of several pages has them all", size_runs},
	{"M-SIZE: 64 KB and far more", size_large},
	{"M-ALIGN: every block of every class", align_blocks},
	{"M-ALIGN: a power of two up to a page, to itself", align_powers},
	{"M-ALIGN: no size up to a page crosses a page", align_every},
	{"M-DISJOINT: blocks of all sizes share no byte", disjoint},
	{"M-DISJOINT: nor do those of a page cut again", disjoint_recut},
	{"M-POOL: a page's worth of blocks takes one page", pool_shares},
	{"M-POOL: free and malloc touch neither kmem nor the VM", pool_keeps},
	{"M-POOL: what is kept is used before kmem is asked", pool_uses_all},
	{"M-POOL: a partly free page is preferred", pool_prefers_partial},
	{"M-NOWAIT: null where no frame is left", nowait_frames},
	{"M-NOWAIT: null where no address is left", nowait_space},
	{"M-NOWAIT: null at the limit", nowait_limit},
	{"M-NOWAIT: in an interrupt handler", nowait_interrupt},
	{"M-WAITOK: sleeps at the limit until a free", waitok_limit},
	{"M-WAITOK: at a raised level", waitok_raised},
	{"M-WAITOK: a block of its class wakes it", waitok_fragment},
	{"M-WAITOK: pages of kmem's wake it", waitok_frames},
	{"M-WAITOK: addresses of kmem_map wake it", waitok_space},
	{"M-WAITOK: a run of its class wakes it", waitok_run},
	{"M-WAITOK: more than the map: null, at once", waitok_never},
	{"M-WAITOK: more than the limit: null, at once", waitok_never_limit},
	{"M-WAITOK: the charge stands while it waits", waitok_charged},
	{"M-WAITOK: many sleepers, none forgotten", waitok_many},
	{"M-WAITOK-INTR: a panic, memory or not", waitok_interrupt},
	{"M-WAITOK-INTR: a process at splimp may", waitok_process},
	{"M-COLD: M_WAITOK at the limit is as M_NOWAIT", cold_refuses},
	{"M-COLD: M_WAITOK without memory is as M_NOWAIT", cold_memory},
	{"M-COLD: M_WAITOK passes the queue as M_NOWAIT does", cold_passes},
	{"M-FIFO: a later small request waits behind an earlier large one",
	    fifo_small_behind_large},
	{"M-FIFO: a newcomer queues though it would fit", fifo_newcomer},
	{"M-FIFO: the order is that of asking", fifo_order},
	{"M-FIFO: a free charges the head before it wakes it",
	    fifo_charges_head},
	{"M-FIFO: a free admits as many as fit", fifo_admits_several},
	{"M-FIFO: a lower limit: who can never fit gets null",
	    fifo_lower_limit},
	{"M-FIFO: a lower limit admits who stood behind",
	    fifo_lower_limit_admits},
	{"M-FIFO: a higher limit admits", fifo_raise_limit},
	{"M-FIFO: one queue for the limit and for memory", fifo_memory},
	{"M-FIFO: no wakeup is lost", fifo_no_loss},
	{"M-ZERO: all bytes are zero, whoever had them", zero_all},
	{"M-ZERO: frames that were dirty", zero_dirty_frames},
	{"M-FLAGS: the values of the flags", zero_values},
	{"M-FLAGS: what is kmem_alloc's is refused", flags_refused},
	{"M-TYPE: a type that does not exist is a panic", type_missing},
	{"M-TYPE: each type has a name", type_names},
	{"M-TYPE: the values of the types", type_values},
	{"M-TYPE: attach gives out all there are", type_attach},
	{"M-TYPE: detach wants a type at rest", type_detach},
	{"M-TYPE: detach refuses a type that is waited for",
	    type_waited_for},
	{"M-LIMIT: charged as rounded, to the byte", limit_exact},
	{"M-LIMIT: below present use it stops grants", limit_lowered},
	{"M-LIMIT: the default is 60% of kmem_map", limit_default},
	{"M-STATS: a type's account", stats_type},
	{"M-STATS: a class's account", stats_class},
	{"M-STATS: the sums over types and classes agree", stats_sums},
	{"M-STATS: the walker sees what does not agree", walker_sees},
	{"M-VMSTAT: by bucket size", vmstat_classes},
	{"M-VMSTAT: by type", vmstat_types},
	{"M-VMSTAT: the totals", vmstat_totals},
	{"M-FREE: the block is in the pool again", free_returns},
	{"M-FREE: free(NULL) does nothing", free_null},
	{"M-SURPLUS: at the mark none goes, above it one, for every class",
	    surplus_classes},
	{"M-SURPLUS: the page that becomes wholly free goes at once",
	    surplus_scattered},
	{"M-SURPLUS: for every type", surplus_types},
	{"M-SURPLUS: the mark is kb_highwat", surplus_mark},
	{"M-RECLAIM: malloc_reclaim gives back each free page",
	    reclaim_call},
	{"M-POOL: the block freed last is handed out first",
	    stock_last_first},
	{"M-POOL, M-BOUND: an empty stock takes a third, of two pages at most",
	    stock_fills},
	{"M-POOL: a stock that overflows sends back its oldest", stock_spills},
	{"M-SURPLUS: a stock keeps so much, and the mark counts apart",
	    stock_beside_mark},
	{"M-SURPLUS: what the stocks can pin, and no more", stock_pins},
	{"M-POOL: a class may have a smaller stock, or none", stock_most},
	{"M-FIFO: a newcomer queues though its stock has a block",
	    stock_newcomer},
	{"M-LIMIT: a lower limit holds for what is in stock", stock_lowered},
	{"M-RECLAIM: the pages that stocks held are counted", stock_counted},
	{"M-RECLAIM: the stocks are emptied too", stock_reclaimed},
	{"M-RECLAIM: before kmem refuses", reclaim_before_refusal},
	{"M-RECLAIM: another class's pages serve malloc",
	    reclaim_other_class},
	{"M-RECLAIM: where addresses are short", reclaim_space},
	{"M-RECLAIM: who sleeps in kmem gets a page below its mark",
	    reclaim_sleeper},
	{"M-RECLAIM: who sleeps in malloc gets another class's pages",
	    reclaim_sleeper_malloc},
	{"M-RECURSE: kmem's entries come from malloc", recurse_entries},
	{"M-RECURSE: with the pool empty, from the reserve",
	    recurse_reserve},
	{"M-LEVEL: the level on return is the level on entry", level_paths},
	{"M-LEVEL: a handler waits until the level admits it",
	    level_handler},
	{"M-BADFREE: outside the arena, its end included", bad_outside},
	{"M-BADFREE: in no page of malloc's", bad_no_page},
	{"M-BADFREE: not a block's start", bad_start},
	{"M-BADFREE: inside a large block", bad_inside},
	{"M-BADFREE: free already", bad_twice},
	{"M-BADFREE: free already, and in stock", bad_stocked},
#ifndef DIAGNOSTIC
	{"M-BADFREE: free already, and its page gone", bad_stocked_gone},
#endif
#ifdef DIAGNOSTIC
	{"M-BADFREE: another type's", bad_type},
	{"M-BADFREE: each block knows its own type", bad_type_neighbours},
#endif
	{"M-PANIC: the next call works", panic_goes_on},
	{"M-PANIC: every check precedes the first change",
	    panic_before_change},
	CU_TEST_INFO_NULL,
};
