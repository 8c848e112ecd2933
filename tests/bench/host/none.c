/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * No allocator: every block is the same one.  What the loops cost alone; and
 * what Linux takes for a page.
 */
#include <sys/mman.h>
#include "bench.h"

static char block[64 * 1024] __attribute__((aligned(64)));

static void *
none_alloc(size_t size)
{

	(void)size;
	return (block);
}

static void
none_free(void *p)
{

	(void)p;
}

bench_alloc_t *bench_alloc = none_alloc;
bench_free_t *bench_free = none_free;

const char *
bench_start(const char *name)
{

	(void)name;
	return (NULL);
}

void *
bench_page_get(void)
{
	void *p;

	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);
	return (p == MAP_FAILED ? NULL : p);
}

void
bench_page_put(void *p)
{

	munmap(p, 4096);
}
