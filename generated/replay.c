/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file replay.c
 * Traces of allocations, read and replayed.
 */
#include <stddef.h>

#include "replay.h"
#include "malloc.h"


/* Four bytes, the low one first. */
static u_long
word(const unsigned char *p)
{
	return (p[0] | (u_long)p[1] << 8 | (u_long)p[2] << 16 |
	    (u_long)p[3] << 24);
}

/* A number, seven bits in a byte; the pointer moves behind it. */
static inline u_long
number(const unsigned char **pp)
{
	const unsigned char *p = *pp;
	u_long n;
	int shift;

	n = *p & 0x7f;
	for (shift = 7; (*p++ & 0x80) != 0; shift += 7)
		n |= (u_long)(*p & 0x7f) << shift;
	*pp = p;
	return (n);
}

/* Is it a type that has one meaning everywhere? */
static int
type_known(u_long type)
{
	return (type != M_FREE && type < M_LAST &&
	    (type <= M_SUBPROC || type >= M_TEMP));
}

static void
count_block(struct replay_counts *rc, u_long size)
{
	rc->rc_bytes += size;
	if (rc->rc_bytes > rc->rc_maxbytes)
		rc->rc_maxbytes = rc->rc_bytes;
	if (++rc->rc_live > rc->rc_maxlive)
		rc->rc_maxlive = rc->rc_live;
}

static void
uncount_block(struct replay_counts *rc, u_long size)
{
	rc->rc_frees++;
	rc->rc_bytes -= size;
	rc->rc_live--;
}

#define	HEADER	32			/* Bytes of a trace's header. */

/** Read a trace's header.  Any level. */
const char *
replay_open(const unsigned char *trace, u_long length,
    struct replay_trace *rt)
{
	const char *magic = "mtrace1\n";
	int i;

	if (length < HEADER)
		return ("it is shorter than a trace's header");
	for (i = 0; magic[i] != '\0'; i++)
		if (trace[i] != magic[i])
			return ("it does not begin with mtrace1");
	rt->rt_allocs = word(trace + 8);
	rt->rt_frees = word(trace + 12);
	rt->rt_maxbytes = word(trace + 16);
	rt->rt_maxlive = word(trace + 20);
	rt->rt_type = (int)(word(trace + 24) & 0xff);
	rt->rt_first = trace + HEADER;
	rt->rt_end = trace + length;
	if (word(trace + 24) != 0 && !type_known(word(trace + 24)))
		return ("its type is none of malloc's");
	if (word(trace + 28) != 0)
		return ("its header's last word is not 0");
	if (rt->rt_allocs > length - HEADER)
		return ("it counts more allocations than it has bytes");
	return (NULL);
}

static const char *
check_alloc(const struct replay_trace *rt, u_long size,
    const unsigned char **pp, struct replay_block *blocks,
    struct replay_counts *rc)
{
	if (rc->rc_allocs == rt->rt_allocs)
		return ("it has more allocations than it counts");
	if (size > 0xffffffffUL - rc->rc_bytes)
		return ("more than 4 GB are live at one time");
	if (rt->rt_type == 0 && *pp == rt->rt_end)
		return ("its last record is cut short");
	if (rt->rt_type == 0 && !type_known(*(*pp)++ & 0x7f))
		return ("an allocation's type is none of malloc's");
	blocks[rc->rc_allocs].rb_size = (unsigned int)size;
	blocks[rc->rc_allocs++].rb_addr = blocks;
	count_block(rc, size);
	return (NULL);
}

static const char *
check_free(const struct replay_trace *rt, u_long distance,
    struct replay_block *blocks, struct replay_counts *rc)
{
	struct replay_block *b;

	if (distance == 0 || distance > rc->rc_allocs)
		return ("it frees a block that was never allocated");
	b = &blocks[rc->rc_allocs - distance];
	if (b->rb_addr == NULL)
		return ("it frees a block twice");
	if (rc->rc_frees == rt->rt_frees)
		return ("it has more frees than it counts");
	b->rb_addr = NULL;
	uncount_block(rc, b->rb_size);
	return (NULL);
}

/* Check a record, count it, and go on to the next. */
static const char *
check_record(const struct replay_trace *rt, const unsigned char **pp,
    struct replay_block *blocks, struct replay_counts *rc)
{
	const unsigned char *p = *pp;
	u_long n;

	while (p < rt->rt_end && (*p & 0x80) != 0)
		p++;
	if (p == rt->rt_end)
		return ("its last record is cut short");
	if (p - *pp > 4 || (p - *pp == 4 && *p > 0x0f))
		return ("it has a number of more than 32 bits");
	n = number(pp);
	if ((n & 1) != 0)
		return (check_free(rt, n >> 1, blocks, rc));
	return (check_alloc(rt, n >> 1, pp, blocks, rc));
}

/** Read all of a trace, and allocate nothing.  Any level. */
const char *
replay_check(const struct replay_trace *rt, struct replay_block *blocks)
{
	static const struct replay_counts none;
	struct replay_counts rc = none;
	const unsigned char *p;
	const char *wrong;

	for (p = rt->rt_first; p < rt->rt_end; ) {
		wrong = check_record(rt, &p, blocks, &rc);
		if (wrong != NULL)
			return (wrong);
	}
	if (rc.rc_allocs != rt->rt_allocs)
		return ("it has fewer allocations than it counts");
	if (rc.rc_frees != rt->rt_frees)
		return ("it has fewer frees than it counts");
	if (rc.rc_maxbytes != rt->rt_maxbytes)
		return ("its most bytes are not what it says");
	if (rc.rc_maxlive != rt->rt_maxlive)
		return ("its most blocks are not what it says");
	return (NULL);
}

/* Write to all of a block, as its user would. */
static void
touch_block(void *addr, u_long size)
{
	volatile unsigned char *p = addr;
	u_long i;

	for (i = 0; i + sizeof(u_long) <= size; i += sizeof(u_long))
		*(volatile u_long *)(p + i) = size;
	for (; i < size; i++)
		p[i] = (unsigned char)size;
}

/** Make the calls of a trace that replay_check found whole. */
void
replay_run(const struct replay_trace *rt, replay_alloc_t *alloc,
    replay_free_t *release, struct replay_block *blocks, int touch,
    struct replay_counts *rc)
{
	static const struct replay_counts none;
	const unsigned char *p;
	struct replay_block *b;
	u_long n;

	*rc = none;
	for (p = rt->rt_first; p < rt->rt_end; ) {
		n = number(&p);
		if ((n & 1) != 0) {
			b = &blocks[rc->rc_allocs - (n >> 1)];
			if (b->rb_addr == NULL)
				continue;
			(*release)(b->rb_addr, b->rb_type);
			b->rb_addr = NULL;
			uncount_block(rc, b->rb_size);
		} else {
			b = &blocks[rc->rc_allocs++];
			b->rb_size = (unsigned int)(n >> 1);
			n = rt->rt_type != 0 ? (u_long)rt->rt_type : *p++;
			b->rb_type = n & 0x7f;
			b->rb_addr = (*alloc)(b->rb_size, b->rb_type,
			    (n & 0x80) != 0 ? M_NOWAIT : M_WAITOK);
			if (b->rb_addr == NULL) {
				rc->rc_refused++;
				continue;
			}
			if (touch)
				touch_block(b->rb_addr, b->rb_size);
			count_block(rc, b->rb_size);
		}
	}
}

/** Free what a run left. */
void
replay_end(const struct replay_trace *rt, replay_free_t *release,
    struct replay_block *blocks)
{
	u_long i;

	for (i = 0; i < rt->rt_allocs; i++)
		if (blocks[i].rb_addr != NULL) {
			(*release)(blocks[i].rb_addr, blocks[i].rb_type);
			blocks[i].rb_addr = NULL;
		}
}

/** All of it: open, check, run, end. */
const char *
replay(const unsigned char *trace, u_long length, replay_alloc_t *alloc,
    replay_free_t *release, struct replay_block *blocks, int touch,
    struct replay_counts *rc)
{
	struct replay_trace rt;
	const char *wrong;

	wrong = replay_open(trace, length, &rt);
	if (wrong == NULL)
		wrong = replay_check(&rt, blocks);
	if (wrong != NULL)
		return (wrong);
	replay_run(&rt, alloc, release, blocks, touch, rc);
	replay_end(&rt, release, blocks);
	return (NULL);
}
