/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench LIBRARY WHAT COUNT [NAME FILE]: some rows of the benchmark, of COUNT
 * operations each, by the allocator that this program was built with, or by
 * the one that was loaded before the C library's; tests/bench/run-bench runs
 * it.  For each row there is a line of time, and of some a line of pages:
 *
 *	time ROW NANOSECONDS OPERATIONS
 *	pages ROW ASKED FULL REST OWN SURPLUS
 *
 * Nanoseconds of processor time, for an operation; under callgrind each row
 * is a dump instead, which the operations divide.  What the others are,
 * report() says.
 *
 * All memory that is not the allocator's is mapped before it serves its
 * first request, and touched.
 */
#define	_GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>
#include "bench.h"
#include "replay.h"
#ifdef OURS
#include "malloc.h"	/* it renames malloc and free */
#else
#define	M_TEMP		49
#define	M_WAITOK	0
#define	M_NOWAIT	1
#endif

#define	PAGE		4096UL
#define	NSIZES		4096UL		/* of a table of sizes; 2^n */
#define	LEAST		16		/* of the pair of random sizes */
#define	MOST		4096
#define	SEED		20261994UL

static void
die(const char *why, const char *what)
{

	dprintf(STDERR_FILENO, "bench: %s%s\n", why, what);
	exit(1);
}

/* ---------------------------------------------------------------------
 * What is measured.
 */

static double spent;		/* Nanoseconds from begin to end; a sum. */
static double began;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
begin(void)
{

	CALLGRIND_START_INSTRUMENTATION;
	began = now();
}

static void
end(void)
{

	spent += now() - began;
	CALLGRIND_STOP_INSTRUMENTATION;
}

/* The end of a row of so many operations. */
static void
finish(const char *row, u_long n)
{

	CALLGRIND_DUMP_STATS_AT(row);
	dprintf(STDOUT_FILENO, "time %s %.4f %lu\n", row, spent / (double)n, n);
	spent = 0;
}

/* Pages that are no file's, each counted once: of memory without a name, and
 * of the machine's physical memory, as far as it is mapped. */
static long
held(void)
{
	static const char *const what[] = { "\nPss_Anon:", "\nPss_Shmem:" };
	static char text[4096];
	static int fd = -1;
	const char *p;
	ssize_t len;
	long kb;
	int i;

	if (fd == -1)
		fd = open("/proc/self/smaps_rollup", O_RDONLY);
	len = pread(fd, text, sizeof(text) - 1, 0);
	if (len <= 0)
		die("cannot read ", "/proc/self/smaps_rollup");
	text[len] = '\0';
	for (i = 0, kb = 0; i < 2; i++) {
		p = strstr(text, what[i]);
		if (p == NULL)
			die("/proc/self/smaps_rollup has no", what[i] + 1);
		kb += strtol(p + strlen(what[i]), NULL, 10);
	}
	return (kb / 4);
}

static long base, basepages;	/* Before the first request. */

static void
start_pages(void)
{

	basepages = bench_pages();
	base = held();
}

static long
held_since(void)
{

	bench_pages();
	return (held() - base);
}

/* Bytes asked for; pages held for them, and pages held at the end; pages
 * that the allocator itself counts then (-1: it does not tell), and those of
 * them that it keeps against its rule. */
static void
report(const char *row, double asked, long full)
{

	dprintf(STDOUT_FILENO, "pages %s %.0f %ld %ld %ld %ld\n", row, asked,
	    full, held_since(), basepages < 0 ? -1 : bench_pages() - basepages,
	    bench_surplus());
}

/* ---------------------------------------------------------------------
 * Memory and numbers of the benchmark's own.
 */

static void *
map(size_t size)
{
	void *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED)
		die("no memory", "");
	return (p);
}

static uint64_t seed = SEED;

/* A number below most. */
static inline uint64_t
draw(uint64_t most)
{

	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return ((seed >> 33) * most >> 31);
}

/* A kernel's mix: of 1,000 live blocks, so many have this size.  The sizes
 * are those of 386BSD's structures, and of the blocks of its buffer cache;
 * how many of each is our estimate for a system in use. */
static const struct {
	uint16_t size, share;
} mix[] = {
	{    8,   1 }, {   16,  20 }, {   20,  10 }, {   24,  30 },
	{   28,   5 }, {   32, 120 }, {   40,  30 }, {   44, 200 },
	{   60, 100 }, {   64, 200 }, {   80,   5 }, {   84,  40 },
	{   88,  10 }, {  112,  10 }, {  128, 120 }, {  160,  10 },
	{  220,  10 }, {  232,  10 }, {  272,  50 }, {  288,   1 },
	{  512,   4 }, { 1024,   8 }, { 2048,   3 }, { 4096,   2 },
	{ 8192,   1 },
};

static uint16_t sizes[NSIZES];

static void
mix_sizes(void)
{
	uint64_t i, k;

	for (i = 0; i < NSIZES; i++) {
		k = draw(1000);
		int j = 0;
		while (k >= mix[j].share)
			k -= mix[j++].share;
		sizes[i] = mix[j].size;
	}
}

static void
even_sizes(void)
{
	uint64_t i;

	for (i = 0; i < NSIZES; i++)
		sizes[i] = (uint16_t)(LEAST + draw(MOST - LEAST + 1));
}

/* Write to a block: its size, in its first word, and a byte in each further
 * page and at its end, so that all its pages are there. */
static inline void
touch(void *p, size_t size)
{
	size_t i;

	if (p == NULL)
		die("the allocator gives ", "no block");
	*(volatile unsigned long *)p = size;
	if (__builtin_expect(size >= PAGE, 0)) {
		for (i = PAGE; i < size; i += PAGE)
			((volatile char *)p)[i] = 1;
		((volatile char *)p)[size - 1] = 1;
	}
}

/* ---------------------------------------------------------------------
 * The rows.
 */

/* Allocate so many. */
static void
fill(void **blocks, u_long live)
{
	u_long i;

	for (i = 0; i < live; i++) {
		blocks[i] = GET(bench_alloc, sizes[i % NSIZES], M_TEMP,
		    M_WAITOK);
		touch(blocks[i], sizes[i % NSIZES]);
	}
}

#define	FEW	100		/* blocks that live beside the pairs */

/* Without them a free would leave nothing in use, time and again. */
static void
fill_few(void)
{
	static void *few[FEW];

	fill(few, FEW);
}

/* Allocate and free, size after size. */
static void
pairs(u_long n)
{
	bench_alloc_t *alloc = bench_alloc;
	bench_free_t *release = bench_free;
	u_long i;
	void *p;

	for (i = 0; i < n; i++) {
		p = GET(alloc, sizes[i % NSIZES], M_TEMP, M_WAITOK);
		*(volatile unsigned long *)p = i;
		GIVE(release, p, M_TEMP);
	}
}

static void
pair64(u_long n)
{
	u_long i;

	for (i = 0; i < NSIZES; i++)
		sizes[i] = 64;
	fill_few();
	pairs(n / 8);
	begin();
	pairs(n);
	end();
	finish("pair64", n);
}

static void
pairmix(u_long n)
{

	even_sizes();
	fill_few();
	pairs(n / 8 < NSIZES ? NSIZES : n / 8);
	begin();
	pairs(n);
	end();
	finish("pairmix", n);
}

/* 1,000 blocks of 64 bytes, and then all of them back. */
static void
orders(u_long n, void **blocks)
{
	bench_alloc_t *alloc = bench_alloc;
	bench_free_t *release = bench_free;
	u_long i;

	for (; n >= 1000; n -= 1000) {
		for (i = 0; i < 1000; i++) {
			blocks[i] = GET(alloc, 64, M_TEMP, M_WAITOK);
			*(volatile unsigned long *)blocks[i] = i;
		}
		for (i = 0; i < 1000; i++)
			GIVE(release, blocks[i], M_TEMP);
	}
}

static void
order64(u_long n)
{
	static void *blocks[1000];

	orders(n / 8 < 2000 ? 2000 : n / 8, blocks);
	begin();
	orders(n, blocks);
	end();
	finish("order64", n);
}

/* Replace a block by a new one, anywhere. */
static void
replaces(void **blocks, u_long live, u_long n, int read)
{
	bench_alloc_t *alloc = bench_alloc;
	bench_free_t *release = bench_free;
	u_long i;
	void **p;

	for (i = 0; i < n; i++) {
		p = &blocks[draw(live)];
		if (read && *(volatile unsigned long *)*p > MOST * 2)
			die("a block was ", "overwritten");
		GIVE(release, *p, M_TEMP);
		*p = GET(alloc, sizes[i % NSIZES], M_TEMP, M_WAITOK);
		touch(*p, sizes[i % NSIZES]);
	}
}

/* Bytes that are asked for: each block knows its own. */
static double
asked(void **blocks, u_long live)
{
	double sum;
	u_long i;

	for (i = 0, sum = 0; i < live; i++)
		sum += (double)*(unsigned long *)blocks[i];
	return (sum);
}

static void **
replacement(const char *row, u_long live, u_long n)
{
	void **blocks;
	long full;

	blocks = map(live * sizeof(*blocks));
	mix_sizes();
	start_pages();
	fill(blocks, live);
	full = held_since();
	replaces(blocks, live, n / 8, 0);
	begin();
	replaces(blocks, live, n, 0);
	end();
	finish(row, n);
	report(row, asked(blocks, live), full);
	return (blocks);
}

static void
replace10k(u_long n)
{

	replacement("replace10k", 10000, n);
}

static void
shuffle(void **blocks, u_long n)
{
	u_long i, j;
	void *t;

	for (i = n - 1; i > 0; i--) {
		j = draw(i + 1);
		t = blocks[i];
		blocks[i] = blocks[j];
		blocks[j] = t;
	}
}

/* Free them all, in random order. */
static void
frees(void **blocks, u_long live)
{
	bench_free_t *release = bench_free;
	u_long i;

	shuffle(blocks, live);
	begin();
	for (i = 0; i < live; i++)
		GIVE(release, blocks[i], M_TEMP);
	end();
}

static void
million(u_long n)
{
	const u_long live = 1000000;
	void **blocks;
	long full;

	blocks = replacement("replace1m", live, n);
	begin();
	replaces(blocks, live, n / 2, 1);
	end();
	finish("read1m", n / 2);
	full = held_since();
	frees(blocks, live);
	finish("free1m", live);
	report("free1m", 0, full);
}

/* Fill and free, again and again; n frees in all. */
static void
free_all(const char *row, u_long live, u_long n)
{
	void **blocks;
	long full;
	u_long i;

	blocks = map(live * sizeof(*blocks));
	mix_sizes();
	start_pages();
	full = 0;
	for (i = 0; i < n; i += live) {
		fill(blocks, live);
		if (i == 0)
			full = held_since();
		frees(blocks, live);
	}
	finish(row, i);
	report(row, 0, full);
}

static void
free2k(u_long n)
{

	free_all("free2k", 2000, n);
}

static void
free10k(u_long n)
{

	free_all("free10k", 10000, n);
}

static void
free100k(u_long n)
{

	free_all("free100k", 100000, n);
}

/* Pages, one by one: got, touched for the first time, given back. */
static void
page(u_long n)
{
	void **pages;
	u_long i;

	pages = map(n * sizeof(*pages));
	begin();
	for (i = 0; i < n; i++)
		pages[i] = bench_page_get();
	end();
	finish("page:get", n);
	begin();
	for (i = 0; i < n; i++)
		touch(pages[i], sizeof(long));
	end();
	finish("page:touch", n);
	begin();
	for (i = 0; i < n; i++)
		bench_page_put(pages[i]);
	end();
	finish("page:put", n);
}

/* ---------------------------------------------------------------------
 * Traces.  They are read before the first request is served: what is timed
 * is a row of operations, with a slot for each block that is live.
 */

#define	RELEASE		0xffffffffU	/* o_size: it is a free */

struct op {
	uint32_t o_size;
	uint32_t o_slot;
	short	o_type, o_flags;
};

static struct op *ops;
static u_long nops;
static uint32_t *slots;			/* Those that are free: a stack. */
static u_long nslots, nused;

static void *
note_alloc(u_long size, int type, int flags)
{
	struct op *o = &ops[nops++];

	o->o_size = (uint32_t)size;
	o->o_slot = nslots > 0 ? slots[--nslots] : (uint32_t)nused++;
	o->o_type = (short)type;
	o->o_flags = (short)flags;
	return ((void *)((uintptr_t)o->o_slot + 1));
}

static void
note_free(void *p, int type)
{
	struct op *o = &ops[nops++];

	o->o_size = RELEASE;
	o->o_slot = (uint32_t)((uintptr_t)p - 1);
	o->o_type = (short)type;
	slots[nslots++] = o->o_slot;
}

static struct replay_trace rt;
static struct replay_counts rc;

static void
trace_read(const char *name)
{
	struct replay_block *blocks;
	const unsigned char *text;
	const char *wrong;
	struct stat st;
	int fd;

	fd = open(name, O_RDONLY);
	if (fd == -1 || fstat(fd, &st) == -1)
		die("cannot read ", name);
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		die("cannot read ", name);
	wrong = replay_open(text, (u_long)st.st_size, &rt);
	if (wrong == NULL) {
		blocks = map((rt.rt_allocs + 1) * sizeof(*blocks));
		ops = map((rt.rt_allocs + rt.rt_frees + 1) * sizeof(*ops));
		slots = map((rt.rt_maxlive + 1) * sizeof(*slots));
		wrong = replay_check(&rt, blocks);
	}
	if (wrong != NULL)
		die(wrong, "");
	replay_run(&rt, note_alloc, note_free, blocks, 0, &rc);
}

/* Make the calls from op to end. */
static void
trace_run(const struct op *o, const struct op *end, void **addrs)
{
	bench_alloc_t *alloc = bench_alloc;
	bench_free_t *release = bench_free;
	void *p;

	for (; o < end; o++) {
		if (o->o_size == RELEASE) {
			GIVE(release, addrs[o->o_slot], o->o_type);
			addrs[o->o_slot] = NULL;
			continue;
		}
		p = GET(alloc, o->o_size, o->o_type, o->o_flags);
		addrs[o->o_slot] = p;
		if (p != NULL || o->o_flags != M_NOWAIT)
			touch(p, o->o_size);
	}
}

/* Blocks that a program never frees end with it: in no time.  The last
 * allocation of a slot is the one that lives. */
static void
trace_end(void **addrs)
{
	const struct op *o;

	for (o = ops + nops; o-- > ops; )
		if (o->o_size != RELEASE && addrs[o->o_slot] != NULL) {
			GIVE(bench_free, addrs[o->o_slot], o->o_type);
			addrs[o->o_slot] = NULL;
		}
}

static char row[40];		/* trace:NAME */

/* n replays; the first of them also has a row of its own. */
static void
trace(u_long n)
{
	char first[50];
	void **addrs;
	double sum;
	u_long i;

	addrs = map((nused + 1) * sizeof(*addrs));
	snprintf(first, sizeof(first), "first%s", strchr(row, ':'));
	for (i = 0, sum = 0; i < n; i++) {
		begin();
		trace_run(ops, ops + nops, addrs);
		end();
		trace_end(addrs);
		if (i == 0 && n > 1) {
			sum = spent;
			finish(first, nops);
		}
	}
	spent += sum;
	finish(row, n * nops);
}

/* Where in the trace the most bytes are live. */
static u_long
trace_peak(void)
{
	uint32_t *size;
	u_long i, live, most, at;

	size = map((nused + 1) * sizeof(*size));
	for (i = live = most = at = 0; i < nops; i++) {
		if (ops[i].o_size == RELEASE) {
			live -= size[ops[i].o_slot];
			continue;
		}
		live += size[ops[i].o_slot] = ops[i].o_size;
		if (live > most) {
			most = live;
			at = i + 1;
		}
	}
	return (at);
}

/* The most pages that are held: looked at n times, and at the peak. */
static void
trace_pages(u_long n)
{
	u_long i, from, to, peak;
	void **addrs;
	long full, h;

	addrs = map((nused + 1) * sizeof(*addrs));
	peak = trace_peak();
	start_pages();
	for (i = 1, from = 0, full = 0; from < nops; from = to) {
		to = i < n ? nops / n * i : nops;
		if (from < peak && peak < to)
			to = peak;
		else
			i++;
		trace_run(ops + from, ops + to, addrs);
		h = held_since();
		full = h > full ? h : full;
	}
	trace_end(addrs);
	report(row, (double)rt.rt_maxbytes, full);
}

/* ---------------------------------------------------------------------
 */

static const struct what {
	const char *name;
	void	(*fn)(u_long);
} whats[] = {
	{ "pair64", pair64 },		{ "pairmix", pairmix },
	{ "order64", order64 },		{ "replace10k", replace10k },
	{ "million", million },		{ "free2k", free2k },
	{ "free10k", free10k },		{ "free100k", free100k },
	{ "page", page },
	{ "trace", trace },		{ "pages", trace_pages },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	const struct what *w;
	const char *wrong;
	u_long n;
	char *e;

	if (argc != 4 && argc != 6)
		die("usage: bench LIBRARY WHAT COUNT [NAME FILE]", "");
	for (w = whats; w->name != NULL; w++)
		if (strcmp(w->name, argv[2]) == 0)
			break;
	if (w->name == NULL || (argc == 6) != (w->fn == trace ||
	    w->fn == trace_pages))
		die("no such rows, or a trace where there is to be none: ",
		    argv[2]);
	n = strtoul(argv[3], &e, 10);
	if (n == 0 || *e != '\0')
		die("not a number of operations: ", argv[3]);
	if (argc == 6) {
		snprintf(row, sizeof(row), "trace:%s", argv[4]);
		trace_read(argv[5]);
	}
	wrong = bench_start(argv[1]);
	if (wrong != NULL)
		die(wrong, "");
	(*w->fn)(n);
	return (0);
}
