/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Write a trace of what a 386BSD kernel would ask of malloc, with types and
 * flags: workload FILE.trace.  The book's chapter on traces explains the
 * model.  Beside it, FILE.txt has the sums and how much is of each type.
 *
 * Time is counted in events.  An event is something that happens to the
 * kernel: a system call, a packet, an interrupt of the disk.  It allocates,
 * and says for each block how many events it will live.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "malloc.h"
#undef malloc
#undef free

#define	ALLOCS	100000			/* At least so many. */
#define	SEED	386UL
#define	HORIZON	8192			/* No life is longer. */

static uint64_t seed = SEED;

/* A number from 0 to n - 1. */
static int
draw(int n)
{

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return ((int)((seed >> 33) % (unsigned int)n));
}

/* A life of that mean: the chance to end is the same in each event. */
static int
life(int mean)
{
	int n = 1;

	while (n < HORIZON - 1 && draw(mean) != 0)
		n++;
	return (n);
}

/* ---------------------------------------------------------------------
 * The trace.
 */

static FILE *out;
static unsigned long allocs, frees, live, maxlive;
static unsigned long bytes, maxbytes, allbytes;
static struct block {
	unsigned int b_size;
	int	b_type;
	long	b_next;			/* Of those that die in one event. */
} blocks[ALLOCS + 1000];		/* An event makes some dozens. */

static struct {
	unsigned long s_allocs, s_nowait, s_live, s_maxlive, s_least, s_most;
} sums[M_LAST];

static void
put_number(unsigned long n)
{

	for (; n >= 0x80; n >>= 7)
		(void)putc((int)(n & 0x7f) | 0x80, out);
	(void)putc((int)n, out);
}

static long
get(unsigned int size, int type, int flags)
{

	put_number((unsigned long)size << 1);
	(void)putc(type | ((flags & M_NOWAIT) != 0 ? 0x80 : 0), out);
	blocks[allocs].b_size = size;
	blocks[allocs].b_type = type;
	allbytes += size;
	bytes += size;
	if (bytes > maxbytes)
		maxbytes = bytes;
	if (++live > maxlive)
		maxlive = live;
	sums[type].s_allocs++;
	sums[type].s_nowait += (flags & M_NOWAIT) != 0;
	if (++sums[type].s_live > sums[type].s_maxlive)
		sums[type].s_maxlive = sums[type].s_live;
	if (sums[type].s_least == 0 || size < sums[type].s_least)
		sums[type].s_least = size;
	if (size > sums[type].s_most)
		sums[type].s_most = size;
	return ((long)allocs++);
}

static void
put(long block)
{

	put_number((allocs - (unsigned long)block) << 1 | 1);
	frees++;
	live--;
	bytes -= blocks[block].b_size;
	sums[blocks[block].b_type].s_live--;
}

/* ---------------------------------------------------------------------
 * Lives.
 */

static long dying[HORIZON];		/* Blocks, by the event; 0: none. */
static int now;

/* Let a block die after so many events. */
static void
dies(long block, int events)
{
	long *p = &dying[(now + events) % HORIZON];

	blocks[block].b_next = *p;
	*p = block + 1;
}

static void
get_for(unsigned int size, int type, int flags, int events)
{

	dies(get(size, type, flags), events);
}

static void
tick(void)
{
	long b, next;

	now++;
	b = dying[now % HORIZON];
	dying[now % HORIZON] = 0;
	for (; b != 0; b = next) {
		next = blocks[b - 1].b_next;
		put(b - 1);
		/* A process is a zombie until it is waited for. */
		if (blocks[b - 1].b_type == M_PROC)
			get_for(72, M_ZOMBIE, M_WAITOK, 1 + draw(8));
	}
}

/* ---------------------------------------------------------------------
 * Files.
 */

#define	VNODES	500			/* They are never given back. */
static int vnodes;

/* A system call with a path name; one in eight names a file that is not in
 * the cache; one in five opens it. */
static void
path(void)
{

	get_for(1024, M_NAMEI, M_WAITOK, 1 + draw(3));
	if (draw(8) == 0 && vnodes < VNODES) {
		vnodes++;
		(void)get(272, M_VNODE, M_WAITOK);
		(void)get(64, M_CACHE, M_WAITOK);
	}
	if (draw(5) == 0)
		get_for(32, M_FILE, M_WAITOK, life(900));
	if (draw(20) == 0)			/* A lock on a part of it. */
		get_for(36, M_LOCKF, M_WAITOK, life(30));
}

/* A block of a file system, into a cache of a fixed number of them. */
#define	BUFFERS	80
static long buffers[BUFFERS];
static int nbuffers;

static void
disk(void)
{
	static const unsigned int size[] = {
		512, 1024, 1024, 2048, 4096, 4096, 8192, 8192, 8192, 8192
	};
	int i;

	if (nbuffers < BUFFERS) {
		(void)get(84, M_TEMP, M_WAITOK);	/* Its header. */
		buffers[nbuffers++] = get(size[draw(10)], M_TEMP, M_WAITOK);
		return;
	}
	i = draw(BUFFERS);
	put(buffers[i]);
	buffers[i] = get(size[draw(10)], M_TEMP, M_WAITOK);
}

/* ---------------------------------------------------------------------
 * The network.
 */

/* A packet that arrives: at interrupt level, and read soon after. */
static void
receive(void)
{
	int n, packets = draw(40) == 0 ? 24 : 1;

	for (; packets > 0; packets--) {
		n = life(8);
		get_for(128, M_MBUF, M_NOWAIT, n);
		if (draw(3) == 0)
			get_for(2048, M_MBUF, M_NOWAIT, n);
	}
}

/* One that leaves: a chain, until the other side has confirmed it. */
static void
transmit(void)
{
	int i, n = life(15);

	for (i = 1 + draw(4); i > 0; i--)
		get_for(128, M_MBUF, M_WAITOK, n);
	if (draw(3) == 0)
		get_for(2048, M_MBUF, M_WAITOK, n);
	if (draw(6) == 0)			/* Confirmed by the handler. */
		get_for(128, M_MBUF, M_NOWAIT, 1 + draw(4));
}

static void
connect(void)
{
	int n = life(1500);

	get_for(112, M_SOCKET, M_WAITOK, n);
	get_for(100, M_PCB, M_WAITOK, n);
	if (draw(2) == 0)
		get_for(128, M_SONAME, M_WAITOK, 1 + draw(3));
	if (draw(4) == 0)
		get_for(16 + 8 * (unsigned int)draw(8), M_RTABLE, M_NOWAIT,
		    life(500));
}

/* ---------------------------------------------------------------------
 * Processes and their memory.
 */

static void
memory(int n)
{

	get_for(44, M_VMMAPENT, M_WAITOK, n);
	if (draw(2) == 0)
		get_for(60, M_VMOBJ, M_WAITOK, n);
	if (draw(4) == 0) {
		get_for(24, M_VMPAGER, M_WAITOK, n);
		get_for(16 + 4 * (unsigned int)draw(32), M_VMPGDATA, M_WAITOK,
		    n);
	}
}

/* Make a process; its table of descriptors grows by copying. */
static void
process(void)
{
	unsigned int files;
	long table = -1, larger;
	int i, n = life(1500);

	get_for(232, M_PROC, M_WAITOK, n);
	get_for(16, M_SUBPROC, M_WAITOK, n);	/* pcred */
	get_for(220, M_SUBPROC, M_WAITOK, n);	/* pstats */
	get_for(160, M_VMMAP, M_WAITOK, n);	/* vmspace */
	get_for(128, M_FILEDESC, M_WAITOK, n);
	if (draw(3) == 0)
		get_for(40, M_CRED, M_WAITOK, n);
	if (draw(4) == 0)
		get_for(80, M_SUBPROC, M_WAITOK, n);	/* plimit */
	if (draw(3) == 0)
		get_for(20, M_PGRP, M_WAITOK, n);
	if (draw(8) == 0)
		get_for(28, M_SESSION, M_WAITOK, n);
	for (i = 4 + draw(6); i > 0; i--)
		memory(n);
	for (files = 40; draw(3) == 0 && files <= 320; files *= 2) {
		larger = get(5 * files, M_FILEDESC, M_WAITOK);
		if (table >= 0)
			put(table);
		table = larger;
	}
	if (table >= 0)
		dies(table, n);
}

/* ---------------------------------------------------------------------
 * What comes and goes within a call.
 */

static void
ioctl(void)
{

	get_for(128u << draw(6), M_IOCTLOPS, M_WAITOK, 1);
}

static void
vector(void)
{

	get_for(8 * (9 + (unsigned int)draw(56)), M_IOV, M_WAITOK,
	    1 + draw(2));
}

static void
temporary(void)
{

	get_for(16 + (unsigned int)draw(496), M_TEMP, draw(8) == 0 ?
	    M_NOWAIT : M_WAITOK, 1 + draw(4));
}

static void
map(void)
{

	memory(life(400));
}

/* ---------------------------------------------------------------------
 * A day.
 */

/* What is there before the first process: mounted file systems, devices,
 * interfaces, whose table doubles. */
static void
boot(void)
{
	unsigned int i;
	long table = -1, larger;

	for (i = 0; i < 4; i++) {
		(void)get(288, M_MOUNT, M_WAITOK);
		(void)get(420, M_UFSMNT, M_WAITOK);
		(void)get(2048, M_SUPERBLK, M_WAITOK);
	}
	for (i = 0; i < 12; i++)
		(void)get(64u << draw(6), M_DEVBUF, draw(2) ? M_NOWAIT :
		    M_WAITOK);
	for (i = 8; i <= 32; i *= 2) {
		larger = get(4 * i, M_IFADDR, M_WAITOK);
		if (table >= 0)
			put(table);
		table = larger;
		(void)get(100, M_IFADDR, M_WAITOK);
	}
}

static const struct {
	void	(*e_fn)(void);
	int	e_share;		/* Of a thousand events. */
} events[] = {
	{ path, 430 }, { receive, 140 }, { transmit, 80 }, { disk, 110 },
	{ temporary, 90 }, { map, 60 }, { ioctl, 40 }, { vector, 15 },
	{ process, 20 }, { connect, 15 }
};
#define	NEVENTS	(int)(sizeof(events) / sizeof(events[0]))

static void
event(void)
{
	int i, n = draw(1000);

	for (i = 0; n >= events[i].e_share; i++)
		n -= events[i].e_share;
	(*events[i].e_fn)();
}

static void
put_word(unsigned long word)
{
	int i;

	for (i = 0; i < 4; i++)
		(void)putc((int)(word >> 8 * i & 0xff), out);
}

static void
header(void)
{

	(void)fwrite("mtrace1\n", 1, 8, out);
	put_word(allocs);
	put_word(frees);
	put_word(maxbytes);
	put_word(maxlive);
	put_word(0);
	put_word(0);
}

static void
summary(FILE *text)
{
	int t;

	(void)fprintf(text, "command workload, seed %lu\nallocations %lu\n"
	    "frees %lu\nmost-bytes %lu\nmost-blocks %lu\nbytes-in-all %lu\n"
	    "events %d\n", SEED, allocs, frees, maxbytes, maxlive, allbytes,
	    now);
	(void)fprintf(text, "# type number allocations nowait most-live "
	    "at-the-end least-size most-size\n");
	for (t = 0; t < M_LAST; t++)
		if (sums[t].s_allocs != 0)
			(void)fprintf(text, "type %d %lu %lu %lu %lu %lu %lu\n",
			    t, sums[t].s_allocs, sums[t].s_nowait,
			    sums[t].s_maxlive, sums[t].s_live, sums[t].s_least,
			    sums[t].s_most);
}

static void
done(FILE *file, const char *name)
{

	if (ferror(file) || fclose(file) != 0) {
		fprintf(stderr, "workload: %s: %s\n", name, strerror(errno));
		exit(1);
	}
}

static FILE *
make(const char *name)
{
	FILE *file = fopen(name, "wb");

	if (file == NULL) {
		fprintf(stderr, "workload: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return (file);
}

int
main(int argc, char **argv)
{
	char name[1024];
	size_t len;
	FILE *text;

	len = argc == 2 ? strlen(argv[1]) : 0;
	if (len < 7 || len >= sizeof(name) ||
	    strcmp(argv[1] + len - 6, ".trace") != 0) {
		fprintf(stderr, "usage: workload NAME.trace\n");
		return (2);
	}
	out = make(argv[1]);
	header();
	boot();
	while (allocs < ALLOCS) {
		tick();
		event();
	}
	rewind(out);
	header();
	done(out, argv[1]);
	(void)snprintf(name, sizeof(name), "%.*s.txt", (int)len - 6, argv[1]);
	text = make(name);
	summary(text);
	done(text, name);
	return (0);
}
