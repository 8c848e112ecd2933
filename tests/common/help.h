/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the suites share: chains of blocks, memory eaten up, messages that
 * are compared, and the account that a test must leave as it found it.
 * Everything is static, and nothing large is on a stack.
 */
#ifndef _TESTS_HELP_H_
#define	_TESTS_HELP_H_

#include <stdarg.h>
#include "suite.h"
#include "host/memtool.h"
#include "kern.h"
#include "kmem.h"
#include "malloc.h"

#define	USED	__attribute__((unused))
#define	LIMITLESS	(~0UL)

/* ---------------------------------------------------------------------
 * Size classes.
 */

/* The class that a request of this size must have, found the slow way. */
static USED int
class_of(u_long size)
{
	int c;

	for (c = 0; c < LARGE; c++)
		if (size <= bucket[c].kb_size)
			return (c);
	return (LARGE);
}

/* What a request of this size must be charged. */
static USED u_long
charge_of(u_long size)
{
	int c;

	c = class_of(size);
	return (c == LARGE ? round_page(size) : bucket[c].kb_size);
}

/* Pages that the blocks of this class are cut from: 1, or a run's. */
static USED u_long
class_pages(int c)
{

	return (c < NFRAGMENT ? 1 : (u_long)(c - NFRAGMENT) + 1);
}

/* Pages that the pool holds, in use or not, LARGE blocks apart. */
static USED u_long
pool_pages(void)
{
	u_long n;
	int c;

	n = 0;
	for (c = 0; c < LARGE; c++)
		n += bucket[c].kb_total / bucket[c].kb_elmperpg *
		    class_pages(c);
	return (n);
}

/* ---------------------------------------------------------------------
 * Filling and looking at bytes.
 */

static USED void
fill(void *p, u_long n, unsigned int seed)
{
	unsigned char *b;
	u_long i;

	b = p;
	for (i = 0; i < n; i++)
		b[i] = (unsigned char)(seed + i * 7 + (i >> 8));
}

/* The same where nobody may write, so that a tool which watches is not to
 * be told: a block that is free. */
MEMTOOL_BLIND static USED void
trespass(void *p, u_long n, unsigned int seed)
{
	volatile unsigned char *b;
	u_long i;

	b = p;
	MEMTOOL_QUIET();
	for (i = 0; i < n; i++)
		b[i] = (unsigned char)(seed + i * 7 + (i >> 8));
	MEMTOOL_LOUD();
}

static USED int
filled(const void *p, u_long n, unsigned int seed)
{
	const unsigned char *b;
	u_long i;

	b = p;
	for (i = 0; i < n; i++)
		if (b[i] != (unsigned char)(seed + i * 7 + (i >> 8)))
			return (0);
	return (1);
}

static USED int
zeros(const void *p, u_long n)
{
	const unsigned char *b;
	u_long i;

	b = p;
	for (i = 0; i < n; i++)
		if (b[i] != 0)
			return (0);
	return (1);
}

/* A sum over memory that changes when any byte does. */
static USED u_long
digest(u_long h, const void *p, u_long n)
{
	const unsigned char *b;
	u_long i;

	b = p;
	for (i = 0; i < n; i++)
		h = (h ^ b[i]) * 16777619UL;
	return (h);
}

/* ... and of all the books: what a refused call must not touch. */
static USED u_long
books(void)
{
	u_long h;

	h = digest(2166136261UL, kmemstats, sizeof(kmemstats));
	h = digest(h, bucket, sizeof(bucket));
	h = digest(h, &cnt, sizeof(cnt));
	h = digest(h, kmem_map, sizeof(*kmem_map));
	return (digest(h, kernel_map, sizeof(*kernel_map)));
}

/* ---------------------------------------------------------------------
 * Text: a printf of one's own, as the kernel has none that fills a buffer.
 */

struct text {
	char	*t_at, *t_end;
};

static USED void
text_char(struct text *t, char c)
{

	if (t->t_at < t->t_end)
		*t->t_at++ = c;
	*t->t_at = '\0';
}

static USED void
text_number(struct text *t, u_long n, unsigned int base, int neg, int width,
    int left, char pad)
{
	char digits[24];
	int i, len;

	i = 0;
	do
		digits[i++] = "0123456789abcdef"[n % base];
	while ((n /= base) != 0);
	len = i + neg;
	if (neg && pad == '0')
		text_char(t, '-');
	for (; !left && len < width; len++)
		text_char(t, pad);
	if (neg && pad != '0')
		text_char(t, '-');
	while (i > 0)
		text_char(t, digits[--i]);
	for (; left && len < width; len++)
		text_char(t, ' ');
}

static USED void
text_string(struct text *t, const char *s, int width, int prec, int left)
{
	int len, i;

	for (len = 0; s[len] != '\0' && (prec < 0 || len < prec); len++)
		;
	for (i = len; !left && i < width; i++)
		text_char(t, ' ');
	for (i = 0; i < len; i++)
		text_char(t, s[i]);
	for (; left && i < width; i++)
		text_char(t, ' ');
}

static USED void
text_print(struct text *t, const char *f, va_list ap)
{
	int left, alt, width, prec, lng;
	char pad;
	long d;
	u_long u;

	for (; *f != '\0'; f++) {
		if (*f != '%') {
			text_char(t, *f);
			continue;
		}
		left = alt = width = lng = 0;
		prec = -1;
		pad = ' ';
		for (f++;; f++) {
			if (*f == '-')
				left = 1;
			else if (*f == '#')
				alt = 1;
			else if (*f == '0')
				pad = '0';
			else if (*f != ' ' && *f != '+')
				break;
		}
		if (*f == '*') {
			width = va_arg(ap, int);
			f++;
		} else
			for (; *f >= '0' && *f <= '9'; f++)
				width = width * 10 + *f - '0';
		if (*f == '.') {
			prec = 0;
			if (*++f == '*') {
				prec = va_arg(ap, int);
				f++;
			} else
				for (; *f >= '0' && *f <= '9'; f++)
					prec = prec * 10 + *f - '0';
		}
		for (; *f == 'l' || *f == 'z'; f++)
			lng = 1;
		switch (*f) {
		case 'd':
		case 'i':
			d = lng ? va_arg(ap, long) : va_arg(ap, int);
			u = d < 0 ? -(u_long)d : (u_long)d;
			text_number(t, u, 10, d < 0, width, left, pad);
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			u = lng ? va_arg(ap, u_long) :
			    va_arg(ap, unsigned int);
			if (alt && u != 0 && *f == 'x')
				text_string(t, "0x", 0, -1, 0);
			text_number(t, u, *f == 'u' ? 10 : *f == 'o' ? 8 : 16,
			    0, width, left, pad);
			break;
		case 'p':
			text_string(t, "0x", 0, -1, 0);
			text_number(t, (u_long)va_arg(ap, void *), 16, 0,
			    width, left, pad);
			break;
		case 's':
			text_string(t, va_arg(ap, char *), width, prec, left);
			break;
		case 'c':
			text_char(t, (char)va_arg(ap, int));
			break;
		default:
			text_char(t, *f);
			break;
		}
	}
}

/* Is the message exactly what this would print? */
static USED int __attribute__((format(printf, 2, 3)))
says(const char *msg, const char *fmt, ...)
{
	static char buf[200];
	struct text t;
	va_list ap;
	int i;

	if (msg == NULL) {
		printf("    no panic; wanted: %s\n", fmt);
		return (0);
	}
	t.t_at = buf;
	t.t_end = buf + sizeof(buf) - 1;
	va_start(ap, fmt);
	text_print(&t, fmt, ap);
	va_end(ap);
	for (i = 0; buf[i] != '\0' && buf[i] == msg[i]; i++)
		;
	if (buf[i] == msg[i])
		return (1);
	printf("    said: %s\n  wanted: %s\n", msg, buf);
	return (0);
}

/* ---------------------------------------------------------------------
 * Calls that are to panic.
 */

struct call {
	void	*c_addr;
	u_long	c_size;
	vm_map_t c_map;
	int	c_type;
	int	c_flags;
	void	*c_got;
};

static USED void
call_malloc(void *arg)
{
	struct call *c;

	c = arg;
	c->c_got = malloc(c->c_size, c->c_type, c->c_flags);
}

static USED void
call_free(void *arg)
{
	struct call *c;

	c = arg;
	free(c->c_addr, c->c_type);
}

static USED void
call_kmem_alloc(void *arg)
{
	struct call *c;

	c = arg;
	c->c_got = (void *)kmem_alloc(c->c_map, c->c_size, c->c_flags);
}

static USED void
call_kmem_free(void *arg)
{
	struct call *c;

	c = arg;
	kmem_free(c->c_map, (vm_offset_t)c->c_addr, c->c_size);
}

/* The panic of malloc(size, type, flags); null for none. */
static USED const char *
malloc_panics(u_long size, int type, int flags)
{
	struct call c;

	c.c_size = size;
	c.c_type = type;
	c.c_flags = flags;
	c.c_got = NULL;
	return (panic_catch(call_malloc, &c));
}

/* The panic of free(addr, type); null for none. */
static USED const char *
free_panics(void *addr, int type)
{
	struct call c;

	c.c_addr = addr;
	c.c_type = type;
	return (panic_catch(call_free, &c));
}

/* The panic of kmem_free; null for none. */
static USED const char *
kmem_free_panics(vm_map_t map, vm_offset_t addr, vm_size_t size)
{
	struct call c;

	c.c_map = map;
	c.c_addr = (void *)addr;
	c.c_size = size;
	return (panic_catch(call_kmem_free, &c));
}

/* ---------------------------------------------------------------------
 * Chains: any number of blocks, linked through their first words.
 */

struct chain {
	void	*ch_head;
	u_long	ch_n;
	int	ch_type;
};

static USED void
chain_push(struct chain *ch, void *p)
{

	*(void **)p = ch->ch_head;
	ch->ch_head = p;
	ch->ch_n++;
}

static USED void *
chain_pop(struct chain *ch)
{
	void *p;

	p = ch->ch_head;
	if (p != NULL) {
		ch->ch_head = *(void **)p;
		ch->ch_n--;
	}
	return (p);
}

static USED void
chain_free(struct chain *ch)
{
	void *p;

	while ((p = chain_pop(ch)) != NULL)
		free(p, ch->ch_type);
}

/* Stocks as they come, of 8 KB and 24 blocks at most; or none, so that a
 * block that is freed is back in its page.  All are empty after this. */
static USED void
stocks(int on)
{
	u_long most;
	int c;

	malloc_reclaim();
	for (c = 0; c < LARGE; c++) {
		most = on ? 8192 / bucket[c].kb_size : 0;
		kmemstock[c].sk_most = most > 24 ? 24 : most;
	}
}

/* Without tags it is not known that a block is free while it is in stock;
 * for tests that want a second free found by that very call. */
static USED void
untagged_stocks(int on)
{

#ifdef DIAGNOSTIC
	(void)on;
#else
	stocks(on);
#endif
}

/* Take every free block of a class, so that the next request misses. */
static USED void
drain(struct chain *ch, int c, int type)
{
	void *p;

	ch->ch_head = NULL;
	ch->ch_n = 0;
	ch->ch_type = type;
	while (malloc_freeblocks(c) != 0) {
		p = malloc(bucket[c].kb_size, type, M_NOWAIT);
		if (p == NULL)
			break;
		chain_push(ch, p);
	}
}

/* ---------------------------------------------------------------------
 * Eating what there is: frames, and a map's addresses.
 */

struct meal {
	void	*m_head;
	vm_map_t m_map;
	u_long	m_n;
};

/* Take frames from a map until only `leave' are free. */
static USED void
eat_frames(struct meal *m, vm_map_t map, u_long leave)
{
	vm_offset_t va;

	m->m_head = NULL;
	m->m_map = map;
	m->m_n = 0;
	malloc_reclaim();
	while (leave == 0 || cnt.v_free_count > leave) {
		va = kmem_alloc(map, PAGE_SIZE, M_NOWAIT);
		if (va == 0)
			break;
		*(void **)va = m->m_head;
		m->m_head = (void *)va;
		m->m_n++;
	}
}

/* Give some of them back. */
static USED void
spit_frames(struct meal *m, u_long n)
{
	void *p;

	while (n-- > 0 && (p = m->m_head) != NULL) {
		m->m_head = *(void **)p;
		m->m_n--;
		kmem_free(m->m_map, (vm_offset_t)p, PAGE_SIZE);
	}
}

static USED void
spit_all(struct meal *m)
{

	spit_frames(m, m->m_n);
}

/* The largest hole of a map, found by walking along all of it. */
static USED vm_size_t
largest_hole(vm_map_t map)
{
	struct vm_map_entry *e;
	vm_offset_t at;
	vm_size_t most;

	at = vm_map_min(map);
	most = 0;
	for (e = map->header.next; e != &map->header; e = e->next) {
		if (e->start - at > most)
			most = e->start - at;
		at = e->end;
	}
	if (vm_map_max(map) - at > most)
		most = vm_map_max(map) - at;
	return (most);
}

#define	NCOURSE	256

/* Addresses eaten; one meal at a time, so that this can be static. */
struct course {
	vm_offset_t addr;
	vm_size_t size;
};
static struct course course[NCOURSE] USED;
static int ncourse USED;

/* Reserve every hole of a map. */
static USED void
eat_space(vm_map_t map)
{
	vm_offset_t va;
	vm_size_t size;

	malloc_reclaim();
	for (ncourse = 0; ncourse < NCOURSE; ncourse++) {
		size = largest_hole(map);
		if (size == 0)
			break;
		va = kmem_alloc(map, size, M_SPACE_ONLY | M_NOWAIT);
		if (va == 0)
			break;
		course[ncourse].addr = va;
		course[ncourse].size = size;
	}
}

static USED void
spit_space(vm_map_t map)
{

	while (ncourse-- > 0)
		kmem_free(map, course[ncourse].addr, course[ncourse].size);
	ncourse = 0;
}

/* ---------------------------------------------------------------------
 * Processes that ask.
 */

struct ask {
	u_long	a_size;
	int	a_type;
	int	a_flags;
	vm_map_t a_map;		/* kmem_alloc from here; null: malloc */
	int	a_raise;	/* ask at splimp */
	void	*a_got;
	int	a_done;		/* 1: has its answer; 2: has freed it too */
	int	a_order;	/* in which order */
	int	a_level;	/* the level after it, 1 if as before */
	int	a_pid;
	volatile int a_go;	/* 0: wait until told to ask */
	volatile int a_stay;	/* when answered, wait until let go */
};
static int askorder USED;

static USED void
ask_fn(void *arg)
{
	struct ask *a;
	int s, before;

	a = arg;
	s = splimp();
	while (!a->a_go)
		tsleep((void *)&a->a_go, PVM, "gate", 0);
	if (!a->a_raise)
		splx(s);
	before = splget();
	if (a->a_map != NULL)
		a->a_got = (void *)kmem_alloc(a->a_map, a->a_size,
		    a->a_flags);
	else
		a->a_got = malloc(a->a_size, a->a_type, a->a_flags);
	a->a_level = splget() == before;
	splx(s);
	a->a_order = ++askorder;
	a->a_done = 1;
	s = splimp();
	while (a->a_stay)
		tsleep((void *)&a->a_stay, PVM, "stay", 0);
	splx(s);
}

/* Start a process that asks malloc; it runs when we settle. */
static USED void
ask(struct ask *a, u_long size, int type, int flags)
{

	a->a_size = size;
	a->a_type = type;
	a->a_flags = flags;
	a->a_map = NULL;
	a->a_raise = 0;
	a->a_got = NULL;
	a->a_done = a->a_order = a->a_level = 0;
	a->a_go = 1;
	a->a_stay = 0;
	a->a_pid = proc_create("ask", ask_fn, a);
}

/* Have it wait until it is told to ask: where memory is to be short then,
 * the process must be there before. */
static USED void
ask_later(struct ask *a)
{

	a->a_go = 0;
}

static USED void
ask_now(struct ask *a)
{
	int s;

	s = splimp();
	a->a_go = 1;
	wakeup((void *)&a->a_go);
	splx(s);
}

/* Have it stay when it is answered, until it is let go: where frames are
 * counted, since a process that ends gives its stack back. */
static USED void
ask_stay(struct ask *a)
{

	a->a_stay = 1;
}

static USED void
ask_leave(struct ask *a)
{
	int s;

	s = splimp();
	a->a_stay = 0;
	wakeup((void *)&a->a_stay);
	splx(s);
	proc_settle();
}

/* ... or asks kmem_alloc. */
static USED void
ask_kmem(struct ask *a, vm_map_t map, vm_size_t size, int flags)
{

	ask(a, size, M_TEMP, flags);
	a->a_map = map;
}

/* Let it run; is it then asleep, without an answer? */
static USED int
asleep(struct ask *a)
{

	proc_settle();
	return (a->a_pid != -1 && !a->a_done && proc_asleep(a->a_pid));
}

/* Let it run; has it then an answer, and its level as it was? */
static USED int
answered(struct ask *a)
{

	proc_settle();
	return (a->a_pid != -1 && a->a_done && a->a_level &&
	    (a->a_stay || proc_ended(a->a_pid)));
}

/* Give frames back one by one until it has its answer; how many it took, or
 * more than `most'.  (One may become a page of map entries.) */
static USED u_long
answered_after(struct ask *a, struct meal *m, u_long most)
{
	u_long n;

	for (n = 0; !answered(a); n++) {
		if (n == most)
			return (n + 1);
		spit_frames(m, 1);
	}
	return (n);
}

/* ---------------------------------------------------------------------
 * What a test must leave as it found it.
 *
 * A map entry may be born in one page and live on in another, so that the
 * number of the pool's pages is not a test's to keep; but what is outside
 * the pool is, page by page, and what each type holds.  (That the counts of
 * frames agree with the page tables is for kmem_check, after each test.)
 */

struct found {
	u_long	f_backed;	/* pages of kernel_map with frames */
	u_long	f_space;	/* its bytes used */
	u_long	f_arena;	/* kmem_map's pages, but for the pool's */
	u_long	f_extra;	/* pages wired, in no entry */
	u_long	f_blocks;	/* in use, the VM's entries apart */
	u_long	f_bytes;
	u_long	f_entries;	/* in use, of malloc's, less the maps' */
	u_long	f_waiters;
	u_long	f_level;
};

/* Pages of a map that have frames behind them. */
static USED u_long
backed_pages(vm_map_t map)
{
	struct vm_map_entry *e;
	u_long n;

	n = 0;
	for (e = map->header.next; e != &map->header; e = e->next)
		if (e->kind == VME_WIRED)
			n += (e->end - e->start) >> PAGE_SHIFT;
	return (n);
}

static USED void
look(struct found *f)
{
	int i;

	f->f_backed = backed_pages(kernel_map);
	f->f_space = kernel_map->used;
	f->f_arena = (kmem_map->used >> PAGE_SHIFT) - pool_pages();
	f->f_extra = cnt.v_wire_count - f->f_backed - backed_pages(kmem_map);
	f->f_blocks = f->f_bytes = f->f_waiters = 0;
	for (i = 0; i < MTYPES; i++) {
		if (kmemstats[i].ks_waitq != NULL)
			f->f_waiters++;
		if (i == M_VMMAPENT)
			continue;
		f->f_blocks += kmemstats[i].ks_inuse;
		f->f_bytes += kmemstats[i].ks_memuse;
	}
	f->f_entries = kmemstats[M_VMMAPENT].ks_inuse;
	f->f_waiters += kmem_waiters;
	f->f_level = (u_long)splget();
}

/* Spare entries that kmem may keep, and a page of them made in need. */
#define	SPARES	16
#define	WINDOWS	1

/* Nothing leaked since we looked; a line for each thing that has. */
static USED int
left(const struct found *f)
{
	struct found now;
	int bad;

	/* While there are free blocks to look at, too. */
	bad = malloc_check(printf);
	malloc_reclaim();
	look(&now);
#define	SAME(what, field, more)						\
	if (now.field < f->field || now.field > f->field + (more)) {	\
		printf("    %s: %lu, found %lu\n", what, now.field,	\
		    f->field);						\
		bad++;							\
	}
	SAME("kernel_map's pages", f_backed, 0)
	SAME("kernel_map's bytes used", f_space, 0)
	SAME("kmem_map's pages outside the pool", f_arena, 0)
	SAME("pages in no entry", f_extra, WINDOWS)
	SAME("blocks in use", f_blocks, 0)
	SAME("bytes in use", f_bytes, 0)
	SAME("waiters", f_waiters, 0)
	SAME("level", f_level, 0)
#undef SAME
	if (now.f_entries > f->f_entries + 2 * SPARES) {
		printf("    entries: %lu, found %lu\n", now.f_entries,
		    f->f_entries);
		bad++;
	}
	return (bad == 0);
}

/* Pages of the pool that are wholly free. */
static USED u_long
empty_pages(void)
{
	struct malloc_page mp;
	u_long n;
	char *p;

	n = 0;
	for (p = kmembase; p < kmemlimit; p += PAGE_SIZE)
		if (malloc_page((u_long)p, &mp) && mp.mp_class >= 0 &&
		    mp.mp_free == mp.mp_blocks)
			n++;
	return (n);
}

/* Everybody's requests and blocks, by type and by class: do they agree?
 * (Calls of types that have ended are not among the types' any more.) */
static USED int
sums_agree(void)
{
	u_long tblocks, tbytes, cblocks, cbytes, n;
	int i;

	tblocks = tbytes = cblocks = 0;
	cbytes = bucket[LARGE].kb_pages << PAGE_SHIFT;
	for (i = 0; i < MTYPES; i++) {
		tblocks += kmemstats[i].ks_inuse;
		tbytes += kmemstats[i].ks_memuse;
	}
	for (i = 0; i < NBUCKETS; i++) {
		n = bucket[i].kb_total - malloc_freeblocks(i);
		cblocks += n;
		cbytes += n * bucket[i].kb_size;
	}
	if (tblocks == cblocks && tbytes == cbytes)
		return (1);
	printf("    types: %lu blocks, %lu bytes; classes: %lu, %lu\n",
	    tblocks, tbytes, cblocks, cbytes);
	return (0);
}

/* A page of the arena as malloc knows it: its class, -1 if not malloc's. */
static USED int
page_class(const void *p)
{
	struct malloc_page mp;

	if (!malloc_page((u_long)p, &mp))
		return (-2);
	return (mp.mp_class);
}

/* Are two names the same? */
static USED int
same(const char *a, const char *b)
{

	for (; *a != '\0' && *a == *b; a++, b++)
		;
	return (*a == *b);
}

/* What vmstat prints to where nobody looks. */
static USED int __attribute__((format(printf, 1, 2)))
quiet(const char *fmt, ...)
{

	(void)fmt;
	return (0);
}

/* A submap of the tests' own, made once a machine (there is no undoing it);
 * in tests/common/kmem.c.  Empty between tests. */
#define	SUBPAGES	37
vm_map_t	the_submap(void);
void	io_all(void);

/* A small random number, the same on every run. */
static USED u_long
draw(u_long *seed, u_long n)
{

	*seed = (*seed * 1103515245UL + 12345UL) & 0xffffffffUL;
	return ((*seed >> 8) % n);
}

#endif /* !_TESTS_HELP_H_ */
