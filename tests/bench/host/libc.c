/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The C library's malloc, or that of a library loaded before it.
 */
#define	_GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"

bench_alloc_t *bench_alloc;
bench_free_t *bench_free;

/* The symbol's address, if it is that library's. */
static void *
find(const char *symbol, const char *library, const char **where)
{
	Dl_info di;
	void *p;

	p = dlsym(RTLD_DEFAULT, symbol);
	*where = "nowhere";
	if (p == NULL || dladdr(p, &di) == 0)
		return (NULL);
	*where = di.dli_fname;
	return (strstr(di.dli_fname, library) != NULL ? p : NULL);
}

const char *
bench_start(const char *name)
{
	static char why[400];
	const char *where;

	bench_alloc = (bench_alloc_t *)find("malloc", name, &where);
	if (bench_alloc != NULL)
		bench_free = (bench_free_t *)find("free", name, &where);
	if (bench_free != NULL)
		return (NULL);
	snprintf(why, sizeof(why), "malloc is to be %s's, and is found in %s",
	    name, where);
	return (why);
}

void *
bench_page_get(void)
{

	return (NULL);
}

void
bench_page_put(void *p)
{

	(void)p;
}
