/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Traces: a reader that refuses what is none, and makes the calls of what is
 * one, each with its size, type and flags, on the block that is meant.
 */
#include "common/help.h"
#include "replay.h"

/* ---------------------------------------------------------------------
 * Traces, written by hand.
 */

#define	ROOM	128
#define	NBLOCKS	16

static unsigned char trace[ROOM];
static u_long length;
static struct replay_block blocks[NBLOCKS + 1];	/* One to be left alone. */
static struct replay_counts counts;

static void
put(u_long byte)
{

	CU_ASSERT_FATAL(length < ROOM);
	trace[length++] = (unsigned char)byte;
}

static void
put_word(u_long at, u_long word)
{
	int i;

	for (i = 0; i < 4; i++)
		trace[at + i] = (unsigned char)(word >> 8 * i);
}

static void
put_number(u_long n)
{

	for (; n >= 0x80; n >>= 7)
		put((n & 0x7f) | 0x80);
	put(n);
}

static void
put_alloc(u_long size)
{

	put_number(size << 1);
}

static void
put_typed(u_long size, int type, int flags)
{

	put_alloc(size);
	put((u_long)type | ((flags & M_NOWAIT) != 0 ? 0x80 : 0));
}

static void
put_free(u_long distance)
{

	put_number(distance << 1 | 1);
}

static void
put_header(u_long allocs, u_long frees, u_long maxbytes, u_long maxlive,
    u_long type)
{
	const char *magic = "mtrace1\n";

	for (length = 0; length < 8; length++)
		trace[length] = (unsigned char)magic[length];
	put_word(8, allocs);
	put_word(12, frees);
	put_word(16, maxbytes);
	put_word(20, maxlive);
	put_word(24, type);
	put_word(28, 0);
	length = 32;
}

/* Five blocks, three frees, 700 bytes at most in three blocks. */
static void
small_trace(void)
{

	put_header(5, 3, 700, 3, M_TEMP);
	put_alloc(100);
	put_alloc(500);
	put_free(2);		/* 100 */
	put_alloc(200);
	put_alloc(0);
	put_free(3);		/* 500 */
	put_free(1);		/* 0 */
	put_alloc(300);
}

/* ---------------------------------------------------------------------
 * An allocator that notes what is asked of it.
 */

#define	NOTES	32

struct noted {
	char	c_what;			/* Allocate, or free. */
	u_long	c_size;
	int	c_type, c_flags;
	int	c_block;		/* Counted from 0. */
};
static struct noted notes[NOTES];
static int nnotes, nallocs;
static int refuse;			/* Allocation to refuse; -1: none. */
static u_long area[NBLOCKS][1024 / sizeof(u_long)];

static void
note(int what, u_long size, int type, int flags, int block)
{
	struct noted *c;

	CU_ASSERT(nnotes < NOTES);
	if (nnotes == NOTES)
		return;
	c = &notes[nnotes++];
	c->c_what = (char)what;
	c->c_size = size;
	c->c_type = type;
	c->c_flags = flags;
	c->c_block = block;
}

static void *
note_alloc(u_long size, int type, int flags)
{

	note('a', size, type, flags, nallocs);
	CU_ASSERT(nallocs < NBLOCKS && size < sizeof(area[0]));
	if (nallocs++ == refuse || nallocs > NBLOCKS)
		return (NULL);
	return (area[nallocs - 1]);
}

static void
note_free(void *addr, int type)
{

	note('f', 0, type, 0,
	    (int)(((char *)addr - (char *)area) / (long)sizeof(area[0])));
}

static int
called(const struct noted *want, int n)
{
	int i;

	for (i = 0; i < n && i < nnotes; i++)
		if (notes[i].c_what != want[i].c_what ||
		    notes[i].c_size != want[i].c_size ||
		    notes[i].c_type != want[i].c_type ||
		    notes[i].c_flags != want[i].c_flags ||
		    notes[i].c_block != want[i].c_block) {
			printf("    call %d is %c %lu %d %d %d\n", i,
			    notes[i].c_what, notes[i].c_size, notes[i].c_type,
			    notes[i].c_flags, notes[i].c_block);
			return (0);
		}
	return (nnotes == n);
}

static const char *
run(int touch)
{
	static const struct replay_counts none;

	nnotes = nallocs = 0;
	counts = none;
	return (replay(trace, length, note_alloc, note_free, blocks, touch,
	    &counts));
}

static int
counted(u_long allocs, u_long refused, u_long frees, u_long live,
    u_long maxlive, u_long bytes, u_long maxbytes)
{

	return (counts.rc_allocs == allocs && counts.rc_refused == refused &&
	    counts.rc_frees == frees && counts.rc_live == live &&
	    counts.rc_maxlive == maxlive && counts.rc_bytes == bytes &&
	    counts.rc_maxbytes == maxbytes);
}

/* ---------------------------------------------------------------------
 * What is one.
 */

static void
in_order(void)
{
	static const struct noted want[] = {
		{ 'a', 100, M_TEMP, M_WAITOK, 0 },
		{ 'a', 500, M_TEMP, M_WAITOK, 1 },
		{ 'f', 0, M_TEMP, 0, 0 },
		{ 'a', 200, M_TEMP, M_WAITOK, 2 },
		{ 'a', 0, M_TEMP, M_WAITOK, 3 },
		{ 'f', 0, M_TEMP, 0, 1 },
		{ 'f', 0, M_TEMP, 0, 3 },
		{ 'a', 300, M_TEMP, M_WAITOK, 4 },
		/* And those that were left, oldest first. */
		{ 'f', 0, M_TEMP, 0, 2 },
		{ 'f', 0, M_TEMP, 0, 4 },
	};

	small_trace();
	refuse = -1;
	CU_ASSERT_PTR_NULL(run(0));
	CU_ASSERT(called(want, 10));
	CU_ASSERT(counted(5, 0, 3, 2, 3, 500, 700));
}

static void
in_steps(void)
{
	struct replay_trace rt;

	small_trace();
	refuse = -1;
	nnotes = nallocs = 0;
	CU_ASSERT_PTR_NULL_FATAL(replay_open(trace, length, &rt));
	CU_ASSERT_EQUAL(rt.rt_allocs, 5);
	CU_ASSERT_EQUAL(rt.rt_frees, 3);
	CU_ASSERT_EQUAL(rt.rt_maxbytes, 700);
	CU_ASSERT_EQUAL(rt.rt_maxlive, 3);
	CU_ASSERT_EQUAL(rt.rt_type, M_TEMP);
	CU_ASSERT_PTR_NULL_FATAL(replay_check(&rt, blocks));
	CU_ASSERT_EQUAL(nnotes, 0);
	replay_run(&rt, note_alloc, note_free, blocks, 0, &counts);
	CU_ASSERT_EQUAL(nnotes, 8);
	replay_end(&rt, note_free, blocks);
	CU_ASSERT_EQUAL(nnotes, 10);
	replay_end(&rt, note_free, blocks);
	CU_ASSERT_EQUAL(nnotes, 10);
	/* The same again, from what was checked once. */
	nnotes = nallocs = 0;
	replay_run(&rt, note_alloc, note_free, blocks, 0, &counts);
	replay_end(&rt, note_free, blocks);
	CU_ASSERT_EQUAL(nnotes, 10);
	CU_ASSERT(counted(5, 0, 3, 2, 3, 500, 700));
}

static void
own_types(void)
{
	static const struct noted want[] = {
		{ 'a', 128, M_MBUF, M_NOWAIT, 0 },
		{ 'a', 300, M_VNODE, M_WAITOK, 1 },
		{ 'f', 0, M_MBUF, 0, 0 },
		{ 'a', 1000, M_TEMP, M_NOWAIT, 2 },
		{ 'f', 0, M_VNODE, 0, 1 },
		{ 'f', 0, M_TEMP, 0, 2 },
	};

	put_header(3, 1, 1300, 2, 0);
	put_typed(128, M_MBUF, M_NOWAIT);
	put_typed(300, M_VNODE, M_WAITOK);
	put_free(2);
	put_typed(1000, M_TEMP, M_NOWAIT);
	refuse = -1;
	CU_ASSERT_PTR_NULL(run(0));
	CU_ASSERT(called(want, 6));
	CU_ASSERT(counted(3, 0, 1, 2, 2, 1300, 1300));
}

static void
refused(void)
{
	static const struct noted want[] = {
		{ 'a', 100, M_TEMP, M_WAITOK, 0 },
		{ 'a', 500, M_TEMP, M_WAITOK, 1 },
		{ 'f', 0, M_TEMP, 0, 0 },
		{ 'a', 200, M_TEMP, M_WAITOK, 2 },
		{ 'a', 0, M_TEMP, M_WAITOK, 3 },
		{ 'f', 0, M_TEMP, 0, 3 },
		{ 'a', 300, M_TEMP, M_WAITOK, 4 },
		{ 'f', 0, M_TEMP, 0, 2 },
		{ 'f', 0, M_TEMP, 0, 4 },
	};

	small_trace();
	refuse = 1;
	CU_ASSERT_PTR_NULL(run(1));
	CU_ASSERT(called(want, 9));
	CU_ASSERT(counted(5, 1, 2, 2, 2, 500, 500));
}

#define	W	sizeof(u_long)

/* All of a block's bytes are written to, and none behind it. */
static void
touched(void)
{
	static const u_long sizes[] = { 0, 1, 7, 8, 9, 64, 101 };
	const unsigned char *p;
	u_long i, j, sum;
	int touch;

	for (touch = 0; touch < 2; touch++) {
		put_header(7, 0, 190, 7, M_TEMP);
		sum = 0;
		for (i = 0; i < 7; i++) {
			put_alloc(sizes[i]);
			sum += sizes[i];
			fill(area[i], sizeof(area[i]), 0x55);
		}
		CU_ASSERT_EQUAL(sum, 190);
		refuse = -1;
		CU_ASSERT_PTR_NULL(run(touch));
		for (i = 0; i < 7; i++) {
			p = (const unsigned char *)area[i];
			for (j = 0; touch && j + W <= sizes[i]; j += W)
				CU_ASSERT_EQUAL(area[i][j / W], sizes[i]);
			for (; touch && j < sizes[i]; j++)
				CU_ASSERT_EQUAL(p[j], sizes[i]);
			for (j = touch ? sizes[i] : 0; j < 128; j++)
				CU_ASSERT_EQUAL(p[j],
				    (unsigned char)(0x55 + j * 7));
		}
	}
}

/* Sizes of one byte to five, in the trace. */
static void
sizes(void)
{
	static const u_long size[] = {
		0x3f, 0x40, 0x1fff, 0x2000, 0xfffff, 0x100000, 0x7ffffff,
		0x8000000, 0x7fffffff
	};
	struct replay_trace rt;
	u_long i;

	for (i = 0; i < 9; i++) {
		put_header(1, 0, size[i], 1, M_TEMP);
		put_alloc(size[i]);
		CU_ASSERT_EQUAL(length, 33 + (i + 1) / 2);
		CU_ASSERT_PTR_NULL(replay_open(trace, length, &rt));
		CU_ASSERT_PTR_NULL(replay_check(&rt, blocks));
		CU_ASSERT_EQUAL(blocks[0].rb_size, size[i]);
	}
}

static void
empty(void)
{

	put_header(0, 0, 0, 0, M_TEMP);
	CU_ASSERT_PTR_NULL(run(1));
	CU_ASSERT_EQUAL(nnotes, 0);
	CU_ASSERT(counted(0, 0, 0, 0, 0, 0, 0));
}

/* malloc itself; its books agree with what was replayed. */
static void
on_malloc(void)
{
	struct replay_trace rt;
	struct kmemstats ks;

	small_trace();
	ks = kmemstats[M_TEMP];
	CU_ASSERT_PTR_NULL_FATAL(replay_open(trace, length, &rt));
	CU_ASSERT_PTR_NULL_FATAL(replay_check(&rt, blocks));
	replay_run(&rt, malloc, free, blocks, 1, &counts);
	CU_ASSERT(counted(5, 0, 3, 2, 3, 500, 700));
	CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_calls - ks.ks_calls, 5);
	CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_inuse - ks.ks_inuse, 2);
	CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_memuse - ks.ks_memuse,
	    charge_of(200) + charge_of(300));
	replay_end(&rt, free, blocks);
	CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_inuse, ks.ks_inuse);
	CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_memuse, ks.ks_memuse);
}

/* ---------------------------------------------------------------------
 * What is none.
 */

/* It is refused with these words, and nothing was allocated. */
static void
wrong(const char *words)
{
	const char *got;

	refuse = -1;
	got = run(0);
	CU_ASSERT_EQUAL(nnotes, 0);
	CU_ASSERT_PTR_NOT_NULL(got);
	if (got == NULL || !suite_holds(got, words)) {
		CU_FAIL("the phrase");
		printf("    it says: %s\n    wanted: %s\n",
		    got != NULL ? got : "nothing", words);
	}
}

static void
bad_header(void)
{
	u_long i;

	for (i = 0; i < 32; i++) {
		small_trace();
		length = i;
		wrong("shorter than a trace's header");
	}
	for (i = 0; i < 8; i++) {
		small_trace();
		trace[i] ^= 0x20;
		wrong("does not begin with mtrace1");
	}
	small_trace();
	trace[28] = 1;
	wrong("last word is not 0");
	small_trace();
	put_word(8, length - 32 + 1);
	wrong("more allocations than it has bytes");
	put_word(8, 0xffffffffUL);
	wrong("more allocations than it has bytes");
}

static void
bad_type(void)
{
	static const u_long bad[] = { 43, 48, 50, 127, 128, 0x100, 0x1000031 };
	u_long i;

	for (i = 0; i < 7; i++) {
		small_trace();
		put_word(24, bad[i]);
		wrong("its type is none of malloc's");
	}
	for (i = 0; i < 4; i++) {
		put_header(1, 0, 16, 1, 0);
		put_typed(16, (int)bad[i], i % 2 ? M_NOWAIT : 0);
		wrong("an allocation's type is none of malloc's");
	}
	put_header(1, 0, 16, 1, 0);
	put_typed(16, M_FREE, M_NOWAIT);
	wrong("an allocation's type is none of malloc's");
}

static void
bad_counts(void)
{
	static const char *const words[] = {
		"more allocations than it counts", "fewer allocations than",
		"more frees than it counts", "fewer frees than it counts",
		"most bytes are not", "most bytes are not",
		"most blocks are not", "most blocks are not",
	};
	u_long i;

	for (i = 0; i < 8; i++) {
		small_trace();
		trace[8 + i / 2 * 4] += (unsigned char)(i % 2 ? 1 : -1);
		wrong(words[i]);
	}
}

static void
bad_number(void)
{

	put_header(1, 0, 16, 1, M_TEMP);
	put(0x80);
	wrong("cut short");
	put(0x80), put(0x80), put(0x80), put(0x80);
	wrong("cut short");
	put(0);				/* Six bytes of nothing. */
	wrong("more than 32 bits");
	put_header(1, 0, 16, 1, M_TEMP);
	put(0x80), put(0x80), put(0x80), put(0x80), put(0x10);
	wrong("more than 32 bits");
	put_header(1, 0, 16, 1, 0);
	put_alloc(16);
	wrong("cut short");
	put_header(3, 0, 0, 3, M_TEMP);
	put_alloc(0x7fffffff), put_alloc(0x7fffffff), put_alloc(2);
	wrong("more than 4 GB");
}

static void
bad_free(void)
{

	put_header(2, 1, 16, 1, M_TEMP);
	put_free(1);
	put_alloc(16);
	wrong("never allocated");
	put_header(1, 1, 16, 1, M_TEMP);
	put_alloc(16);
	put_free(0);
	wrong("never allocated");
	put_header(1, 1, 16, 1, M_TEMP);
	put_alloc(16);
	put_free(2);
	wrong("never allocated");
	put_header(1, 1, 16, 1, M_TEMP);
	put_alloc(16);
	put_free(0x7fffffff);
	wrong("never allocated");
	put_header(1, 2, 16, 1, M_TEMP);
	put_alloc(16);
	put_free(1);
	put_free(1);
	wrong("twice");
	put_header(2, 2, 32, 2, M_TEMP);
	put_alloc(16);
	put_alloc(16);
	put_free(2);
	put_free(2);
	wrong("twice");
}

/* Each trace that is a piece of this one, or differs from it in one bit, is
 * refused or whole; no block's record outside the room is written to. */
static void
any_damage(void)
{
	u_long at, whole, i, refusals;
	const char *got;

	small_trace();
	whole = length;
	refuse = -1;
	for (i = 0; i < whole; i++) {
		length = i;
		CU_ASSERT_PTR_NOT_NULL(run(0));
		CU_ASSERT_EQUAL(nnotes, 0);
	}
	length = whole;
	refusals = 0;
	for (at = 0; at < 8 * whole; at++) {
		struct replay_trace rt;

		trace[at / 8] ^= (unsigned char)(1 << at % 8);
		for (i = 0; i <= NBLOCKS; i++)
			blocks[i].rb_size = 12345;
		got = replay_open(trace, length, &rt);
		CU_ASSERT_FATAL(got != NULL || rt.rt_allocs <= NBLOCKS);
		if (got == NULL) {
			got = replay_check(&rt, blocks);
			for (i = rt.rt_allocs; i <= NBLOCKS; i++)
				CU_ASSERT_EQUAL(blocks[i].rb_size, 12345);
		}
		refusals += got != NULL;
		trace[at / 8] ^= (unsigned char)(1 << at % 8);
	}
	/* Another type is no damage that can be seen; a size that is not
	 * among the largest sum is none either. */
	CU_ASSERT(refusals > 8 * whole - 24);
	CU_ASSERT(refusals < 8 * whole);
	CU_ASSERT_PTR_NULL(run(0));
}

CU_TestInfo replay_tests[] = {
	{"a trace is replayed call by call, and what it left is freed",
	    in_order},
	{"a trace is opened, checked, run and ended, and run again", in_steps},
	{"types and flags are those of each allocation", own_types},
	{"a refused block is counted, and not freed", refused},
	{"all of a block is written to, and nothing behind it", touched},
	{"sizes of one byte to five in a trace", sizes},
	{"a trace of nothing", empty},
	{"M-STATS: malloc's books agree with the trace", on_malloc},
	{"what is no trace's header is refused", bad_header},
	{"types that malloc has not, or not always, are refused", bad_type},
	{"counts that the header does not have are refused", bad_counts},
	{"numbers cut short, or too large, are refused", bad_number},
	{"frees of what is not live are refused", bad_free},
	{"any piece, and any bit changed, is refused or whole", any_damage},
	CU_TEST_INFO_NULL,
};
