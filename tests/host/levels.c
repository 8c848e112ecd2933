/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An interrupt at every point.  Each scenario is run again and again, with
 * an interrupt delivered at the first, the second, ... point at which one
 * can come, until it comes no more; its handler allocates and frees, too.
 * Each time the level must be as before, the blocks of both must be whole,
 * and the walker content.  Then what a call costs, in points and in time.
 */
#define	_GNU_SOURCE
#include <signal.h>
#include <ucontext.h>
#include "host/host.h"
#include "common/help.h"

#define	MB	(1UL << 20)

static int t;		/* the scenario's type, */
static int ti;		/* and the handler's */

/* ---------------------------------------------------------------------
 * Handlers.
 */

static int hits;	/* How often the handler came, */
static int wrongs;	/* and what was wrong in it. */

#define	HLEVEL(s) (wrongs += splget() != (s))

/* What a handler may find to free: there since before the scenario. */
#define	NPAIR	10
static char *prey[NPAIR];		/* blocks of 2048 bytes */
static char *preyrun, *preysmall;
static vm_offset_t region;		/* pages of kernel_map; or 0 */
#define	NREGION	9
static int regionfreed;			/* its fourth and sixth are gone */

/* What a handler has taken and not given back. */
#define	NKEPT	12
static struct {
	char	*p;
	u_long	n;
	int	pages;		/* kmem_alloc's */
} kept[NKEPT];
static int nkept;

static const u_long isize[] = { 100, 64, 200, 2048, 8192, 1 };
#define	NISIZE	(sizeof(isize) / sizeof(isize[0]))

/* Take some of everything, and give it back. */
static void
h_use(void *arg)
{
	char *p[NISIZE], *junk[12];
	vm_offset_t va, vb;
	unsigned int i;
	int s;

	(void)arg;
	hits++;
	s = splget();
	for (i = 0; i < NISIZE; i++) {
		p[i] = malloc(isize[i], ti, M_NOWAIT | (i & 1));
		HLEVEL(s);
		if (p[i] != NULL)
			fill(p[i], isize[i], i);
	}
	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
	vb = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	HLEVEL(s);
	if (va != 0) {
		wrongs += !zeros((void *)va, PAGE_SIZE);
		fill((void *)va, PAGE_SIZE, 0);
	}
	/* Write over whatever was a map entry's a moment ago. */
	for (i = 0; i < 12; i++)
		if ((junk[i] = malloc(sizeof(struct vm_map_entry), ti,
		    M_NOWAIT)) != NULL)
			fill(junk[i], sizeof(struct vm_map_entry), 0xff);
	for (i = 0; i < 12; i++)
		free(junk[i], ti);
	for (i = 0; i < NISIZE; i++) {
		wrongs += p[i] != NULL && !filled(p[i], isize[i], i);
		free(p[i], ti);
		HLEVEL(s);
	}
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	if (vb != 0)
		kmem_free(kernel_map, vb, PAGE_SIZE);
	HLEVEL(s);
}

static void
keep(char *p, u_long n, int pages)
{

	if (p == NULL || nkept == NKEPT)
		return;
	kept[nkept].p = p;
	kept[nkept].n = n;
	kept[nkept].pages = pages;
	fill(p, n, (unsigned int)nkept);
	nkept++;
}

/* Take, and keep. */
static void
h_keep(void *arg)
{
	unsigned int i;
	int s;

	(void)arg;
	hits++;
	s = splget();
	for (i = 0; i < NISIZE; i++) {
		keep(malloc(isize[i], ti, M_NOWAIT), isize[i], 0);
		HLEVEL(s);
	}
	keep((char *)kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT), PAGE_SIZE,
	    1);
	keep((char *)kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT),
	    3 * PAGE_SIZE, 1);
	HLEVEL(s);
}

static int
keep_nothing(void)
{
	int bad;

	bad = 0;
	while (nkept > 0) {
		nkept--;
		bad += !filled(kept[nkept].p, kept[nkept].n,
		    (unsigned int)nkept);
		if (kept[nkept].pages)
			kmem_free(kernel_map, (vm_offset_t)kept[nkept].p,
			    kept[nkept].n);
		else
			free(kept[nkept].p, ti);
	}
	return (bad);
}

/* Free what is there. */
static void
h_free(void *arg)
{
	int i, s;

	(void)arg;
	hits++;
	s = splget();
	for (i = 0; i < NPAIR; i++) {
		free(prey[i], ti);
		prey[i] = NULL;
		HLEVEL(s);
	}
	free(preyrun, ti);
	free(preysmall, ti);
	preyrun = preysmall = NULL;
	HLEVEL(s);
	if (region != 0 && !regionfreed) {
		kmem_free(kernel_map, region + 3 * PAGE_SIZE, PAGE_SIZE);
		kmem_free(kernel_map, region + 5 * PAGE_SIZE, PAGE_SIZE);
		regionfreed = 1;
	}
	HLEVEL(s);
}

/* Give back what the pool holds; touch limits and types. */
static void
h_reclaim(void *arg)
{
	int s, type;

	(void)arg;
	hits++;
	s = splget();
	(void)malloc_reclaim();
	HLEVEL(s);
	malloc_type_setlimit(ti, 1UL << 30);
	HLEVEL(s);
	type = malloc_type_attach("handler", 100);
	wrongs += type < 0;
	wrongs += malloc(101, type, M_NOWAIT) != NULL;
	malloc_type_detach(type);
	HLEVEL(s);
}

static void (*const handlers[])(void *) = {
	h_use, h_keep, h_free, h_reclaim
};
#define	NHANDLERS	(sizeof(handlers) / sizeof(handlers[0]))

/* ---------------------------------------------------------------------
 * Running a scenario with each handler, at each point.
 */

static struct meal eaten;		/* for who wants memory short */
static unsigned long armed;		/* at which point it is to come */
static void (*armed_fn)(void *);

/* The scenario has prepared itself: now an interrupt may come. */
static void
go(void)
{

	host_interrupt_at(armed, armed_fn, NULL);
}

/* For one run: what is to be found.  Not the region, where memory is
 * short; it was eaten, then. */
static void
set_scene(void)
{
	int i;

	nkept = hits = wrongs = 0;
	region = 0;
	regionfreed = 0;
	for (i = 0; i < NPAIR; i++)
		prey[i] = malloc(2048, ti, M_NOWAIT);
	preyrun = malloc(3 * PAGE_SIZE, ti, M_NOWAIT);
	preysmall = malloc(100, ti, M_NOWAIT);
}

static void
get_region(void)
{

	region = kmem_alloc(kernel_map, NREGION * PAGE_SIZE, M_NOWAIT);
	if (region != 0)
		fill((void *)region, NREGION * PAGE_SIZE, 7);
}

/* All is given back; was it whole, and is everything in order? */
static int
clear_scene(const struct found *f)
{
	int i, bad;

	bad = keep_nothing();
	for (i = 0; i < NPAIR; i++)
		free(prey[i], ti);
	free(preyrun, ti);
	free(preysmall, ti);
	bad += splget() != 0;
	bad += !left(f);
	bad += !sums_agree();
	bad += malloc_check(printf) != 0;
	bad += kmem_check(kernel_map, printf) != 0;
	bad += kmem_check(kmem_map, printf) != 0;
	for (i = 0; i < 2; i++)
		bad += kmemstats[i ? t : ti].ks_inuse != 0 ||
		    kmemstats[i ? t : ti].ks_memuse != 0 ||
		    kmemstats[i ? t : ti].ks_waitq != NULL;
	return (bad);
}

static int (*scene)(void);
static int scene_bad;

static void
scene_soft(void *arg)
{

	(void)arg;
	scene_bad = (*scene)();
}

#define	MOSTPOINTS	3000

/* Run it on a small machine with a handler at each point; in a handler
 * itself, if insoft; with few frames free, if shortage.  Returns how many
 * interrupts came. */
static int
with_handler(const char *name, unsigned int h, int insoft, int shortage)
{
	static struct found f;
	int bad, all, stride;

	host_boot(MB, 4 * MB);
	t = malloc_type_attach("process", LIMITLESS);
	ti = malloc_type_attach("interrupt", LIMITLESS);
	if (shortage)
		eat_frames(&eaten, kernel_map, 12);
	armed_fn = handlers[h];
	/* Where frames are short there are hundreds of points, in one loop
	 * that looks for empty pages: some, where the handler is tame. */
	stride = shortage && armed_fn != h_free ? 5 : 1;
	all = 0;
	for (armed = 1; armed <= MOSTPOINTS; armed += stride) {
		malloc_reclaim();
		look(&f);
		set_scene();
		scene_bad = 0;
		if (insoft)
			softintr(scene_soft, NULL);
		else
			scene_bad = (*scene)();
		host_interrupt_at(0, NULL, NULL);
		bad = scene_bad + wrongs;
		bad += clear_scene(&f);
		if (bad)
			printf("    %s, handler %u at point %lu: %d wrong "
			    "(%d, %d)\n", name, h, armed, bad, scene_bad,
			    wrongs);
		CU_ASSERT_EQUAL(bad, 0);
		if (hits == 0 || bad)
			break;
		all += hits;
	}
	if (shortage)
		spit_all(&eaten);
	return (all);
}

static int
every_point(const char *name, int (*run)(void), int insoft, int shortage)
{
	unsigned int h;
	int all;

	scene = run;
	all = 0;
	for (h = 0; h < NHANDLERS; h++)
		all += with_handler(name, h, insoft, shortage);
	return (all);
}

/* ---------------------------------------------------------------------
 * Scenarios: how many things were wrong.
 */

/* A block, whole all the time; null only where `must' is not. */
static int
get_put(u_long size, int flags, int must)
{
	char *p;
	int bad, s;

	s = splget();
	p = malloc(size, t, flags);
	bad = splget() != s;
	if (p == NULL)
		return (bad + must);
	bad += (flags & M_ZERO_IT) != 0 && !zeros(p, size);
	fill(p, size, 11);
	/* Somewhere in here an interrupt may come, too. */
	splx(splimp());
	bad += !filled(p, size, 11);
	free(p, t);
	bad += splget() != s;
	return (bad);
}

static int
s_hit(void)
{
	char *hold;
	int bad;

	hold = malloc(100, t, M_NOWAIT);
	go();
	bad = get_put(100, M_NOWAIT, 1);
	bad += get_put(100, M_NOWAIT | M_ZERO_IT, 1);
	free(hold, t);
	return (bad);
}

static int
s_miss(void)
{

	go();
	return (get_put(200, M_NOWAIT, 1) + get_put(2048, M_NOWAIT, 1) +
	    get_put(64, M_NOWAIT | M_ZERO_IT, 1));
}

static int
s_run(void)
{

	go();
	return (get_put(2 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT, 1) +
	    get_put(3 * PAGE_SIZE, M_NOWAIT, 1));
}

static int
s_large(void)
{

	go();
	return (get_put(18 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT, 1));
}

/* As many live blocks of a class as a handler frees: malloc of that class
 * misses, while the handler makes it overflow. */
static int
s_overflow(void)
{
	char *p[4];
	int i, bad;

	bad = 0;
	go();
	for (i = 0; i < 4; i++) {
		p[i] = malloc(2048, t, M_NOWAIT);
		bad += p[i] == NULL;
		bad += malloc_check(printf) != 0;
		fill(p[i], 2048, (unsigned int)i);
	}
	for (i = 0; i < 4; i++) {
		bad += !filled(p[i], 2048, (unsigned int)i);
		free(p[i], t);
	}
	return (bad);
}

/* Ten blocks above the mark, by both together. */
static int
s_surplus(void)
{
	char *p[14];
	int i, bad;

	bad = 0;
	for (i = 0; i < 14; i++) {
		p[i] = malloc(2048, t, M_NOWAIT);
		bad += p[i] == NULL;
	}
	for (i = 0; i < 6; i++)
		free(p[i], t);
	go();
	for (; i < 14; i++)
		free(p[i], t);
	return (bad);
}

static int
s_limit(void)
{
	char *p;
	int bad;

	go();
	malloc_type_setlimit(t, 1000);
	/* 900 bytes are charged as 1024. */
	bad = malloc(900, t, M_NOWAIT) != NULL;
	bad += malloc(1025, t, M_NOWAIT) != NULL;
	malloc_type_setlimit(t, 1024);
	p = malloc(1024, t, M_NOWAIT);
	bad += p == NULL;
	bad += malloc(1, t, M_NOWAIT) != NULL;
	bad += malloc(1, t, M_NOWAIT | M_ZERO_IT) != NULL;
	bad += kmemstats[t].ks_memuse != 1024;
	free(p, t);
	malloc_type_setlimit(t, LIMITLESS);
	return (bad);
}

static int
s_sleep(void)
{
	struct ask a, b;
	char *p;
	int bad;

	malloc_type_setlimit(t, 1024);
	p = malloc(1024, t, M_WAITOK);
	ask(&a, 800, t, M_WAITOK);
	ask(&b, 1024, t, M_WAITOK | M_ZERO_IT);
	b.a_raise = 1;
	go();
	bad = !asleep(&a) + !asleep(&b);
	free(p, t);
	bad += !answered(&a);
	bad += a.a_got == NULL || kmemstats[t].ks_memuse > 1024;
	free(a.a_got, t);
	bad += !answered(&b);
	bad += b.a_got == NULL || !zeros(b.a_got, 1024);
	free(b.a_got, t);
	malloc_type_setlimit(t, LIMITLESS);
	return (bad);
}

/* Frames all gone; a process sleeps in malloc, or in kmem_alloc.  A handler
 * that frees may wake it early, and one that keeps may have the memory meant
 * for it. */
static int
memory(int kmem)
{
	struct ask a;
	struct meal m;
	vm_offset_t va;
	int i, bad;

	if (kmem)
		ask_kmem(&a, kernel_map, 2 * PAGE_SIZE, M_WAITOK | M_ZERO_IT);
	else
		ask(&a, 2 * PAGE_SIZE, t, M_WAITOK | M_ZERO_IT);
	m.m_head = NULL;
	m.m_n = 0;
	m.m_map = kernel_map;
	while ((va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		*(void **)va = m.m_head;
		m.m_head = (void *)va;
		m.m_n++;
	}
	go();
	proc_settle();
	/* What a handler has freed meanwhile is enough, and nobody may have
	 * gone to sleep beside it.  (It may have come as that returned.) */
	bad = 0;
	if (hits != 0)
		proc_settle();
	if (armed_fn == h_free && hits != 0)
		bad += !a.a_done;
	spit_all(&m);
	spit_frames(&eaten, 5);
	proc_settle();
	if (nkept == 0)
		bad += !a.a_done;
	host_interrupt_at(0, NULL, NULL);
	bad += keep_nothing();
	kmem_free(kernel_map, kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT),
	    PAGE_SIZE);
	bad += !answered(&a);
	bad += a.a_got == NULL || !zeros(a.a_got, 2 * PAGE_SIZE);
	if (!kmem)
		free(a.a_got, t);
	else if (a.a_got != NULL)
		kmem_free(kernel_map, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	for (i = 0; i < 5; i++) {
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
		if (va == 0)
			return (bad + 1);
		*(void **)va = eaten.m_head;
		eaten.m_head = (void *)va;
		eaten.m_n++;
	}
	return (bad);
}

static int
s_memory(void)
{

	return (memory(0));
}

static int
s_memory_kmem(void)
{

	return (memory(1));
}

/* Addresses all reserved; a process sleeps for some.  What is freed is so
 * by a handler, or else by us. */
static vm_offset_t taken;
static vm_map_t takenmap;

static void
h_space(void *arg)
{

	(void)arg;
	hits++;
	if (taken != 0)
		kmem_free(takenmap, taken, 2 * PAGE_SIZE);
	taken = 0;
}

static int
s_addresses(void)
{
	struct ask a;
	int bad;

	takenmap = kmem_map;
	taken = kmem_alloc(takenmap, 2 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	eat_space(takenmap);
	ask_kmem(&a, takenmap, 2 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	if (armed_fn == h_free)
		armed_fn = h_space;
	go();
	proc_settle();
	bad = 0;
	if (hits != 0)
		proc_settle();
	if (armed_fn == h_space && hits != 0)
		bad += !a.a_done;
	host_interrupt_at(0, NULL, NULL);
	bad += keep_nothing();
	if (taken != 0)
		kmem_free(takenmap, taken, 2 * PAGE_SIZE);
	bad += !answered(&a) + (a.a_got == NULL);
	if (a.a_got != NULL)
		kmem_free(takenmap, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	spit_space(takenmap);
	return (bad);
}

static int
s_kmem_alloc(void)
{
	vm_offset_t va, vb;
	int bad, s;

	s = splget();
	go();
	va = kmem_alloc(kernel_map, 5 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
	bad = va == 0 || !zeros((void *)va, 5 * PAGE_SIZE) || splget() != s;
	vb = kmem_alloc(kmem_map, 2 * PAGE_SIZE, M_NOWAIT);
	bad += vb == 0 || splget() != s;
	if (va != 0)
		fill((void *)va, 5 * PAGE_SIZE, 1);
	if (vb != 0) {
		fill((void *)vb, 2 * PAGE_SIZE, 2);
		kmem_free(kmem_map, vb, 2 * PAGE_SIZE);
	}
	if (va != 0) {
		bad += !filled((void *)va, 5 * PAGE_SIZE, 1);
		kmem_free(kernel_map, va, 5 * PAGE_SIZE);
	}
	return (bad + (splget() != s));
}

/* The middle of the region; the handler may free its neighbours, or take
 * what has been freed. */
static int
s_split(void)
{
	vm_offset_t r;
	int bad, s;

	get_region();
	r = region;
	if (r == 0)
		return (1);
	s = splget();
	go();
	kmem_free(kernel_map, r + 4 * PAGE_SIZE, PAGE_SIZE);
	bad = splget() != s;
	kmem_free(kernel_map, r + 6 * PAGE_SIZE, 3 * PAGE_SIZE);
	if (nkept == 0) {
		bad += !badaddr((void *)(r + 4 * PAGE_SIZE));
		bad += !badaddr((void *)(r + 7 * PAGE_SIZE));
	}
	bad += !filled((void *)r, 3 * PAGE_SIZE, 7);
	kmem_free(kernel_map, r, 3 * PAGE_SIZE);
	host_interrupt_at(0, NULL, NULL);
	if (!regionfreed) {
		kmem_free(kernel_map, r + 3 * PAGE_SIZE, PAGE_SIZE);
		kmem_free(kernel_map, r + 5 * PAGE_SIZE, PAGE_SIZE);
	}
	return (bad);
}

/* Refused for want of frames: given back, and the level as it was. */
static int
s_shortage(void)
{
	vm_offset_t va;
	char *p;
	int bad, s;

	s = splget();
	go();
	va = kmem_alloc(kernel_map, 14 * PAGE_SIZE, M_NOWAIT);
	bad = va != 0 || splget() != s;
	p = malloc(14 * PAGE_SIZE, t, M_NOWAIT);
	bad += p != NULL || splget() != s;
	return (bad);
}

static int
s_space(void)
{
	vm_offset_t va[6];
	int i, bad;

	bad = 0;
	go();
	for (i = 0; i < 6; i++) {
		va[i] = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY);
		bad += va[i] == 0 || !badaddr((void *)va[i]);
	}
	for (i = 0; i < 6; i++)
		if (va[i] != 0)
			kmem_free(kernel_map, va[i], PAGE_SIZE);
	return (bad);
}

static int
s_types(void)
{
	struct malloc_page mp;
	int type, bad;
	char *p;

	go();
	type = malloc_type_attach("one", 5000);
	p = malloc(3000, type, M_NOWAIT);
	bad = type < 0 || p == NULL;
	bad += !malloc_page((u_long)p, &mp) || mp.mp_class != NFRAGMENT;
	malloc_type_setlimit(type, 100);
	bad += kmemstats[type].ks_inuse != 1;
	free(p, type);
	malloc_type_detach(type);
	return (bad);
}

static int
s_reclaim(void)
{
	char *p[6];
	int i, bad;

	bad = 0;
	for (i = 0; i < 6; i++) {
		p[i] = malloc(i < 3 ? 2048 : 2 * PAGE_SIZE, t, M_NOWAIT);
		bad += p[i] == NULL;
	}
	for (i = 0; i < 6; i++)
		free(p[i], t);
	go();
	(void)malloc_reclaim();
	return (bad);
}

static int
s_panics(void)
{
	char *p;
	int bad, s;

	s = splget();
	p = malloc(100, t, M_NOWAIT);
	bad = p == NULL;
	go();
	bad += free_panics(p + 16, t) == NULL || splget() != s;
	bad += malloc_panics(1, -1, M_NOWAIT) == NULL || splget() != s;
	bad += kmem_free_panics(kernel_map, vm_map_max(kernel_map) -
	    PAGE_SIZE, PAGE_SIZE) == NULL || splget() != s;
	free(p, t);
	return (bad + (splget() != s));
}

/* A large block freed, and its pages another's before free is back. */
static int
s_free_large(void)
{
	char *p;
	int bad;

	p = malloc(20 * PAGE_SIZE, t, M_NOWAIT);
	bad = p == NULL;
	go();
	free(p, t);
	bad += kmemstats[t].ks_inuse != 0 || kmemstats[t].ks_memuse != 0;
	return (bad);
}

#define	POINTS(fn, run, shortage)					\
static void								\
fn(void)								\
{									\
	CU_ASSERT(every_point(#run, run, 0, shortage) > 0);		\
}
POINTS(p_hit, s_hit, 0)
POINTS(p_miss, s_miss, 0)
POINTS(p_run, s_run, 0)
POINTS(p_large, s_large, 0)
POINTS(p_overflow, s_overflow, 0)
POINTS(p_surplus, s_surplus, 0)
POINTS(p_limit, s_limit, 0)
POINTS(p_sleep, s_sleep, 0)
POINTS(p_memory, s_memory, 1)
POINTS(p_memory_kmem, s_memory_kmem, 1)
POINTS(p_addresses, s_addresses, 0)
POINTS(p_kmem_alloc, s_kmem_alloc, 0)
POINTS(p_split, s_split, 0)
POINTS(p_shortage, s_shortage, 1)
POINTS(p_space, s_space, 0)
POINTS(p_types, s_types, 0)
POINTS(p_reclaim, s_reclaim, 0)
POINTS(p_panics, s_panics, 0)
POINTS(p_free_large, s_free_large, 0)

/* Who asks at any point of free or reclaim what a page is finds as many
 * pages of a class as the class has. */
static void
h_classed(void *arg)
{
	struct malloc_page mp;
	u_long va, n;

	(void)arg;
	hits++;
	n = 0;
	for (va = (u_long)kmembase; va < (u_long)kmemlimit; va += PAGE_SIZE)
		n += malloc_page(va, &mp) && mp.mp_class == NFRAGMENT + 2;
	wrongs += n != bucket[NFRAGMENT + 2].kb_pages;
}

static void
p_leaving(void)
{
	unsigned long at;
	char *p, *q;

	host_boot(MB, 4 * MB);
	t = malloc_type_attach("process", LIMITLESS);
	hits = 1;
	for (at = 1; hits > 0; at++) {
		p = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
		q = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
		hits = wrongs = 0;
		host_interrupt_at(at, h_classed, NULL);
		free(p, t);
		free(q, t);
		malloc_reclaim();
		host_interrupt_at(0, NULL, NULL);
		CU_ASSERT_EQUAL(wrongs, 0);
	}
	CU_ASSERT(at > 20);
}

/* A handler interrupted by another. */
static void
p_nested(void)
{

	CU_ASSERT(every_point("s_hit", s_hit, 1, 0) > 0);
	CU_ASSERT(every_point("s_miss", s_miss, 1, 0) > 0);
	CU_ASSERT(every_point("s_kmem_alloc", s_kmem_alloc, 1, 0) > 0);
	CU_ASSERT(every_point("s_split", s_split, 1, 0) > 0);
	CU_ASSERT(every_point("s_overflow", s_overflow, 1, 0) > 0);
}

/* A submap in the making, and a handler that allocates. */
static void
p_suballoc(void)
{
	vm_map_t map;
	unsigned long n;
	unsigned int h;
	int i;

	for (h = 0; h < NHANDLERS; h++)
		for (n = 1; n < MOSTPOINTS; n++) {
			host_boot(MB, 4 * MB);
			t = malloc_type_attach("process", LIMITLESS);
			ti = malloc_type_attach("interrupt", LIMITLESS);
			set_scene();
			host_interrupt_at(n, handlers[h], NULL);
			map = kmem_suballoc(6 * PAGE_SIZE, TRUE);
			host_interrupt_at(0, NULL, NULL);
			CU_ASSERT(map != NULL);
			if (map == NULL)
				continue;
			for (i = 0; i < nkept; i++)
				CU_ASSERT((vm_offset_t)kept[i].p >=
				    vm_map_max(map) ||
				    (vm_offset_t)kept[i].p +
				    kept[i].n <= vm_map_min(map));
			CU_ASSERT_EQUAL(malloc_check(printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(kmem_check(map, printf), 0);
			if (hits == 0)
				break;
		}
}

/* What is being made is nobody's yet: a handler that frees it is refused. */
static int transits;

static void
h_transit(void *arg)
{
	struct vm_map_entry *e;
	vm_map_t map;

	map = arg;
	hits++;
	for (e = map->header.next; e != &map->header; e = e->next)
		if (e->kind == VME_TRANSIT) {
			transits++;
			wrongs += !says(kmem_free_panics(map, e->start,
			    PAGE_SIZE), "kmem_free: %lu bytes at %#lx are "
			    "not allocated", PAGE_SIZE, e->start);
		}
}

static void
p_transit(void)
{
	vm_offset_t va;
	unsigned long n;

	host_boot(MB, 4 * MB);
	transits = 0;
	for (n = 1; n < MOSTPOINTS; n++) {
		hits = wrongs = 0;
		host_interrupt_at(n, h_transit, kernel_map);
		va = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT |
		    M_ZERO_IT);
		host_interrupt_at(0, NULL, NULL);
		CU_ASSERT(va != 0 && zeros((void *)va, 3 * PAGE_SIZE));
		CU_ASSERT_EQUAL(wrongs, 0);
		kmem_free(kernel_map, va, 3 * PAGE_SIZE);
		if (hits == 0)
			break;
	}
	CU_ASSERT(transits > 0);
}

/* ---------------------------------------------------------------------
 * Sleepers and interrupts, at random.
 */

#define	NSLEEPERS	8
#define	NLAPS		100

static int tick;
static int laps, lapbad;
static const struct { u_long most; int flags; } lapkind[] = {
	{ 400, 0 }, { 3000, M_ZERO_IT }, { 20000, 0 }, { 90000, 0 },
	{ 30000, 0 }		/* straight from kmem */
};
static u_long hseed;

/* A handler that comes again, though not so soon that a sleeper who looks for
 * memory is interrupted each time: what a handler gives back is a gain, and
 * makes him look again. */
static void
h_again(void *arg)
{

	h_use(arg);
	host_interrupt_at(1 + draw(&hseed, 2500), h_again, NULL);
}

static void
sleeper(void *arg)
{
	u_long seed, size;
	char *p;
	int i, kind, s;

	seed = (u_long)arg;
	for (i = 0; i < NLAPS; i++) {
		kind = (int)draw(&seed, 5);
		size = 1 + draw(&seed, lapkind[kind].most);
		s = seed & 0x4000 ? splimp() : splget();
		if (kind == 4)
			p = (char *)kmem_alloc(kernel_map, size, M_WAITOK);
		else
			p = malloc(size, t, M_WAITOK |
			    lapkind[kind].flags);
		splx(s);
		if (p == NULL) {
			lapbad++;
			continue;
		}
		if (kind < 4 && (lapkind[kind].flags & M_ZERO_IT) != 0)
			lapbad += !zeros(p, size);
		fill(p, size, (unsigned int)i);
		s = splimp();
		if (draw(&seed, 4) != 0)
			tsleep(&tick, PVM, "tick", 0);
		splx(s);
		lapbad += !filled(p, size, (unsigned int)i);
		if (kind == 4)
			kmem_free(kernel_map, (vm_offset_t)p, size);
		else
			free(p, t);
		laps++;
	}
}

static void
sleepers(void)
{
	struct found f;
	struct meal m;
	u_long i;
	int pid[NSLEEPERS], n, all;

	host_boot(MB, 4 * MB);
	look(&f);
	t = malloc_type_attach("sleepers", 150000);
	ti = malloc_type_attach("interrupt", LIMITLESS);
	region = 0;
	laps = lapbad = wrongs = hits = 0;
	for (n = 0; n < NSLEEPERS; n++)
		pid[n] = proc_create("sleeper", sleeper,
		    (void *)(0x1234567UL * (n + 1UL)));
	eat_frames(&m, kernel_map, 30);
	hseed = 4;
	h_again(NULL);
	for (i = 0; i < 20000 && laps < NSLEEPERS * NLAPS; i++) {
		proc_settle();
		wakeup(&tick);
		if (i % 64 == 0) {
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kmem_map, printf), 0);
		}
	}
	host_interrupt_at(0, NULL, NULL);
	proc_settle();
	CU_ASSERT_EQUAL(laps, NSLEEPERS * NLAPS);
	CU_ASSERT_EQUAL(lapbad, 0);
	CU_ASSERT_EQUAL(wrongs, 0);
	CU_ASSERT(hits > 20);
	for (n = all = 0; n < NSLEEPERS; n++)
		all += proc_ended(pid[n]);
	CU_ASSERT_EQUAL(all, NSLEEPERS);
	CU_ASSERT(kmemstats[t].ks_limblocks > 0);
	CU_ASSERT(kmemstats[t].ks_mapblocks > 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
	spit_all(&m);
	malloc_type_detach(t);
	malloc_type_detach(ti);
	CU_ASSERT(left(&f));
}

/* ---------------------------------------------------------------------
 * M-COLD: who sleeps when the panic comes.
 */

static void
panic_sleepers(void)
{
	struct ask a, b, c;
	char *p;

	host_boot(MB, 4 * MB);
	t = malloc_type_attach("sleepers", 1024);
	p = malloc(1024, t, M_NOWAIT);
	ask(&a, 100, t, M_WAITOK);
	ask(&b, 2 * PAGE_SIZE, M_DEVBUF, M_WAITOK);
	ask_kmem(&c, kernel_map, PAGE_SIZE, M_WAITOK);
	eat_frames(&eaten, kernel_map, 0);
	CU_ASSERT(asleep(&a) && asleep(&b) && asleep(&c));
	panicstr = "a test";
	wakeup(kmemstats[t].ks_waitq);
	wakeup((void *)&kmem_gained);
	proc_settle();
	panicstr = NULL;
	CU_ASSERT(answered(&a) && a.a_got == NULL);
	CU_ASSERT(answered(&b) && b.a_got == NULL);
	CU_ASSERT(answered(&c) && c.a_got == NULL);
	CU_ASSERT(kmemstats[t].ks_waitq == NULL);
	CU_ASSERT(kmemstats[M_DEVBUF].ks_waitq == NULL);
	CU_ASSERT_EQUAL(kmemstats[M_DEVBUF].ks_memuse, 0);
	CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 1024);
	CU_ASSERT_EQUAL(kmem_waiters, 0);
	free(p, t);
	spit_all(&eaten);
}

/* ---------------------------------------------------------------------
 * An interrupt after every instruction: the processor steps, and each step
 * below splimp runs a handler.  (The kernel's own suite does the same on an
 * i386.)  Without a handler the steps are counted, which is how M-BOUND is
 * held to instructions.
 */

static unsigned long nsteps;		/* instructions stepped through, */
static unsigned long stretch, longest;	/* and those on end at splimp */

#ifdef __x86_64__
#define	TRAPFLAG	0x100L

static volatile int stepping, instep;
static void (*step_fn)(void *);		/* null: count only */
static int level_imp;

static void
step(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc;

	(void)sig, (void)si;
	uc = context;
	nsteps++;
	if (splget() >= level_imp) {
		if (++stretch > longest)
			longest = stretch;
	} else {
		stretch = 0;
		if (step_fn != NULL && stepping && !instep) {
			instep = 1;
			softintr(step_fn, NULL);
			instep = 0;
		}
	}
	if (stepping)
		uc->uc_mcontext.gregs[REG_EFL] |= TRAPFLAG;
	else
		uc->uc_mcontext.gregs[REG_EFL] &= ~TRAPFLAG;
}

static inline __attribute__((always_inline)) void
step_begin(void (*fn)(void *))
{
	struct sigaction sa;
	int s;

	s = splimp();
	level_imp = splget();
	splx(s);
	bzero(&sa, sizeof(sa));
	sa.sa_sigaction = step;
	sa.sa_flags = SA_SIGINFO;
	sigaction(SIGTRAP, &sa, NULL);
	step_fn = fn;
	nsteps = stretch = longest = 0;
	stepping = 1;
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orq %0, (%%rsp); "
	    "popfq; lea 128(%%rsp), %%rsp" : : "i"(TRAPFLAG) : "memory", "cc");
}

static inline __attribute__((always_inline)) void
step_end(void)
{

	stepping = 0;
	__asm__ volatile("nop" : : : "memory");
}

/* A handler small enough to come after each instruction: what it does
 * changes from time to time. */
static u_long stepsize;
static char *stepkept;
static unsigned long phase;

static void
h_step(void *arg)
{
	vm_offset_t va;
	char *p, *q;
	int s;

	(void)arg;
	hits++;
	s = splget();
	switch (phase++ % 5) {
	case 0:
		if (stepkept == NULL &&
		    (stepkept = malloc(stepsize, t, M_NOWAIT)) != NULL)
			fill(stepkept, 16, 3);
		break;
	case 1:
		wrongs += stepkept != NULL && !filled(stepkept, 16, 3);
		free(stepkept, t);
		stepkept = NULL;
		break;
	case 2:
		p = malloc(stepsize, t, M_NOWAIT);
		q = malloc(stepsize, t, M_NOWAIT | M_ZERO_IT);
		wrongs += p != NULL && p == q;
		wrongs += q != NULL && !zeros(q, 16);
		free(p, t);
		free(q, t);
		break;
	case 3:
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT |
		    (phase % 125 == 4 ? 0 : M_SPACE_ONLY));
		if (va != 0)
			kmem_free(kernel_map, va, PAGE_SIZE);
		break;
	case 4:
		if (phase % 50 == 0)
			(void)malloc_reclaim();
		if (phase % 100 == 5 && prey[0] != NULL) {
			/* As many as the class keeps, at once. */
			free(prey[phase / 100 % NPAIR], t);
			prey[phase / 100 % NPAIR] = NULL;
		}
		break;
	}
	HLEVEL(s);
}

static void
step_pair(u_long size)
{
	char *p;

	p = malloc(size, t, M_NOWAIT);
	if (p != NULL)
		p[0] = p[size - 1] = 42;
	else
		wrongs++;
	wrongs += p != NULL && (p[0] != 42 || p[size - 1] != 42);
	free(p, t);
}

/* The scenes: i is which. */
static void
step_scene(int i)
{
	vm_offset_t va;
	char *p[3];
	int k, type;

	switch (i) {
	case 0:
		step_pair(stepsize);
		step_pair(stepsize);
		break;
	case 1:
		step_pair(2 * PAGE_SIZE);
		break;
	case 2:
		va = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT);
		wrongs += va == 0;
		kmem_free(kernel_map, va, 2 * PAGE_SIZE);
		break;
	case 3:
		kmem_free(kernel_map, region + 2 * PAGE_SIZE, PAGE_SIZE);
		kmem_free(kernel_map, region, 2 * PAGE_SIZE);
		kmem_free(kernel_map, region + 3 * PAGE_SIZE, 6 * PAGE_SIZE);
		region = 0;
		break;
	case 4:
		va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY);
		wrongs += va == 0;
		kmem_free(kernel_map, va, PAGE_SIZE);
		break;
	case 5:
		malloc_type_setlimit(t, 3 * stepsize);
		for (k = 0; k < 3; k++)
			p[k] = malloc(stepsize, t, M_NOWAIT);
		for (k = 0; k < 3; k++)
			free(p[k], t);
		malloc_type_setlimit(t, LIMITLESS);
		break;
	case 6:
		type = malloc_type_attach("step", 100);
		wrongs += type < 0;
		free(malloc(17, type, M_NOWAIT), type);
		malloc_type_detach(type);
		break;
	case 7:
		(void)malloc_reclaim();
		break;
	case 8:
		step_pair(17 * PAGE_SIZE);
		break;
	}
}
#define	NSCENES	9

static void
each_instruction(void)
{
	static const u_long size[] = { 100, 2048, 16, 1360 };
	struct found f;
	unsigned int k;
	int i, j;

	host_boot(MB, 4 * MB);
	t = malloc_type_attach("process", LIMITLESS);
	for (k = 0; k < sizeof(size) / sizeof(size[0]); k++)
		for (i = 0; i < NSCENES; i++) {
			if (k > 1 && i > 0)
				break;
			malloc_reclaim();
			look(&f);
			stepsize = size[k];
			stepkept = NULL;
			phase = k;
			hits = wrongs = 0;
			for (j = 0; j < NPAIR; j++)
				prey[j] = malloc(stepsize, t, M_NOWAIT);
			if (i == 3)
				get_region();
			step_begin(h_step);
			step_scene(i);
			step_end();
			CU_ASSERT(hits > 10);
			CU_ASSERT_EQUAL(wrongs, 0);
			CU_ASSERT_EQUAL(malloc_check(printf), 0);
			free(stepkept, t);
			for (j = 0; j < NPAIR; j++)
				free(prey[j], t);
			CU_ASSERT_EQUAL(kmemstats[t].ks_inuse, 0);
			CU_ASSERT_EQUAL(kmemstats[t].ks_memuse, 0);
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kmem_map, printf), 0);
			CU_ASSERT_EQUAL(splget(), 0);
			CU_ASSERT(left(&f));
			if (wrongs != 0 || kmemstats[t].ks_inuse != 0)
				printf("    scene %d, %lu bytes\n", i,
				    stepsize);
		}
}
#else
#define	step_begin(fn)	((void)0)
#define	step_end()	((void)0)
#endif

/* ---------------------------------------------------------------------
 * M-PANIC: the level at which panic is called.
 */

static void
call_setlimit(void *arg)
{

	malloc_type_setlimit(*(int *)arg, 0);
}

static void
call_detach(void *arg)
{

	malloc_type_detach(*(int *)arg);
}

static void
call_attach(void *arg)
{

	(void)malloc_type_attach(arg, 0);
}

static void
intr_waitok(void *arg)
{
	struct call *c;

	c = arg;
	c->c_addr = (void *)panic_catch(c->c_map != NULL ? call_kmem_alloc :
	    call_malloc, c);
	c->c_type = host_paniclevel == splget();
}

static void
panic_levels(void)
{
	struct call c;
	vm_offset_t va, vs;
	char *p, *q, *r;
	int raised, s, is, bad, none;

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("panics", LIMITLESS);
	untagged_stocks(0);
	p = malloc(100, t, M_NOWAIT);
	q = malloc(100, t, M_NOWAIT);
	r = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
	free(q, t);
	va = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT);
	vs = kmem_alloc(kernel_map, 3 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	none = 45;
	for (raised = 0; raised < 2; raised++) {
		s = raised ? splimp() : splget();
		is = splget();
		bad = 0;
#define	AT(panics) do {							\
	host_paniclevel = -1;						\
	if ((panics) == NULL || host_paniclevel != is || splget() != is) { \
		printf("    level %d, not %d: %s\n", host_paniclevel, is,  \
		    #panics);						\
		bad++;							\
	}								\
} while (0)
		AT(malloc_panics(1, -1, M_NOWAIT));
		AT(malloc_panics(1, t, M_SPACE_ONLY));
		AT(free_panics(p, MTYPES));
		AT(free_panics(kmemlimit, t));
		AT(free_panics(kmemlimit - PAGE_SIZE, t));
		AT(free_panics(p + 16, t));
		AT(free_panics(q, t));
		AT(free_panics(r + PAGE_SIZE, t));
#ifdef DIAGNOSTIC
		AT(free_panics(p, M_TEMP));
#endif
		AT(panic_catch(call_setlimit, &none));
		AT(panic_catch(call_detach, &none));
		AT(panic_catch(call_detach, &t));
		AT(panic_catch(call_attach, NULL));
		c.c_map = kernel_map;
		c.c_size = 1;
		c.c_flags = 0x4000;
		AT(panic_catch(call_kmem_alloc, &c));
		AT(kmem_free_panics(kernel_map, va + 1, PAGE_SIZE));
		AT(kmem_free_panics(kernel_map, vm_map_max(kernel_map) -
		    PAGE_SIZE, PAGE_SIZE));
		AT(kmem_free_panics(kernel_map, vs, PAGE_SIZE));
		AT(kmem_free_panics(kernel_map, (vm_offset_t)kmembase,
		    PAGE_SIZE));
#undef AT
		splx(s);
		CU_ASSERT_EQUAL(bad, 0);
	}
	c.c_map = NULL;
	c.c_size = 100;
	c.c_type = t;
	c.c_flags = M_WAITOK;
	softintr(intr_waitok, &c);
	CU_ASSERT(c.c_addr != NULL && c.c_type);
	c.c_map = kernel_map;
	softintr(intr_waitok, &c);
	CU_ASSERT(c.c_addr != NULL && c.c_type);
	free(p, t);
	free(r, t);
	kmem_free(kernel_map, va, 3 * PAGE_SIZE);
	kmem_free(kernel_map, vs, 3 * PAGE_SIZE);
}

/* ---------------------------------------------------------------------
 * M-BOUND
 */

/* Points that a malloc and a free take, where the class has blocks. */
static unsigned long
pair_points(u_long size)
{
	unsigned long n;
	void *p;

	n = host_points();
	p = malloc(size, t, M_NOWAIT);
	free(p, t);
	return (host_points() - n);
}

/* And the instructions. */
static unsigned long
pair_steps(u_long size)
{
	void *p;

	step_begin(NULL);
	p = malloc(size, t, M_NOWAIT);
	free(p, t);
	step_end();
	return (nsteps);
}

/* Many pages of a class, each of them partly free. */
static struct chain crowd;

static void
crowd_in(u_long size, u_long npages)
{
	struct chain ch;
	u_long elm, i;

	elm = bucket[class_of(size)].kb_elmperpg;
	ch.ch_head = NULL;
	ch.ch_n = 0;
	ch.ch_type = crowd.ch_type = t;
	for (i = 0; i < npages * elm; i++) {
		void *p = malloc(size, t, M_NOWAIT);

		if (p == NULL)
			break;
		chain_push(i % elm == 0 ? &ch : &crowd, p);
	}
	CU_ASSERT_EQUAL(i, npages * elm);
	chain_free(&ch);
}

static void
bound_pairs(void)
{
	unsigned long points[NFRAGMENT], few, many;
	int c, i;

	host_boot(16 * MB, 64 * MB);
	t = malloc_type_attach("bound", LIMITLESS);
	crowd.ch_head = NULL;
	for (c = 0; c < NFRAGMENT; c++) {
		(void)pair_points(bucket[c].kb_size);
		points[c] = pair_points(bucket[c].kb_size);
		CU_ASSERT_EQUAL(points[c], points[0]);
	}
	few = pair_steps(96);
	crowd_in(96, 800);
	crowd_in(16, 100);
	crowd_in(2048, 300);
	for (i = 0; i < 60; i++)
		CU_ASSERT(malloc_type_attach("one of many", 0) >= 0);
	for (c = 0; c < NFRAGMENT; c++)
		CU_ASSERT_EQUAL(pair_points(bucket[c].kb_size), points[c]);
	/* (In the crowd there may be a list to unlink from, a few words of
	 * bits to pass.) */
	many = pair_steps(96);
	CU_ASSERT(many <= few + 60);
	chain_free(&crowd);
}

/* A miss, and a free that returns a page: as many points with few entries
 * in the map as with many, and with few blocks free as with many. */
static void
bound_miss(void)
{
	unsigned long miss[2], surplus[2], n;
	vm_offset_t hole[100];
	u_long mark;
	void *p;
	int i, k, c;

	host_boot(16 * MB, 64 * MB);
	t = malloc_type_attach("bound", LIMITLESS);
	c = class_of(160);
	for (k = 0; k < 2; k++) {
		if (k == 1) {
			for (i = 0; i < 100; i++)
				hole[i] = kmem_alloc(kmem_map, PAGE_SIZE,
				    M_NOWAIT | M_SPACE_ONLY);
			crowd.ch_head = NULL;
			crowd_in(256, 300);
		}
		/* (The reserve of entries is full.) */
		p = malloc(PAGE_SIZE, t, M_NOWAIT);
		free(p, t);
		stocks(0);
		mark = bucket[c].kb_highwat;
		bucket[c].kb_highwat = 0;
		for (i = 0; i < 2; i++) {
			n = host_points();
			p = malloc(160, t, M_NOWAIT);
			miss[k] = host_points() - n;
			n = host_points();
			free(p, t);
			surplus[k] = host_points() - n;
			CU_ASSERT(badaddr(p));
		}
		bucket[c].kb_highwat = mark;
		stocks(1);
	}
	CU_ASSERT_EQUAL(miss[0], miss[1]);
	CU_ASSERT_EQUAL(surplus[0], surplus[1]);
	CU_ASSERT(miss[0] < 60 && surplus[0] < 40);
	for (i = 0; i < 100; i++)
		kmem_free(kmem_map, hole[i], PAGE_SIZE);
	chain_free(&crowd);
}

/* The level is raised for a page at a time: what handles n pages passes n
 * points and more, and the longest stretch at splimp does not grow. */
static void
bound_pages(void)
{
	unsigned long n, points, most[2][4];
	vm_offset_t va;
	u_long pages;
	char *p, *run[3];
	int k, i;

	host_boot(16 * MB, 64 * MB);
	t = malloc_type_attach("bound", LIMITLESS);
	va = kmem_alloc(kernel_map, 200 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
	n = host_points();
	kmem_free(kernel_map, va, 200 * PAGE_SIZE);
	CU_ASSERT(host_points() - n >= 400);
	n = host_points();
	va = kmem_alloc(kernel_map, 200 * PAGE_SIZE, M_NOWAIT);
	points = host_points() - n;
	CU_ASSERT(points >= 400);
	kmem_free(kernel_map, va, 200 * PAGE_SIZE);
	/* A run that its class does not keep; and several that it does. */
	p = malloc(16 * PAGE_SIZE, t, M_NOWAIT);
	free(malloc(16 * PAGE_SIZE, t, M_NOWAIT), t);
	run[0] = malloc(16 * PAGE_SIZE, t, M_NOWAIT);
	free(p, t);
	n = host_points();
	free(run[0], t);
	CU_ASSERT(host_points() - n >= 2 * 16);
	(void)malloc_reclaim();
	n = host_points();
	(void)malloc_reclaim();
	points = host_points() - n;
	for (k = 0; k < 3; k++)
		run[k] = malloc((16UL - (u_long)k) * PAGE_SIZE, t, M_NOWAIT);
	for (k = 0; k < 3; k++)
		free(run[k], t);
	n = host_points();
	CU_ASSERT(malloc_reclaim() >= 45);
	CU_ASSERT(host_points() - n >= points + 2 * 45);
	for (k = 0; k < 2; k++) {
		/* (Not zeroed: a string instruction steps byte by byte.) */
		pages = k == 0 ? 2 : 20;
		step_begin(NULL);
		va = kmem_alloc(kernel_map, pages * PAGE_SIZE, M_NOWAIT);
		step_end();
		most[k][0] = longest;
		step_begin(NULL);
		kmem_free(kernel_map, va, pages * PAGE_SIZE);
		step_end();
		most[k][1] = longest;
		step_begin(NULL);
		p = malloc((pages + 16) * PAGE_SIZE, t, M_NOWAIT);
		free(p, t);
		step_end();
		most[k][2] = longest;
		/* As many empty pages, of runs and of a class. */
		for (i = 0; i < (k == 0 ? 1 : 3); i++) {
			char *q = malloc(PAGE_SIZE, t, M_NOWAIT);

			p = malloc(2048, t, M_NOWAIT);
			free(q, t);
			free(p, t);
		}
		step_begin(NULL);
		(void)malloc_reclaim();
		step_end();
		most[k][3] = longest;
	}
	for (i = 0; i < 4; i++)
		CU_ASSERT(most[1][i] <= most[0][i] + 40);
}

/* ---------------------------------------------------------------------
 * A row of frames for a device, of which a handler takes some meanwhile.
 */

#define	ROW	(4 * PAGE_SIZE)

static vm_offset_t robbed;

static void
rob(void *arg)
{

	(void)arg;
	robbed = kmem_alloc(kernel_map, ROW, M_NOWAIT | M_IO1);
}

static void
p_row(void)
{
	vm_offset_t va, pa, i, j;
	unsigned long n;

	host_boot(4 * MB, 16 * MB);
	for (n = 1; ; n++) {
		robbed = 0;
		host_interrupt_at(n, rob, NULL);
		va = kmem_alloc(kernel_map, ROW, M_NOWAIT | M_IO1);
		host_interrupt_at(0, NULL, NULL);
		CU_ASSERT_FATAL(va != 0);
		pa = kmem_phys(va);
		for (i = 0; i < ROW; i += PAGE_SIZE) {
			CU_ASSERT_EQUAL(kmem_phys(va + i), pa + i);
			for (j = 0; robbed != 0 && j < ROW; j += PAGE_SIZE)
				CU_ASSERT(kmem_phys(robbed + j) != pa + i);
		}
		CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
		kmem_free(kernel_map, va, ROW);
		if (robbed == 0)
			break;
		kmem_free(kernel_map, robbed, ROW);
	}
	CU_ASSERT(n > 10);
}

CU_TestInfo levels_tests[] = {
	{"M-LEVEL, M-BOUND: a hit, interrupted at every point", p_hit},
	{"M-LEVEL: a miss, interrupted at every point", p_miss},
	{"M-LEVEL: runs of pages, interrupted at every point", p_run},
	{"M-LEVEL: a large block, interrupted at every point", p_large},
	{"M-SURPLUS: a miss, while a handler makes the class overflow",
	    p_overflow},
	{"M-SURPLUS: pages that return, interrupted at every point",
	    p_surplus},
	{"M-LIMIT: refusals, interrupted at every point", p_limit},
	{"M-FIFO: sleepers at the limit, interrupted at every point",
	    p_sleep},
	{"M-WAITOK: a sleeper for memory, interrupted at every point",
	    p_memory},
	{"K-WAITOK: a sleeper for frames, interrupted at every point",
	    p_memory_kmem},
	{"K-WAITOK: a sleeper for addresses, interrupted at every point",
	    p_addresses},
	{"E04, E30, K-ALLOC: kmem_alloc, interrupted by kmem_alloc",
	    p_kmem_alloc},
	{"K-IO, M-LEVEL: a row of frames, broken into at every point", p_row},
	{"E08, E29, K-FREE: kmem_free, interrupted by kmem_free", p_split},
	{"K-NOWAIT: a shortage, interrupted at every point", p_shortage},
	{"K-SPACE: reservations, interrupted at every point", p_space},
	{"M-TYPE: types that come and go, interrupted at every point",
	    p_types},
	{"M-RECLAIM: reclaim, interrupted at every point", p_reclaim},
	{"M-BADFREE: a page on its way to kmem is malloc's no more",
	    p_leaving},
	{"M-PANIC: panics, interrupted at every point", p_panics},
	{"E32: a large free, its pages another's at once", p_free_large},
	{"M-LEVEL: a handler, interrupted by another", p_nested},
	{"K-SUBALLOC: a submap, interrupted at every point", p_suballoc},
	{"K-FREE: what is being allocated is not allocated yet", p_transit},
	{"M-WAITOK, M-FIFO: sleepers and interrupts at random", sleepers},
#ifdef __x86_64__
	{"M-LEVEL: interrupted after every instruction", each_instruction},
#endif
	{"M-COLD: who sleeps when the panic comes gets null",
	    panic_sleepers},
	{"M-PANIC: panic is called at the caller's level", panic_levels},
	{"M-BOUND: a pair costs the same in any crowd", bound_pairs},
	{"M-BOUND: a miss and a page's return cost the same in any crowd",
	    bound_miss},
	{"M-BOUND: the level is raised for a page at a time", bound_pages},
	CU_TEST_INFO_NULL,
};
