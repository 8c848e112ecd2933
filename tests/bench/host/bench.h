/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The benchmark on the host: one program, bench.c, for every allocator.
 * With OURS it calls malloc(9), else what goes by the names of the C
 * library.  Each is called through a pointer, and with its own arguments.
 */
#ifndef _BENCH_H_
#define	_BENCH_H_

#include <stddef.h>

#ifdef OURS
typedef void *bench_alloc_t(unsigned long, int, int);
typedef void bench_free_t(void *, int);
#define	GET(fn, size, type, flags)	(*(fn))((size), (type), (flags))
#define	GIVE(fn, p, type)		(*(fn))((p), (type))
#else
typedef void *bench_alloc_t(size_t);
typedef void bench_free_t(void *);
#define	GET(fn, size, type, flags)	\
	((void)(type), (void)(flags), (*(fn))(size))
#define	GIVE(fn, p, type)		((void)(type), (*(fn))(p))
#endif

extern bench_alloc_t *bench_alloc;
extern bench_free_t *bench_free;

/* Find the allocator that is to serve; null, or a line that says why it
 * does not.  name: a part of the library's name. */
const char *bench_start(const char *name);

/* Pages that it counts as taken itself, when what it gave back has gone, and
 * those that it holds against its own rule; -1: it does not tell. */
#ifdef OURS
long	bench_pages(void);
long	bench_surplus(void);
#else
static inline long
bench_pages(void)
{

	return (-1);
}

static inline long
bench_surplus(void)
{

	return (-1);
}
#endif

/* A page from below the allocator, and back. */
void	*bench_page_get(void);
void	bench_page_put(void *);

#endif /* !_BENCH_H_ */
