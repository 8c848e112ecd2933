/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file trace.c
 * The test kernel serves a recorded demand.
 */
#include <stddef.h>

#include "kern.h"
#include "i386.h"
#include "monitor.h"
#include "replay.h"
#include "kmem.h"
#include "malloc.h"

static struct replay_trace rt;
static struct replay_block *blocks;
static struct replay_counts counts;

/* For each type: what the replay got, and what malloc's account says. */
static struct account {
	u_long	a_granted, a_live;
	u_long	a_calls, a_inuse;	/* How much they rose. */
} accounts[M_LAST];
static u_long pages, mostpages;		/* Wired: at the start, at most. */
static int replaying;			/* The process has not ended. */
static int overdue;			/* It slept; nobody waits for it. */

static void *
serve_alloc(u_long size, int type, int flags)
{
	void *p;

	p = malloc(size, type, flags);
	if (p != NULL) {
		accounts[type].a_granted++;
		accounts[type].a_live++;
	}
	if (cnt.v_wire_count > mostpages)
		mostpages = cnt.v_wire_count;
	return (p);
}

static void
serve_free(void *p, int type)
{
	accounts[type].a_live--;
	free(p, type);
}

static void
clear_accounts(void)
{
	static const struct account none;
	int t;

	for (t = 0; t < M_LAST; t++)
		accounts[t] = none;
}

/* Called before and after, from zero: leaves how much each account rose. */
static void
read_accounts(void)
{
	int t;

	for (t = 0; t < M_LAST; t++) {
		accounts[t].a_calls = kmemstats[t].ks_calls -
		    accounts[t].a_calls;
		accounts[t].a_inuse = kmemstats[t].ks_inuse -
		    accounts[t].a_inuse;
	}
}

/* Of a record for each block; at least of one. */
static vm_size_t
record_bytes(void)
{
	return ((rt.rt_allocs + 1) * sizeof(*blocks));
}

static void
end_replay(void)
{
	replay_end(&rt, serve_free, blocks);
	kmem_free(kernel_map, (vm_offset_t)blocks, record_bytes());
	blocks = NULL;
}

/* The process that makes the calls, and touches each block. */
static void
replayer(void *unused)
{
	(void)unused;
	read_accounts();
	pages = mostpages = cnt.v_wire_count;
	replay_run(&rt, serve_alloc, serve_free, blocks, 1, &counts);
	read_accounts();
	replaying = 0;
	if (overdue)
		end_replay();
}

/* A type's account, if it had a part in it.  Returns 1 if it is wrong. */
static int
account_wrong(int t)
{
	const struct account *a = &accounts[t];

	if (a->a_granted == 0 ||
	    (a->a_granted == a->a_calls && a->a_live == a->a_inuse))
		return (0);
	printf("  %s: granted %lu, left %lu; its account rose by %lu, %lu"
	    "  FAILED\n", kmemstats[t].ks_shortdesc, a->a_granted,
	    a->a_live, a->a_calls, a->a_inuse);
	return (1);
}

/* A row of two numbers that should be the same.  Returns 1 if not. */
static int
row(const char *what, u_long recorded, u_long replayed)
{
	printf("  %-28s %12lu %12lu%s\n", what, recorded, replayed,
	    recorded != replayed ? "  FAILED" : "");
	return (recorded != replayed);
}

/* Show the replay beside the trace.  Returns how much differs. */
static int
compare(void)
{
	u_long calls, inuse;
	int t, bad;

	printf("  %-28s %12s %12s\n", "", "recorded", "replayed");
	bad = row("allocations", rt.rt_allocs,
	    counts.rc_allocs - counts.rc_refused);
	bad += row("frees", rt.rt_frees, counts.rc_frees);
	bad += row("most bytes asked for, live", rt.rt_maxbytes,
	    counts.rc_maxbytes);
	bad += row("most blocks, live", rt.rt_maxlive, counts.rc_maxlive);
	accounts[M_VMMAPENT].a_calls = accounts[M_VMMAPENT].a_granted;
	accounts[M_VMMAPENT].a_inuse = accounts[M_VMMAPENT].a_live;
	calls = inuse = 0;
	for (t = 0; t < M_LAST; t++) {
		calls += accounts[t].a_granted != 0 ? accounts[t].a_calls : 0;
		inuse += accounts[t].a_granted != 0 ? accounts[t].a_inuse : 0;
		bad += account_wrong(t);
	}
	bad += row("requests, by malloc's books", rt.rt_allocs, calls);
	bad += row("in use after it, likewise", rt.rt_allocs - rt.rt_frees,
	    inuse);
	printf("at most %lu pages were in use for it, %lu KB\n",
	    mostpages - pages, (mostpages - pages) * (PAGE_SIZE / 1024));
	return (bad);
}

/* What a replay that sleeps is waiting for. */
static const char *
what_lacks(void)
{
	int t;

	for (t = 0; t < M_LAST; t++)
		if (accounts[t].a_granted != 0 &&
		    kmemstats[t].ks_waitq != NULL)
			return ("room under its type's limit");
	return ("memory");
}

/** Replay the trace that came with the kernel.  In a process, level 0.
 * @return 0 where it agrees with what was recorded */
int
trace_replay(void)
{
	const char *name = boot_option("trace");
	const char *wrong;
	int failed;

	if (boot_file == NULL || replaying) {
		printf("trace: %s\n", replaying ?
		    "the last replay still waits (see ps)" :
		    "no file came with the kernel (make run TRACE=FILE)");
		return (1);
	}
	if (name == NULL || *name == '\0')
		name = "trace";
	wrong = replay_open(boot_file, boot_filesize, &rt);
	if (wrong == NULL) {
		blocks = (struct replay_block *)kmem_alloc(kernel_map,
		    record_bytes(), M_NOWAIT);
		if (blocks == NULL)
			wrong = "this machine has no room for so many blocks";
	}
	if (wrong == NULL && (wrong = replay_check(&rt, blocks)) != NULL)
		kmem_free(kernel_map, (vm_offset_t)blocks, record_bytes());
	if (wrong != NULL) {
		printf("%s: %s\n", name, wrong);
		return (1);
	}
	clear_accounts();
	if (proc_create("replay", replayer, NULL) < 0) {
		kmem_free(kernel_map, (vm_offset_t)blocks, record_bytes());
		printf("trace: there is no memory for a process\n");
		return (1);
	}
	replaying = 1;
	overdue = 0;
	proc_settle();
	if (replaying) {
		overdue = 1;
		printf("trace: after %lu of %lu allocations it sleeps for %s "
		    "that nobody will free\n", counts.rc_allocs, rt.rt_allocs,
		    what_lacks());
		return (1);
	}
	printf("trace: %s, %lu bytes\n", name, boot_filesize);
	failed = compare();
	malloc_vmstat(printf);
	end_replay();
	failed += malloc_check(printf);
	failed += kmem_check(kernel_map, printf);
	failed += kmem_check(kmem_map, printf);
	printf("trace: %s\n", failed ? "FAILED" : "as it was recorded");
	return (failed);
}
