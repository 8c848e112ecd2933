/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * kmem(9), clause by clause, on the host and in the kernel.
 */
#include "common/help.h"

static struct found before;

static void
begin(void)
{

	(void)the_submap();
	malloc_reclaim();
	look(&before);
}

static void
end(void)
{

	CU_ASSERT_EQUAL(the_submap()->used, 0);
	CU_ASSERT_EQUAL(the_submap()->nentries, 0);
	CU_ASSERT_EQUAL(kmem_check(the_submap(), printf), 0);
	CU_ASSERT(left(&before));
}

/* The submap, or a new one where the machine is another than last time. */
vm_map_t
the_submap(void)
{
	static vm_map_t map;
	static vm_offset_t start;
	struct vm_map_entry *e;

	for (e = kernel_map->header.next; e != &kernel_map->header;
	    e = e->next)
		if (map != NULL && e->kind == VME_SUBMAP &&
		    e->start == start &&
		    e->end == start + SUBPAGES * PAGE_SIZE)
			return (map);
	map = kmem_suballoc(SUBPAGES * PAGE_SIZE, FALSE);
	if (map == NULL) {
		CU_ASSERT(map != NULL);
		return (kernel_map);
	}
	start = vm_map_min(map);
	return (map);
}

/* Pages wired, and free, with what the pool holds put aside. */
static u_long
wired(void)
{

	return (cnt.v_wire_count - pool_pages());
}

static u_long
unwired(void)
{

	return (cnt.v_free_count + pool_pages());
}

/* All of the pages of a range are there (1), or all fault (0)? */
static int
there(vm_offset_t va, u_long n, int yes)
{
	u_long i;

	for (i = 0; i < n; i++)
		if (badaddr((void *)(va + i * PAGE_SIZE)) == yes ||
		    badaddr((void *)(va + i * PAGE_SIZE + PAGE_SIZE - 1)) ==
		    yes || badwrite((void *)(va + i * PAGE_SIZE + 8)) ==
		    yes || (kmem_phys(va + i * PAGE_SIZE) != 0) != yes)
			return (0);
	return (1);
}

static vm_map_t
map_no(int i)
{

	return (i == 0 ? kernel_map : i == 1 ? kmem_map : the_submap());
}

static void	intr_panic_alloc(void *);

/* ---------------------------------------------------------------------
 * K-ALLOC
 */

static void
alloc_sizes(void)
{
	static const u_long size[] = {
		1, 2, 4095, 4096, 4097, 8192, 5 * 4096 + 7, 33 * 4096
	};
	vm_offset_t va, pa;
	vm_map_t map;
	u_long n, j, k, w, f, used;
	unsigned int i;
	int m, apart;

	begin();
	for (m = 0; m < 3; m++)
		for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
			map = map_no(m);
			n = round_page(size[i]) / PAGE_SIZE;
			w = wired();
			f = unwired();
			used = map->used;
			if (map == kmem_map)
				used -= pool_pages() * PAGE_SIZE;
			va = kmem_alloc(map, size[i], i & 1 ? M_NOWAIT :
			    M_WAITOK);
			CU_ASSERT(va != 0);
			if (va == 0)
				continue;
			CU_ASSERT_EQUAL(va & PAGE_MASK, 0);
			CU_ASSERT(va >= vm_map_min(map));
			CU_ASSERT(va + n * PAGE_SIZE <= vm_map_max(map));
			CU_ASSERT_EQUAL(wired(), w + n);
			CU_ASSERT_EQUAL(unwired(), f - n);
			CU_ASSERT_EQUAL(map->used - (map == kmem_map ?
			    pool_pages() * PAGE_SIZE : 0),
			    used + n * PAGE_SIZE);
			CU_ASSERT(there(va, n, 1));
			fill((void *)va, n * PAGE_SIZE, i);
			CU_ASSERT(filled((void *)va, n * PAGE_SIZE, i));
			apart = 1;
			for (j = 0; j < n; j++) {
				pa = kmem_phys(va + j * PAGE_SIZE);
				apart &= pa >= PAGE_SIZE;
				apart &= (pa & PAGE_MASK) == 0;
				for (k = 0; k < j; k++)
					apart &= pa != kmem_phys(va +
					    k * PAGE_SIZE);
			}
			CU_ASSERT(apart);
			kmem_free(map, va, size[i]);
			CU_ASSERT_EQUAL(wired(), w);
			CU_ASSERT_EQUAL(unwired(), f);
			CU_ASSERT(there(va, n, 0));
		}
	end();
}

static void
alloc_zero(void)
{
	vm_offset_t va;
	u_long n;
	int m;

	begin();
	for (m = 0; m < 3; m++)
		for (n = 1; n < 12; n += 5) {
			va = kmem_alloc(map_no(m), n * PAGE_SIZE, M_NOWAIT);
			CU_ASSERT(va != 0);
			if (va == 0)
				continue;
			fill((void *)va, n * PAGE_SIZE, 0x77);
			kmem_free(map_no(m), va, n * PAGE_SIZE);
			/* The size asked for, and the rest of its page. */
			va = kmem_alloc(map_no(m), n * PAGE_SIZE - 100,
			    M_NOWAIT | M_ZERO_IT);
			CU_ASSERT(va != 0 && zeros((void *)va,
			    n * PAGE_SIZE));
			if (va != 0)
				kmem_free(map_no(m), va, n * PAGE_SIZE - 100);
		}
	end();
}

static void
alloc_none(void)
{
	static const int flags[] = {
		M_WAITOK, M_NOWAIT, M_ZERO_IT, M_NOWAIT | M_SPACE_ONLY,
		M_SPACE_ONLY, M_NOWAIT | M_IO1
	};
	vm_map_t map;
	unsigned int i;
	u_long h;
	int m;

	begin();
	h = books();
	for (m = 0; m < 3; m++)
		for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
			map = map_no(m);
#define	NONE(size) CU_ASSERT_EQUAL(kmem_alloc(map, (size), flags[i]), 0)
			NONE(0);
			NONE(map->size + 1);
			NONE(map->size + PAGE_SIZE);
			NONE(2 * map->size + 5);
			NONE(~0UL);
			NONE(~0UL - PAGE_SIZE);
			NONE(~0UL - PAGE_SIZE + 1);
			NONE(~0UL - PAGE_SIZE + 2);
			NONE(~0UL / 2 + 1);
#undef NONE
		}
	CU_ASSERT_EQUAL(books(), h);
	end();
}

/* All of a map can be had at once. */
static void
alloc_whole(void)
{
	vm_map_t map;
	vm_offset_t va;

	begin();
	map = the_submap();
	va = kmem_alloc(map, map->size, M_NOWAIT);
	CU_ASSERT_EQUAL(va, vm_map_min(map));
	CU_ASSERT_EQUAL(map->used, map->size);
	CU_ASSERT(va == 0 || there(va, SUBPAGES, 1));
	CU_ASSERT_EQUAL(kmem_alloc(map, 1, M_NOWAIT), 0);
	if (va != 0)
		kmem_free(map, va, map->size);
	va = kmem_alloc(map, map->size - 5, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT_EQUAL(va, vm_map_min(map));
	if (va != 0)
		kmem_free(map, va, map->size);
	end();
}

#define	NGOT	60

static struct {
	vm_offset_t va;
	u_long	n;
	int	m;
} got[NGOT];

static void
alloc_disjoint(void)
{
	vm_offset_t a, b;
	u_long seed;
	int i, j, bad, round;

	begin();
	seed = 386;
	bad = 0;
	for (i = 0; i < NGOT; i++)
		got[i].va = 0;
	for (round = 0; round < 4; round++) {
		for (i = 0; i < NGOT; i++) {
			if (got[i].va != 0)
				continue;
			got[i].m = (int)draw(&seed, 2);
			got[i].n = 1 + draw(&seed, 5);
			got[i].va = kmem_alloc(map_no(got[i].m), got[i].n *
			    PAGE_SIZE, M_NOWAIT);
			if (got[i].va == 0)
				bad++;
			else
				fill((void *)got[i].va, got[i].n * PAGE_SIZE,
				    (unsigned int)i);
		}
		for (i = 0; i < NGOT; i++)
			for (j = 0; j < NGOT; j++) {
				a = got[i].va;
				b = got[j].va;
				if (i != j && b >= a && b < a + got[i].n *
				    PAGE_SIZE)
					bad++;
			}
		for (i = 0; i < NGOT; i++) {
			if (!filled((void *)got[i].va, got[i].n * PAGE_SIZE,
			    (unsigned int)i))
				bad++;
			if (draw(&seed, 2) || round == 3) {
				kmem_free(map_no(got[i].m), got[i].va,
				    got[i].n * PAGE_SIZE);
				got[i].va = 0;
			}
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
	end();
}

static void
call_alloc_bad(void *arg)
{
	struct call *c;

	c = arg;
	(void)kmem_alloc(kernel_map, PAGE_SIZE, c->c_flags);
}

static void
alloc_flags(void)
{
	static const int bad[] = { 0x20, 0x40, 0x100, 0x8000, 0x40000000 };
	struct call c;
	unsigned int i;
	u_long h;

	begin();
	h = books();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c.c_flags = bad[i] | M_NOWAIT | M_IO1;
		CU_ASSERT(says(panic_catch(call_alloc_bad, &c),
		    "kmem_alloc: flags %#x are unknown",
		    (unsigned int)bad[i]));
	}
	CU_ASSERT_EQUAL(books(), h);
	end();
}

/* ---------------------------------------------------------------------
 * K-NOWAIT
 */

static struct meal meal;

static void
nowait_frames(void)
{
	static const int also[] = { 0, M_ZERO_IT, M_IO1 };
	vm_offset_t va;
	vm_map_t map;
	u_long w, f, used, nent, n;
	int m, i, s, raised;

	begin();
	eat_frames(&meal, kernel_map, 0);
	spit_frames(&meal, 6);
	CU_ASSERT(cnt.v_free_count >= 5);
	for (m = 0; m < 3; m++)
		for (i = 0; i < 6; i++) {
			map = map_no(m);
			n = cnt.v_free_count + 1 + (u_long)i;
			raised = i & 1;
			w = wired();
			f = cnt.v_free_count;
			used = map->used;
			nent = map->nentries;
			s = raised ? splimp() : splget();
			va = kmem_alloc(map, n * PAGE_SIZE, M_NOWAIT |
			    also[i / 2]);
			CU_ASSERT_EQUAL(va, 0);
			if (!raised)
				CU_ASSERT_EQUAL(splget(), s);
			splx(s);
			CU_ASSERT_EQUAL(wired(), w);
			CU_ASSERT_EQUAL(cnt.v_free_count, f);
			CU_ASSERT_EQUAL(map->used, used);
			CU_ASSERT_EQUAL(map->nentries, nent);
			/* What there is can still be had. */
			va = kmem_alloc(map, f * PAGE_SIZE, M_NOWAIT);
			CU_ASSERT(va != 0);
			CU_ASSERT_EQUAL(cnt.v_free_count, 0);
			if (va != 0)
				kmem_free(map, va, f * PAGE_SIZE);
			CU_ASSERT_EQUAL(cnt.v_free_count, f);
		}
	spit_all(&meal);
	end();
}

static void
nowait_space(void)
{
	vm_offset_t a, b;
	vm_map_t map;
	u_long w;

	begin();
	map = the_submap();
	a = kmem_alloc(map, 20 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	b = kmem_alloc(map, 15 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT(a != 0 && b != 0);
	w = wired();
	CU_ASSERT_EQUAL(kmem_alloc(map, 3 * PAGE_SIZE, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(wired(), w);
	CU_ASSERT_EQUAL(map->nentries, 2);
	CU_ASSERT_EQUAL(map->used, 35 * PAGE_SIZE);
	kmem_free(map, a, 20 * PAGE_SIZE);
	/* 20 free before b, 2 after it: not 21 in one piece. */
	CU_ASSERT_EQUAL(kmem_alloc(map, 21 * PAGE_SIZE, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(kmem_alloc(map, 22 * PAGE_SIZE, M_NOWAIT), 0);
	a = kmem_alloc(map, 20 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(a != 0);
	if (a != 0)
		kmem_free(map, a, 20 * PAGE_SIZE);
	kmem_free(map, b, 15 * PAGE_SIZE);
	end();
}

static struct call intr;

static void
intr_alloc(void *arg)
{

	CU_ASSERT(cpu_intr_p());
	call_kmem_alloc(arg);
}

static void
intr_free(void *arg)
{

	call_kmem_free(arg);
}

static void
nowait_interrupt(void)
{
	int m;

	begin();
	for (m = 0; m < 3; m++) {
		intr.c_map = map_no(m);
		intr.c_size = 3 * PAGE_SIZE;
		intr.c_flags = M_NOWAIT | M_ZERO_IT;
		intr.c_got = NULL;
		softintr(intr_alloc, &intr);
		CU_ASSERT(intr.c_got != NULL);
		if (intr.c_got == NULL)
			continue;
		CU_ASSERT(zeros(intr.c_got, 3 * PAGE_SIZE));
		intr.c_addr = intr.c_got;
		softintr(intr_free, &intr);
		CU_ASSERT(badaddr(intr.c_addr));
		eat_frames(&meal, kernel_map, 0);
		softintr(intr_alloc, &intr);
		CU_ASSERT(intr.c_got == NULL);
		spit_all(&meal);
	}
	end();
}

/* ---------------------------------------------------------------------
 * K-WAITOK
 */

static void
waitok_frames(void)
{
	struct ask a;
	u_long n;
	int m;

	begin();
	for (m = 0; m < 3; m++) {
		ask_kmem(&a, map_no(m), 2 * PAGE_SIZE, M_WAITOK | M_ZERO_IT);
		a.a_raise = m & 1;
		eat_frames(&meal, kernel_map, 0);
		CU_ASSERT(asleep(&a));
		n = answered_after(&a, &meal, 4);
		CU_ASSERT(n == 2 || n == 3);
		CU_ASSERT(a.a_got != NULL);
		if (a.a_got != NULL) {
			CU_ASSERT(zeros(a.a_got, 2 * PAGE_SIZE));
			kmem_free(map_no(m), (vm_offset_t)a.a_got,
			    2 * PAGE_SIZE);
		}
		spit_all(&meal);
	}
	end();
}

static void
waitok_space(void)
{
	struct ask a, b;
	vm_offset_t all[3];
	vm_map_t map;
	int i;

	begin();
	map = the_submap();
	all[0] = kmem_alloc(map, PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	all[1] = kmem_alloc(map, 6 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	all[2] = kmem_alloc(map, 30 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	for (i = 0; i < 3; i++)
		CU_ASSERT(all[i] != 0);
	ask_kmem(&a, map, 3 * PAGE_SIZE, M_WAITOK);
	ask_kmem(&b, map, 3 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	CU_ASSERT(asleep(&a) && asleep(&b));
	/* Too little; then, elsewhere. */
	kmem_free(map, all[0], PAGE_SIZE);
	CU_ASSERT(asleep(&a) && asleep(&b));
	kmem_free(kernel_map, kmem_alloc(kernel_map, 9 * PAGE_SIZE, M_NOWAIT),
	    9 * PAGE_SIZE);
	CU_ASSERT(asleep(&a) && asleep(&b));
	kmem_free(map, all[1], 6 * PAGE_SIZE);
	CU_ASSERT(answered(&a) && answered(&b));
	CU_ASSERT(a.a_got != NULL && b.a_got != NULL);
	CU_ASSERT(!badaddr(a.a_got));
	CU_ASSERT(badaddr(b.a_got));
	kmem_free(map, (vm_offset_t)a.a_got, 3 * PAGE_SIZE);
	kmem_free(map, (vm_offset_t)b.a_got, 3 * PAGE_SIZE);
	kmem_free(map, all[2], 30 * PAGE_SIZE);
	end();
}

/* The same for kmem_map, whose sleepers malloc's frees wake as well. */
static void
waitok_arena(void)
{
	struct ask a;
	char *p;

	begin();
	ask_kmem(&a, kmem_map, 2 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	p = malloc(2 * PAGE_SIZE, M_TEMP, M_NOWAIT);
	eat_space(kmem_map);
	CU_ASSERT(asleep(&a));
	free(p, M_TEMP);
	CU_ASSERT(answered(&a));
	CU_ASSERT_EQUAL(a.a_got, p);
	kmem_free(kmem_map, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	spit_space(kmem_map);
	end();
}

static void
waitok_many(void)
{
	static struct ask asks[6];
	int i, j, n;

	begin();
	for (i = 0; i < 6; i++)
		ask_kmem(&asks[i], map_no(i % 3), PAGE_SIZE, M_WAITOK);
	eat_frames(&meal, kernel_map, 0);
	for (i = 0; i < 6; i++)
		CU_ASSERT(asleep(&asks[i]));
	for (i = 1; i <= 7; i++) {
		spit_frames(&meal, 1);
		proc_settle();
		for (j = n = 0; j < 6; j++)
			n += asks[j].a_done;
		CU_ASSERT(n >= i - 1);
	}
	for (i = 0; i < 6; i++) {
		CU_ASSERT(answered(&asks[i]));
		CU_ASSERT(asks[i].a_got != NULL);
		if (asks[i].a_got != NULL)
			kmem_free(map_no(i % 3), (vm_offset_t)asks[i].a_got,
			    PAGE_SIZE);
	}
	spit_all(&meal);
	end();
}

/* A large request, and small ones that come after it: they wait for it,
 * though what comes free would do for them. */
static void
waitok_order(void)
{
	static struct ask a, b, c;
	vm_offset_t va;
	int i;

	begin();
	ask_kmem(&a, kernel_map, 8 * PAGE_SIZE, M_WAITOK);
	ask_kmem(&b, the_submap(), PAGE_SIZE, M_WAITOK);
	ask_kmem(&c, kernel_map, PAGE_SIZE, M_WAITOK);
	eat_frames(&meal, kernel_map, 0);
	CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c));
	for (i = 0; i < 7; i++) {
		spit_frames(&meal, 1);
		CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c));
	}
	/* Who may not sleep takes what is there; who wants no frames need
	 * not wait for any. */
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	CU_ASSERT(va != 0 && !a.a_done);
	kmem_free(kernel_map, va, PAGE_SIZE);
	for (i = 0; i < 6 && !c.a_done; i++) {
		CU_ASSERT(a.a_done || (!b.a_done && !c.a_done));
		spit_frames(&meal, 1);
		proc_settle();
	}
	CU_ASSERT(answered(&a) && answered(&b) && answered(&c));
	CU_ASSERT(a.a_order < b.a_order && b.a_order < c.a_order);
	kmem_free(kernel_map, (vm_offset_t)a.a_got, 8 * PAGE_SIZE);
	kmem_free(the_submap(), (vm_offset_t)b.a_got, PAGE_SIZE);
	kmem_free(kernel_map, (vm_offset_t)c.a_got, PAGE_SIZE);
	spit_all(&meal);
	end();
}

/* The same for addresses, and in one map only. */
static void
waitok_order_space(void)
{
	static struct ask a, b, c;
	vm_offset_t part[3], va;
	vm_map_t map;
	int i;

	begin();
	map = the_submap();
	for (i = 0; i < 3; i++)
		part[i] = kmem_alloc(map, (i == 2 ? SUBPAGES - 12 : 6) *
		    PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	ask_kmem(&a, map, 12 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	CU_ASSERT(asleep(&a));
	ask_kmem(&b, map, PAGE_SIZE, M_WAITOK);
	CU_ASSERT(asleep(&b));
	kmem_free(map, part[0], 6 * PAGE_SIZE);
	CU_ASSERT(asleep(&a) && asleep(&b));
	/* Who waits for addresses there is in nobody's way elsewhere. */
	ask_kmem(&c, kernel_map, PAGE_SIZE, M_WAITOK);
	CU_ASSERT(answered(&c));
	kmem_free(kernel_map, (vm_offset_t)c.a_got, PAGE_SIZE);
	va = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	kmem_free(map, va, PAGE_SIZE);
	kmem_free(map, part[1], 6 * PAGE_SIZE);
	CU_ASSERT(answered(&a) && asleep(&b));
	kmem_free(map, part[2], (SUBPAGES - 12) * PAGE_SIZE);
	CU_ASSERT(answered(&b));
	kmem_free(map, (vm_offset_t)a.a_got, 12 * PAGE_SIZE);
	kmem_free(map, (vm_offset_t)b.a_got, PAGE_SIZE);
	end();
}

/* Who lacks addresses first, and frames then, keeps both places. */
static void
waitok_both(void)
{
	static struct ask a, b, c;
	vm_offset_t part[2], va;
	vm_map_t map;

	begin();
	map = the_submap();
	part[0] = kmem_alloc(map, 10 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	part[1] = kmem_alloc(map, (SUBPAGES - 10) * PAGE_SIZE, M_NOWAIT |
	    M_SPACE_ONLY);
	ask_kmem(&a, map, 10 * PAGE_SIZE, M_WAITOK);
	CU_ASSERT(asleep(&a));
	ask_kmem(&b, map, 2 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	ask_kmem(&c, kernel_map, PAGE_SIZE, M_WAITOK);
	ask_later(&c);
	proc_settle();
	eat_frames(&meal, kernel_map, 0);
	kmem_free(map, part[0], 10 * PAGE_SIZE);
	ask_now(&c);
	CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c));
	va = kmem_alloc(map, 10 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT(va != 0);
	spit_frames(&meal, 1);
	CU_ASSERT(asleep(&a) && asleep(&b) && answered(&c));
	spit_frames(&meal, 11);
	CU_ASSERT(asleep(&a) && asleep(&b));
	kmem_free(map, va, 10 * PAGE_SIZE);
	CU_ASSERT(answered(&a));
	CU_ASSERT(!b.a_done);
	CU_ASSERT(asleep(&b));
	kmem_free(map, part[1], (SUBPAGES - 10) * PAGE_SIZE);
	CU_ASSERT(answered(&b));
	kmem_free(map, (vm_offset_t)a.a_got, 10 * PAGE_SIZE);
	kmem_free(map, (vm_offset_t)b.a_got, 2 * PAGE_SIZE);
	kmem_free(kernel_map, (vm_offset_t)c.a_got, PAGE_SIZE);
	spit_all(&meal);
	end();
}

/* Who lacks addresses, which its map may not have for long, stands in no
 * queue for frames: not where it came when others lacked frames (b); not
 * behind such a one (c); and not where others lack both (e).  The soak stood
 * still over each of these. */
static void
waitok_apart(void)
{
	static struct ask a, b, c, d, e, f;
	static struct ask *const all[] = { &a, &b, &c, &d, &e, &f };
	vm_map_t map, its[6];
	vm_offset_t part;
	int i;

	begin();
	map = the_submap();
	part = kmem_alloc(map, SUBPAGES * PAGE_SIZE, M_NOWAIT |
	    M_SPACE_ONLY);
	for (i = 0; i < 6; i++) {
		its[i] = i == 1 || i == 2 || i == 4 ? map : kernel_map;
		ask_kmem(all[i], its[i], PAGE_SIZE, M_WAITOK);
		ask_later(all[i]);
		ask_stay(all[i]);
	}
	proc_settle();
	eat_frames(&meal, kernel_map, 0);
	for (i = 0; i < 3; i++) {
		ask_now(all[i]);
		CU_ASSERT(asleep(all[i]));
	}
	spit_frames(&meal, 1);
	CU_ASSERT(answered(&a) && asleep(&b) && asleep(&c));
	for (i = 3; i < 6; i++) {
		ask_now(all[i]);
		CU_ASSERT(asleep(all[i]));
	}
	spit_frames(&meal, 1);
	CU_ASSERT(answered(&d) && asleep(&e) && asleep(&f));
	spit_frames(&meal, 1);
	CU_ASSERT(answered(&f) && asleep(&b) && asleep(&c) && asleep(&e));
	kmem_free(map, part, SUBPAGES * PAGE_SIZE);
	spit_all(&meal);
	for (i = 0; i < 6; i++) {
		CU_ASSERT(answered(all[i]));
		ask_leave(all[i]);
		kmem_free(its[i], (vm_offset_t)all[i]->a_got, PAGE_SIZE);
	}
	CU_ASSERT(b.a_order < c.a_order && c.a_order < e.a_order);
	end();
}

/* Who comes anew asks who waits, though there is a page for him. */
static void
waitok_newcomer(void)
{
	static struct ask a, b;

	begin();
	ask_kmem(&a, kernel_map, 3 * PAGE_SIZE, M_WAITOK);
	ask_later(&a);
	ask_stay(&a);
	ask_kmem(&b, kernel_map, PAGE_SIZE, M_WAITOK);
	ask_later(&b);
	proc_settle();
	eat_frames(&meal, kernel_map, 0);
	ask_now(&a);
	CU_ASSERT(asleep(&a));
	spit_frames(&meal, 2);
	CU_ASSERT(asleep(&a));
	ask_now(&b);
	CU_ASSERT(asleep(&b));
	spit_frames(&meal, 1);
	CU_ASSERT(answered(&a) && asleep(&b));
	spit_frames(&meal, 1);
	CU_ASSERT(answered(&b));
	ask_leave(&a);
	kmem_free(kernel_map, (vm_offset_t)a.a_got, 3 * PAGE_SIZE);
	kmem_free(kernel_map, (vm_offset_t)b.a_got, PAGE_SIZE);
	spit_all(&meal);
	end();
}

/* Frames that a process had are as good as others for who waits. */
static void
waitok_putpages(void)
{
	static vm_offset_t frame[3];
	static struct ask a;

	begin();
	CU_ASSERT_EQUAL(kmem_getpages(frame, 3, M_NOWAIT), 1);
	ask_kmem(&a, kernel_map, 2 * PAGE_SIZE, M_WAITOK);
	eat_frames(&meal, kernel_map, 0);
	CU_ASSERT(asleep(&a));
	kmem_putpages(frame, 3);
	CU_ASSERT(answered(&a));
	kmem_free(kernel_map, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	spit_all(&meal);
	end();
}

/* More pages than there are frames: never, so at once; but addresses for
 * them can be had. */
static void
waitok_never(void)
{
	vm_offset_t va;
	vm_size_t size;

	begin();
	size = (cnt.v_page_count + 1) * PAGE_SIZE;
	CU_ASSERT(size < largest_hole(kernel_map));
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, size, M_WAITOK), 0);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, size, M_NOWAIT), 0);
	va = kmem_alloc(kernel_map, size, M_WAITOK | M_SPACE_ONLY);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, size);
	/* (None is put there.) */
	CU_ASSERT_EQUAL(kmem_getpages(&va, cnt.v_page_count + 1, M_WAITOK),
	    0);
	CU_ASSERT_EQUAL(kmem_getpages(&va, ~0UL, M_WAITOK), 0);
	CU_ASSERT_EQUAL(kmem_getpages(&va, 0, M_WAITOK), 0);
	end();
}

static int intr_ok;

static void
intr_panic_alloc(void *arg)
{
	struct call *c;
	u_long h;

	c = arg;
	h = books();
	intr_ok = says(panic_catch(call_kmem_alloc, c),
	    "kmem_alloc: M_WAITOK in an interrupt handler (%lu bytes)",
	    c->c_size);
	intr_ok &= books() == h;
}

static void
waitok_interrupt(void)
{
	int m;

	begin();
	for (m = 0; m < 3; m++) {
		intr.c_map = map_no(m);
		intr.c_size = 5000;
		intr.c_flags = m == 2 ? M_WAITOK | M_SPACE_ONLY : M_WAITOK;
		intr_ok = 0;
		softintr(intr_panic_alloc, &intr);
		CU_ASSERT(intr_ok);
	}
	end();
}

static void
waitok_cold(void)
{
	vm_offset_t va;
	int i;

	begin();
	for (i = 0; i < 2; i++) {
		eat_frames(&meal, kernel_map, 0);
		if (i == 0)
			cold = 1;
		else
			panicstr = "a test";
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_WAITOK);
		cold = 0;
		panicstr = NULL;
		CU_ASSERT_EQUAL(va, 0);
		CU_ASSERT_EQUAL(kmem_waiters, 0);
		spit_all(&meal);
	}
	cold = 1;
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_WAITOK);
	cold = 0;
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	end();
}

/* ---------------------------------------------------------------------
 * K-SPACE
 */

static void
space_only(void)
{
	vm_offset_t va;
	vm_map_t map;
	u_long w, f;
	int m;

	begin();
	for (m = 0; m < 3; m++) {
		map = map_no(m);
		w = wired();
		f = unwired();
		va = kmem_alloc(map, 7 * PAGE_SIZE - 1, M_SPACE_ONLY |
		    M_NOWAIT | M_ZERO_IT);
		CU_ASSERT(va != 0);
		if (va == 0)
			continue;
		CU_ASSERT_EQUAL(va & PAGE_MASK, 0);
		CU_ASSERT_EQUAL(wired(), w);
		CU_ASSERT_EQUAL(unwired(), f);
		CU_ASSERT(there(va, 7, 0));
		kmem_free(map, va, 7 * PAGE_SIZE);
		CU_ASSERT_EQUAL(wired(), w);
		CU_ASSERT_EQUAL(unwired(), f);
	}
	end();
}

/* It needs no frame, and nothing else is put there. */
static void
space_kept(void)
{
	vm_offset_t va, a;
	vm_map_t map;

	begin();
	map = the_submap();
	eat_frames(&meal, kernel_map, 0);
	va = kmem_alloc(map, 30 * PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	CU_ASSERT(va != 0);
	spit_all(&meal);
	a = kmem_alloc(map, 7 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(a != 0 && (a >= va + 30 * PAGE_SIZE ||
	    a + 7 * PAGE_SIZE <= va));
	CU_ASSERT_EQUAL(kmem_alloc(map, PAGE_SIZE, M_NOWAIT), 0);
	CU_ASSERT(there(va, 30, 0));
	CU_ASSERT(a == 0 || there(a, 7, 1));
	kmem_free(map, a, 7 * PAGE_SIZE);
	kmem_free(map, va, 30 * PAGE_SIZE);
	end();
}

static void
space_whole(void)
{
	vm_offset_t a, b;
	vm_map_t map;
	u_long h;

	begin();
	map = the_submap();
	a = kmem_alloc(map, 5 * PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	b = kmem_alloc(map, 3 * PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	CU_ASSERT_EQUAL(b, a + 5 * PAGE_SIZE);
	CU_ASSERT_EQUAL(map->nentries, 2);
	h = digest(books(), map, sizeof(*map));
#define	PART(va, n) CU_ASSERT(says(kmem_free_panics(map, (va),		\
	(n) * PAGE_SIZE), "kmem_free: %lu bytes at %#lx are part of a "	\
	"reservation", (n) * PAGE_SIZE, (va)))
	PART(a, 1);
	PART(a, 4);
	PART(a + PAGE_SIZE, 4);
	PART(a + 4 * PAGE_SIZE, 1);
	PART(b + PAGE_SIZE, 1);
#undef PART
	CU_ASSERT(kmem_free_panics(map, a, 8 * PAGE_SIZE) != NULL);
	CU_ASSERT_EQUAL(digest(books(), map, sizeof(*map)), h);
	kmem_free(map, a, 4 * PAGE_SIZE + 1);	/* five pages */
	kmem_free(map, b, 3 * PAGE_SIZE);
	end();
}

/* ---------------------------------------------------------------------
 * K-IO
 */

static void
io_below(void)
{
	static const int io[] = { M_IO1, M_IO2, M_IO3 };
	vm_offset_t va;
	u_long j, n;
	int i, m, ok;

	begin();
	for (i = 0; i < 3; i++)
		for (m = 0; m < 3; m++) {
			n = m == 1 ? 16 : 3;
			va = kmem_alloc(map_no(m), n * PAGE_SIZE, io[i] |
			    (m ? M_NOWAIT | M_ZERO_IT : 0));
			CU_ASSERT(va != 0);
			if (va == 0)
				continue;
			ok = 1;
			for (j = 0; j < n; j++)
				ok &= kmem_phys(va + j * PAGE_SIZE) != 0 &&
				    kmem_phys(va + j * PAGE_SIZE) +
				    PAGE_SIZE <= VM_IO_LIMIT;
			CU_ASSERT(ok);
			CU_ASSERT(m == 0 || zeros((void *)va, n * PAGE_SIZE));
			kmem_free(map_no(m), va, n * PAGE_SIZE);
		}
	end();
}

/* Take all that a device reaches; the rest, if any, is not that. */
static void
io_only_below(void)
{
	vm_offset_t va;
	u_long free;
	int low;

	begin();
	meal.m_head = NULL;
	meal.m_n = 0;
	meal.m_map = kernel_map;
	low = 1;
	while ((va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO1)) !=
	    0) {
		low &= kmem_phys(va) < VM_IO_LIMIT;
		*(void **)va = meal.m_head;
		meal.m_head = (void *)va;
		meal.m_n++;
	}
	CU_ASSERT(low);
	CU_ASSERT(meal.m_n > 0);
	free = cnt.v_free_count;
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO3),
	    0);
	CU_ASSERT_EQUAL(cnt.v_free_count, free);
	if (free > 2) {
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
		CU_ASSERT(va != 0 && kmem_phys(va) >= VM_IO_LIMIT);
		kmem_free(kernel_map, va, PAGE_SIZE);
	}
	spit_all(&meal);
	end();
}

/* Do n pages from va on lie in a row, and between two multiples of so many
 * bytes? */
static int
in_row(vm_offset_t va, u_long n, vm_size_t within)
{
	vm_offset_t pa;
	u_long i;

	pa = kmem_phys(va);
	for (i = 0; i < n; i++)
		if (kmem_phys(va + i * PAGE_SIZE) != pa + i * PAGE_SIZE)
			return (0);
	return (pa / within == (pa + n * PAGE_SIZE - 1) / within &&
	    pa + n * PAGE_SIZE <= VM_IO_LIMIT);
}

static const struct {
	int	io_flag;
	vm_size_t io_within;	/* bytes */
} ioclass[] = {
	{ M_IO1, VM_IO1_BOUNDARY },
	{ M_IO2, VM_IO2_BOUNDARY },
	{ M_IO3, VM_IO_LIMIT }
};

/* Ranges of three and five pages, many at a time: they would cross. */
static void
io_row(void)
{
	static vm_offset_t va[24];
	u_long n;
	int i, j, ok, crossed;

	begin();
	for (i = 0; i < 3; i++) {
		ok = 1;
		crossed = 0;
		for (j = 0; j < 24; j++) {
			n = j % 3 == 2 ? 5 : 3;
			va[j] = kmem_alloc(kernel_map, n * PAGE_SIZE,
			    M_NOWAIT | ioclass[i].io_flag);
			ok &= va[j] != 0 &&
			    in_row(va[j], n, ioclass[i].io_within);
			crossed += i > 0 &&
			    !in_row(va[j], n, ioclass[i - 1].io_within);
		}
		CU_ASSERT(ok);
		/* The wider class is of use. */
		CU_ASSERT(i == 0 || crossed > 0);
		for (j = 0; j < 24; j++)
			kmem_free(kernel_map, va[j], (j % 3 == 2 ? 5UL : 3UL) *
			    PAGE_SIZE);
	}
	end();
}

/* As large as the class allows; a page more can never be. */
static void
io_largest(void)
{
	vm_offset_t va;
	u_long n;
	int i;

	begin();
	for (i = 0; i < 2; i++) {
		n = ioclass[i].io_within / PAGE_SIZE;
		va = kmem_alloc(kernel_map, n * PAGE_SIZE, M_NOWAIT |
		    ioclass[i].io_flag);
		CU_ASSERT(va != 0);
		CU_ASSERT(va == 0 || in_row(va, n, ioclass[i].io_within));
		if (va != 0)
			kmem_free(kernel_map, va, n * PAGE_SIZE);
		CU_ASSERT_EQUAL(kmem_alloc(kernel_map, (n + 1) * PAGE_SIZE,
		    M_WAITOK | ioclass[i].io_flag), 0);
	}
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, VM_IO_LIMIT - 2 * PAGE_SIZE,
	    M_WAITOK | M_IO3), 0);
	/* Addresses alone are not frames. */
	va = kmem_alloc(kernel_map, 17 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY |
	    M_IO1);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, 17 * PAGE_SIZE);
	end();
}

/* Is there memory at a physical address? */
static int
is_memory(vm_offset_t pa)
{
	const vm_offset_t *r;

	for (r = phys_avail; r[1] != 0; r += 2)
		if (pa >= r[0] && pa < r[1])
			return (1);
	return (0);
}

/* All rows that there are: in memory, beside its holes, and below the line. */
void
io_all(void)
{
	vm_offset_t va, off;
	u_long n, rows;
	int ok;

	begin();
	for (n = 3; n <= 7; n += 2) {
		meal.m_head = NULL;
		ok = 1;
		for (rows = 0; ; rows++) {
			va = kmem_alloc(kernel_map, n * PAGE_SIZE, M_NOWAIT |
			    M_IO3);
			if (va == 0)
				break;
			ok &= in_row(va, n, VM_IO_LIMIT);
			for (off = 0; off < n * PAGE_SIZE; off += PAGE_SIZE)
				ok &= is_memory(kmem_phys(va + off));
			*(void **)va = meal.m_head;
			meal.m_head = (void *)va;
		}
		CU_ASSERT(ok);
		CU_ASSERT(rows > 20);
		while ((va = (vm_offset_t)meal.m_head) != 0) {
			meal.m_head = *(void **)va;
			kmem_free(kernel_map, va, n * PAGE_SIZE);
		}
	}
	end();
}

/* With every second frame free there are none in a row: refused, or waited
 * for. */
static void
io_scattered(void)
{
	static struct ask a;
	static struct meal kept;
	vm_offset_t va;
	u_long free;
	void *p;
	int i;

	begin();
	ask_kmem(&a, kernel_map, 2 * PAGE_SIZE, M_WAITOK | M_IO2);
	ask_later(&a);
	proc_settle();
	eat_frames(&meal, kernel_map, 0);
	kept.m_head = NULL;
	kept.m_n = 0;
	kept.m_map = kernel_map;
	for (i = 0; i < 32; i++) {
		/* Keep one, give one. */
		p = meal.m_head;
		meal.m_head = *(void **)p;
		meal.m_n--;
		*(void **)p = kept.m_head;
		kept.m_head = p;
		kept.m_n++;
		spit_frames(&meal, 1);
	}
	free = cnt.v_free_count;
	CU_ASSERT(free >= 30);
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO3);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT |
	    M_IO3), 0);
	CU_ASSERT_EQUAL(cnt.v_free_count, free);
	va = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, 2 * PAGE_SIZE);
	ask_now(&a);
	CU_ASSERT(asleep(&a));
	for (i = 0; i < 4 && !a.a_done; i++) {
		spit_frames(&kept, 1);
		proc_settle();
	}
	CU_ASSERT(answered(&a));
	CU_ASSERT(in_row((vm_offset_t)a.a_got, 2, VM_IO2_BOUNDARY));
	kmem_free(kernel_map, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	spit_all(&kept);
	spit_all(&meal);
	end();
}

/* ---------------------------------------------------------------------
 * K-FREE
 */

static void
free_rounds(void)
{
	vm_offset_t va;
	u_long f;
	int m;

	begin();
	for (m = 0; m < 3; m++) {
		f = unwired();
		va = kmem_alloc(map_no(m), PAGE_SIZE + 1, M_NOWAIT);
		CU_ASSERT(va != 0);
		CU_ASSERT_EQUAL(unwired(), f - 2);
		kmem_free(map_no(m), va, PAGE_SIZE + 1);
		CU_ASSERT_EQUAL(unwired(), f);
		CU_ASSERT(there(va, 2, 0));
	}
	end();
}

static void
free_joins(void)
{
	static const signed char order[6][3] = {
		{ 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 },
		{ 3, 1, 2 }, { 3, 2, 1 }
	};
	vm_offset_t va[5], all;
	vm_map_t map;
	int i, k, kind;

	begin();
	map = the_submap();
	for (kind = 0; kind <= M_SPACE_ONLY; kind += M_SPACE_ONLY)
		for (k = 0; k < 6; k++) {
			for (i = 0; i < 5; i++) {
				va[i] = kmem_alloc(map, 7 * PAGE_SIZE,
				    M_NOWAIT | kind);
				CU_ASSERT_EQUAL(va[i], vm_map_min(map) +
				    (u_long)i * 7 * PAGE_SIZE);
			}
			for (i = 0; i < 3; i++)
				kmem_free(map, va[(int)order[k][i]],
				    7 * PAGE_SIZE);
			all = kmem_alloc(map, 21 * PAGE_SIZE, M_NOWAIT | kind);
			CU_ASSERT_EQUAL(all, va[1]);
			kmem_free(map, va[0], 7 * PAGE_SIZE);
			kmem_free(map, all, 21 * PAGE_SIZE);
			kmem_free(map, va[4], 7 * PAGE_SIZE);
			CU_ASSERT_EQUAL(map->nentries, 0);
		}
	end();
}

/* Any range, whichever calls allocated it; the rest is as it was. */
static void
free_any(void)
{
	vm_offset_t a, b, c;
	vm_map_t map;
	u_long f, i, j;

	begin();
	map = the_submap();
	f = unwired();
	for (i = 0; i < 10; i++)
		for (j = i + 1; j <= 10; j++) {
			a = kmem_alloc(map, 3 * PAGE_SIZE, M_NOWAIT);
			b = kmem_alloc(map, 2 * PAGE_SIZE, M_NOWAIT);
			c = kmem_alloc(map, 5 * PAGE_SIZE, M_NOWAIT);
			CU_ASSERT_EQUAL(b, a + 3 * PAGE_SIZE);
			CU_ASSERT_EQUAL(c, a + 5 * PAGE_SIZE);
			if (c == 0)
				continue;
			fill((void *)a, 10 * PAGE_SIZE, 3);
			kmem_free(map, a + i * PAGE_SIZE,
			    (j - i) * PAGE_SIZE);
			CU_ASSERT(there(a, i, 1));
			CU_ASSERT(there(a + i * PAGE_SIZE, j - i, 0));
			CU_ASSERT(there(a + j * PAGE_SIZE, 10 - j, 1));
			CU_ASSERT(filled((void *)a, i * PAGE_SIZE, 3));
			CU_ASSERT_EQUAL(unwired(), f - 10 + (j - i));
			CU_ASSERT_EQUAL(map->used, (10 - (j - i)) *
			    PAGE_SIZE);
			CU_ASSERT_EQUAL(map->nentries,
			    (u_long)((i > 0) + (j < 10)));
			CU_ASSERT_EQUAL(kmem_check(map, printf), 0);
			if (i > 0)
				kmem_free(map, a, i * PAGE_SIZE);
			if (j < 10)
				kmem_free(map, a + j * PAGE_SIZE,
				    (10 - j) * PAGE_SIZE);
		}
	end();
}

static void
free_refused(void)
{
	vm_offset_t a, b, lo, hi;
	vm_map_t map;
	u_long h;

	begin();
	map = the_submap();
	lo = vm_map_min(map);
	hi = vm_map_max(map);
	a = kmem_alloc(map, 4 * PAGE_SIZE, M_NOWAIT);
	b = kmem_alloc(map, 4 * PAGE_SIZE, M_NOWAIT);
	kmem_free(map, a + 3 * PAGE_SIZE, 2 * PAGE_SIZE);
	/* Pages 0 to 2 and 5 to 7 are there. */
	CU_ASSERT(a == lo && b == a + 4 * PAGE_SIZE);
	h = digest(books(), map, sizeof(*map));
#define	REFUSED(va, size, what) CU_ASSERT(says(kmem_free_panics(map, (va), \
	(size)), "kmem_free: %lu bytes at %#lx " what, (u_long)(size), (va)))
	REFUSED(a + 3 * PAGE_SIZE, PAGE_SIZE, "are not allocated");
	REFUSED(a + 3 * PAGE_SIZE, 2 * PAGE_SIZE, "are not allocated");
	REFUSED(a + 8 * PAGE_SIZE, 1, "are not allocated");
	REFUSED(hi - PAGE_SIZE, PAGE_SIZE, "are not allocated");
	REFUSED(hi, PAGE_SIZE, "are not allocated");
	REFUSED(hi + 9 * PAGE_SIZE, PAGE_SIZE, "are not allocated");
	REFUSED(lo - PAGE_SIZE, PAGE_SIZE, "are not allocated");
	REFUSED(0UL, PAGE_SIZE, "are not allocated");
	REFUSED(~0UL - PAGE_SIZE + 1, PAGE_SIZE, "are not allocated");
	REFUSED(a, 4 * PAGE_SIZE, "are partly allocated");
	REFUSED(a + 2 * PAGE_SIZE, PAGE_SIZE + 1, "are partly allocated");
	REFUSED(a, 8 * PAGE_SIZE, "are partly allocated");
	REFUSED(a + 4 * PAGE_SIZE, 2 * PAGE_SIZE, "are partly allocated");
	REFUSED(a + 4 * PAGE_SIZE, 4 * PAGE_SIZE, "are partly allocated");
	REFUSED(a + 5 * PAGE_SIZE, 4 * PAGE_SIZE, "are partly allocated");
	REFUSED(lo - PAGE_SIZE, 2 * PAGE_SIZE, "are partly allocated");
	REFUSED(a, map->size, "are partly allocated");
	REFUSED(a, map->size + 1, "are partly allocated");
	REFUSED(a, ~0UL, "are partly allocated");
	REFUSED(a, ~0UL - PAGE_SIZE + 2, "are partly allocated");
	CU_ASSERT(says(kmem_free_panics(map, a + 1, PAGE_SIZE), "kmem_free: "
	    "address %#lx is not page-aligned", a + 1));
	CU_ASSERT(says(kmem_free_panics(map, a + PAGE_SIZE - 1, 1),
	    "kmem_free: address %#lx is not page-aligned",
	    a + PAGE_SIZE - 1));
	map = kernel_map;
	REFUSED(lo, SUBPAGES * PAGE_SIZE, "belong to a submap");
	REFUSED(a, PAGE_SIZE, "belong to a submap");
	REFUSED((vm_offset_t)kmembase, PAGE_SIZE, "belong to a submap");
#undef REFUSED
	map = the_submap();
	CU_ASSERT_EQUAL(digest(books(), map, sizeof(*map)), h);
	CU_ASSERT(there(a, 3, 1));
	CU_ASSERT(there(a + 5 * PAGE_SIZE, 3, 1));
	kmem_free(map, a, 3 * PAGE_SIZE);
	kmem_free(map, a + 5 * PAGE_SIZE, 3 * PAGE_SIZE);
	/* What was freed is not allocated. */
	CU_ASSERT(says(kmem_free_panics(map, a, 3 * PAGE_SIZE),
	    "kmem_free: %lu bytes at %#lx are not allocated",
	    3 * PAGE_SIZE, a));
	end();
}

static void
free_nothing(void)
{
	vm_offset_t va;
	u_long h;

	begin();
	va = kmem_alloc(the_submap(), PAGE_SIZE, M_NOWAIT);
	h = digest(books(), the_submap(), sizeof(struct vm_map));
	kmem_free(the_submap(), va, 0);
	kmem_free(kernel_map, 0, 0);
	CU_ASSERT_EQUAL(digest(books(), the_submap(), sizeof(struct vm_map)),
	    h);
	kmem_free(the_submap(), va, PAGE_SIZE);
	end();
}

/* At interrupt level too, and where it needs an entry of its own. */
static void
free_interrupt(void)
{
	vm_offset_t va;
	u_long i;
	int s;

	begin();
	va = kmem_alloc(kernel_map, 41 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	eat_frames(&meal, kmem_map, 0);
	for (i = 1; va != 0 && i < 41; i += 2) {
		intr.c_map = kernel_map;
		intr.c_addr = (void *)(va + i * PAGE_SIZE);
		intr.c_size = PAGE_SIZE;
		if (i % 4 == 1)
			softintr(intr_free, &intr);
		else {
			s = splimp();
			kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
			CU_ASSERT(splget() != s);
			splx(s);
		}
		CU_ASSERT(there(va + i * PAGE_SIZE, 1, 0));
		CU_ASSERT(there(va + i * PAGE_SIZE - PAGE_SIZE, 1, 1));
	}
	for (i = 0; va != 0 && i < 41; i += 2)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	spit_all(&meal);
	end();
}

/* ---------------------------------------------------------------------
 * K-SUBALLOC
 */

static void
suballoc_range(void)
{
	vm_offset_t lo, hi;
	vm_map_t map;
	int i, bad;

	begin();
	map = the_submap();
	lo = vm_map_min(map);
	hi = vm_map_max(map);
	CU_ASSERT_EQUAL(hi - lo, SUBPAGES * PAGE_SIZE);
	CU_ASSERT_EQUAL(map->size, SUBPAGES * PAGE_SIZE);
	CU_ASSERT_EQUAL(lo & PAGE_MASK, 0);
	CU_ASSERT_EQUAL(map->pageable, FALSE);
	CU_ASSERT(lo >= vm_map_min(kernel_map));
	CU_ASSERT(hi <= vm_map_max(kernel_map));
	CU_ASSERT(hi <= (vm_offset_t)kmembase ||
	    lo >= (vm_offset_t)kmemlimit);
	eat_space(kernel_map);
	CU_ASSERT(ncourse > 0);
	bad = 0;
	for (i = 0; i < ncourse; i++) {
		if (course[i].addr < hi && course[i].addr + course[i].size >
		    lo)
			bad++;
		if (course[i].addr < (vm_offset_t)kmemlimit &&
		    course[i].addr + course[i].size > (vm_offset_t)kmembase)
			bad++;
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT), 0);
	/* No room: null, and nothing left behind. */
	CU_ASSERT(kmem_suballoc(PAGE_SIZE, FALSE) == NULL);
	spit_space(kernel_map);
	end();
}

static void
suballoc_null(void)
{
	vm_size_t size;
	u_long inuse;
	int s;

	begin();
	inuse = kmemstats[M_VMMAP].ks_inuse;
	s = splget();
	size = largest_hole(kernel_map);
	CU_ASSERT(kmem_suballoc(0, FALSE) == NULL);
	CU_ASSERT(kmem_suballoc(size + 1, FALSE) == NULL);
	CU_ASSERT(kmem_suballoc(size + PAGE_SIZE, TRUE) == NULL);
	CU_ASSERT(kmem_suballoc(kernel_map->size + 1, TRUE) == NULL);
	CU_ASSERT(kmem_suballoc(~0UL, FALSE) == NULL);
	CU_ASSERT(kmem_suballoc(~0UL - PAGE_SIZE + 2, FALSE) == NULL);
	CU_ASSERT_EQUAL(kmemstats[M_VMMAP].ks_inuse, inuse);
	CU_ASSERT_EQUAL(splget(), s);
	end();
}

/* Made late, wired or pageable, it works as it was asked to: what lies in a
 * pageable one is active, not wired. */
static void
suballoc_pageable(void)
{
	vm_map_t map[2];
	vm_offset_t va, io, rest;
	u_long active, w;
	int i;

	begin();
	for (i = 0; i < 2; i++) {
		/* It cannot be ended, and stays. */
		map[i] = kmem_suballoc(16 * PAGE_SIZE, i);
		look(&before);
		CU_ASSERT_FATAL(map[i] != NULL);
		CU_ASSERT_EQUAL(map[i]->pageable, i);
		active = cnt.v_active_count;
		w = wired();
		va = kmem_alloc(map[i], 7 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
		io = kmem_alloc(map[i], 3 * PAGE_SIZE, M_NOWAIT | M_IO1);
		CU_ASSERT(va != 0 && io != 0);
		CU_ASSERT(zeros((void *)va, 7 * PAGE_SIZE));
		CU_ASSERT(in_row(io, 3, VM_IO1_BOUNDARY));
		CU_ASSERT_EQUAL(cnt.v_active_count, active + (i ? 10 : 0));
		CU_ASSERT_EQUAL(wired(), w + (i ? 0 : 10));
		CU_ASSERT_EQUAL(kmem_check(map[i], printf), 0);
		CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
		/* A middle, a rollback, and the rest. */
		kmem_free(map[i], va + 2 * PAGE_SIZE, PAGE_SIZE);
		CU_ASSERT_EQUAL(cnt.v_active_count, active + (i ? 9 : 0));
		eat_frames(&meal, kernel_map, 2);
		CU_ASSERT_EQUAL(kmem_alloc(map[i], 4 * PAGE_SIZE, M_NOWAIT),
		    0);
		spit_all(&meal);
		rest = kmem_alloc(map[i], 7 * PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_EQUAL(rest, 0);
		kmem_free(map[i], va, 2 * PAGE_SIZE);
		kmem_free(map[i], va + 3 * PAGE_SIZE, 4 * PAGE_SIZE);
		kmem_free(map[i], io, 3 * PAGE_SIZE);
		CU_ASSERT_EQUAL(cnt.v_active_count, active);
		CU_ASSERT_EQUAL(wired(), w);
		CU_ASSERT_EQUAL(map[i]->used, 0);
		CU_ASSERT_EQUAL(kmem_check(map[i], printf), 0);
	}
	end();
}

/* ---------------------------------------------------------------------
 * K-PHYS
 */

static void
phys(void)
{
	vm_offset_t va, pa;
	u_long i;
	vm_map_t map;

	begin();
	map = the_submap();
	va = kmem_alloc(map, 3 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	for (i = 0; va != 0 && i < 3; i++) {
		pa = kmem_phys(va + i * PAGE_SIZE);
		CU_ASSERT(pa != 0 && (pa & PAGE_MASK) == 0);
		CU_ASSERT_EQUAL(kmem_phys(va + i * PAGE_SIZE + 1), pa + 1);
		CU_ASSERT_EQUAL(kmem_phys(va + i * PAGE_SIZE + 2049),
		    pa + 2049);
		CU_ASSERT_EQUAL(kmem_phys(va + i * PAGE_SIZE + PAGE_MASK),
		    pa + PAGE_MASK);
	}
	CU_ASSERT_EQUAL(kmem_phys(va + 3 * PAGE_SIZE), 0);
	CU_ASSERT_EQUAL(kmem_phys(va + 3 * PAGE_SIZE + 5), 0);
	CU_ASSERT_EQUAL(kmem_phys(vm_map_max(map) - 1), 0);
	kmem_free(map, va + PAGE_SIZE, PAGE_SIZE);
	CU_ASSERT(kmem_phys(va + PAGE_SIZE - 1) != 0);
	CU_ASSERT_EQUAL(kmem_phys(va + PAGE_SIZE), 0);
	CU_ASSERT_EQUAL(kmem_phys(va + 2 * PAGE_SIZE - 1), 0);
	CU_ASSERT(kmem_phys(va + 2 * PAGE_SIZE) != 0);
	kmem_free(map, va, PAGE_SIZE);
	kmem_free(map, va + 2 * PAGE_SIZE, PAGE_SIZE);
	/* A map's end is not in it. */
	va = kmem_alloc(map, map->size, M_NOWAIT);
	CU_ASSERT(va != 0 && kmem_phys(vm_map_max(map) - 1) != 0);
	CU_ASSERT_EQUAL(kmem_phys(vm_map_max(map)) == 0,
	    badaddr((void *)vm_map_max(map)));
	kmem_free(map, va, map->size);
	end();
}

/* ---------------------------------------------------------------------
 * K-SCALE
 */

static void
scale_merges(void)
{
	vm_offset_t va[20];
	vm_map_t map;
	u_long seed;
	int i, j;

	begin();
	map = the_submap();
	for (i = 0; i < 20; i++) {
		va[i] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
		CU_ASSERT(va[i] != 0);
		CU_ASSERT_EQUAL(map->nentries, 1);
	}
	for (i = 0; i < 20; i += 2)
		kmem_free(map, va[i], PAGE_SIZE);
	CU_ASSERT_EQUAL(map->nentries, 10);
	/* A page between two joins both. */
	for (i = 0; i < 20; i += 2) {
		va[i] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_EQUAL(va[i], va[1] + (u_long)i * PAGE_SIZE -
		    PAGE_SIZE);
		CU_ASSERT_EQUAL(map->nentries, i < 18 ? 10U - (u_long)i / 2 :
		    1);
	}
	seed = 1;
	for (i = 0; i < 20; i++) {
		j = (int)draw(&seed, 20);
		while (va[j] == 0)
			j = (j + 1) % 20;
		kmem_free(map, va[j], PAGE_SIZE);
		va[j] = 0;
	}
	CU_ASSERT_EQUAL(map->nentries, 0);
	/* Reservations stay what they were; so do frames beside them. */
	va[0] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
	va[1] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	va[2] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	va[3] = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_EQUAL(map->nentries, 4);
	for (i = 0; i < 4; i++)
		kmem_free(map, va[i], PAGE_SIZE);
	end();
}

/* How deep is the tree? */
static int
depth(const struct vm_map_entry *t)
{
	int l, r;

	if (t == NULL)
		return (0);
	l = depth(t->left);
	r = depth(t->right);
	return (1 + (l > r ? l : r));
}

/* Entries without limit, and a tree that stays flat. */
static void
scale_unlimited(void)
{
	vm_offset_t va;
	u_long n, i, nent;
	int log;

	begin();
	n = cnt.v_free_count / 2;
	n = n > 1500 ? 1500 : n;
	if (n * PAGE_SIZE > largest_hole(kernel_map))
		n = largest_hole(kernel_map) / PAGE_SIZE;
	CU_ASSERT(n > 200);
	nent = kernel_map->nentries;
	va = kmem_alloc(kernel_map, n * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	for (i = 1; va != 0 && i < n; i += 2)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	CU_ASSERT(kernel_map->nentries + 1 >= nent + n / 2);
	for (log = 0; 1UL << log <= kernel_map->nentries + 1; log++)
		;
	CU_ASSERT(depth(kernel_map->root) <= 2 * log);
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	/* In an order that is neither up nor down. */
	for (i = 0; va != 0 && i < n; i += 4)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	for (log = 0; 1UL << log <= kernel_map->nentries + 1; log++)
		;
	CU_ASSERT(depth(kernel_map->root) <= 2 * log);
	for (i = 2; va != 0 && i < n; i += 4)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	CU_ASSERT(kernel_map->nentries <= nent + 1);
	end();
}

/* Against a model: a map as an array of pages.  What fits is found, and at
 * the lowest address; what does not is refused. */
static signed char model[SUBPAGES];	/* 0, 1 frames, 2 first of a */
					/* reservation, 3 the rest of it */

static int
model_fit(int n)
{
	int i, run;

	for (i = run = 0; i < SUBPAGES; i++) {
		run = model[i] == 0 ? run + 1 : 0;
		if (run == n)
			return (i - n + 1);
	}
	return (-1);
}

static void
model_alloc(vm_map_t map, int n, int space)
{
	vm_offset_t va;
	int at, i;

	at = model_fit(n);
	va = kmem_alloc(map, (u_long)n * PAGE_SIZE, M_NOWAIT |
	    (space ? M_SPACE_ONLY : 0));
	CU_ASSERT_EQUAL(va, at < 0 ? 0 : vm_map_min(map) +
	    (u_long)at * PAGE_SIZE);
	if (va == 0)
		return;
	at = (int)((va - vm_map_min(map)) / PAGE_SIZE);
	for (i = 0; i < n; i++)
		model[at + i] = !space ? 1 : i == 0 ? 2 : 3;
}

/* Free some of what begins at this page, at most n pages of it. */
static void
model_free(vm_map_t map, int at, int n)
{
	int i;

	if (model[at] == 0 || model[at] == 3)
		return;
	if (model[at] == 2)
		for (i = 1; at + i < SUBPAGES && model[at + i] == 3; i++)
			;
	else
		for (i = 1; i < n && at + i < SUBPAGES &&
		    model[at + i] == 1; i++)
			;
	kmem_free(map, vm_map_min(map) + (u_long)at * PAGE_SIZE,
	    (u_long)i * PAGE_SIZE);
	while (i-- > 0)
		model[at + i] = 0;
}

static void
scale_fits(void)
{
	vm_map_t map;
	u_long seed, used, nent;
	int i, k;

	begin();
	map = the_submap();
	seed = 17;
	for (i = 0; i < SUBPAGES; i++)
		model[i] = 0;
	for (k = 0; k < 1500; k++) {
		if (draw(&seed, 5) < 3)
			model_alloc(map, 1 + (int)draw(&seed, 6),
			    draw(&seed, 3) == 0);
		else
			model_free(map, (int)draw(&seed, SUBPAGES),
			    1 + (int)draw(&seed, 9));
		used = nent = 0;
		for (i = 0; i < SUBPAGES; i++) {
			used += model[i] != 0;
			nent += model[i] == 2 || (model[i] == 1 &&
			    (i == 0 || model[i - 1] != 1));
		}
		CU_ASSERT_EQUAL(map->used, used * PAGE_SIZE);
		CU_ASSERT_EQUAL(map->nentries, nent);
		CU_ASSERT_EQUAL(kmem_check(map, printf), 0);
	}
	for (i = 0; i < SUBPAGES; i++)
		model_free(map, i, SUBPAGES);
	end();
}

/* ---------------------------------------------------------------------
 * K-COUNT
 */

/* Pages of kernel_map's range that are mapped, by the page tables. */
static u_long
mapped(void)
{
	vm_offset_t va;
	u_long n;

	n = 0;
	for (va = vm_map_min(kernel_map); va < vm_map_max(kernel_map);
	    va += PAGE_SIZE)
		n += kmem_phys(va) != 0;
	return (n);
}

static void
count_agrees(void)
{
	u_long seed, other, all;
	int i, k;

	begin();
	all = cnt.v_page_count;
	CU_ASSERT_EQUAL(cnt.v_free_count + cnt.v_wire_count, all);
	other = cnt.v_wire_count - mapped();
	seed = 77;
	for (i = 0; i < NGOT; i++)
		got[i].va = 0;
	for (k = 0; k < 400; k++) {
		i = (int)draw(&seed, NGOT);
		if (got[i].va != 0) {
			kmem_free(map_no(got[i].m), got[i].va, got[i].n);
			got[i].va = 0;
		} else {
			got[i].m = (int)draw(&seed, 3);
			got[i].n = 1 + draw(&seed, 6 * PAGE_SIZE);
			got[i].va = kmem_alloc(map_no(got[i].m), got[i].n,
			    M_NOWAIT | (draw(&seed, 4) == 0 ? M_SPACE_ONLY :
			    draw(&seed, 3) == 0 ? M_IO1 : 0));
		}
		CU_ASSERT_EQUAL(cnt.v_free_count + cnt.v_wire_count, all);
		if (k % 100 == 99) {
			CU_ASSERT(cnt.v_wire_count - mapped() >= other);
			CU_ASSERT(cnt.v_wire_count - mapped() <= other +
			    WINDOWS);
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
		}
	}
	for (i = 0; i < NGOT; i++)
		if (got[i].va != 0)
			kmem_free(map_no(got[i].m), got[i].va, got[i].n);
	CU_ASSERT_EQUAL(cnt.v_page_count, all);
	end();
}

/* Free frames below an address: none, all, and those that a device reaches. */
static void
count_below(void)
{
	vm_offset_t va, pa;
	u_long n, low;

	begin();
	kmem_free(kernel_map, kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT),
	    PAGE_SIZE);
	CU_ASSERT_EQUAL(kmem_free_below(0), 0);
	CU_ASSERT_EQUAL(kmem_free_below(~0UL), cnt.v_free_count);
	n = kmem_free_below(VM_IO_LIMIT);
	va = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_IO1 | M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	pa = kmem_phys(va);
	CU_ASSERT_EQUAL(kmem_free_below(VM_IO_LIMIT), n - 3);
	low = kmem_free_below(pa);
	CU_ASSERT_EQUAL(kmem_free_below(pa + PAGE_SIZE), low);
	kmem_free(kernel_map, va, 3 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmem_free_below(pa), low);
	CU_ASSERT_EQUAL(kmem_free_below(pa + PAGE_SIZE), low + 1);
	CU_ASSERT_EQUAL(kmem_free_below(VM_IO_LIMIT), n);
	end();
}

/* Rounds of an allocation and its free, on so many places in random order.
 * Of four allocations three are reservations, and one is backed by frames
 * (on the host each of its pages is a system call); those of two pages and
 * three are given back in pieces as often as whole. */
#define	NROUNDS	100000
#define	NPLACES	2048

static struct place {
	vm_offset_t p_va;
	unsigned short p_npg, p_wired;
} place[NPLACES];

/* What the map is made of. */
static u_long
entries_digest(vm_map_t map)
{
	struct vm_map_entry *e;
	u_long h;

	h = digest(2166136261UL, &map->used, sizeof(map->used));
	for (e = map->header.next; e != &map->header; e = e->next) {
		h = digest(h, &e->start, sizeof(e->start));
		h = digest(h, &e->end, sizeof(e->end));
		h = digest(h, &e->kind, sizeof(e->kind));
	}
	return (h);
}

/* Free what is at a place, or of frames perhaps only the last; the pages. */
static u_long
place_free(struct place *p, u_long *seed)
{
	u_long n;

	n = p->p_npg;
	if (p->p_wired && n > 1 && draw(seed, 2) == 0)
		n = 1;
	p->p_npg -= n;
	kmem_free(kernel_map, p->p_va + p->p_npg * PAGE_SIZE, n * PAGE_SIZE);
	return (n);
}

static u_long
place_alloc(struct place *p, u_long *seed)
{

	p->p_npg = (unsigned short)(1 + draw(seed, 3));
	p->p_wired = draw(seed, 4) == 0 && cnt.v_free_count > 64;
	p->p_va = kmem_alloc(kernel_map, p->p_npg * PAGE_SIZE, M_NOWAIT |
	    (p->p_wired ? 0 : M_SPACE_ONLY));
	return (p->p_npg);
}

/* The books, now and then on the way. */
static void
rounds_check(u_long round, vm_size_t used, u_long wire, u_long all)
{

	CU_ASSERT_EQUAL(kernel_map->used, used);
	CU_ASSERT_EQUAL(wired(), wire);
	CU_ASSERT_EQUAL(cnt.v_free_count + cnt.v_wire_count, all);
	if (round % 25000 == 0)
		CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
}

static void
scale_rounds(void)
{
	u_long seed, start, nent, used, all, wire, npg, nwired, most, i, n;
	u_long nplaces;
	struct place *p;

	begin();
	seed = 100000;
	printf("    seed %lu\n", seed);
	start = entries_digest(kernel_map);
	nent = most = kernel_map->nentries;
	used = kernel_map->used;
	all = cnt.v_page_count;
	wire = wired();
	npg = nwired = 0;
	/* Where the machine has fewer addresses, fewer places. */
	nplaces = largest_hole(kernel_map) / (6 * PAGE_SIZE);
	if (nplaces > NPLACES)
		nplaces = NPLACES;
	for (i = 0; i < nplaces; i++)
		place[i].p_npg = 0;
	for (i = 0; i < NROUNDS; ) {
		p = &place[draw(&seed, nplaces)];
		if (p->p_npg == 0) {
			n = place_alloc(p, &seed);
			CU_ASSERT_NOT_EQUAL_FATAL(p->p_va, 0);
			npg += n;
			nwired += p->p_wired ? n : 0;
			if (++i % 1000 == 0)
				rounds_check(i, used + npg * PAGE_SIZE,
				    wire + nwired, all);
		} else {
			n = place_free(p, &seed);
			npg -= n;
			nwired -= p->p_wired ? n : 0;
		}
		if (kernel_map->nentries > most)
			most = kernel_map->nentries;
	}
	CU_ASSERT(most > nent + nplaces / 4);
	for (p = place; p < &place[nplaces]; p++)
		while (p->p_npg != 0)
			place_free(p, &seed);
	CU_ASSERT_EQUAL(kernel_map->nentries, nent);
	CU_ASSERT_EQUAL(kernel_map->used, used);
	CU_ASSERT_EQUAL(entries_digest(kernel_map), start);
	CU_ASSERT_EQUAL(cnt.v_page_count, all);
	CU_ASSERT_EQUAL(wired(), wire);
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	end();
}

/* All memory full of blocks of the entries' own size, and then k middles of a
 * large range are freed, each of which takes an entry: the reserve must not
 * be used up so far that the frames which come free cannot be had. */
static void
middles_fill(struct chain *ch)
{
	void *p;

	ch->ch_type = M_TEMP;
	while ((p = malloc(sizeof(struct vm_map_entry), M_TEMP, M_NOWAIT)) !=
	    NULL)
		chain_push(ch, p);
}

static void
recurse_middles(void)
{
	static struct meal meal;
	static struct chain chain;
	vm_offset_t a;
	u_long limit, n;
	int i, k;

	begin();
	limit = kmemstats[M_TEMP].ks_limit;
	malloc_type_setlimit(M_TEMP, ~0UL);
	a = kmem_alloc(kernel_map, 200 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_NOT_EQUAL_FATAL(a, 0);
	for (k = 1; k < 60; k++) {
		middles_fill(&chain);
		for (i = 1; i < 2 * k; i += 2)
			if (kmem_phys(a + i * PAGE_SIZE) != 0)
				kmem_free(kernel_map, a + i * PAGE_SIZE,
				    PAGE_SIZE);
		n = cnt.v_free_count;
		CU_ASSERT(n + 4 > (u_long)k);
		eat_frames(&meal, kernel_map, 0);
		CU_ASSERT(n == 0 || meal.m_n != 0);
		spit_all(&meal);
		/* Close the holes again, lowest first, but for one whose
		 * frame may hold entries now. */
		for (i = 1; i < 2 * k; i += 2)
			(void)kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	}
	chain_free(&chain);
	for (i = 0; i < 200; i++)
		if (kmem_phys(a + i * PAGE_SIZE) != 0)
			kmem_free(kernel_map, a + i * PAGE_SIZE, PAGE_SIZE);
	malloc_type_setlimit(M_TEMP, limit);
	malloc_reclaim();
	end();
}

CU_TestInfo kmem_tests[] = {
	{"K-ALLOC: whole pages, aligned, backed by frames of their own",
	    alloc_sizes},
	{"K-ALLOC: M_ZERO_IT zeroes all of them", alloc_zero},
	{"K-ALLOC: size 0, and more than the map, are 0", alloc_none},
	{"K-ALLOC: all of a map at once", alloc_whole},
	{"K-ALLOC: no two share a byte", alloc_disjoint},
	{"K-ALLOC: flags that are unknown are a panic", alloc_flags},
	{"K-NOWAIT: too few frames: all is given back", nowait_frames},
	{"K-NOWAIT: no hole so large", nowait_space},
	{"K-NOWAIT: in an interrupt handler", nowait_interrupt},
	{"K-WAITOK: sleeps for pages", waitok_frames},
	{"K-WAITOK: sleeps for address space", waitok_space},
	{"K-WAITOK: malloc's free wakes who waits for kmem_map",
	    waitok_arena},
	{"K-WAITOK: many sleepers, none forgotten", waitok_many},
	{"K-WAITOK: a large request for pages is not passed by small ones",
	    waitok_order},
	{"K-WAITOK: nor one for addresses; other maps go on",
	    waitok_order_space},
	{"K-WAITOK: who lacks addresses and then frames keeps the first place",
	    waitok_both},
	{"K-WAITOK: who lacks addresses is in nobody's way for frames",
	    waitok_apart},
	{"K-WAITOK: who comes anew does not pass who waits", waitok_newcomer},
	{"K-WAITOK: frames that a process gives back wake who waits",
	    waitok_putpages},
	{"K-WAITOK: more pages than there are frames are refused at once",
	    waitok_never},
	{"K-WAITOK: from an interrupt handler it is a panic",
	    waitok_interrupt},
	{"K-WAITOK: while cold, and after a panic, it does not sleep",
	    waitok_cold},
	{"K-SPACE: nothing is mapped there", space_only},
	{"K-SPACE: it needs no frame, and is kept", space_kept},
	{"K-SPACE: freed only whole", space_whole},
	{"K-IO: below 16 MB", io_below},
	{"K-IO: refused where only other pages are free", io_only_below},
	{"K-IO: frames in a row, not crossing what the class forbids",
	    io_row},
	{"K-IO: as large as the class allows; more is refused at once",
	    io_largest},
	{"K-IO: every row that there is, and no frame that is none", io_all},
	{"K-IO, K-NOWAIT, K-WAITOK: where no frames are in a row",
	    io_scattered},
	{"K-FREE: a page and a byte are two pages", free_rounds},
	{"K-FREE: neighbouring free space joins", free_joins},
	{"K-FREE: any range, whichever calls allocated it", free_any},
	{"K-FREE: what is not, or partly, allocated is a panic",
	    free_refused},
	{"K-FREE: no bytes, nothing done", free_nothing},
	{"K-FREE: at interrupt level, with no memory for an entry",
	    free_interrupt},
	{"K-SUBALLOC: kernel_map hands out nothing inside it",
	    suballoc_range},
	{"K-SUBALLOC: null where there is no room", suballoc_null},
	{"K-SUBALLOC, K-COUNT, E28: made late, wired or pageable as asked",
	    suballoc_pageable},
	{"K-PHYS: the frame, with the offset; 0 where none is", phys},
	{"K-SCALE: entries merge where neighbours are alike", scale_merges},
	{"K-SCALE: entries without limit, and a flat tree",
	    scale_unlimited},
	{"K-SCALE: what fits is found, lowest first", scale_fits},
	{"K-COUNT: the counts agree with the page tables", count_agrees},
	{"K-COUNT: the free frames below an address", count_below},
	{"K-SCALE, K-COUNT: 100,000 rounds in random order leave no trace",
	    scale_rounds},
	{"M-RECURSE: after frees of middles the free frames can be had",
	    recurse_middles},
	CU_TEST_INFO_NULL,
};
