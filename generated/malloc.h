/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file malloc.h
 * The kernel memory allocator: malloc(9).
 */
#ifndef _MALLOC_H_
#define	_MALLOC_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long u_long;	/**< A number of bytes, or of things. */

/* Beside the C library's malloc: include this header last. */
#if __STDC_HOSTED__
#define	malloc	kern_malloc
#define	free	kern_free
#endif

/* Flags. */
#define	M_WAITOK	0x0000	/**< May sleep until memory is there. */
#define	M_NOWAIT	0x0001	/**< Never sleep; null if there is none. */
#define	M_ZERO_IT	0x0002	/**< Fill the block with zeros. */
#define	M_ZERO		M_ZERO_IT	/**< Another name for it. */
#define	M_SPACE_ONLY	0x0004	/**< kmem_alloc: address space only. */
#define	M_IO		0x0018	/**< kmem_alloc: mask of the I/O classes. */
#define	M_IO1		0x0008	/**< kmem_alloc: a device reaches it, 1. */
#define	M_IO2		0x0010	/**< kmem_alloc: a device reaches it, 2. */
#define	M_IO3		0x0018	/**< kmem_alloc: a device reaches it, 3. */

/* Types: what a block is for, and whose account is charged. */
#define	M_FREE		0	/**< Not a type: what a free block has. */
#define	M_MBUF		1	/**< Network buffers. */
#define	M_DEVBUF	2	/**< Device drivers' memory. */
#define	M_SOCKET	3	/**< Sockets. */
#define	M_PCB		4	/**< Protocol control blocks. */
#define	M_RTABLE	5	/**< Routing tables. */
#define	M_HTABLE	6	/**< IMP host tables. */
#define	M_FTABLE	7	/**< Fragment reassembly headers. */
#define	M_ZOMBIE	8	/**< Status of exited processes. */
#define	M_IFADDR	9	/**< Interface addresses. */
#define	M_SOOPTS	10	/**< Socket options. */
#define	M_SONAME	11	/**< Socket names. */
#define	M_NAMEI		12	/**< Path names. */
#define	M_GPROF		13	/**< Kernel profiling buffers. */
#define	M_IOCTLOPS	14	/**< Arguments of ioctl. */
#define	M_SUPERBLK	15	/**< Superblocks. */
#define	M_CRED		16	/**< Credentials. */
#define	M_PGRP		17	/**< Process groups. */
#define	M_SESSION	18	/**< Sessions. */
#define	M_IOV		19	/**< Large scatter/gather lists. */
#define	M_MOUNT		20	/**< Mounted file systems. */
#define	M_FHANDLE	21	/**< Network file handles. */
#define	M_NFSREQ	22	/**< NFS requests. */
#define	M_NFSMNT	23	/**< NFS mounts. */
#define	M_VNODE		24	/**< Vnodes. */
#define	M_CACHE		25	/**< The name cache. */
#define	M_DQUOT		26	/**< Disk quotas. */
#define	M_UFSMNT	27	/**< UFS mounts. */
#define	M_MAPMEM	28	/**< Memory mapped by a process. */
#define	M_SHM		29	/**< Shared memory segments. */
#define	M_VMMAP		30	/**< Address-space maps. */
#define	M_VMMAPENT	31	/**< Entries of those maps. */
#define	M_VMOBJ		32	/**< Memory objects. */
#define	M_VMOBJHASH	33	/**< The hash of those objects. */
#define	M_VMPMAP	34	/**< Page tables' bookkeeping. */
#define	M_VMPVENT	35	/**< Physical-to-virtual entries. */
#define	M_VMPAGER	36	/**< Pagers. */
#define	M_VMPGDATA	37	/**< Pagers' private data. */
#define	M_FILE		38	/**< Open files. */
#define	M_FILEDESC	39	/**< Tables of descriptors. */
#define	M_LOCKF		40	/**< Byte-range locks. */
#define	M_PROC		41	/**< Processes. */
#define	M_SUBPROC	42	/**< Parts of processes. */
#define	M_TEMP		49	/**< Anything short-lived. */
#define	M_LAST		50	/**< One past the last fixed type. */
#define	MTYPES		128	/**< Types in all; numbers are below it. */

struct kmemwait;

/** The account of one type.  Bytes are those of the blocks handed out,
 * that is, requests rounded up to their size class.  (Its size is a power
 * of two, for which an index is a shift.) */
struct kmemstats {
	u_long	ks_memuse;	/**< Bytes charged: in use, or waited for. */
	u_long	ks_bound;	/**< Charged up to here without a question. */
	u_long	ks_inuse;	/**< Blocks in use. */
	u_long	ks_limit;	/**< Bytes that may be in use. */
	u_long	ks_calls;	/**< Requests granted, ever. */
	u_long	ks_maxused;	/**< Most bytes charged at a grant. */
	u_long	ks_limblocks;	/**< Times refused or blocked: the limit. */
	u_long	ks_mapblocks;	/**< Times refused or blocked: memory. */
	const char *ks_shortdesc; /**< Name; null where there is no type. */
	struct kmemwait *ks_waitq; /**< M_WAITOK requests, oldest first. */
} __attribute__((aligned(16 * sizeof(void *))));

extern struct kmemstats kmemstats[MTYPES];	/**< Index: a type. */

/* Size classes: indexes of bucket[]. */
#define	NFRAGMENT	22	/**< Classes smaller than a page. */
#define	NRUN		16	/**< Classes of 1, 2, ... 16 pages. */
#define	LARGE		(NFRAGMENT + NRUN)	/**< Anything larger. */
#define	NBUCKETS	(LARGE + 1)		/**< Classes in all. */
struct kmemusage;

/** The account of one size class, and its pages. */
struct kmembuckets {
	u_long	kb_size;	/**< Bytes in a block; 0 for LARGE. */
	u_long	kb_elmperpg;	/**< Blocks cut from a page (or run). */
	u_long	kb_total;	/**< Blocks, in use and free. */
	u_long	kb_totalfree;	/**< Free blocks, the stock's apart. */
	u_long	kb_highwat;	/**< Of those, blocks to keep. */
	u_long	kb_pages;	/**< Pages that the class holds. */
	u_long	kb_returned;	/**< Pages given back to kmem, ever. */
	struct kmemusage *kb_partial; /**< Pages partly free. */
	struct kmemusage *kb_empty; /**< Pages, or runs, wholly free. */
};

extern struct kmembuckets bucket[NBUCKETS];	/**< Index: a size class. */

#define	STOCKMAX	24	/**< Blocks in a stock, at most. */

/** The stock of one size class: free blocks at hand.  Its size is a power
 * of two, for which an index is a shift. */
struct kmemstock {
	unsigned int sk_nblocks; /**< How many there are. */
	unsigned int sk_most;	/**< How many to keep; 0: no stock. */
	u_long	sk_size;	/**< Bytes in a block, as charged. */
	unsigned int sk_recip;	/**< 2 to the 32nd power, over sk_size. */
	unsigned int sk_last;	/**< See starts_block in malloc.c. */
	u_long	sk_calls;	/**< Requests granted, ever. */
	void	*sk_block[STOCKMAX + 1]; /**< Their addresses. */
} __attribute__((aligned(32 * sizeof(void *))));

extern struct kmemstock kmemstock[];	/**< Index: a size class. */


/** Allocate memory for the kernel.
 * @param size	bytes wanted; 0 gives a distinct smallest block
 * @param type	M_MBUF ... : whose account is charged
 * @param flags	M_WAITOK or M_NOWAIT, perhaps with M_ZERO_IT
 * @return the block, aligned to 16 bytes and better; null where the
 *	request cannot be met (with M_WAITOK: can never be met)
 *
 * Level: any up to splimp, unchanged on return.  M_WAITOK may sleep, and
 * from an interrupt handler is a panic.  Clauses: M-SIZE to M-LIMIT. */
void	*malloc(u_long size, int type, int flags);

/** Give a block back.
 * @param addr	what malloc returned; null does nothing
 * @param type	the type that it was allocated with
 *
 * Panics, changing nothing, where addr is no such block.
 * Level: any up to splimp, unchanged.  Never sleeps.
 * Clauses: M-FREE, M-SURPLUS, M-BADFREE, M-LEVEL, M-BOUND. */
void	free(void *addr, int type);

/** Make a type at run time.
 * @param name	a short printable name, which must outlive the type
 * @param limit	bytes it may hold; 0 means the default limit
 * @return the type's number, or -1 where none is left
 *
 * Level: any up to splimp.  Clause: M-TYPE. */
int	malloc_type_attach(const char *name, u_long limit);

/** End a type made by malloc_type_attach.  Panics while blocks of it
 * live or are waited for.  Level: any up to splimp.  Clause: M-TYPE. */
void	malloc_type_detach(int type);

/** Set the bytes that a type may hold.  Below present use it stops
 * grants until use has fallen; waiting requests are examined again.
 * Panics where there is no such type.  Level: any up to splimp.
 * Clauses: M-LIMIT, M-FIFO. */
void	malloc_type_setlimit(int type, u_long limit);

/** Start malloc: make kmem_map and the books.  Once, after kmem_init;
 * panics where memory does not suffice for the books. */
void	kmeminit(void);

/** Empty the stocks, and give every page of the pool that is then wholly
 * free back to kmem.
 * @return pages given back
 *
 * kmem calls it before it refuses or sleeps.  Level: any up to splimp.
 * Clause: M-RECLAIM. */
u_long	malloc_reclaim(void);

/** Free blocks of a class, in its pages and in its stock.
 * @param indx	the class, an index of bucket[]
 * Level: any up to splimp.  Clause: M-STATS. */
u_long	malloc_freeblocks(int indx);

/** Print what vmstat -m prints: by size, by type, and in all.
 * @param pr	prints one piece, as printf does
 * Level: any up to splimp.  Clause: M-VMSTAT. */
void	malloc_vmstat(int (*pr)(const char *, ...));

/** Check every invariant of the pool; at rest, between calls.
 * @param pr	prints a line for each thing found wrong
 * @return how many things are wrong: 0
 *
 * Level: any up to splimp.  Clause: M-STATS. */
int	malloc_check(int (*pr)(const char *, ...));

/** What is known of the page that holds an address of the arena. */
struct malloc_page {
	int	mp_class;	/**< Size class; -1: not malloc's page. */
	u_long	mp_npages;	/**< Pages in its run, from the first. */
	u_long	mp_first;	/**< Address of the run's first page. */
	u_long	mp_blocks;	/**< Blocks in the page (or run). */
	u_long	mp_free;	/**< Those that are free, not in a stock. */
};

/** Look at a page.
 * @return 1, or 0 where addr is outside the arena
 * Level: any up to splimp. */
int	malloc_page(u_long addr, struct malloc_page *mp);

extern char *kmembase;	/**< The arena's first byte. */
extern char *kmemlimit;	/**< The byte after its last. */

/** malloc, as a statement: space = (cast)malloc(size, type, flags). */
#define	MALLOC(space, cast, size, type, flags) \
	(space) = (cast)malloc((u_long)(size), (type), (flags))
/** free, for an address of any type. */
#define	FREE(addr, type) \
	free((void *)(addr), (type))

#ifdef __cplusplus
}
#endif
#endif /* !_MALLOC_H_ */
