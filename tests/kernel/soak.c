/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The soak: a little system's worth of processes and handlers that allocate
 * and free for as many ticks as one likes, and an account at the end.
 *
 * Who runs is decided by the clock, and what each does by generators of its
 * own that begin with the seed, so that under -icount a run repeats to the
 * byte.  Nothing here waits while it holds what another waits for: of types
 * with tight limits, and of the submap, a process asks with M_WAITOK only
 * while it has none; memory is taken away by a process that never waits for
 * any, and comes back when its time is over.
 * The clock is slow here, so that its own ticks find the processor halted,
 * whatever an emulator makes of time; those that come in the middle of things
 * are ordered, after so many instructions.
 */
#include <stdarg.h>
#include "kern.h"
#include "i386.h"
#include "kmem.h"
#include "malloc.h"

int	soak(void);
long	user_soak(long);

#define	NWORK		48	/* processes at most, of those that end */
#define	NHELD		28	/* blocks that each may hold */
#define	NMBUF		64	/* mbufs in each queue */
#define	NVNODE		48
#define	NWIRED		6	/* page ranges of the clock's handler */
#define	NTYPE		8	/* run-time types at a time */
#define	NAREA		4	/* pieces of memory of a process's own */
#define	NLENT		24	/* parts of it lent to the kernel */
#define	NPROG		3	/* programs in user mode */
#define	EDGE		4	/* words filled at a page's end */
#define	SUBPAGES	20	/* of the submap */
#define	PATIENCE	8000	/* ticks that one may have to wait */
#define	WALK		4000	/* ticks from a walk to the next, at least; */
#define	WALKS		16	/* walks in all, at most */
#define	REPORT		10000	/* ticks from one line to the next */
#define	STRIKE		48	/* calls for one in which the clock comes */
#define	PSOAK		40	/* priority of a pause */
#define	SEQ		251	/* typed characters count up to here */
#define	LASTCHAR	255	/* ends who reads them */
#define	CLOCK		0x40	/* ports of the 8254: its first counter, */
#define	CLOCKMODE	0x43	/* and how it counts */
#define	SLOW		1193	/* it counts from there, for a millisecond, */
#define	REST		60000	/* and here, for fifty: see the book */

/* A block of malloc's, or pages of a map. */
struct block {
	char	*b_addr;
	u_long	b_size;
	u_long	b_mark;		/* What it is filled from. */
	vm_map_t b_map;		/* Null: malloc's. */
	short	b_type;
	short	b_space;	/* Address space alone. */
};

/* A process that lives for a while. */
struct worker {
	int	w_pid;		/* 0: the slot is free. */
	const struct trade *w_trade;
	u_long	w_random;
	int	w_rounds;	/* Left to live. */
	int	w_files;	/* Entries of its descriptor table. */
	int	w_owntype;	/* Attached by it, or 0; */
	int	w_driver;	/* whose name this is. */
	int	w_tight;	/* Blocks of tight types that it holds, */
	int	w_sub;		/* and ranges of the submap. */
	int	w_nheld;
	struct block w_held[NHELD];
	struct vmspace *w_vm;	/* Memory of its own, in which lie these. */
	vm_offset_t w_area[NAREA];
	int	w_calls;	/* Is in malloc, free, ... */
	int	w_waits;	/* M_WAITOK is under way, */
	int	w_type;		/* of this type (or 0), */
	u_long	w_since;	/* since this tick; */
	u_long	w_lowest;	/* and the lowest limit since. */
};

struct trade {
	const char *t_name;
	int	t_of;		/* So many of 16 processes. */
	void	(*t_begin)(struct worker *);
	void	(*t_round)(struct worker *);
	void	(*t_end)(struct worker *);
};

static struct worker worker[NWORK];
static struct worker hogs, admins;	/* Two that live to the end. */
static struct worker *running;		/* Who ran last, if a worker. */
static volatile int stopping;		/* 1: workers end; 2: handlers. */
static u_long seed, began, length;	/* Ticks. */
static int fault;		/* What is to go wrong on purpose: a letter. */
static u_long lastmark, idrandom, hrandom;
static vm_map_t submap;

/* What is counted.  Handlers and processes both add: at splimp, or to
 * counters of their own. */
static struct {
	volatile u_long handler;	/* Blocks granted to handlers, */
	volatile u_long hrefused;	/* and refused; */
	volatile u_long pages;		/* calls of kmem_alloc granted */
	volatile u_long prefused;	/* and refused. */
	volatile u_long refused;	/* malloc's, to processes: null. */
	volatile u_long hopeless;	/* Null with M_WAITOK: the limit. */
	volatile u_long limit, memory, space; /* Sleeps. */
	volatile u_long forks, noforks, exits; /* Processes. */
	volatile u_long checks;		/* Blocks looked at. */
	volatile u_long zeros;		/* Zeroed ones among them. */
	volatile u_long faults;		/* Touches that had to fault. */
	volatile u_long limits;		/* Limits changed. */
	volatile u_long types;		/* Types attached. */
	volatile u_long reclaims;	/* Pages by malloc_reclaim. */
	volatile u_long hogs;		/* Times that memory was taken. */
	volatile u_long rounds;		/* Of all workers: progress. */
	volatile u_long ticks, idle;	/* Ticks; those in a halt, */
	volatile u_long inside;		/* and in a call of malloc or kmem. */
	volatile u_long strikes;	/* Ordered in the middle of things. */
	volatile u_long sent, received, dropped, walks;
	u_long	vmallocated, vmrefused;	/* Memory of processes; */
	u_long	lent, unlent;		/* lent by them, or refused to. */
	u_long	programs;		/* In user mode. */
	u_long	longest;		/* Wait with M_WAITOK, ticks. */
	u_long	leastfree;		/* Frames. */
	u_long	mostprocs;
} n;

/* ---------------------------------------------------------------------
 * Random numbers, and things found wrong.
 */

/* A generator's first state; never 0. */
static u_long
begin_random(u_long stream)
{

	return ((seed * 2654435761UL ^ stream * 2246822519UL) | 1);
}

/* A number below `below': Marsaglia's xorshift of 32 bits. */
static u_long
any(u_long *state, u_long below)
{
	u_long x;

	x = *state;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return ((x >> 8) % below);
}

static volatile u_long nwrong;

/* Something is wrong: say what, up to twenty times. */
static void __attribute__((format(printf, 1, 2)))
wrong(const char *fmt, ...)
{
	static char line[200];
	va_list ap;
	int s;

	s = splimp();
	if (nwrong++ < 20) {
		va_start(ap, fmt);
		vsnprintf(line, sizeof(line), fmt, ap);
		va_end(ap);
		printf("soak: WRONG at tick %lu: %s\n", ticks - began, line);
	}
	splx(s);
}

/* What the walkers print; they print only what is wrong. */
static int
walker_says(const char *fmt, ...)
{
	va_list ap;
	char line[120];
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	wrong("%s", line);
	return (len);
}

/* ---------------------------------------------------------------------
 * Blocks: filled when they are got, and looked at later.
 */

/* Put a pattern that begins with m into these words, or look for it. */
static int
words(u_long *w, u_long *end, u_long m, int put)
{

	for (; w < end; w++) {
		m += 0x9E3779B9UL;
		if (put)
			*w = m;
		else if (*w != m)
			return (0);
	}
	return (1);
}

/* A block of up to a page is filled whole, to its last byte; larger ones
 * and pages at both ends of each page. */
static int
pattern(const struct block *b, int put)
{
	u_long at, len, i;

	if (b->b_space)
		return (1);
	for (at = 0; at < b->b_size; at += PAGE_SIZE) {
		u_long *w = (u_long *)(b->b_addr + at);

		len = b->b_size - at < PAGE_SIZE ? b->b_size - at : PAGE_SIZE;
		len /= sizeof(*w);
		if (b->b_size <= PAGE_SIZE && b->b_map == NULL) {
			if (!words(w, w + len, b->b_mark, put))
				return (0);
		} else if (len >= 2 * EDGE && (!words(w, w + EDGE, b->b_mark,
		    put) || !words(w + len - EDGE, w + len, b->b_mark, put)))
			return (0);
	}
	for (i = b->b_size & ~(sizeof(u_long) - 1); i < b->b_size; i++)
		if (put)
			b->b_addr[i] = (char)b->b_mark;
		else if (b->b_addr[i] != (char)b->b_mark)
			return (0);
	return (1);
}

static void
check_zeros(const struct block *b)
{
	u_long i;

	if (!cpu_intr_p())
		n.zeros++;
	for (i = 0; i + sizeof(u_long) <= b->b_size; i += sizeof(u_long))
		if (*(u_long *)(b->b_addr + i) != 0)
			break;
	for (; i < b->b_size && b->b_addr[i] == 0; i++)
		continue;
	if (i < b->b_size)
		wrong("byte %lu of %lu at %p is not zero", i, b->b_size,
		    (void *)b->b_addr);
}

/* M-DISJOINT: nobody else has written to it. */
static void
check_block(const struct block *b)
{

	if (!cpu_intr_p())
		n.checks++;
	if (!pattern(b, 0))
		wrong("%lu bytes at %p (type %d) were written to",
		    b->b_size, (void *)b->b_addr, b->b_type);
}

/* Bytes that a type is charged for a request. */
static u_long
charge(u_long size)
{
	int c;

	for (c = 0; c < LARGE; c++)
		if (size <= bucket[c].kb_size)
			return (bucket[c].kb_size);
	return (round_page(size));
}

/* Describe, check and fill what has been got.  Returns 0 for null. */
static int
enter(struct block *b, void *addr, u_long size, int type, vm_map_t map,
    int flags)
{

	if (addr == NULL)
		return (0);
	b->b_addr = addr;
	b->b_size = size;
	b->b_mark = (lastmark += 0x61C88647UL) ^ (u_long)addr;
	b->b_map = map;
	b->b_type = type;
	b->b_space = (flags & M_SPACE_ONLY) != 0;
	if (((u_long)addr & (map != NULL ? PAGE_MASK : 15)) != 0)
		wrong("%p is not aligned", addr);
	if ((flags & M_ZERO_IT) != 0 && !b->b_space)
		check_zeros(b);
	(void)pattern(b, 1);
	return (1);
}

/* ---------------------------------------------------------------------
 * A process asks and gives back.
 */

/* Let others run for so many ticks. */
static void
pause(struct worker *w, u_long n)
{

	(void)tsleep(w, PSOAK, "pause", (int)n);
	running = w;
}

/* Let the clock interrupt within the next few hundred instructions. */
static void
strike(struct worker *w)
{

	if (any(&w->w_random, STRIKE) == 0) {
		n.strikes += intr_after(1 + any(&w->w_random, 400)) == 0;
	}
}

/* An M_WAITOK request begins, ... */
static void
wait_begin(struct worker *w, int type)
{
	int s;

	s = splimp();
	w->w_waits = w->w_calls = 1;
	w->w_type = type;
	w->w_since = ticks;
	w->w_lowest = type != 0 ? kmemstats[type].ks_limit : 0;
	running = w;
	splx(s);
	strike(w);
}

/* ... and has ended: has it slept? */
static int
wait_end(struct worker *w)
{
	u_long t;
	int slept;

	w->w_waits = w->w_calls = 0;
	t = ticks - w->w_since;
	if (t > n.longest)
		n.longest = t;
	slept = running != w;
	running = w;
	return (slept);
}

static int
is_tight(int type)
{

	return (type == M_MOUNT || type == M_UFSMNT || type == M_SUPERBLK ||
	    type == M_MBUF);
}

/* malloc for a process.  Null where it got none. */
static struct block *
get(struct worker *w, u_long size, int type, int flags)
{
	const struct kmemstats *ksp;
	struct block *b;
	u_long counted;
	void *p;
	int limited;

	if (w->w_nheld == NHELD)
		return (NULL);
	ksp = &kmemstats[type];
	counted = ksp->ks_limblocks + ksp->ks_mapblocks;
	limited = ksp->ks_waitq != NULL ||
	    ksp->ks_memuse + charge(size) > ksp->ks_limit;
	wait_begin(w, type);
	p = malloc(size, type, flags);
	if (wait_end(w)) {
		if ((flags & M_NOWAIT) != 0)
			wrong("malloc slept, with M_NOWAIT");
		if (limited)
			n.limit++;
		else
			n.memory++;
	}
	if (p == NULL) {
		if (ksp->ks_limblocks + ksp->ks_mapblocks == counted)
			wrong("a refusal of %s was not counted",
			    ksp->ks_shortdesc);
		if ((flags & M_NOWAIT) != 0)
			n.refused++;
		else if (charge(size) > w->w_lowest)
			n.hopeless++;
		else
			wrong("null for %lu bytes of %s, with M_WAITOK", size,
			    ksp->ks_shortdesc);
		return (NULL);
	}
	b = &w->w_held[w->w_nheld++];
	enter(b, p, size, type, NULL, flags);
	w->w_tight += is_tight(type);
	return (b);
}

/* Of a tight type a process sleeps for the first block alone. */
static struct block *
get_tight(struct worker *w, u_long size, int type, int flags)
{

	return (get(w, size, type, w->w_tight > 0 ? flags | M_NOWAIT : flags));
}

/* Do pages reach into the addresses of a map? */
static int
within(vm_offset_t va, u_long pages, vm_map_t map)
{

	return (va < vm_map_max(map) &&
	    va + (pages << PAGE_SHIFT) > vm_map_min(map));
}

/* kmem_alloc for a process; in the submap as with tight types. */
static struct block *
get_pages(struct worker *w, vm_map_t map, u_long pages, int flags)
{
	struct block *b;
	vm_offset_t va;

	if (w->w_nheld == NHELD)
		return (NULL);
	if (map == submap && w->w_sub > 0)
		flags |= M_NOWAIT;
	wait_begin(w, 0);
	va = kmem_alloc(map, pages << PAGE_SHIFT, flags);
	if (wait_end(w)) {
		if ((flags & M_NOWAIT) != 0)
			wrong("kmem_alloc slept, with M_NOWAIT");
		if (curproc->p_wmesg[4] == 'v')		/* kmemva */
			n.space++;
		else
			n.memory++;
	}
	if (va == 0) {
		n.prefused++;
		if ((flags & M_NOWAIT) == 0)
			wrong("0 for %lu pages, with M_WAITOK", pages);
		return (NULL);
	}
	n.pages++;
	if (va < vm_map_min(map) || va + (pages << PAGE_SHIFT) >
	    vm_map_max(map))
		wrong("%lu pages at %#lx lie outside their map", pages, va);
	if (map == kernel_map && (within(va, pages, kmem_map) ||
	    (submap != NULL && within(va, pages, submap))))
		wrong("%lu pages at %#lx lie in a submap", pages, va);
	b = &w->w_held[w->w_nheld++];
	enter(b, (char *)va, pages << PAGE_SHIFT, 0, map, flags);
	if (b->b_space) {
		n.faults++;
		if (kmem_phys(va) != 0 || !badaddr((char *)va))
			wrong("reserved space at %#lx is backed", va);
	}
	w->w_sub += map == submap;
	return (b);
}

/* Give pages back; a touch faults as soon as they are. */
static void
free_pages(vm_map_t map, char *addr, u_long size, int touch)
{
	int s;

	s = splimp();
	kmem_free(map, (vm_offset_t)addr, size);
	if (touch) {
		n.faults++;
		if (!badaddr(addr))
			wrong("%p was freed, and does not fault",
			    (void *)addr);
	}
	splx(s);
}

/* Forget the i-th block held. */
static void
forget(struct worker *w, int i)
{
	struct block *b;

	b = &w->w_held[i];
	if (b->b_map == NULL)
		w->w_tight -= is_tight(b->b_type);
	else
		w->w_sub -= b->b_map == submap;
	w->w_held[i] = w->w_held[--w->w_nheld];
}

/* Give the i-th block back, whole. */
static void
put(struct worker *w, int i)
{
	struct block *b;

	b = &w->w_held[i];
	check_block(b);
	w->w_calls = 1;
	strike(w);
	if (b->b_map == NULL)
		free(b->b_addr, b->b_type);
	else
		free_pages(b->b_map, b->b_addr, b->b_size,
		    any(&w->w_random, 4) == 0);
	w->w_calls = 0;
	forget(w, i);
}

/* Give back the block, which is among those held, or null. */
static void
put_block(struct worker *w, struct block *b)
{

	if (b != NULL)
		put(w, (int)(b - w->w_held));
}

/* Give back the newest of a type, if there is one. */
static void
put_type(struct worker *w, int type)
{
	int i;

	for (i = w->w_nheld; i-- > 0; )
		if (w->w_held[i].b_map == NULL && w->w_held[i].b_type == type) {
			put(w, i);
			return;
		}
}

/* Give back an edge of pages, or their middle. */
static void
put_part(struct worker *w, struct block *b)
{
	struct block *rest;
	u_long pages, at, len;

	pages = b->b_size >> PAGE_SHIFT;
	if (pages < 3 || b->b_space || w->w_nheld == NHELD)
		return;
	check_block(b);
	at = any(&w->w_random, pages - 1) << PAGE_SHIFT;
	len = (1 + any(&w->w_random, 2)) << PAGE_SHIFT;
	if (at + len > b->b_size)
		len = b->b_size - at;
	free_pages(b->b_map, b->b_addr + at, len, 0);
	if (at + len < b->b_size) {
		rest = &w->w_held[w->w_nheld++];
		*rest = *b;
		rest->b_addr += at + len;
		rest->b_size -= at + len;
		w->w_sub += rest->b_map == submap;
	}
	b->b_size = at;
	if (at == 0)
		forget(w, (int)(b - w->w_held));
}

static void
put_all(struct worker *w)
{

	while (w->w_nheld > 0)
		put(w, (int)any(&w->w_random, w->w_nheld));
}

/* ---------------------------------------------------------------------
 * What processes do, after the list of 386BSD's callers.
 */

/* Vnodes and names are found again, and are never freed while it runs. */
static struct block vnode[NVNODE], ncache[NVNODE];

/* Put what was got into this place; if another did so while we slept, give
 * ours back. */
static void
keep(struct worker *w, struct block *place, struct block *b)
{

	if (b == NULL)
		return;
	if (place->b_addr != NULL) {
		put_block(w, b);
		return;
	}
	*place = *b;
	forget(w, (int)(b - w->w_held));
}

static void
lookup(struct worker *w)
{
	u_long i;

	i = any(&w->w_random, NVNODE);
	if (vnode[i].b_addr == NULL)
		keep(w, &vnode[i], get(w, 272, M_VNODE, M_WAITOK));
	else
		check_block(&vnode[i]);
	if (ncache[i].b_addr == NULL)
		keep(w, &ncache[i], get(w, 64, M_CACHE, M_ZERO_IT));
	else
		check_block(&ncache[i]);
}

/* A path name, while the disc turns. */
static void
sys_namei(struct worker *w)
{

	(void)get(w, 1024, M_NAMEI, M_WAITOK);
	lookup(w);
	if (any(&w->w_random, 3) == 0)
		pause(w, 1 + any(&w->w_random, 3));
	put_type(w, M_NAMEI);
}

/* A file, and now and then a longer table, into which the old is copied. */
static void
sys_open(struct worker *w)
{
	int i;

	sys_namei(w);
	(void)get(w, 32, M_FILE, M_ZERO_IT);
	if (any(&w->w_random, 4) != 0 || w->w_files > 400)
		return;
	w->w_files *= 2;
	if (get(w, 5 * w->w_files, M_FILEDESC, M_WAITOK) == NULL)
		return;
	for (i = 0; w->w_held[i].b_map != NULL ||
	    w->w_held[i].b_type != M_FILEDESC; i++)
		continue;
	put(w, i);
}

static void
sys_ioctl(struct worker *w)
{

	(void)get(w, 1 + any(&w->w_random, 4096), M_IOCTLOPS,
	    any(&w->w_random, 2) ? M_WAITOK : M_ZERO_IT);
	if (any(&w->w_random, 2) == 0)
		pause(w, 1 + any(&w->w_random, 5));
	put_type(w, M_IOCTLOPS);
}

static void
sys_lock(struct worker *w)
{
	int i;

	for (i = 0; i < 3; i++)
		(void)get(w, 40, M_LOCKF, M_WAITOK);
	for (i = 0; i < 2; i++)
		put_type(w, M_LOCKF);
}

/* Blocks of the types whose limits the administrator moves. */
static void
sys_mount(struct worker *w)
{

	(void)get_tight(w, 288, M_MOUNT, M_WAITOK);
	(void)get_tight(w, 1 + any(&w->w_random, 2048), M_UFSMNT, M_WAITOK);
	(void)get_tight(w, 8192, M_SUPERBLK, M_WAITOK);
	pause(w, 1 + any(&w->w_random, 8));
	put_type(w, M_SUPERBLK);
	if (any(&w->w_random, 2) == 0) {
		put_type(w, M_UFSMNT);
		put_type(w, M_MOUNT);
	}
}

/* From a page to 64 KB, and now and then more. */
static void
sys_profil(struct worker *w)
{
	u_long size;

	size = any(&w->w_random, 8) == 0 ?
	    65536 + any(&w->w_random, 65536) :
	    4096 + any(&w->w_random, 61441);
	if (get(w, size, M_GPROF,
	    any(&w->w_random, 4) == 0 ? M_WAITOK : M_NOWAIT) == NULL)
		return;
	pause(w, 1 + any(&w->w_random, 8));
	put_type(w, M_GPROF);
}

/* The tables that fork makes. */
static void
user_begin(struct worker *w)
{
	static const struct {
		short t_size, t_type;
	} table[] = {
		{ 40, M_CRED }, { 16, M_CRED }, { 20, M_PGRP },
		{ 28, M_SESSION }, { 80, M_SUBPROC }, { 220, M_SUBPROC },
		{ 160, M_VMMAP }, { 128, M_FILEDESC }
	};
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		(void)get(w, table[i].t_size, table[i].t_type, M_WAITOK);
	w->w_files = 20;
}

static void
user_round(struct worker *w)
{
	u_long *r;

	r = &w->w_random;
	switch (any(r, 16)) {
	case 0: case 1: case 2: case 3:
		sys_open(w);
		break;
	case 4: case 5:
		sys_namei(w);
		break;
	case 6: case 7:
		put_type(w, M_FILE);
		sys_lock(w);
		break;
	case 8: case 9:
		sys_ioctl(w);
		break;
	case 10:		/* A buffer, which is kept. */
		(void)get(w, 512UL << any(r, 5), M_TEMP,
		    any(r, 3) == 0 ? M_NOWAIT : M_WAITOK);
		break;
	case 11:
		put_type(w, M_TEMP);
		break;
	case 12:
		(void)get(w, 8 * (1 + any(r, 64)), M_IOV, M_WAITOK);
		put_type(w, M_IOV);
		break;
	case 13:
		sys_mount(w);
		break;
	case 14:
		sys_profil(w);
		break;
	case 15:		/* Long asleep, with all that it holds. */
		pause(w, 20 + any(r, 40));
		break;
	}
}

/* ---------------------------------------------------------------------
 * The network: queues between processes and handlers.
 */

struct queue {
	struct block q_block[NMBUF];
	unsigned int q_first, q_last;	/* Taken; put; both modulo. */
};
static struct queue received, sent, fragments;

/* At splimp.  0 where there is no room, or nothing. */
static int
enqueue(struct queue *q, const struct block *b)
{

	if (q->q_last - q->q_first == NMBUF)
		return (0);
	q->q_block[q->q_last++ % NMBUF] = *b;
	return (1);
}

/* Check and free the oldest. */
static int
consume(struct queue *q)
{
	struct block b;
	int s;

	s = splimp();
	if (q->q_first == q->q_last) {
		splx(s);
		return (0);
	}
	b = q->q_block[q->q_first++ % NMBUF];
	splx(s);
	check_block(&b);
	free(b.b_addr, b.b_type);
	return (1);
}

static void
net_round(struct worker *w)
{
	struct block *b;
	int i, s;

	for (i = any(&w->w_random, 6); i > 0 && consume(&received); i--)
		continue;
	if (any(&w->w_random, 4) == 0)
		(void)get(w, any(&w->w_random, 2) ? 112 : 96,
		    any(&w->w_random, 2) ? M_SOCKET : M_PCB, M_WAITOK);
	for (i = any(&w->w_random, 4); i > 0; i--) {
		b = get_tight(w, any(&w->w_random, 5) == 0 ? 2048 : 128,
		    M_MBUF, any(&w->w_random, 3) == 0 ? M_NOWAIT : M_WAITOK);
		if (b == NULL)
			break;
		s = splimp();
		if (enqueue(&sent, b))
			forget(w, (int)(b - w->w_held));
		splx(s);
	}
	put_type(w, M_MBUF);
	if (any(&w->w_random, 3) == 0)
		put_type(w, any(&w->w_random, 2) ? M_SOCKET : M_PCB);
}

/* ---------------------------------------------------------------------
 * Pages, of three maps.
 */

static void
pages_round(struct worker *w)
{
	struct block *b;
	u_long *r, i;
	int wait;

	r = &w->w_random;
	wait = any(r, 3) == 0 ? M_WAITOK : M_NOWAIT;
	switch (any(r, 10)) {
	case 0: case 1:
		(void)get_pages(w, kernel_map, 1 + any(r, 8), wait |
		    (any(r, 2) ? M_ZERO_IT : 0));
		break;
	case 2:			/* "64 KB straight from kmem_map". */
		b = get_pages(w, kmem_map, any(r, 4) == 0 ? 16 :
		    1 + any(r, 4), wait);
		if (b != NULL && any(r, 2))
			put_part(w, b);
		break;
	case 3: case 4:
		if (submap != NULL)
			(void)get_pages(w, submap, 1 + any(r, 12), 
			    (any(r, 2) ? M_WAITOK : M_NOWAIT) |
			    (any(r, 2) ? M_ZERO_IT : 0));
		break;
	case 5:			/* For a device: a page; or at once. */
		(void)get_pages(w, kernel_map, 1, wait | (1 + any(r, 3)) *
		    M_IO1);
		(void)get_pages(w, kernel_map, 1 + any(r, 8), M_NOWAIT |
		    (1 + any(r, 3)) * M_IO1);
		break;
	case 6:
		(void)get_pages(w, any(r, 2) || submap == NULL ? kernel_map :
		    submap, 1 + any(r, 60), M_NOWAIT | M_SPACE_ONLY);
		break;
	default:
		for (i = any(r, 4); i > 0 && w->w_nheld > 0; i--)
			if (any(r, 2))
				put_part(w, &w->w_held[any(r, w->w_nheld)]);
			else
				put(w, (int)any(r, w->w_nheld));
		break;
	}
}

/* ---------------------------------------------------------------------
 * Drivers that come and go, each with a type of its own.
 */

static const char *const drivername[NTYPE] = {
	"drv0", "drv1", "drv2", "drv3", "drv4", "drv5", "drv6", "drv7"
};
static char driverlives[NTYPE];

static void
driver_begin(struct worker *w)
{
	int i;

	for (i = 0; i < NTYPE && driverlives[i]; i++)
		continue;
	if (i == NTYPE)
		return;
	w->w_owntype = malloc_type_attach(drivername[i],
	    512 + any(&w->w_random, 16384));
	if (w->w_owntype == -1) {
		wrong("no type is left");
		w->w_owntype = 0;
		return;
	}
	w->w_driver = i;
	driverlives[i] = 1;
	n.types++;
}

static void
driver_round(struct worker *w)
{
	const struct kmemstats *ksp;
	u_long size;
	int i, type;

	type = w->w_owntype != 0 ? w->w_owntype : M_DEVBUF;
	ksp = &kmemstats[type];
	for (i = any(&w->w_random, 5); i > 0; i--) {
		size = any(&w->w_random, any(&w->w_random, 4) ? 300 : 5000);
		/* Nobody else would ever make room under its limit. */
		(void)get(w, size, type, any(&w->w_random, 2) * M_ZERO_IT |
		    (ksp->ks_memuse + charge(size) > ksp->ks_limit ||
		    any(&w->w_random, 3) == 0 ? M_NOWAIT : M_WAITOK));
	}
	for (i = any(&w->w_random, 5); i > 0 && w->w_nheld > 0; i--)
		put(w, (int)any(&w->w_random, w->w_nheld));
}

static void
driver_end(struct worker *w)
{

	if (w->w_owntype == 0)
		return;
	malloc_type_detach(w->w_owntype);
	driverlives[w->w_driver] = 0;
	w->w_owntype = 0;
}

/* ---------------------------------------------------------------------
 * Memory of processes, of which the kernel borrows parts.  Who maps it is
 * seldom who ends that, and may be gone by then.
 */

static struct lent {
	vm_map_t l_map;
	vm_offset_t l_kva;
	vm_size_t l_size;
	long	l_mark;		/* In the first word. */
} lent[NLENT];

/* End the i-th loan, if there is one.  In handlers, too. */
static void
end_loan(int i)
{
	struct lent l;
	int s;

	s = splimp();
	l = lent[i];
	lent[i].l_kva = 0;
	splx(s);
	if (l.l_kva == 0)
		return;
	if (*(long *)l.l_kva != l.l_mark)
		wrong("what was lent at %#lx was written to", l.l_kva);
	kmem_free(l.l_map, l.l_kva, l.l_size);
}

/* Borrow memory of the process that runs, leave a mark in it, and keep it.
 * Returns the mark, or -1. */
static long
borrow(vm_offset_t addr, vm_size_t size)
{
	struct lent l, *slot;
	vm_offset_t va;
	int i, s, ok;

	l.l_map = submap != NULL && any(&idrandom, 4) == 0 ? submap :
	    kernel_map;
	l.l_size = size < sizeof(long) ? sizeof(long) : size;
	for (ok = 1, va = trunc_page(addr); va < addr + l.l_size;
	    va += PAGE_SIZE)
		ok &= (pmap_protection(curpmap(), va) & VM_PROT_WRITE) != 0;
	l.l_kva = kmem_mmap(l.l_map, addr, l.l_size);
	if (l.l_kva == 0) {
		n.unlent++;
		return (-1);
	}
	n.lent++;
	if (!ok)
		wrong("%lu bytes at %#lx were lent, not all writable",
		    l.l_size, addr);
	if (((l.l_kva ^ addr) & PAGE_MASK) != 0 || *(char *)(l.l_kva +
	    l.l_size - 1) != *(char *)(addr + l.l_size - 1))
		wrong("%#lx, lent as %#lx, is something else", addr, l.l_kva);
	l.l_mark = (long)((lastmark += 0x61C88647UL) >> 1);
	*(long *)l.l_kva = l.l_mark;
	if (*(long *)addr != l.l_mark)
		wrong("%#lx, lent as %#lx, was not written to", addr,
		    l.l_kva);
	s = splimp();
	for (i = 0, slot = NULL; i < NLENT; i++)
		if (lent[i].l_kva == 0)
			slot = &lent[i];
	if (slot != NULL)
		*slot = l;
	splx(s);
	if (slot == NULL)
		kmem_free(l.l_map, l.l_kva, l.l_size);
	return (l.l_mark);
}

static struct vm_object *shared;	/* In the memory of several. */

static void
vm_begin(struct worker *w)
{
	vm_offset_t va;

	wait_begin(w, 0);
	w->w_vm = vmspace_alloc(any(&w->w_random, 2) ? M_WAITOK : M_NOWAIT);
	n.memory += wait_end(w);
	if (w->w_vm == NULL)
		return;
	(void)proc_setvm(w->w_vm);
	if (shared == NULL)
		shared = vm_object_allocate(2 * PAGE_SIZE, M_NOWAIT);
	else if ((va = vm_map_object(w->w_vm, 0, shared, VM_PROT_READ,
	    M_NOWAIT)) != 0)
		(void)borrow(va, PAGE_SIZE);	/* Must be refused. */
}

/* Get memory, lend some, give some back; the rest ends with the process. */
static void
vm_round(struct worker *w)
{
	vm_offset_t va;
	vm_size_t size;
	u_long *r;
	int i;

	r = &w->w_random;
	end_loan((int)any(r, NLENT));
	if (w->w_vm == NULL)
		return;
	i = (int)any(r, NAREA);
	if (w->w_area[i] != 0) {
		if (*(u_long *)w->w_area[i] != w->w_area[i])
			wrong("%#lx of process %d was written to",
			    w->w_area[i], w->w_pid);
		if (vm_deallocate(w->w_vm, w->w_area[i]) != 0)
			wrong("%#lx of process %d was not there",
			    w->w_area[i], w->w_pid);
		w->w_area[i] = 0;
		return;
	}
	size = 1 + any(r, 6 * PAGE_SIZE);
	wait_begin(w, 0);
	va = vm_allocate(w->w_vm, size, VM_PROT_READ | VM_PROT_WRITE,
	    any(r, 2) ? M_WAITOK : M_NOWAIT);
	n.memory += wait_end(w);
	if (va == 0) {
		n.vmrefused++;
		return;
	}
	n.vmallocated++;
	if (*(u_long *)va != 0 || *(char *)(va + size - 1) != 0)
		wrong("memory at %#lx of process %d is not zero", va,
		    w->w_pid);
	*(u_long *)va = w->w_area[i] = va;
	if (size > 2 * sizeof(va))	/* Perhaps more than there is. */
		(void)borrow(va + sizeof(va), any(r, 8) == 0 ? size +
		    PAGE_SIZE : 1 + any(r, size - 2 * sizeof(va)));
}

/* Programs in user mode, who lend by a system call. */
static volatile int progstatus[NPROG];
static char proglives[NPROG];

static void
spawn_programs(void)
{
	int i;

	for (i = 0; i < NPROG; i++) {
		if (proglives[i] && progstatus[i] == USER_RUNS)
			continue;
		if (proglives[i] && progstatus[i] != 0)
			wrong("a program ended with %d: %s", progstatus[i],
			    user_message);
		proglives[i] = 0;
		if (stopping || any(&idrandom, 64) != 0)
			continue;
		proglives[i] = user_create("program", user_soak,
		    (long)any(&idrandom, 1000000), &progstatus[i]) != -1;
		n.programs += proglives[i];
	}
}

static int
programs_live(void)
{
	int i, alive;

	for (i = alive = 0; i < NPROG; i++)
		alive += proglives[i];
	return (alive);
}

/* ---------------------------------------------------------------------
 * The life of a process.
 */

static const struct trade trades[] = {
	{ "user", 8, user_begin, user_round, NULL },
	{ "net", 3, NULL, net_round, NULL },
	{ "pages", 2, NULL, pages_round, NULL },
	{ "driver", 1, driver_begin, driver_round, driver_end },
	{ "vm", 2, vm_begin, vm_round, NULL }
};
static struct block zombie[NWORK];	/* What wait finds, by slot. */

static void
live(void *arg)
{
	struct worker *w;
	struct block *z;
	int i;

	w = arg;
	running = w;
	if (w->w_trade->t_begin != NULL)
		w->w_trade->t_begin(w);
	while (w->w_rounds-- > 0 && !stopping) {
		n.rounds++;
		while (w->w_nheld > NHELD - 6)
			put(w, (int)any(&w->w_random, w->w_nheld));
		for (i = any(&w->w_random, 5); i >= 0; i--)
			w->w_trade->t_round(w);
		if (w->w_nheld > 0)
			check_block(&w->w_held[any(&w->w_random,
			    w->w_nheld)]);
		pause(w, 1 + any(&w->w_random, 10));
	}
	put_all(w);
	if (w->w_trade->t_end != NULL)
		w->w_trade->t_end(w);
	z = get(w, 72, M_ZOMBIE, M_NOWAIT);
	if (z != NULL)
		zombie[w - worker] = *z;
	n.exits++;
	w->w_vm = NULL;		/* It ends with us. */
	w->w_pid = 0;
}

/* fork: fails where memory is short, as it may. */
static void
spawn(void)
{
	const struct trade *t;
	struct worker *w;
	int k;

	for (w = worker; w < &worker[NWORK] && w->w_pid != 0; w++)
		continue;
	if (w == &worker[NWORK])
		return;
	k = (int)any(&idrandom, 16);
	for (t = trades; k >= t->t_of; t++)
		k -= t->t_of;
	bzero(w, sizeof(*w));
	w->w_trade = t;
	w->w_random = begin_random(++n.forks + 100);
	w->w_rounds = 2 + (int)any(&idrandom, any(&idrandom, 8) ? 30 : 200);
	w->w_pid = proc_create(t->t_name, live, w);
	if (w->w_pid == -1) {
		w->w_pid = 0;
		n.noforks++;
	}
}

/* wait: free what the ended have left.  How many live? */
static u_long
reap(void)
{
	u_long alive;
	int i;

	for (i = 0, alive = 0; i < NWORK; i++) {
		alive += worker[i].w_pid != 0;
		if (zombie[i].b_addr == NULL)
			continue;
		check_block(&zombie[i]);
		free(zombie[i].b_addr, M_ZOMBIE);
		zombie[i].b_addr = NULL;
	}
	if (alive > n.mostprocs)
		n.mostprocs = alive;
	return (alive);
}

/* ---------------------------------------------------------------------
 * Two processes that make it hard for the others.
 */

/* Take nearly all of the frames, or all, keep them for a while, and give
 * them back.  It never waits for memory, so that there is always an end. */
static void
hog(void *arg)
{
	u_long leave, pages, *va, *next, *chain;
	struct worker *w;

	w = arg;
	for (; !stopping; n.hogs++) {
		pause(w, 100 + any(&w->w_random, 400));
		leave = any(&w->w_random, 2) * any(&w->w_random, 40);
		if (fault == 'h')
			leave = 0;
		chain = NULL;
		for (pages = 8; pages > 0; pages /= 2)
			while ((leave == 0 ||
			    cnt.v_free_count > leave + pages) &&
			    (va = (u_long *)kmem_alloc(kernel_map, pages <<
			    PAGE_SHIFT, M_NOWAIT)) != NULL) {
				va[0] = (u_long)chain;
				va[1] = pages;
				chain = va;
			}
		do
			pause(w, 20 + any(&w->w_random, 150));
		while (fault == 'h' && n.hogs > 3);
		for (; (va = chain) != NULL; chain = next) {
			next = (u_long *)va[0];
			if (any(&w->w_random, 100) == 0)
				pause(w, 1);
			kmem_free(kernel_map, (vm_offset_t)va,
			    va[1] << PAGE_SHIFT);
		}
	}
	w->w_pid = 0;
}

/* Types whose limits change, from this to that; the first is console_type,
 * as soon as it is known. */
static struct tight {
	int	t_type;
	u_long	t_from, t_to, t_before;
} tight[] = {
	{ 0, 64, 1500, 0 },
	{ M_MOUNT, 250, 6000, 0 },
	{ M_UFSMNT, 512, 8192, 0 },
	{ M_SUPERBLK, 4096, 40000, 0 },
	{ M_MBUF, 512, 40000, 0 },
	{ M_FTABLE, 64, 2000, 0 }
};
#define	NTIGHT	((int)(sizeof(tight) / sizeof(tight[0])))

/* Set a limit, and remember it for who waits under it. */
static void
set_limit(int type, u_long limit)
{
	struct worker *w;
	int s;

	s = splimp();
	for (w = worker; w < &worker[NWORK]; w++)
		if (w->w_waits && w->w_type == type && limit < w->w_lowest)
			w->w_lowest = limit;
	malloc_type_setlimit(type, limit);
	n.limits++;
	splx(s);
}

static void
administer(void *arg)
{
	struct worker *w;
	struct tight *t;

	w = arg;
	while (!stopping) {
		pause(w, 10 + any(&w->w_random, 50));
		t = &tight[any(&w->w_random, NTIGHT)];
		set_limit(t->t_type, t->t_from +
		    any(&w->w_random, t->t_to - t->t_from));
		if (any(&w->w_random, 8) == 0)
			n.reclaims += malloc_reclaim();
	}
	for (t = tight; t < &tight[NTIGHT]; t++)
		set_limit(t->t_type, t->t_before);
	w->w_pid = 0;
}

/* ---------------------------------------------------------------------
 * Handlers.
 */

static struct block wired[NWIRED];	/* Pages of the clock's handler. */
static volatile int ticking, reading;
static u_long readrandom;

/* malloc for a handler, onto a queue.  At splimp. */
static void
handler_get(struct queue *q, u_long size, int type)
{
	struct block b;
	void *p;
	int flags;

	flags = M_NOWAIT | (any(&hrandom, 4) == 0 ? M_ZERO_IT : 0);
	p = malloc(size, type, flags);
	if (p == NULL) {
		n.hrefused++;
		return;
	}
	n.handler++;
	enter(&b, p, size, type, NULL, flags);
	if (!enqueue(q, &b))
		free(p, type);
}

/* A software interrupt: a packet is looked at. */
static volatile int posted;		/* Only one waits at a time. */

static void
packet(void *arg)
{
	int s;

	posted = 0;
	(void)consume(arg);
	s = splimp();
	if (any(&hrandom, 2))
		handler_get(&fragments, 16 + any(&hrandom, 60), M_FTABLE);
	splx(s);
	if (fragments.q_last - fragments.q_first > 5)
		(void)consume(&fragments);
}

static void
handler_pages_free(struct block *b)
{

	check_block(b);
	kmem_free(b->b_map, (vm_offset_t)b->b_addr, b->b_size);
	b->b_addr = NULL;
}

/* kmem at interrupt level: pages for a device, or back with them. */
static void
handler_pages(void)
{
	struct block *b;
	u_long pages;
	vm_map_t map;
	void *p;

	b = &wired[any(&hrandom, NWIRED)];
	if (b->b_addr != NULL) {
		handler_pages_free(b);
		return;
	}
	pages = 1 + any(&hrandom, 4);
	map = any(&hrandom, 2) ? kernel_map : kmem_map;
	p = (void *)kmem_alloc(map, pages << PAGE_SHIFT, M_NOWAIT);
	if (p == NULL)
		n.hrefused++;
	else {
		n.handler++;
		enter(b, p, pages << PAGE_SHIFT, 0, map, M_NOWAIT);
	}
}

/* Characters come in over the serial line. */
static void
typed(void)
{
	static u_long seq;
	char c[4];
	int i, len;

	len = 1 + (int)any(&hrandom, 4);
	for (i = 0; i < len; i++)
		c[i] = (char)((seq + i) % SEQ);
	len = console_loopback(c, len);
	seq += len;
	n.sent += len;
}

/* Let the clock count from there. */
static void
clock_from(int count)
{
	int s;

	s = splhigh();
	outb(CLOCKMODE, 0x34);
	outb(CLOCK, count & 0xFF);
	outb(CLOCK, count >> 8);
	splx(s);
}

/* At each tick. */
static void
tick(void *arg)
{
	int i;

	n.ticks++;
	if (curproc->p_pid == 0) {
		n.idle++;
		running = NULL;
	} else if (running != NULL && running->w_pid == curproc->p_pid &&
	    running->w_calls)
		n.inside++;
	if (cnt.v_free_count < n.leastfree)
		n.leastfree = cnt.v_free_count;
	if (stopping == 2 || intr_on_tick(tick, arg) != 0) {
		ticking = 0;
		return;
	}
	for (i = any(&hrandom, 3); i > 0; i--)
		handler_get(&received, any(&hrandom, 6) == 0 ? 2048 : 128,
		    M_MBUF);
	for (i = any(&hrandom, 4); i > 0; i--)
		(void)consume(&sent);
	if (!posted && any(&hrandom, 3) == 0) {
		posted = 1;
		softintr(packet, &received);
	}
	if (any(&hrandom, 32) == 0)
		handler_pages();
	if (any(&hrandom, 8) == 0)
		end_loan((int)any(&hrandom, NLENT));
	if (any(&hrandom, 2024) == 0)
		n.reclaims += malloc_reclaim();
	if (any(&hrandom, 2) == 0 && !stopping)
		typed();
}

/* Read what is typed, not always at once; is it all there? */
static void
reader(void *arg)
{
	u_long lost, dropped;
	int c, wanted;

	dropped = console_dropped;
	for (lost = 0, wanted = 0; (c = cons_getc()) != LASTCHAR; ) {
		running = NULL;
		lost += (c + SEQ - wanted) % SEQ;
		wanted = (c + 1) % SEQ;
		n.received++;
		if (any(&readrandom, 60) != 0)
			continue;
		(void)tsleep(arg, PSOAK, "pause", 1 + any(&readrandom, 100));
		running = NULL;
	}
	running = NULL;
	dropped = console_dropped - dropped;
	n.dropped = dropped;
	lost += (n.sent - (u_long)wanted) % SEQ;	/* Behind the last. */
	if (n.received + dropped != n.sent || lost % SEQ != dropped % SEQ)
		wrong("%lu characters sent, %lu came, %lu dropped (%lu)",
		    n.sent, n.received, dropped, lost);
	reading = 0;
}

/* ---------------------------------------------------------------------
 * The account.
 */

struct account {
	u_long	a_inuse[MTYPES], a_memuse[MTYPES], a_limit[MTYPES];
	u_long	a_class[NBUCKETS];	/* Blocks in use. */
	u_long	a_pool;			/* Pages that the pool holds. */
	u_long	a_returned;		/* Those that it gave back, ever. */
	u_long	a_granted;		/* Requests, ever. */
	u_long	a_wired, a_free, a_active; /* Frames. */
	u_long	a_backed;		/* Pages of kernel_map. */
	u_long	a_window;		/* Pages of entries, in no map. */
	u_long	a_used;			/* Bytes of kernel_map. */
	u_long	a_entries;		/* Of kernel_map. */
	u_long	a_loan;			/* Entries of all that are malloc's. */
};
static struct account before, after;

/* Pages with frames, and entries that malloc gave. */
static u_long
backed_pages(struct account *a, vm_map_t map)
{
	const struct vm_map_entry *e;
	u_long pages;

	pages = 0;
	for (e = map->header.next; e != &map->header; e = e->next) {
		if (e->kind == VME_WIRED)
			pages += (e->end - e->start) >> PAGE_SHIFT;
		if ((char *)e >= kmembase && (char *)e < kmemlimit)
			a->a_loan++;
	}
	return (pages);
}

/* Look at the books, at rest. */
static void
look(struct account *a)
{
	u_long arena;
	int i;

	bzero(a, sizeof(*a));
	for (i = 0; i < MTYPES; i++) {
		a->a_inuse[i] = kmemstats[i].ks_inuse;
		a->a_memuse[i] = kmemstats[i].ks_memuse;
		a->a_limit[i] = kmemstats[i].ks_limit;
		if (kmemstats[i].ks_waitq != NULL)
			wrong("somebody waits for %s",
			    kmemstats[i].ks_shortdesc);
	}
	for (i = 0; i < NBUCKETS; i++) {
		a->a_class[i] = bucket[i].kb_total - malloc_freeblocks(i);
		a->a_pool += bucket[i].kb_pages;
		a->a_returned += bucket[i].kb_returned;
		a->a_granted += kmemstock[i].sk_calls;
	}
	a->a_wired = cnt.v_wire_count;
	a->a_free = cnt.v_free_count;
	a->a_active = cnt.v_active_count;
	a->a_backed = backed_pages(a, kernel_map);
	arena = backed_pages(a, kmem_map);
	a->a_window = a->a_wired - a->a_backed - arena;
	a->a_used = kernel_map->used;
	a->a_entries = kernel_map->nentries;
	if (arena != a->a_pool || arena != kmem_map->used >> PAGE_SHIFT)
		wrong("the arena has %lu pages, the pool %lu", arena,
		    a->a_pool);
	if (a->a_loan != a->a_inuse[M_VMMAPENT])
		wrong("%lu map entries, %lu entries of maps are malloc's",
		    a->a_inuse[M_VMMAPENT], a->a_loan);
	if (kmem_waiters != 0)
		wrong("%u wait for memory", kmem_waiters);
}

#define	SAME(what, now, then)						\
	do {								\
		if ((now) != (then))					\
			wrong("%s: %lu, at the start %lu", what, now,	\
			    then);					\
	} while (0)

/* Compare the account at the end with that at the start.  The submap stays,
 * and map entries that were born in blocks of malloc's, with their pages. */
static void
compare(const struct account *a, const struct account *b)
{
	u_long more, maps;
	int i, c;

	more = b->a_inuse[M_VMMAPENT] - a->a_inuse[M_VMMAPENT];
	maps = submap != NULL;
	for (i = 0; i < MTYPES; i++) {
		if (kmemstats[i].ks_shortdesc != NULL)
			SAME("a type's limit", b->a_limit[i], a->a_limit[i]);
		if (i == M_VMMAPENT)
			continue;
		if (b->a_inuse[i] != a->a_inuse[i] + (i == M_VMMAP) * maps ||
		    b->a_memuse[i] != a->a_memuse[i] + (i == M_VMMAP) * maps *
		    charge(sizeof(struct vm_map)))
			wrong("%s: %lu blocks, %lu bytes; at the start %lu, "
			    "%lu", kmemstats[i].ks_shortdesc, b->a_inuse[i],
			    b->a_memuse[i], a->a_inuse[i], a->a_memuse[i]);
	}
	for (c = 0; c < NBUCKETS; c++)
		SAME("blocks in use of a class", b->a_class[c], a->a_class[c] +
		    (bucket[c].kb_size == charge(sizeof(struct vm_map_entry))
		    ? more : 0) +
		    (bucket[c].kb_size == charge(sizeof(struct vm_map))
		    ? maps : 0));
	SAME("pages in kernel_map", b->a_backed, a->a_backed);
	SAME("bytes used of kernel_map", b->a_used, a->a_used +
	    maps * (SUBPAGES << PAGE_SHIFT));
	SAME("entries of kernel_map", b->a_entries, a->a_entries + maps);
	SAME("frames free, or the pool's, or of entries",
	    b->a_free + b->a_pool + b->a_window,
	    a->a_free + a->a_pool + a->a_window);
	SAME("frames active", b->a_active, a->a_active);
	SAME("frames free, active and wired", b->a_free + b->a_active +
	    b->a_wired, cnt.v_page_count);
	SAME("bytes used of the submap", maps ? submap->used : 0, 0UL);
	SAME("entries of the submap", maps ? submap->nentries : 0, 0UL);
}

/* Everybody sleeps: let the walkers walk, and look at every block. */
static void
walk(void)
{
	struct worker *w;
	unsigned int k;
	int i, s, bad;

	s = splimp();
	proc_settle();
	bad = malloc_check(walker_says) + kmem_check(kernel_map, walker_says) +
	    kmem_check(kmem_map, walker_says);
	if (submap != NULL)
		bad += kmem_check(submap, walker_says);
	for (w = worker; w < &worker[NWORK]; w++) {
		for (i = 0; w->w_pid != 0 && i < w->w_nheld; i++)
			check_block(&w->w_held[i]);
		if (w->w_vm != NULL)
			bad += vmspace_check(w->w_vm, walker_says);
	}
	if (fault == 's' && vnode[0].b_addr != NULL)
		vnode[0].b_addr[271] ^= 1;
	if (vnode[0].b_addr != NULL)
		check_block(&vnode[0]);
	for (k = received.q_first; k != received.q_last; k++)
		check_block(&received.q_block[k % NMBUF]);
	for (k = sent.q_first; k != sent.q_last; k++)
		check_block(&sent.q_block[k % NMBUF]);
	for (i = 0; i < NWIRED; i++)
		if (wired[i].b_addr != NULL)
			check_block(&wired[i]);
	if (bad != 0)
		wrong("the walkers found %d things", bad);
	n.walks++;
	splx(s);
}

/* Has somebody waited too long, or has nothing moved? */
static int
stuck(void)
{
	static u_long rounds, since;
	struct worker *w;

	if (n.rounds != rounds) {
		rounds = n.rounds;
		since = ticks;
	} else if (ticks - since > PATIENCE) {
		wrong("nothing has moved for %lu ticks", ticks - since);
		return (1);
	}
	for (w = worker; w < &worker[NWORK]; w++)
		if (w->w_pid != 0 && w->w_waits &&
		    ticks - w->w_since > PATIENCE) {
			wrong("process %d has waited for %s since tick %lu",
			    w->w_pid, w->w_type == 0 ? "pages" :
			    kmemstats[w->w_type].ks_shortdesc,
			    w->w_since - began);
			return (1);
		}
	return (0);
}

/* ---------------------------------------------------------------------
 * The whole.
 */

static u_long
granted(void)
{
	u_long sum;
	int i;

	for (i = 0, sum = 0; i < NBUCKETS; i++)
		sum += kmemstock[i].sk_calls;
	return (sum - before.a_granted);
}

static void
line(u_long at, u_long alive)
{

	printf("tick %6lu: %7lu asked, %2lu procs, %4lu KB free, "
	    "%5lu refused, %5lu slept\n", at, granted(), alive,
	    cnt.v_free_count * (PAGE_SIZE / 1024),
	    n.refused + n.prefused + n.hrefused,
	    n.limit + n.memory + n.space);
}

/* Show two numbers in a line; where they must not be 0, they are not. */
static void
show(int must, const char *a, u_long na, const char *b, u_long nb)
{

	printf("%-27s %8lu   %-27s %8lu\n", a, na, b, nb);
	if (must && (na == 0 || nb == 0))
		wrong("%s, %s: none", a, b);
}

static void
report(void)
{
	u_long requests;

	requests = after.a_granted - before.a_granted;
	show(1, "ticks", n.ticks, "of them in a halt", n.idle);
	show(1, "in a call of malloc, kmem", n.inside, "in a process, else",
	    n.ticks - n.idle - n.inside);
	show(1, "malloc granted", requests, "and refused", n.refused);
	show(1, "kmem_alloc granted", n.pages, "and refused", n.prefused);
	show(1, "handlers were granted", n.handler, "and refused", n.hrefused);
	show(1, "sleeps at a limit", n.limit, "ended by a lower limit",
	    n.hopeless);
	show(1, "sleeps for memory", n.memory, "for address space", n.space);
	show(1, "longest sleep, in ticks", n.longest,
	    "times memory was taken", n.hogs);
	show(0, "processes made", n.forks - n.noforks, "forks refused",
	    n.noforks);
	show(1, "most of them at a time", n.mostprocs, "most frames in use",
	    cnt.v_page_count - n.leastfree);
	show(0, "pages the pool returned", after.a_returned -
	    before.a_returned, "of them when asked to", n.reclaims);
	show(1, "limits set", n.limits, "walks at rest", n.walks);
	show(1, "given to processes", n.vmallocated, "and refused",
	    n.vmrefused);
	show(1, "lent to the kernel", n.lent, "and refused", n.unlent);
	show(1, "programs in user mode", n.programs, "types attached", n.types);
	show(1, "characters typed", n.received, "and dropped", n.dropped);
	show(1, "blocks looked at", n.checks, "of them zeroed", n.zeros);
	show(1, "touches that must fault", n.faults, "ticks in the middle",
	    n.strikes);
	show(0, "pages of entries before", before.a_window, "and after",
	    after.a_window);
	show(0, "entries in malloc's before", before.a_loan, "and after",
	    after.a_loan);
	show(1, "frames free before", before.a_free, "and after",
	    after.a_free);
	if (n.ticks - n.idle > n.strikes)
		wrong("the clock came in a process, and was not ordered");
	if (requests < 5 * n.ticks)
		wrong("less than five requests a tick");
}

/* Start somebody who lives to the end. */
static int
start(struct worker *w, const char *name, void (*fn)(void *), u_long stream)
{

	w->w_random = begin_random(stream);
	w->w_pid = proc_create(name, fn, w);
	return (w->w_pid == -1);
}

/* Let the system run.  Returns 1 where it got stuck. */
static int
run(void)
{
	u_long at, alive, want, walked, said, every;
	vm_map_t map;

	every = length / WALKS > WALK ? length / WALKS : WALK;
	for (walked = said = 0; (at = ticks - began) < length; ) {
		(void)tsleep(&before, PSOAK, "soak", 1);
		running = NULL;
		alive = reap();
		want = at / 1500 % 16;
		want = 10 + (want < 8 ? want : 16 - want) * 5 / 2;
		if (alive < want)
			spawn();
		spawn_programs();
		if (submap == NULL && at > length / 16 && (map =
		    kmem_suballoc(SUBPAGES << PAGE_SHIFT, FALSE)) != NULL)
			submap = map;
		if (at / every != walked) {
			walked = at / every;
			walk();
		}
		if (at / REPORT != said) {
			said = at / REPORT;
			line(at, alive);
		}
		if (stuck())
			return (1);
	}
	return (0);
}

/* Let everybody end.  Returns 1 where somebody does not. */
static int
settle(void)
{
	static char last = (char)LASTCHAR;
	int i;

	stopping = 1;
	while (reap() != 0 || hogs.w_pid != 0 || admins.w_pid != 0 ||
	    programs_live()) {
		spawn_programs();
		(void)tsleep(&before, PSOAK, "soak", 1);
		if (stuck())
			return (1);
	}
	for (stopping = 2; ticking; )
		(void)tsleep(&before, PSOAK, "soak", 1);
	while (kmemstats[console_type].ks_inuse != 0 ||
	    console_loopback(&last, 1) == 0)
		(void)tsleep(&before, PSOAK, "soak", 1);
	for (i = 0; i < PATIENCE && reading; i++)
		(void)tsleep(&before, PSOAK, "soak", 1);
	if (reading)
		wrong("the last character was not read");
	while (consume(&received) || consume(&sent) || consume(&fragments))
		continue;
	for (i = 0; i < NWIRED; i++)
		if (wired[i].b_addr != NULL)
			handler_pages_free(&wired[i]);
	for (i = 0; i < NLENT; i++)
		end_loan(i);
	if (shared != NULL)
		vm_object_deallocate(shared);
	for (i = 0; i < NVNODE; i++) {
		if (vnode[i].b_addr != NULL && (fault != 'l' || i > 0))
			free(vnode[i].b_addr, M_VNODE);
		if (ncache[i].b_addr != NULL)
			free(ncache[i].b_addr, M_CACHE);
	}
	proc_settle();
	return (reading);
}

/* A decimal number of the command line. */
static u_long
number(const char *text, u_long otherwise)
{
	u_long v;

	if (text == NULL || *text == '\0')
		return (otherwise);
	for (v = 0; *text >= '0' && *text <= '9'; text++)
		v = v * 10 + (u_long)(*text - '0');
	return (v);
}

/* Soak the kernel, as the boot command line says: soak=SEED ticks=N.
 * Returns 0 where nothing was found wrong. */
int
soak(void)
{
	int i;

	seed = number(boot_option("soak"), 1);
	length = number(boot_option("ticks"), 200000);
	fault = boot_option("fault") != NULL ? *boot_option("fault") : 0;
	printf("soak: seed %lu, %lu ticks, %lu KB free\n", seed, length,
	    cnt.v_free_count * (PAGE_SIZE / 1024));
	idrandom = begin_random(1);
	hrandom = begin_random(2);
	readrandom = begin_random(3);
	tight[0].t_type = console_type;
	for (i = 0; i < NTIGHT; i++)
		tight[i].t_before = kmemstats[tight[i].t_type].ks_limit;
	walk();
	(void)malloc_reclaim();
	look(&before);
	n.leastfree = cnt.v_free_count;
	began = ticks;
	ticking = reading = 1;
	if (start(&hogs, "hog", hog, 4) || start(&admins, "admin", administer,
	    5) || proc_create("reader", reader, &readrandom) == -1 ||
	    intr_on_tick(tick, NULL) != 0) {
		wrong("no memory to begin with");
		return (1);
	}
	user_device = borrow;
	clock_from(number(boot_option("clock"), REST));
	i = run() || settle();
	clock_from(SLOW);
	user_device = NULL;
	if (i) {
		proc_list(printf);
		malloc_vmstat(printf);
		return (1);
	}
	walk();
	(void)malloc_reclaim();
	look(&after);
	compare(&before, &after);
	report();
	printf("soak: seed %lu: %lu things wrong, every page and block is "
	    "%saccounted for\n", seed, nwrong, nwrong ? "not " : "");
	return (nwrong != 0);
}
