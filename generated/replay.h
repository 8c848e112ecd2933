/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file replay.h
 * Traces of allocations, read and replayed.
 */
#ifndef _REPLAY_H_
#define	_REPLAY_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long u_long;	/**< A number of bytes, or of things. */

/** A trace in memory, as its header tells of it. */
struct replay_trace {
	u_long	rt_allocs;	/**< Allocations, */
	u_long	rt_frees;	/**< and frees. */
	u_long	rt_maxbytes;	/**< Most bytes live, as asked for, */
	u_long	rt_maxlive;	/**< and most blocks. */
	int	rt_type;	/**< Type of all blocks; 0: each its own. */
	const unsigned char *rt_first;	/**< The first record. */
	const unsigned char *rt_end;	/**< What is behind the last. */
};

/** Read a trace's header.
 * @param trace	the trace, which is to stay in memory
 * @param length	bytes of it
 * @param rt	gets what the header tells
 * @return null, or what is wrong */
const char *replay_open(const unsigned char *trace, u_long length,
	    struct replay_trace *rt);

/** A block of a replay; there is one for each allocation. */
struct replay_block {
	void	*rb_addr;	/**< Where it is; null: refused, or freed. */
	unsigned int rb_size;	/**< Bytes asked for. */
	short	rb_type;	/**< Its type. */
};

/** What a replay did. */
struct replay_counts {
	u_long	rc_allocs;	/**< Blocks asked for, */
	u_long	rc_refused;	/**< those that there was no memory for, */
	u_long	rc_frees;	/**< and those that were freed. */
	u_long	rc_live;	/**< Blocks live, */
	u_long	rc_maxlive;	/**< and the most there were. */
	u_long	rc_bytes;	/**< Their bytes, as asked for, */
	u_long	rc_maxbytes;	/**< and the most. */
};

/** Read all of a trace, and allocate nothing.
 * @param rt	as replay_open left it
 * @param blocks	room for rt_allocs
 * @return null, or what is wrong: then it must not be run */
const char *replay_check(const struct replay_trace *rt,
	    struct replay_block *blocks);

/** malloc, or another with its arguments. */
typedef void	*replay_alloc_t(u_long size, int type, int flags);
/** free, or another. */
typedef void	replay_free_t(void *addr, int type);

/** Make the calls of a trace that replay_check found whole.
 * @param rt	as replay_open left it
 * @param alloc	malloc, or another with its arguments
 * @param release	free, or another
 * @param blocks	room for rt_allocs
 * @param touch	whether each block is written to, all of it
 * @param rc	gets what was done
 *
 * Blocks that the trace does not free stay live: replay_end frees them.
 * Level: that of the allocator. */
void	replay_run(const struct replay_trace *rt, replay_alloc_t *alloc,
	    replay_free_t *release, struct replay_block *blocks, int touch,
	    struct replay_counts *rc);

/** Free what a run left. */
void	replay_end(const struct replay_trace *rt, replay_free_t *release,
	    struct replay_block *blocks);

/** All of it: open, check, run, end.
 * @param trace, length	as for replay_open
 * @param blocks	room for as many as the header counts allocations
 * @param alloc, release, touch, rc	as for replay_run
 * @return null, or what is wrong: then nothing was allocated */
const char *replay(const unsigned char *trace, u_long length,
	    replay_alloc_t *alloc, replay_free_t *release,
	    struct replay_block *blocks, int touch,
	    struct replay_counts *rc);

#ifdef __cplusplus
}
#endif
#endif /* !_REPLAY_H_ */
