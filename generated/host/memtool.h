/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file host/memtool.h
 * What is told to a tool that watches this program's memory: to
 * AddressSanitizer with -DASAN, to Valgrind's memcheck with -DMEMCHECK.
 */
#ifndef _MEMTOOL_H_
#define	_MEMTOOL_H_

#if defined(ASAN)
#include <sanitizer/asan_interface.h>

#define	MEMTOOL_FETCH(va, bytes)	\
	ASAN_POISON_MEMORY_REGION((void *)(va), (bytes))
#define	MEMTOOL_GRANT(va, size)		\
	ASAN_UNPOISON_MEMORY_REGION((va), (size))
#define	MEMTOOL_FREE(va, bytes)		\
	ASAN_POISON_MEMORY_REGION((va), (bytes))
#define	MEMTOOL_RETURN(va, bytes)	\
	ASAN_UNPOISON_MEMORY_REGION((va), (bytes))
#define	MEMTOOL_FORGET(va, bytes)	\
	ASAN_UNPOISON_MEMORY_REGION((void *)(va), (bytes))
#define	MEMTOOL_BLIND	__attribute__((no_sanitize_address))
#elif defined(MEMCHECK)
#include <valgrind/memcheck.h>

#define	MEMTOOL_FETCH(va, bytes)	\
	((void)VALGRIND_MAKE_MEM_NOACCESS((va), (bytes)))
#define	MEMTOOL_GRANT(va, size)		\
	VALGRIND_MALLOCLIKE_BLOCK((va), (size), 0, 0)
#define	MEMTOOL_FREE(va, bytes)		\
	VALGRIND_FREELIKE_BLOCK((va), 0)
#define	MEMTOOL_RETURN(va, bytes)	\
	((void)VALGRIND_MAKE_MEM_UNDEFINED((va), (bytes)))
#define	MEMTOOL_FORGET(va, bytes) do {	\
	if ((bytes) != 0) { \
		VALGRIND_CREATE_MEMPOOL_EXT((va), 0, 0, \
		    VALGRIND_MEMPOOL_METAPOOL | VALGRIND_MEMPOOL_AUTO_FREE); \
		VALGRIND_MEMPOOL_ALLOC((va), (va), (bytes)); \
		VALGRIND_MEMPOOL_FREE((va), (va)); \
		VALGRIND_DESTROY_MEMPOOL((va)); \
	} \
} while (0)
#define	MEMTOOL_QUIET()	VALGRIND_DISABLE_ERROR_REPORTING
#define	MEMTOOL_LOUD()	VALGRIND_ENABLE_ERROR_REPORTING
#define	MEMTOOL_MAPS	30000UL		/* that it keeps, with its own */
#endif

#ifndef MEMTOOL_FORGET
/** The kernel's addresses from va on: what was said of them is over. */
#define	MEMTOOL_FORGET(va, bytes)	((void)0)
#endif
#ifndef MEMTOOL_BLIND
/** Of a function: what it touches is not looked at. */
#define	MEMTOOL_BLIND
#endif
#ifndef MEMTOOL_QUIET
#define	MEMTOOL_QUIET()			((void)0) /**< No reports, */
#define	MEMTOOL_LOUD()			((void)0) /**< or some again. */
#endif
#ifndef MEMTOOL_MAPS
#define	MEMTOOL_MAPS			(~0UL)	/**< Mappings, at most. */
#endif

#endif /* !_MEMTOOL_H_ */
