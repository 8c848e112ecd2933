/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file malloc.c
 * The kernel memory allocator: malloc(9).
 *
 * Everything here is protected by splimp.  Nothing is held across a call
 * of kmem, a sleep, or the zeroing of a block.
 */
#include "machine.h"
#include "kmem.h"
#include "malloc.h"	/* it may rename malloc and free */
#define	WITNESS_LOCK	WITNESS_MALLOC
#include "witness.h"	/* last: it may rename splimp, splx and tsleep */

#if defined(ASAN) || defined(MEMCHECK)
#include "host/memtool.h"
#else
#define	MEMTOOL_FETCH(va, bytes)	((void)0)
#define	MEMTOOL_GRANT(va, size)		((void)0)
#define	MEMTOOL_FREE(va, bytes)		((void)0)
#define	MEMTOOL_RETURN(va, bytes)	((void)0)
#endif

#ifdef DIAGNOSTIC
unsigned int witness_held;
#endif

#define	MINSHIFT	4			/* log2 of the smallest block */
#define	MINBLOCK	(1UL << MINSHIFT)	/* and of every alignment */

static const unsigned short fragsize[NFRAGMENT] = {
	  16,   32,   48,   64,   80,   96,  112,  128,
	 160,  192,  224,  256,  320,  384,  448,  512,
	 640,  768,  896, 1024, 1360, 2048
};

#define	STOCKAT(indx)	((indx) * sizeof(struct kmemstock))
#define	CLASSAT(at)	((int)((at) / sizeof(struct kmemstock)))
#define	STOCK(at)	((struct kmemstock *)((char *)kmemstock + (at)))

struct kmembuckets bucket[NBUCKETS];
static unsigned short sizestock[(PAGE_SIZE >> MINSHIFT) + 1];
#define	SIZESTOCK(size) \
	sizestock[((size) + MINBLOCK - 1) >> MINSHIFT]

/*
 * The size class of a request, by table and shift; no search.
 */
static inline int
classof(u_long size)
{
	if (size <= PAGE_SIZE)
		return (CLASSAT(SIZESTOCK(size)));
	if (size <= NRUN * PAGE_SIZE)
		return (NFRAGMENT + ((size - 1) >> PAGE_SHIFT));
	return (LARGE);
}

/*
 * Bytes of the block that serves a request of this class and size.
 */
static inline u_long
blockbytes(int indx, u_long size)
{
	return (indx == LARGE ? round_page(size) : bucket[indx].kb_size);
}

struct kmemstock kmemstock[NBUCKETS + 2];

/*
 * Number of the block that the byte at this offset of a page is in.
 */
static inline unsigned int
blockno(int indx, u_long offset)
{
	return ((unsigned long long)offset * kmemstock[indx].sk_recip >> 32);
}

/*
 * Does a block of the class start at this offset of a page?
 */
static inline int
starts_block(const struct kmemstock *sk, u_long offset)
{
	return ((unsigned int)offset * sk->sk_recip <= sk->sk_last);
}

#define	STOCKBYTES	8192	/* that a stock may hold */

/*
 * Describe the blocks of a class for its stock, which is empty.  `unit'
 * is a block's bytes or, in a run, a page's.
 */
static void
init_stock(int indx, unsigned int unit)
{
	struct kmemstock *sk = &kmemstock[indx];

	sk->sk_size = bucket[indx].kb_size;
	sk->sk_most = STOCKBYTES / sk->sk_size;
	if (sk->sk_most > STOCKMAX)
		sk->sk_most = STOCKMAX;
	sk->sk_recip = ~0U / unit + 1;
	sk->sk_last = (bucket[indx].kb_elmperpg - 1) * (unit * sk->sk_recip);
}

#define	KEEPPAGES	5	/* free pages' worth that a class keeps */

/*
 * Fill the tables above; bucket[] begins with no page in any class.
 */
static void
init_classes(void)
{
	u_long size;
	int i;

	bzero(kmemstock, sizeof(kmemstock));
	bzero(bucket, sizeof(bucket));
	for (i = 0; i < NFRAGMENT; i++) {
		bucket[i].kb_size = fragsize[i];
		bucket[i].kb_elmperpg = PAGE_SIZE / fragsize[i];
		bucket[i].kb_highwat = KEEPPAGES * bucket[i].kb_elmperpg;
		init_stock(i, fragsize[i]);
	}

	for (i = 1; i <= NRUN; i++) {
		bucket[NFRAGMENT + i - 1].kb_size = i * PAGE_SIZE;
		bucket[NFRAGMENT + i - 1].kb_elmperpg = 1;
		bucket[NFRAGMENT + i - 1].kb_highwat =
		    i < KEEPPAGES ? KEEPPAGES / i : 1;
		init_stock(NFRAGMENT + i - 1, PAGE_SIZE);
	}

	bucket[LARGE].kb_elmperpg = 1;
	for (i = 0, size = 0; size <= PAGE_SIZE; size += MINBLOCK) {
		if (i < NFRAGMENT && size > fragsize[i])
			i++;
		sizestock[size >> MINSHIFT] = STOCKAT(i);
	}
	for (i = LARGE; i < NBUCKETS + 2; i++) {
		kmemstock[i].sk_size = ~0UL;
		kmemstock[i].sk_recip = kmemstock[LARGE - 1].sk_recip;
	}
}

#define	RARELY(cond)	__builtin_expect((cond) != 0, 0)
#define	KEEP(ptr)	__asm__ ("" : "+r" (ptr))

#define	FREEWORDS	(PAGE_SIZE / MINBLOCK / 32)	/* 8 */
#define	KU_NONE		NBUCKETS	/* class: not malloc's page */
#define	KU_INSIDE	(NBUCKETS + 1)	/* a run's second, third, ... */

/* What is known of a page of the arena. */
struct kmemusage {
	struct kmemusage *ku_next, *ku_prev;	/* on a list of its class */
	unsigned int ku_npages;		/* pages in the run; or, INSIDE, */
					/* pages back to its first */
	unsigned short ku_freecnt;	/* free blocks */
	unsigned short ku_words;	/* which of these words are not 0 */
	unsigned int ku_free[FREEWORDS]; /* a bit set for each free block */
};

char *kmembase, *kmemlimit;		/* the arena */
static struct kmemusage *kmemusage;	/* a descriptor for each page */
static unsigned short *kmemclass; /* and where its class's stock is */
#define	CLASS(kup)		CLASSAT(kmemclass[(kup) - kmemusage])
#define	SETCLASS(kup, indx) \
	(kmemclass[(kup) - kmemusage] = STOCKAT(indx))

/*
 * From an address of the arena to its page's descriptor, and back to the
 * page's first byte.
 */
static inline struct kmemusage *
descriptor(const void *addr)
{
	return (&kmemusage[((const char *)addr - kmembase) >> PAGE_SHIFT]);
}

static inline char *
pageaddr(const struct kmemusage *kup)
{
	return (kmembase + ((u_long)(kup - kmemusage) << PAGE_SHIFT));
}

/*
 * Bytes of a block of the class in the page, or run, so described.
 */
static inline u_long
pagebytes(int indx, const struct kmemusage *kup)
{
	return (blockbytes(indx, (u_long)kup->ku_npages << PAGE_SHIFT));
}

#ifdef DIAGNOSTIC
static unsigned char *kmemtag;	/* type of each block; M_FREE while free */
#define	TAG(addr)	kmemtag[((char *)(addr) - kmembase) >> MINSHIFT]
#define	SETTAG(addr, type)	(TAG(addr) = (type))
#define	TAGGED(addr, type)	(TAG(addr) == (type))
#define	TAGGED_FREE(addr)	(TAG(addr) == M_FREE)
#else
#define	SETTAG(addr, type)	((void)0)
#define	TAGGED(addr, type)	1
#define	TAGGED_FREE(addr)	0
#endif

/*
 * Put a page on a list, and take it off.  At splimp.
 */
static void
list_insert(struct kmemusage **head, struct kmemusage *kup)
{
	kup->ku_prev = NULL;
	kup->ku_next = *head;
	if (*head != NULL)
		(*head)->ku_prev = kup;
	*head = kup;
}

static void
list_remove(struct kmemusage **head, struct kmemusage *kup)
{
	if (kup->ku_next != NULL)
		kup->ku_next->ku_prev = kup->ku_prev;
	if (kup->ku_prev != NULL)
		kup->ku_prev->ku_next = kup->ku_next;
	else
		*head = kup->ku_next;
}

/*
 * Take an empty page out of its class, for give_back; null if it has
 * none.  From now on it is malloc's no more.  At splimp; constant time.
 */
static struct kmemusage *
detach_page(struct kmembuckets *kbp)
{
	struct kmemusage *kup;

	kup = kbp->kb_empty;
	if (kup == NULL)
		return (NULL);
	list_remove(&kbp->kb_empty, kup);
	SETCLASS(kup, KU_NONE);
	kbp->kb_total -= kbp->kb_elmperpg;
	kbp->kb_totalfree -= kbp->kb_elmperpg;
	kbp->kb_pages -= kup->ku_npages;
	kbp->kb_returned += kup->ku_npages;
	return (kup);
}

/*
 * A page of the class that has a free block, best not a whole one, on
 * the list of partly free pages; null if there is none.  At splimp.
 */
static struct kmemusage *
page_to_take_from(struct kmembuckets *kbp)
{
	struct kmemusage *kup;

	kup = kbp->kb_partial;
	if (kup == NULL && (kup = kbp->kb_empty) != NULL) {
		list_remove(&kbp->kb_empty, kup);
		list_insert(&kbp->kb_partial, kup);
	}
	return (kup);
}

/*
 * Take free blocks from a page into a stock, until it has `most' or the
 * page has none.  At splimp.
 */
static void
take_blocks(struct kmembuckets *kbp, struct kmemusage *kup,
    struct kmemstock *sk, unsigned int most)
{
	unsigned int bits, n, w;
	u_long size = sk->sk_size;
	char *va;

	n = sk->sk_nblocks;
	do {
		w = __builtin_ctz(kup->ku_words);
		va = pageaddr(kup) + w * 32 * size;
		bits = kup->ku_free[w];
		do {
			sk->sk_block[n++] = va + __builtin_ctz(bits) * size;
			bits &= bits - 1;
		} while (bits != 0 && n < most);
		kup->ku_free[w] = bits;
		if (bits == 0)
			kup->ku_words &= kup->ku_words - 1;
	} while (n < most && kup->ku_words != 0);
	kbp->kb_totalfree -= n - sk->sk_nblocks;
	kup->ku_freecnt -= n - sk->sk_nblocks;
	sk->sk_nblocks = n;
	if (kup->ku_freecnt == 0)
		list_remove(&kbp->kb_partial, kup);
}

/*
 * Put a block back.  Returns a page, or run, that its class should give
 * back to kmem, already taken out of the class; or null.  At splimp.
 */
static inline struct kmemusage *
put_block(struct kmembuckets *kbp, struct kmemusage *kup, unsigned int blk)
{
	kup->ku_free[blk / 32] |= 1U << blk % 32;
	kup->ku_words |= 1U << blk / 32;
	kbp->kb_totalfree++;
	if (kup->ku_freecnt++ == 0)
		list_insert(&kbp->kb_partial, kup);
	if (kup->ku_freecnt == kbp->kb_elmperpg) {
		list_remove(&kbp->kb_partial, kup);
		list_insert(&kbp->kb_empty, kup);
	}
	if (kbp->kb_totalfree > kbp->kb_highwat)
		return (detach_page(kbp));
	return (NULL);
}

#define	FILLPAGES	2	/* that a stock is filled from at a time */

/*
 * Fill the stock of a class, which is empty, from the class's pages: to a
 * third, or with as many blocks as there are.  At splimp.
 */
static void
fill_stock(int indx)
{
	struct kmembuckets *kbp = &bucket[indx];
	struct kmemstock *sk = &kmemstock[indx];
	struct kmemusage *kup;
	unsigned int most, pages;

	most = sk->sk_most > 3 ? sk->sk_most / 3 : 1;
	for (pages = 0; pages < FILLPAGES && sk->sk_nblocks < most; pages++) {
		kup = page_to_take_from(kbp);
		if (kup == NULL)
			break;
		take_blocks(kbp, kup, sk, most);
	}
}

/*
 * Take a block of the class, from its stock or else from its pages; null
 * if there is none.  At splimp.
 */
static void *
take_stocked(int indx)
{
	struct kmemstock *sk = &kmemstock[indx];

	if (sk->sk_nblocks == 0)
		fill_stock(indx);
	if (sk->sk_nblocks == 0)
		return (NULL);
	return (sk->sk_block[--sk->sk_nblocks]);
}

/*
 * Take the n oldest blocks off a stock.  At splimp.
 */
static void
unstock(struct kmemstock *sk, void **blocks, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		blocks[i] = sk->sk_block[i];
	sk->sk_nblocks -= n;
	for (i = 0; i < sk->sk_nblocks; i++)
		sk->sk_block[i] = sk->sk_block[i + n];
}

/*
 * Describe pages that have just come from kmem as a run of this class,
 * or as a page of it, with every block free.
 */
static void
describe_pages(struct kmemusage *kup, int indx, u_long npages)
{
	u_long i, n;

	for (i = 1; i < npages; i++) {
		kup[i].ku_npages = i;
		SETCLASS(kup + i, KU_INSIDE);
	}
	bzero(kup->ku_free, sizeof(kup->ku_free));
	n = bucket[indx].kb_elmperpg;
	for (i = 0; i < n / 32; i++)
		kup->ku_free[i] = ~0U;
	if (n % 32 != 0)
		kup->ku_free[i] = (1U << n % 32) - 1;
	kup->ku_words = (1U << (n + 31) / 32) - 1;
	kup->ku_npages = npages;
	kup->ku_freecnt = n;
	SETCLASS(kup, indx);
}

/*
 * Give an empty page to its class.  At splimp.
 */
static void
attach_page(struct kmembuckets *kbp, struct kmemusage *kup)
{
	kbp->kb_total += kbp->kb_elmperpg;
	kbp->kb_totalfree += kbp->kb_elmperpg;
	kbp->kb_pages += kup->ku_npages;
	list_insert(&kbp->kb_empty, kup);
}

/*
 * Give a detached page, or run, back to kmem.  At the caller's level.
 */
static void
give_back(struct kmemusage *kup)
{
	u_long i, npages;

	npages = kup->ku_npages;
	for (i = 0; i < npages; i++)	/* the first, for grow */
		SETCLASS(kup + i, KU_NONE);
	MEMTOOL_RETURN(pageaddr(kup), npages << PAGE_SHIFT);
	kmem_free(kmem_map, (vm_offset_t)pageaddr(kup), npages << PAGE_SHIFT);
}

/*
 * Fetch pages of so many bytes for the class; null where there are none.
 * At the caller's level.
 */
static struct kmemusage *
fetch_pages(int indx, u_long bytes)
{
	struct kmemusage *kup;
	vm_offset_t va;

	va = kmem_alloc(kmem_map, bytes, M_NOWAIT);
	if (va == 0)
		return (NULL);
	MEMTOOL_FETCH(va, bytes);
	kup = descriptor((void *)va);
	describe_pages(kup, indx, bytes >> PAGE_SHIFT);
	return (kup);
}

/*
 * Fetch a page, or run, for the class, and take a block of so many bytes
 * from it; null where there is neither a page nor, by now, a block.
 * At splimp, where it returns; at level s meanwhile.  Never sleeps.
 */
static void *
grow(int indx, u_long bytes, int s)
{
	struct kmemusage *kup;
	void *va;

	splx(s);
	kup = fetch_pages(indx, round_page(bytes));
	(void)splimp();
	va = take_stocked(indx);
	if (va == NULL && kup != NULL) {
		attach_page(&bucket[indx], kup);
		va = take_stocked(indx);
	} else if (kup != NULL) {
		splx(s);
		give_back(kup);
		(void)splimp();
	}
	return (va);
}

/*
 * Is the block that starts here free in its page, or its page gone?
 * At splimp.
 */
static inline int
is_free(int indx, const char *va)
{
	unsigned int blk;

	if (kmemclass[(va - kmembase) >> PAGE_SHIFT] != STOCKAT(indx))
		return (1);
	blk = blockno(indx, (u_long)va & (PAGE_SIZE - 1));
	return ((descriptor(va)->ku_free[blk / 32] & 1U << blk % 32) != 0);
}

/*
 * Put blocks that were taken off a stock back into their pages; the
 * number of surplus pages that this gave back to kmem.  At the caller's
 * level, raised for a block at a time.
 */
static u_long
put_blocks(int indx, void **blocks, unsigned int n)
{
	struct kmemusage *kup;
	u_long npages = 0;
	unsigned int i;
	int s, twice;

	for (i = 0; i < n; i++) {
		s = splimp();
		kup = NULL;
		twice = is_free(indx, blocks[i]);
		if (!twice)
			kup = put_block(&bucket[indx], descriptor(blocks[i]),
			    blockno(indx, (u_long)blocks[i] & (PAGE_SIZE - 1)));
		splx(s);
		if (twice)
			panic("free: address %p was freed twice", blocks[i]);
		if (kup != NULL) {
			npages += kup->ku_npages;
			give_back(kup);
		}
	}
	return (npages);
}

struct kmemstats kmemstats[MTYPES];

/*
 * Does the type exist?  (M_FREE has no name, and does not.)
 */
static inline int
type_exists(int type)
{
	return ((unsigned int)type < MTYPES &&
	    kmemstats[type].ks_shortdesc != NULL);
}

/*
 * May the type take so many bytes more?
 */
static inline int
fits(const struct kmemstats *ksp, u_long bytes)
{
	return (ksp->ks_memuse <= ksp->ks_limit &&
	    bytes <= ksp->ks_limit - ksp->ks_memuse);
}

/*
 * Use would rise to so many bytes, above ks_bound.  May it, with nobody
 * passed who waits?  If so, note the highest use.  At splimp.
 */
static int
may_rise(struct kmemstats *ksp, u_long use)
{
	if (ksp->ks_shortdesc == NULL || ksp->ks_waitq != NULL ||
	    use > ksp->ks_limit)
		return (0);
	if (use > ksp->ks_maxused)
		ksp->ks_maxused = use;
	ksp->ks_bound = ksp->ks_maxused < ksp->ks_limit ?
	    ksp->ks_maxused : ksp->ks_limit;
	return (1);
}

/* An M_WAITOK request that waits; on its process's stack. */
struct kmemwait {
	struct kmemwait *w_next;	/* on ks_waitq */
	u_long w_bytes;			/* of its block */
	enum {
		W_AWAY,			/* not on the queue */
		W_QUEUED,		/* waits for room under the limit */
		W_CHARGED,		/* charged; may wait for memory */
		W_REFUSED		/* can never fit: off the queue */
	} w_state;
};

/*
 * Charge the request at the head of a type's queue, if it fits, and wake
 * it.  (When it has been served it lets in the next.)  At splimp.
 */
static void
admit_next(struct kmemstats *ksp)
{
	struct kmemwait *w;

	w = ksp->ks_waitq;
	if (w != NULL && w->w_state == W_QUEUED && fits(ksp, w->w_bytes)) {
		ksp->ks_memuse += w->w_bytes;
		w->w_state = W_CHARGED;
		wakeup(w);
	}
}

static unsigned int queued;	/* requests in queues; in kmem_waiters too */

/*
 * Join a type's queue at its end, in this state: W_QUEUED or W_CHARGED.
 * At splimp.
 */
static void
join_queue(struct kmemstats *ksp, struct kmemwait *w, int state)
{
	struct kmemwait **wp;

	for (wp = &ksp->ks_waitq; *wp != NULL; wp = &(*wp)->w_next)
		continue;
	w->w_state = state;
	w->w_next = NULL;
	*wp = w;
	ksp->ks_bound = 0;
	kmem_waiters++;
	queued++;
}

/*
 * Leave the queue, from any place of it.  At splimp.
 */
static void
leave_queue(struct kmemstats *ksp, struct kmemwait *w)
{
	struct kmemwait **wp;

	for (wp = &ksp->ks_waitq; *wp != w; wp = &(*wp)->w_next)
		continue;
	*wp = w->w_next;
	w->w_state = W_AWAY;
	kmem_waiters--;
	queued--;
}

/*
 * Charge a request to its type; with M_WAITOK, sleep until it fits.
 * Returns 1 when charged (w is then on the queue or away) and 0 when
 * refused.  At splimp.
 */
static int
admit(struct kmemstats *ksp, struct kmemwait *w, int flags)
{
	if (fits(ksp, w->w_bytes) &&
	    (ksp->ks_waitq == NULL || (flags & M_NOWAIT) != 0)) {
		ksp->ks_memuse += w->w_bytes;
		return (1);
	}
	ksp->ks_limblocks++;
	if ((flags & M_NOWAIT) != 0 || w->w_bytes > ksp->ks_limit)
		return (0);
	join_queue(ksp, w, W_QUEUED);
	while (w->w_state == W_QUEUED && panicstr == NULL)
		tsleep(w, PVM, ksp->ks_shortdesc, 0);
	if (w->w_state == W_QUEUED)
		leave_queue(ksp, w);
	return (w->w_state == W_CHARGED);
}

static u_long kmemsize;		/* bytes of the arena */

/*
 * Take requests that can never fit off the queue, and tell them.
 * At splimp.
 */
static void
refuse_hopeless(struct kmemstats *ksp)
{
	struct kmemwait *w, *next;

	for (w = ksp->ks_waitq; w != NULL; w = next) {
		next = w->w_next;
		if (w->w_state == W_QUEUED && w->w_bytes > ksp->ks_limit) {
			leave_queue(ksp, w);
			w->w_state = W_REFUSED;
			wakeup(w);
		}
	}
}

static u_long default_limit;	/* bytes: 60% of the arena */

/*
 * Sleep until there is a block for a request that has been charged.
 * Null only after a panic.  At splimp; level s while it tries.
 */
static void *
wait_for_block(struct kmemstats *ksp, struct kmemwait *w, int indx, int s)
{
	unsigned int seen;
	void *va;

	if (w->w_state == W_AWAY)
		join_queue(ksp, w, W_CHARGED);
	kmem_waiters++;
	for (;;) {
		seen = kmem_gained;
		va = grow(indx, w->w_bytes, s);
		if (va != NULL || panicstr != NULL)
			break;
		kmem_wait(seen, ksp->ks_shortdesc);
	}
	kmem_waiters--;
	return (va);
}

/*
 * Get a block for an admitted request when its class has none.  With
 * M_WAITOK, sleep until there is one.  At splimp; level s meanwhile.
 */
static void *
fetch_block(struct kmemstats *ksp, struct kmemwait *w, int indx, int flags,
    int s)
{
	void *va;

	va = grow(indx, w->w_bytes, s);
	if (va != NULL)
		return (va);
	ksp->ks_mapblocks++;
	if ((flags & M_NOWAIT) != 0)
		return (NULL);
	return (wait_for_block(ksp, w, indx, s));
}

/*
 * Conclude an admitted request, which was granted a block or was not.
 * At splimp.
 */
static void
conclude(struct kmemstats *ksp, struct kmemwait *w, int granted)
{
	if (!granted)
		ksp->ks_memuse -= w->w_bytes;
	else if (ksp->ks_memuse > ksp->ks_maxused)
		ksp->ks_maxused = ksp->ks_memuse;
	if (w->w_state == W_CHARGED)
		leave_queue(ksp, w);
	if (ksp->ks_waitq != NULL)
		admit_next(ksp);
}

/*
 * Allocate size bytes for the type, whatever the case.
 */
static void *__attribute__((noipa))
malloc_slow(u_long size, int type, int flags)
{
	struct kmemstats *ksp;
	struct kmemstock *sk;
	struct kmemwait w;
	void *va;
	int indx, s;

	if (kmem_map == NULL)
		panic("malloc: called before kmeminit");
	if ((flags & ~(M_NOWAIT | M_ZERO_IT)) != 0)
		panic("malloc: flags %#x are not malloc's "
		    "(M_NOWAIT, M_ZERO_IT)", flags & ~(M_NOWAIT | M_ZERO_IT));
	if (!type_exists(type))
		panic("malloc: type %d does not exist", type);
	ksp = &kmemstats[type];
	if ((flags & M_NOWAIT) == 0 && cpu_intr_p())
		panic("malloc: M_WAITOK in an interrupt handler "
		    "(type %s, %lu bytes)", ksp->ks_shortdesc, size);
	if (size > kmemsize) {
		s = splimp();
		ksp->ks_mapblocks++;
		splx(s);
		return (NULL);
	}

	if (cold || panicstr != NULL)
		flags |= M_NOWAIT;
	w.w_state = W_AWAY;
	w.w_bytes = blockbytes(indx = classof(size), size);
	sk = &kmemstock[indx];
	va = NULL;
	s = splimp();
	if (admit(ksp, &w, flags)) {
		va = take_stocked(indx);
		if (va == NULL)
			va = fetch_block(ksp, &w, indx, flags, s);
		if (va != NULL) {
			ksp->ks_inuse++;
			ksp->ks_calls++;
			sk->sk_calls++;
			SETTAG(va, type);
			MEMTOOL_GRANT(va, size);
		}
		conclude(ksp, &w, va != NULL);
	}

	splx(s);
	if (va != NULL && (flags & M_ZERO_IT) != 0)
		bzero(va, size);
	return (va);
}

/*
 * Allocate size bytes for the type.  See malloc.h.
 */
void *
malloc(u_long size, int type, int flags)
{
	struct kmemstats *ksp;
	struct kmemstock *sk;
	unsigned int n;
	u_long use;
	void *va;
	int s;

	witness_none("malloc");
	if (size > PAGE_SIZE || (unsigned int)type >= MTYPES ||
	    (flags & ~M_NOWAIT) != 0)
		return (malloc_slow(size, type, flags));
	ksp = &kmemstats[(unsigned int)type];
	sk = STOCK(SIZESTOCK(size));
	KEEP(sk);
	KEEP(ksp);
	s = splimp();
	n = sk->sk_nblocks;
	if (__builtin_sub_overflow(n, 1, &n) ||
	    (s != 0 && (flags & M_NOWAIT) == 0 && cpu_intr_p()) ||
	    ((use = ksp->ks_memuse + sk->sk_size) > ksp->ks_bound &&
	    !may_rise(ksp, use))) {
		splx(s);
		return (malloc_slow(size, type, flags));
	}

	ksp->ks_memuse = use;
	sk->sk_nblocks = n;
	va = sk->sk_block[n];
	ksp->ks_inuse++;
	ksp->ks_calls++;
	sk->sk_calls++;
	SETTAG(va, type);
	MEMTOOL_GRANT(va, size);
	splx(s);
	return (va);
}

/*
 * What is wrong with freeing this address, as a phrase; null if nothing
 * is.  Where another type allocated it, *owner names that.  At splimp.
 */
static const char *
badfree(void *addr, int type, const char **owner)
{
	int indx;

	*owner = "";
	if ((char *)addr < kmembase || (char *)addr >= kmemlimit)
		return ("is outside the arena");
	indx = CLASS(descriptor(addr));
	if (indx == KU_NONE)
		return ("is in no page of malloc's");
	if (indx == KU_INSIDE)
		return ("is inside a block of several pages");
	if (!starts_block(&kmemstock[indx], (u_long)addr & (PAGE_SIZE - 1)))
		return ("is not the start of a block");
	if (TAGGED_FREE(addr) || is_free(indx, addr))
		return ("is free already");
	#ifdef DIAGNOSTIC
	if (TAG(addr) != type) {
		*owner = kmemstats[TAG(addr)].ks_shortdesc;
		return ("was allocated as ");
	}
	#endif
	if (pagebytes(indx, descriptor(addr)) > kmemstats[type].ks_memuse)
		return ("was allocated as another type");
	return (NULL);
}

/*
 * Take a block off its type's account.  At splimp.
 */
static inline void
return_charge(struct kmemstats *ksp, u_long bytes, const void *addr)
{
	ksp->ks_memuse -= bytes;
	ksp->ks_inuse--;
	SETTAG(addr, M_FREE);
	MEMTOOL_FREE(addr, bytes);
	(void)addr;
}

/*
 * A block was freed: tell who waits for it, then set the level to s.
 * At splimp.
 */
static void __attribute__((noinline))
tell_waiters(struct kmemstats *ksp, int s)
{
	if (ksp->ks_waitq != NULL)
		admit_next(ksp);
	if (kmem_waiters != 0)
		kmem_gain();
	splx(s);
}

/*
 * Give a block back, whatever the case.
 */
static void __attribute__((noipa))
free_slow(void *addr, int type)
{
	struct kmemusage *kup;
	struct kmemstats *ksp;
	struct kmemstock *sk;
	void *blocks[STOCKMAX + 1];
	const char *why, *owner;
	unsigned int n;
	int indx, s;

	if (addr == NULL)
		return;
	if (!type_exists(type))
		panic("free: type %d does not exist", type);
	ksp = &kmemstats[type];
	s = splimp();
	why = badfree(addr, type, &owner);
	if (why != NULL) {
		splx(s);
		panic("free: address %p of type %s %s%s", addr,
		    ksp->ks_shortdesc, why, owner);
	}
	kup = descriptor(addr);
	indx = CLASS(kup);
	sk = &kmemstock[indx];
	return_charge(ksp, pagebytes(indx, kup), addr);
	sk->sk_block[sk->sk_nblocks++] = addr;
	n = 0;
	if (sk->sk_nblocks > sk->sk_most) {
		n = sk->sk_nblocks - sk->sk_most / 2;
		unstock(sk, blocks, n);
	}
	tell_waiters(ksp, s);
	put_blocks(indx, blocks, n);
}

/*
 * Give a block back.  See malloc.h.
 */
void
free(void *addr, int type)
{
	struct kmemstats *ksp;
	struct kmemstock *sk;
	u_long left, offset;
	int s;

	witness_none("free");
	offset = (char *)addr - kmembase;
	if (offset >= kmemsize || (unsigned int)type >= MTYPES) {
		free_slow(addr, type);
		return;
	}
	ksp = &kmemstats[(unsigned int)type];
	KEEP(ksp);
	s = splimp();
	sk = STOCK(kmemclass[offset >> PAGE_SHIFT]);
	KEEP(sk);
	if (__builtin_sub_overflow(ksp->ks_memuse, sk->sk_size, &left) ||
	    sk->sk_nblocks >= sk->sk_most ||
	    !starts_block(sk, (u_long)addr & (PAGE_SIZE - 1)) ||
	    !TAGGED(addr, type)) {
		splx(s);
		free_slow(addr, type);
		return;
	}
	return_charge(ksp, sk->sk_size, addr);
	sk->sk_block[sk->sk_nblocks++] = addr;
	if (RARELY(kmem_waiters != 0))
		tell_waiters(ksp, s);
	else
		splx(s);
}

/*
 * Empty the stock of a class; the number of surplus pages that this gave
 * back.  At the caller's level, raised for a block at a time.
 */
static u_long
drain_stock(int indx)
{
	struct kmemstock *sk = &kmemstock[indx];
	void *blocks[STOCKMAX + 1];
	unsigned int n;
	int s;

	s = splimp();
	n = sk->sk_nblocks;
	unstock(sk, blocks, n);
	splx(s);
	return (put_blocks(indx, blocks, n));
}

/*
 * Empty the stocks, and give every wholly free page of the pool back to
 * kmem; the number of pages.  At the caller's level, raised for a block,
 * a page or a run at a time.
 */
u_long
malloc_reclaim(void)
{
	struct kmembuckets *kbp;
	struct kmemusage *kup;
	u_long left, npages;
	int s;

	witness_none("malloc_reclaim");
	npages = 0;
	for (kbp = bucket; kbp < &bucket[NBUCKETS]; kbp++) {
		npages += drain_stock(kbp - bucket);
		for (left = kbp->kb_pages; left > 0; left--) {
			s = splimp();
			kup = detach_page(kbp);
			splx(s);
			if (kup == NULL)
				break;
			npages += kup->ku_npages;
			give_back(kup);
		}
	}
	return (npages);
}

/*
 * Set the limit of a type.  See malloc.h.
 */
void
malloc_type_setlimit(int type, u_long limit)
{
	struct kmemstats *ksp;
	int s;

	if (!type_exists(type))
		panic("malloc_type_setlimit: type %d does not exist", type);
	ksp = &kmemstats[type];
	s = splimp();
	ksp->ks_limit = limit;
	ksp->ks_bound = 0;
	refuse_hopeless(ksp);
	admit_next(ksp);
	splx(s);
}

static const char *const fixed_types[M_LAST] = {
	NULL,		"mbuf",		"devbuf",	"socket",
	"pcb",		"routetbl",	"hosttbl",	"fragtbl",
	"zombie",	"ifaddr",	"soopts",	"soname",
	"namei",	"gprof",	"ioctlops",	"superblk",
	"cred",		"pgrp",		"session",	"iov",
	"mount",	"fhandle",	"NFS req",	"NFS mount",
	"vnode",	"namecache",	"UFS quota",	"UFS mount",
	"mapmem",	"shm",		"VM map",	"VM mapent",
	"VM object",	"VM objhash",	"VM pmap",	"VM pvent",
	"VM pager",	"VM pgdata",	"file",		"file desc",
	"lockf",	"proc",		"subproc",	NULL,
	NULL,		NULL,		NULL,		NULL,
	NULL,		"temp"
};

/*
 * Make a type.  See malloc.h.
 */
int
malloc_type_attach(const char *name, u_long limit)
{
	int s, type;

	if (name == NULL)
		panic("malloc_type_attach: a type needs a name");
	s = splimp();
	for (type = M_FREE + 1; type < MTYPES; type++)
		if (!type_exists(type))
			break;
	if (type < MTYPES) {
		bzero(&kmemstats[type], sizeof(kmemstats[type]));
		kmemstats[type].ks_shortdesc = name;
		kmemstats[type].ks_limit = limit != 0 ? limit : default_limit;
	}
	splx(s);
	return (type < MTYPES ? type : -1);
}

/*
 * End a type.  See malloc.h.
 */
void
malloc_type_detach(int type)
{
	struct kmemstats *ksp;
	int s;

	if (!type_exists(type) ||
	    (type < M_LAST && fixed_types[type] != NULL))
		panic("malloc_type_detach: type %d was not attached", type);
	ksp = &kmemstats[type];
	if (ksp->ks_inuse != 0)
		panic("malloc_type_detach: type %s still has %lu blocks",
		    ksp->ks_shortdesc, ksp->ks_inuse);
	if (ksp->ks_waitq != NULL)
		panic("malloc_type_detach: type %s is waited for",
		    ksp->ks_shortdesc);
	s = splimp();
	ksp->ks_shortdesc = NULL;
	ksp->ks_bound = 0;
	splx(s);
}

/*
 * Print the classes; add up the bytes in use and the bytes free.
 */
static void
report_classes(int (*pr)(const char *, ...), u_long *used, u_long *free)
{
	struct kmembuckets kb;
	u_long calls, nfree;
	int i, s;

	*used = *free = 0;
	for (i = 0; i < NBUCKETS; i++) {
		s = splimp();
		kb = bucket[i];
		calls = kmemstock[i].sk_calls;
		nfree = malloc_freeblocks(i);
		splx(s);
		if (calls == 0)
			continue;
		if (i == LARGE) {
			pr("%8s", "larger");
			*used += kb.kb_pages << PAGE_SHIFT;
		} else {
			pr("%8lu", kb.kb_size);
			*used += (kb.kb_total - nfree) * kb.kb_size;
			*free += nfree * kb.kb_size;
		}
		
		pr(" %8lu %8lu %10lu %9lu %9lu %7lu\n",
		    kb.kb_total - nfree, nfree, calls,
		    kb.kb_highwat, kb.kb_returned, kb.kb_pages);
	}
}

/*
 * Print the types, then the totals, with the bytes by class given.
 */
static void
report_types(int (*pr)(const char *, ...), u_long used, u_long free)
{
	struct kmemstats ks;
	u_long memuse, calls;
	int s, type;

	memuse = calls = 0;
	for (type = 0; type < MTYPES; type++) {
		s = splimp();
		ks = kmemstats[type];
		splx(s);
		if (ks.ks_calls == 0 && ks.ks_limblocks == 0 &&
		    ks.ks_mapblocks == 0)
			continue;
		pr("%-11.11s %7lu %9lu %9lu %9lu %9lu %6lu %6lu\n",
		    ks.ks_shortdesc != NULL ? ks.ks_shortdesc : "(detached)",
		    ks.ks_inuse, ks.ks_memuse, ks.ks_maxused, ks.ks_limit,
		    ks.ks_calls, ks.ks_limblocks, ks.ks_mapblocks);
		memuse += ks.ks_memuse;
		calls += ks.ks_calls;
	}
	pr("\nMemory totals: %lu bytes in use by size, %lu by type\n",
	    used, memuse);
	pr("%15s%lu bytes free, %lu requests\n", "", free, calls);
}

/*
 * Print what vmstat -m prints.  See malloc.h.
 */
void
malloc_vmstat(int (*pr)(const char *, ...))
{
	u_long used, free;

	pr("Memory statistics by bucket size\n");
	pr("%8s %8s %8s %10s %9s %9s %7s\n", "Size", "InUse", "Free",
	    "Requests", "HighWater", "Returned", "Pages");
	report_classes(pr, &used, &free);
	pr("\nMemory statistics by type\n");
	pr("%-11s %7s %9s %9s %9s %9s %6s %6s\n", "Type", "InUse", "MemUse",
	    "HighUse", "Limit", "Requests", "LimBlk", "MapBlk");
	report_types(pr, used, free);
}

/*
 * Free blocks of a class.  See malloc.h.
 */
u_long
malloc_freeblocks(int indx)
{
	return (bucket[indx].kb_totalfree + kmemstock[indx].sk_nblocks);
}

/*
 * Look at the page of an address.  See malloc.h.
 */
int
malloc_page(u_long addr, struct malloc_page *mp)
{
	struct kmemusage *kup;
	int s;

	if (addr < (u_long)kmembase || addr >= (u_long)kmemlimit)
		return (0);
	s = splimp();
	kup = descriptor((void *)addr);
	if (CLASS(kup) == KU_INSIDE)
		kup -= kup->ku_npages;
	bzero(mp, sizeof(*mp));
	mp->mp_class = CLASS(kup) == KU_NONE ? -1 : CLASS(kup);
	mp->mp_first = (u_long)pageaddr(kup);
	if (mp->mp_class >= 0) {
		mp->mp_npages = kup->ku_npages;
		mp->mp_blocks = bucket[mp->mp_class].kb_elmperpg;
		mp->mp_free = kup->ku_freecnt;
	}
	splx(s);
	return (1);
}

/* What a walk has found so far. */
struct walk {
	int	(*pr)(const char *, ...);
	int	wrong;				/* things found wrong */
	struct kmembuckets kb[NBUCKETS];	/* recounted */
	struct kmemstats ks[MTYPES];		/* recounted */
	u_long	listed;		/* free blocks of a class on its lists */
	u_long	stocked;	/* blocks in all stocks */
};

#define	EXPECT(wp, cond, ...) \
	do { \
		if (!(cond)) { \
			(wp)->wrong++; \
			(wp)->pr("malloc_check: " __VA_ARGS__); \
		} \
	} while (0)

/*
 * Check that a page's count, bits and tags agree; count for the types.
 */
static void
check_blocks(struct walk *wp, struct kmemusage *kup, u_long va)
{
	struct kmembuckets *kbp;
	unsigned int blk, nfree;

	kbp = &bucket[CLASS(kup)];
	nfree = 0;
	for (blk = 0; blk < FREEWORDS * 32; blk++) {
		if ((kup->ku_free[blk / 32] & 1U << blk % 32) == 0) {
			#ifdef DIAGNOSTIC
			if (blk < kbp->kb_elmperpg) {
				struct kmemstats *ksp;

				ksp = &wp->ks[TAG(va + blk * kbp->kb_size)];
				ksp->ks_inuse++;
				ksp->ks_memuse += pagebytes(CLASS(kup), kup);
			}
			#endif
			continue;
		}

		nfree++;
		EXPECT(wp, blk < kbp->kb_elmperpg,
		    "page %#lx: block %u beyond the last\n", va, blk);
		#ifdef DIAGNOSTIC
		EXPECT(wp, TAG(va + blk * kbp->kb_size) == M_FREE,
		    "page %#lx: block %u is free, its tag is not\n", va, blk);
		#endif
	}
	for (blk = 0; blk < FREEWORDS; blk++)
		EXPECT(wp, !(kup->ku_words >> blk & 1) == !kup->ku_free[blk],
		    "page %#lx: word %u of its bits is %#x\n", va, blk,
		    kup->ku_free[blk]);
	EXPECT(wp, nfree == kup->ku_freecnt,
	    "page %#lx: %u bits, %u free\n", va, nfree, kup->ku_freecnt);
}

/*
 * Check one page of the arena; add it to what its class must hold.
 */
static void
check_page(struct walk *wp, struct kmemusage *kup)
{
	struct kmembuckets *kbp;
	u_long va;

	va = (u_long)pageaddr(kup);
	if (CLASS(kup) == KU_NONE)
		return;
	EXPECT(wp, kmem_phys(va) != 0, "page %#lx is not mapped\n", va);
	if (CLASS(kup) == KU_INSIDE) {
		EXPECT(wp, kup[-(long)kup->ku_npages].ku_npages >
		    kup->ku_npages, "page %#lx is in no run\n", va);
		return;
	}
	kbp = &wp->kb[CLASS(kup)];
	kbp->kb_pages += kup->ku_npages;
	kbp->kb_total += bucket[CLASS(kup)].kb_elmperpg;
	kbp->kb_totalfree += kup->ku_freecnt;
	check_blocks(wp, kup, va);
}

/*
 * Check a list of a class: pages with all, or only some, blocks free.
 */
static void
check_list(struct walk *wp, int indx, struct kmemusage *kup, int empty)
{
	struct kmemusage *prev;

	for (prev = NULL; kup != NULL; prev = kup, kup = kup->ku_next) {
		EXPECT(wp, CLASS(kup) == indx,
		    "a page of class %d is on a list of %d\n",
		    CLASS(kup), indx);
		EXPECT(wp, kup->ku_prev == prev,
		    "a list of class %d is broken\n", indx);
		EXPECT(wp, kup->ku_freecnt > 0 && empty ==
		    (kup->ku_freecnt == bucket[indx].kb_elmperpg),
		    "a page of class %d is on the wrong list\n", indx);
		if (CLASS(kup) != indx || kup->ku_prev != prev)
			return;
		wp->listed += kup->ku_freecnt;
	}
}

/*
 * Check the stock of a class.
 */
static void
check_stock(struct walk *wp, int indx)
{
	struct kmemstock *sk = &kmemstock[indx];
	unsigned int i, j;
	char *va;

	EXPECT(wp, sk->sk_nblocks <= sk->sk_most,
	    "class %d: %u blocks in stock, at most %u\n", indx,
	    sk->sk_nblocks, sk->sk_most);
	wp->stocked += sk->sk_nblocks;
	for (i = 0; i < sk->sk_nblocks; i++) {
		va = sk->sk_block[i];
		EXPECT(wp, CLASS(descriptor(va)) == indx &&
		    ((u_long)va & (PAGE_SIZE - 1)) % bucket[indx].kb_size == 0,
		    "%p in stock is no block of class %d\n", va, indx);
		EXPECT(wp, !is_free(indx, va),
		    "block %p is in stock and in its page\n", va);
		#ifdef DIAGNOSTIC
		EXPECT(wp, TAG(va) == M_FREE,
		    "block %p is in stock, its tag is %d\n", va, TAG(va));
		#endif
		for (j = 0; j < i; j++)
			EXPECT(wp, sk->sk_block[j] != va,
			    "block %p is in stock twice\n", va);
	}
}

/*
 * Compare a class with the recount, and check the surplus rule.
 */
static void
check_class(struct walk *wp, int indx)
{
	struct kmembuckets *kbp, *re;

	kbp = &bucket[indx];
	re = &wp->kb[indx];
	EXPECT(wp, re->kb_total == kbp->kb_total &&
	    re->kb_totalfree == kbp->kb_totalfree &&
	    re->kb_pages == kbp->kb_pages,
	    "class %d: %lu blocks, %lu free, %lu pages; counted "
	    "%lu, %lu, %lu\n", indx, kbp->kb_total, kbp->kb_totalfree,
	    kbp->kb_pages, re->kb_total, re->kb_totalfree, re->kb_pages);
	EXPECT(wp, wp->listed == kbp->kb_totalfree,
	    "class %d: %lu free blocks on its lists, not %lu\n", indx,
	    wp->listed, kbp->kb_totalfree);
	EXPECT(wp, kbp->kb_totalfree <= kbp->kb_highwat ||
	    kbp->kb_empty == NULL, "class %d keeps a surplus page\n", indx);
}

/*
 * Compare the types with the recount, and with the classes.
 */
static void
check_types(struct walk *wp)
{
	struct kmemstats *ksp;
	u_long used, memuse;
	int i;

	used = memuse = 0;
	for (i = 0; i < NBUCKETS; i++)
		used += i == LARGE ? bucket[i].kb_pages << PAGE_SHIFT :
		    (bucket[i].kb_total - malloc_freeblocks(i)) *
		    bucket[i].kb_size;
	for (i = 0; i < MTYPES; i++) {
		ksp = &kmemstats[i];
		memuse += ksp->ks_memuse;
		EXPECT(wp, ksp->ks_waitq == NULL ||
		    ksp->ks_waitq->w_state == W_CHARGED ||
		    !fits(ksp, ksp->ks_waitq->w_bytes),
		    "type %d: the first of the queue fits, and waits\n", i);
		EXPECT(wp, ksp->ks_bound == 0 || (ksp->ks_shortdesc != NULL &&
		    ksp->ks_waitq == NULL && ksp->ks_bound <= ksp->ks_limit &&
		    ksp->ks_bound <= ksp->ks_maxused),
		    "type %d: %lu bytes without a question, limit %lu\n", i,
		    ksp->ks_bound, ksp->ks_limit);
		#ifdef DIAGNOSTIC
		if (i == M_FREE) {
			EXPECT(wp, wp->ks[i].ks_inuse == wp->stocked,
			    "%lu blocks are free and not in their pages, "
			    "%lu in stock\n", wp->ks[i].ks_inuse, wp->stocked);
			continue;
		}

		EXPECT(wp, kmem_waiters != queued ||
		    (wp->ks[i].ks_inuse == ksp->ks_inuse &&
		    wp->ks[i].ks_memuse == ksp->ks_memuse),
		    "type %d: %lu blocks, %lu bytes; counted %lu, %lu\n", i,
		    ksp->ks_inuse, ksp->ks_memuse, wp->ks[i].ks_inuse,
		    wp->ks[i].ks_memuse);
		#endif
	}
	EXPECT(wp, kmem_waiters != queued || used == memuse,
	    "%lu bytes in use by size, %lu by type\n", used, memuse);
}

/*
 * Check every invariant of the pool.  See malloc.h.
 */
int
malloc_check(int (*pr)(const char *, ...))
{
	static struct walk walk;
	struct kmemusage *kup, *end;
	int i, s;

	bzero(&walk, sizeof(walk));
	walk.pr = pr;
	s = splimp();
	end = descriptor(kmemlimit);
	for (kup = kmemusage; kup < end; kup++)
		check_page(&walk, kup);
	for (i = 0; i < NBUCKETS; i++) {
		walk.listed = 0;
		check_stock(&walk, i);
		check_list(&walk, i, bucket[i].kb_partial, 0);
		check_list(&walk, i, bucket[i].kb_empty, 1);
		check_class(&walk, i);
	}

	check_types(&walk);
	splx(s);
	return (walk.wrong);
}

/*
 * Take wired memory for the books, zeroed, while starting.
 */
static void *
take_books(vm_size_t size)
{
	vm_offset_t va;

	va = kmem_alloc(kernel_map, size, M_NOWAIT | M_ZERO_IT);
	if (va == 0)
		panic("kmeminit: the books need %lu bytes, and there is "
		    "no room", size);
	return ((void *)va);
}

/*
 * Start malloc.  See malloc.h.
 */
void
kmeminit(void)
{
	static struct vm_map arena;
	vm_map_t map;
	vm_size_t size;
	u_long i;

	size = cnt.v_page_count << PAGE_SHIFT;
	if (size > kernel_map->size / 2)
		size = trunc_page(kernel_map->size / 2);
	map = kmem_submap(&arena, size, FALSE);
	if (map == NULL)
		panic("kmeminit: the books need %lu bytes, and there is "
		    "no room", size);
	init_classes();
	kmembase = (char *)vm_map_min(map);
	kmemlimit = (char *)vm_map_max(map);
	kmemusage = take_books((size >> PAGE_SHIFT) * sizeof(*kmemusage));
	kmemclass = take_books((size >> PAGE_SHIFT) * sizeof(*kmemclass));
	for (i = 0; i < size >> PAGE_SHIFT; i++)
		SETCLASS(kmemusage + i, KU_NONE);
	#ifdef DIAGNOSTIC
	kmemtag = take_books(size >> MINSHIFT);
	#endif
	kmemsize = size;
	default_limit = size / 100 * 60;
	bzero(kmemstats, sizeof(kmemstats));
	queued = 0;
	for (i = 0; i < M_LAST; i++) {
		kmemstats[i].ks_shortdesc = fixed_types[i];
		kmemstats[i].ks_limit = default_limit;
	}
	kmem_map = map;
}
