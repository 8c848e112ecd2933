/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file kmem.c
 * Kernel address space and memory, by the page: kmem(9).
 *
 * Frames, maps and spare entries are protected by splimp, which is never
 * held across malloc, free, a sleep, or the handling of several pages.
 */
#include "machine.h"
#include "kmem.h"
#include "malloc.h"	/* it may rename malloc and free */
#define	WITNESS_LOCK	WITNESS_KMEM
#include "witness.h"	/* last: it may rename splimp, splx and tsleep */

vm_map_t kernel_map, kmem_map, mb_map, phys_map, pager_map;
struct vmmeter cnt;

#define	STOREYS		4	/* 32 to the power of it: the most members */

/* A set of small numbers; bit i of a storey tells of word i below. */
struct bitset {
	unsigned int *word[STOREYS];
	unsigned long size;		/* members are below it */
};

#define	BIT(i)		(1U << (i) % 32)
#define	LOWBIT(w)	((unsigned long)__builtin_ctz(w))	/* w is not 0 */

/*
 * Add a number to a set, and remove it.  At splimp.
 */
static void
bit_add(struct bitset *b, unsigned long i)
{
	unsigned int old;
	int k;

	for (k = 0; k < STOREYS; k++, i /= 32) {
		old = b->word[k][i / 32];
		b->word[k][i / 32] |= BIT(i);
		if (old != 0)
			break;
	}
}

static void
bit_remove(struct bitset *b, unsigned long i)
{
	int k;

	for (k = 0; k < STOREYS; k++, i /= 32) {
		b->word[k][i / 32] &= ~BIT(i);
		if (b->word[k][i / 32] != 0)
			break;
	}
}

#define	NOBIT	(~0UL)

/*
 * The lowest member of a set, from i on; NOBIT where there is none.
 */
static unsigned long
bit_find(const struct bitset *b, unsigned long i)
{
	unsigned long size;
	unsigned int w;
	int k;

	for (k = 0, size = b->size; k < STOREYS; k++) {
		w = i < size ? b->word[k][i / 32] & ~0U << i % 32 : 0;
		if (w != 0)
			break;
		i = i / 32 + 1;
		size = size / 32 + 1;
	}
	if (k == STOREYS)
		return (NOBIT);
	i = i / 32 * 32 + LOWBIT(w);
	while (k-- > 0)
		i = i * 32 + LOWBIT(b->word[k][i]);
	return (i);
}

/*
 * Make an empty set of numbers below size.  While starting.
 */
static void
bit_init(struct bitset *b, unsigned long size)
{
	unsigned long n, words;
	int k;

	b->size = size;
	for (words = 0, n = size, k = 0; k < STOREYS; k++)
		words += n = n / 32 + 1;
	b->word[0] = (unsigned int *)
	    pmap_steal_memory(words * sizeof(unsigned int));
	for (n = size, k = 1; k < STOREYS; k++) {
		n = n / 32 + 1;
		b->word[k] = b->word[k - 1] + n;
	}
}

static struct bitset free_frames;	/* by number: address / PAGE_SIZE */
static unsigned int *frame_use;		/* likewise: who has it */
#define	ACTIVE		1		/* a process, or a pageable map */
#define	WIRED		2		/* for each mapping that relies on it */
#define	IO_FRAMES	(VM_IO_LIMIT >> PAGE_SHIFT)

/*
 * The count that a frame with this use is part of.
 */
static unsigned long *
frame_count(unsigned int use)
{
	if (use == 0)
		return (&cnt.v_free_count);
	return (use < WIRED ? &cnt.v_active_count : &cnt.v_wire_count);
}

/*
 * Let a frame be had, as ACTIVE or WIRED, besides who has it already.
 * At splimp.
 */
static void
frame_hold(vm_offset_t pa, unsigned int use)
{
	unsigned long f;

	f = pa >> PAGE_SHIFT;
	(*frame_count(frame_use[f]))--;
	if (frame_use[f] == 0)
		bit_remove(&free_frames, f);
	frame_use[f] += use;
	(*frame_count(frame_use[f]))++;
}

/*
 * Give up a frame that was had as ACTIVE or WIRED; it is free when
 * nobody has it.  At splimp.
 */
static void
frame_drop(vm_offset_t pa, unsigned int use)
{
	unsigned long f;

	f = pa >> PAGE_SHIFT;
	(*frame_count(frame_use[f]))--;
	frame_use[f] -= use;
	if (frame_use[f] == 0)
		bit_add(&free_frames, f);
	(*frame_count(frame_use[f]))++;
}

/*
 * Take a free frame, for this use: its address, or 0 where there is
 * none.  At splimp; constant time.
 */
static vm_offset_t
frame_alloc(unsigned int use)
{
	unsigned long f;

	f = bit_find(&free_frames, IO_FRAMES);
	if (f == NOBIT)
		f = bit_find(&free_frames, 0);
	if (f == NOBIT)
		return (0);
	frame_hold(f << PAGE_SHIFT, use);
	return (f << PAGE_SHIFT);
}

/*
 * Unmap the page at va; the address of its frame, now nobody's.
 * At splimp.
 */
static vm_offset_t
unmap_page(vm_offset_t va)
{
	vm_offset_t pa;

	pa = pmap_extract(kernel_pmap, va);
	pmap_remove(kernel_pmap, va, va + PAGE_SIZE);
	return (pa);
}

/*
 * How many frames lie between the addresses that a range of this class
 * must not cross?
 */
static unsigned long
io_within(int flags)
{
	switch (flags & M_IO) {
	case M_IO1:
		return (VM_IO1_BOUNDARY >> PAGE_SHIFT);
	case M_IO2:
		return (VM_IO2_BOUNDARY >> PAGE_SHIFT);
	default:
		return (IO_FRAMES);
	}
}

/*
 * The lowest free frame from f on; NOBIT where there is none.
 */
static unsigned long
frame_next(unsigned long f)
{
	int s;

	s = splimp();
	f = bit_find(&free_frames, f);
	splx(s);
	return (f);
}

/*
 * The first of n free frames in a row, from f on and below the line,
 * that do not cross a multiple of `within' frames; NOBIT for none.
 */
static unsigned long
frame_run(unsigned long f, unsigned long n, unsigned long within)
{
	unsigned long i;

	for (;;) {
		f = frame_next(f);
		if (f == NOBIT || f + n > IO_FRAMES)
			return (NOBIT);
		for (i = 1; i < n && (f + i) % within != 0; i++)
			if (frame_next(f + i) != f + i)
				break;
		if (i == n)
			return (f);
		f += i;
	}
}

/*
 * The most frames in a row that a request of this class can ever have.
 */
static unsigned long
io_longest(int flags)
{
	unsigned long f, end, stop, most, within;
	const vm_offset_t *r;

	within = io_within(flags);
	most = 0;
	for (r = phys_avail; r[1] != 0; r += 2) {
		end = r[1] < VM_IO_LIMIT ? r[1] >> PAGE_SHIFT : IO_FRAMES;
		for (f = r[0] >> PAGE_SHIFT; f < end; f = stop) {
			stop = (f / within + 1) * within;
			if (stop > end)
				stop = end;
			if (stop - f > most)
				most = stop - f;
		}
	}
	return (most);
}

#define	MAXFRAMES	(1UL << 5 * STOREYS)
/*
 * Bytes of the hole in front of an entry.
 */
static inline vm_size_t
hole(const struct vm_map_entry *e)
{
	return (e->start - e->prev->end);
}

/*
 * Compute the largest hole of a subtree from those of its children.
 */
static void
fix(struct vm_map_entry *t)
{
	t->hole = hole(t);
	if (t->left != NULL && t->left->hole > t->hole)
		t->hole = t->left->hole;
	if (t->right != NULL && t->right->hole > t->hole)
		t->hole = t->right->hole;
}

/*
 * Make a left child on the same level a right one.
 */
static struct vm_map_entry *
skew(struct vm_map_entry *t)
{
	struct vm_map_entry *l;

	l = t->left;
	if (l == NULL || l->level != t->level)
		return (t);
	t->left = l->right;
	l->right = t;
	fix(t);
	fix(l);
	return (l);
}

/*
 * Lift the middle of three on the same level.
 */
static struct vm_map_entry *
split(struct vm_map_entry *t)
{
	struct vm_map_entry *r;

	r = t->right;
	if (r == NULL || r->right == NULL || r->right->level != t->level)
		return (t);
	t->right = r->left;
	r->left = t;
	r->level++;
	fix(t);
	fix(r);
	return (r);
}

/*
 * Insert an entry, which has its place in the ring already, below t.
 */
static struct vm_map_entry *
tree_insert(struct vm_map_entry *t, struct vm_map_entry *e)
{
	if (t == NULL) {
		e->left = e->right = NULL;
		e->level = 1;
		fix(e);
		return (e);
	}
	if (e->start < t->start)
		t->left = tree_insert(t->left, e);
	else
		t->right = tree_insert(t->right, e);
	fix(t);
	return (split(skew(t)));
}

static inline int
level(const struct vm_map_entry *t)
{
	return (t == NULL ? 0 : t->level);
}

/*
 * Restore the rules at t after a removal below it.
 */
static struct vm_map_entry *
rebalance(struct vm_map_entry *t)
{
	int below;

	fix(t);
	below = level(t->left) < level(t->right) ?
	    level(t->left) : level(t->right);
	if (t->level <= below + 1)
		return (t);
	t->level = below + 1;
	if (level(t->right) > t->level)
		t->right->level = t->level;
	t = skew(t);
	if (t->right != NULL) {
		t->right = skew(t->right);
		if (t->right->right != NULL)
			t->right->right = skew(t->right->right);
	}

	t = split(t);
	if (t->right != NULL)
		t->right = split(t->right);
	return (t);
}

/*
 * Remove an entry, which has left the ring already, from below t.
 */
static struct vm_map_entry *
tree_remove(struct vm_map_entry *t, struct vm_map_entry *e)
{
	struct vm_map_entry *r;

	if (t == e) {
		r = e->right;
		if (e->left == NULL) {
			if (r != NULL)
				fix(r);
			return (r);
		}
		
		while (r->left != NULL)
			r = r->left;
		t = r;
		r = tree_remove(e->right, t);
		t->left = e->left;
		t->right = r;
		t->level = e->level;
	} else if (e->start < t->start)
		t->left = tree_remove(t->left, e);
	else
		t->right = tree_remove(t->right, e);
	return (rebalance(t));
}

/*
 * Compute anew the holes on the path from e up to t.
 */
static void
tree_touch(struct vm_map_entry *t, const struct vm_map_entry *e)
{
	if (t != e)
		tree_touch(e->start < t->start ? t->left : t->right, e);
	fix(t);
}

/*
 * The first entry with a hole of so many bytes in front of it; null
 * where there is none.
 */
struct vm_map_entry *
vm_map_findspace(vm_map_t map, vm_size_t size)
{
	struct vm_map_entry *t;

	t = map->root;
	if (t->hole < size)
		return (NULL);
	for (;;) {
		if (t->left != NULL && t->left->hole >= size)
			t = t->left;
		else if (hole(t) >= size)
			return (t);
		else
			t = t->right;
	}
}

/*
 * The first entry that ends after addr; the header where none does.
 */
struct vm_map_entry *
vm_map_lookup_entry(vm_map_t map, vm_offset_t addr)
{
	struct vm_map_entry *t, *found;

	found = &map->header;
	for (t = map->root; t != NULL; )
		if (t != &map->header && t->end <= addr)
			t = t->right;
		else {
			found = t;
			t = t->left;
		}
	return (found);
}

/*
 * Put an entry, with start, end and kind set, in front of `next'.
 * At splimp.
 */
void
vm_map_entry_link(vm_map_t map, struct vm_map_entry *next,
    struct vm_map_entry *e)
{
	e->next = next;
	e->prev = next->prev;
	e->prev->next = e;
	next->prev = e;
	map->root = tree_insert(map->root, e);
	map->nentries++;
}

/*
 * Take an entry out of its map.  At splimp.
 */
void
vm_map_entry_unlink(vm_map_t map, struct vm_map_entry *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	map->root = tree_remove(map->root, e);
	map->nentries--;
}

/*
 * Join an entry with the next one, if both are backed by frames and
 * touch.  Returns the entry that is left over, or null.  At splimp.
 */
static struct vm_map_entry *
entry_join(vm_map_t map, struct vm_map_entry *e)
{
	struct vm_map_entry *next;

	next = e->next;
	if (e->kind != VME_WIRED || next->kind != VME_WIRED ||
	    e->end != next->start)
		return (NULL);
	vm_map_entry_unlink(map, next);
	e->end = next->end;
	tree_touch(map->root, e->next);
	return (next);
}

#define	RESERVE		8	/* spare entries that we like to have */
#define	NSTATIC		32	/* entries that exist from the start */

static struct vm_map_entry reserve[NSTATIC];
static struct vm_map_entry *fare;	/* for the page of a refill only */
static struct vm_map_entry kept;	/* ring of spares, not malloc's */
static struct vm_map_entry *loose;	/* list of spares from malloc */
static unsigned int nkept, nloose;
static boolean_t refilling;		/* somebody is going around, */
static int refill_level;		/* at this interrupt level */

/*
 * Put an entry on the ring of kept ones, and take it off.  At splimp.
 */
static void
kept_insert(struct vm_map_entry *e)
{
	e->next = kept.next;
	e->prev = &kept;
	e->next->prev = e;
	kept.next = e;
	nkept++;
}

static void
kept_remove(struct vm_map_entry *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	nkept--;
}

#define	PERPAGE	(PAGE_SIZE / sizeof(struct vm_map_entry))

static vm_offset_t window;		/* its first address */
static struct bitset window_free;	/* slots with no page */
static unsigned char *window_live;	/* by slot: entries in use */

static inline int
in_window(const struct vm_map_entry *e)
{
	return ((vm_offset_t)e >= window && ((vm_offset_t)e - window) >>
	    PAGE_SHIFT < window_free.size);
}

static inline unsigned long
window_slot(const struct vm_map_entry *e)
{
	return (((vm_offset_t)e - window) >> PAGE_SHIFT);
}

/*
 * Turn a frame, had in this way and mapped nowhere, into a page of spare
 * entries.  At splimp.
 */
static void
window_add(vm_offset_t pa, unsigned int use)
{
	struct vm_map_entry *e;
	unsigned long slot;
	unsigned int i;

	slot = bit_find(&window_free, 0);
	e = (struct vm_map_entry *)(window + (slot << PAGE_SHIFT));
	if (pmap_enter(kernel_pmap, (vm_offset_t)e, pa,
	    VM_PROT_READ | VM_PROT_WRITE) != 0)
		panic("kmem_free: the machine refuses a page it just had");
	frame_hold(pa, WIRED);
	frame_drop(pa, use);
	bit_remove(&window_free, slot);
	window_live[slot] = 0;
	for (i = 0; i < PERPAGE; i++)
		kept_insert(e + i);
}

/*
 * An entry of this slot has come back: if it was the last one out, give
 * up the page.  At splimp.
 */
static void
window_put(unsigned long slot)
{
	struct vm_map_entry *e;
	unsigned int i;

	if (--window_live[slot] != 0)
		return;
	e = (struct vm_map_entry *)(window + (slot << PAGE_SHIFT));
	for (i = 0; i < PERPAGE; i++)
		kept_remove(e + i);
	frame_drop(unmap_page((vm_offset_t)e), WIRED);
	bit_add(&window_free, slot);
}

/*
 * Take a spare entry; null where there is none.  The fare is taken only
 * where `last' says so.  At splimp.
 */
static struct vm_map_entry *
entry_get(boolean_t last)
{
	struct vm_map_entry *e;

	if ((e = loose) != NULL) {
		loose = e->next;
		nloose--;
	} else if (nkept > 0) {
		e = kept.next;
		kept_remove(e);
		if (in_window(e))
			window_live[window_slot(e)]++;
	} else if (last) {
		e = fare;
		fare = NULL;
	}
	return (e);
}

/*
 * Put a spare entry on the list it belongs to; null does nothing.
 * At splimp.
 */
static void
entry_put(struct vm_map_entry *e)
{
	if (e == NULL)
		return;
	if (in_window(e)) {
		kept_insert(e);
		window_put(window_slot(e));
	} else if (fare == NULL)
		fare = e;
	else if (e >= reserve && e < &reserve[NSTATIC])
		kept_insert(e);
	else {
		e->next = loose;
		loose = e;
		nloose++;
	}
}

/*
 * Fill the reserve from malloc, unless that is what brought us here.
 * At splimp, where it returns; at level s meanwhile.
 */
static void
entry_refill(int s)
{
	struct vm_map_entry *e;

	while (!refilling && kmem_map != NULL && nkept + nloose < RESERVE) {
		refilling = TRUE;
		refill_level = s;
		splx(s);
		e = malloc(sizeof(*e), M_VMMAPENT, M_NOWAIT);
		(void)splimp();
		refilling = FALSE;
		if (e == NULL)
			break;
		entry_put(e);
	}
}

/*
 * Free what malloc gave beyond the reserve, unless a refill or a drain
 * brought us here.  At the caller's level.
 */
static void
entry_drain(void)
{
	struct vm_map_entry *e;
	int s;

	s = splimp();
	while (!refilling && nloose > 0 && nkept + nloose > RESERVE) {
		e = entry_get(FALSE);
		refilling = TRUE;
		splx(s);
		free(e, M_VMMAPENT);
		(void)splimp();
		refilling = FALSE;
	}
	splx(s);
}

volatile unsigned int kmem_gained;
unsigned int kmem_waiters;

/*
 * Sleep, unless memory was gained since `seen'.  At splimp; see kmem.h.
 */
void
kmem_wait(unsigned int seen, const char *wmesg)
{
	if (kmem_gained == seen && !cold && panicstr == NULL)
		tsleep((void *)&kmem_gained, PVM, wmesg, 0);
}

boolean_t kmem_undoing;

/*
 * Memory was gained: wake all who wait for it.  At splimp.
 */
void
kmem_gain(void)
{
	if (kmem_undoing && !cpu_intr_p())
		return;
	kmem_gained++;
	wakeup((void *)&kmem_gained);
}

enum { SPACE, PAGES, NQUEUES };		/* what may be lacking */

/* What is asked for, and how the asking stands. */
struct kmem_request {
	vm_map_t map;			/* where; null: frames alone */
	vm_size_t size;			/* whole pages, in bytes */
	int flags;
	unsigned int use;		/* ACTIVE or WIRED, its frames */
	vm_offset_t *frame;		/* where to put frames alone */
	vm_offset_t from;		/* or a process's pages, to be mapped */
	int lacks;			/* what the last attempt lacked */
	unsigned int ticket;		/* the order of coming */
	struct kmem_request *next[NQUEUES];
	boolean_t queued[NQUEUES];
};

static struct kmem_request *page_queue;	/* who lacks frames */
static unsigned int tickets;		/* handed out so far */

/*
 * The queue for what this request lacks.
 */
static struct kmem_request **
queue(const struct kmem_request *r, int lacks)
{
	return (lacks == PAGES ? &page_queue : &r->map->waiters);
}

/*
 * Let a request stand in the queue for what it lacks.  At splimp.
 */
static void
queue_enter(struct kmem_request *r, int lacks)
{
	struct kmem_request **rp;

	if (r->queued[lacks])
		return;
	rp = queue(r, lacks);
	while (*rp != NULL && (int)((*rp)->ticket - r->ticket) < 0)
		rp = &(*rp)->next[lacks];
	r->next[lacks] = *rp;
	*rp = r;
	r->queued[lacks] = TRUE;
}

/*
 * Is this one of the things that a request wants?
 */
static int
wants(const struct kmem_request *r, int lacks)
{
	return (lacks == PAGES ? (r->flags & M_SPACE_ONLY) == 0 :
	    r->map != NULL);
}

/*
 * Does somebody with a lower ticket stand for this, which the request
 * wants, too?  At splimp.
 */
static int
queue_behind(const struct kmem_request *r, int lacks)
{
	const struct kmem_request *head;

	head = wants(r, lacks) ? *queue(r, lacks) : NULL;
	return (head != NULL && (int)(head->ticket - r->ticket) < 0);
}

/*
 * Take a request out of a queue; returns 1 if it was there.  At splimp.
 */
static int
queue_leave(struct kmem_request *r, int lacks)
{
	struct kmem_request **rp;

	if (!r->queued[lacks])
		return (0);
	for (rp = queue(r, lacks); *rp != r; )
		rp = &(*rp)->next[lacks];
	*rp = r->next[lacks];
	r->queued[lacks] = FALSE;
	return (1);
}

/*
 * Let a request stand for what it lacks; for addresses alone, while it
 * lacks those.  At splimp.
 */
static void
queue_stand(struct kmem_request *r, int lacks)
{
	r->lacks = lacks;
	queue_enter(r, lacks);
	if (lacks == SPACE && queue_leave(r, PAGES))
		kmem_gain();
}

/*
 * Would a request pass somebody who waits for the same thing?
 */
static int
queue_busy(const struct kmem_request *r, int lacks)
{
	return (wants(r, lacks) && *queue(r, lacks) != NULL);
}

/*
 * How are the frames had that lie in a map?
 */
static unsigned int
map_use(vm_map_t map)
{
	return (map->pageable ? ACTIVE : WIRED);
}

/*
 * Take the first hole of so many bytes, for an entry of this kind.
 * Null where there is no hole, or no entry; *lacks says which.
 */
static struct vm_map_entry *
take_space(vm_map_t map, vm_size_t size, int kind, int *lacks)
{
	struct vm_map_entry *e, *next;
	int s;

	s = splimp();
	entry_refill(s);
	e = NULL;
	*lacks = SPACE;
	next = vm_map_findspace(map, size);
	if (next != NULL) {
		*lacks = PAGES;
		e = entry_get(refilling && s == refill_level);
	}
	if (e != NULL) {
		e->start = next->prev->end;
		e->end = e->start + size;
		e->kind = kind;
		vm_map_entry_link(map, next, e);
		map->used += size;
	}
	splx(s);
	return (e);
}

/*
 * Give up an entry, which has no frames (any more), and its addresses.
 */
static void
drop_space(vm_map_t map, struct vm_map_entry *e)
{
	int s;

	s = splimp();
	map->used -= e->end - e->start;
	vm_map_entry_unlink(map, e);
	entry_put(e);
	splx(s);
}

/*
 * The frame for the page at `off' in what is asked for, now had; 0 for
 * none.  `first' begins the row, or is NOBIT.  At splimp.
 */
static vm_offset_t
page_frame(const struct kmem_request *r, vm_offset_t off,
    unsigned long first)
{
	vm_offset_t pa;

	if (r->from == 0 && first == NOBIT)
		return (frame_alloc(r->use));
	if (r->from != 0)
		pa = pmap_extract(curpmap(), r->from + off);
	else {
		pa = (first << PAGE_SHIFT) + off;
		if (frame_use[pa >> PAGE_SHIFT] != 0)
			return (0);
	}
	frame_hold(pa, r->use);
	return (pa);
}

/*
 * Map the page at va, which is at `off' in what is asked for, to its
 * frame; 0 where there is none, or where the machine refuses, which
 * comes to the same.
 */
static int
back_page(const struct kmem_request *r, vm_offset_t va, vm_offset_t off,
    unsigned long first)
{
	vm_offset_t pa;
	int s;

	s = splimp();
	pa = page_frame(r, off, first);
	if (pa != 0 && pmap_enter(kernel_pmap, va, pa,
	    VM_PROT_READ | VM_PROT_WRITE) != 0) {
		frame_drop(pa, r->use);
		pa = 0;
	}
	splx(s);
	return (pa != 0);
}

/*
 * Unmap the page at va and give its frame up, which was had in this way.
 */
static void
release_page(vm_offset_t va, unsigned int use)
{
	int s;

	s = splimp();
	frame_drop(unmap_page(va), use);
	splx(s);
}

/*
 * Put frames behind all pages of an entry, from frame `first' on, or
 * (NOBIT) wherever they are.  Returns 1, or 0 and has taken all back.
 */
static int
back_pages(const struct kmem_request *r, const struct vm_map_entry *e,
    unsigned long first)
{
	vm_offset_t va;

	for (va = e->start; va < e->end; va += PAGE_SIZE) {
		if (!back_page(r, va, va - e->start, first)) {
			while (va > e->start) {
				va -= PAGE_SIZE;
				release_page(va, r->use);
			}
			return (0);
		}
		if ((r->flags & M_ZERO_IT) != 0)
			bzero((void *)va, PAGE_SIZE);
	}
	return (1);
}

/*
 * Put frames behind an entry in transit, as the request wants them.
 * Returns 1; or 0, with no frame behind it, where there are none such.
 */
static int
back_entry(const struct kmem_request *r, const struct vm_map_entry *e)
{
	unsigned long f, n;

	if ((r->flags & M_IO) == 0)
		return (back_pages(r, e, NOBIT));
	n = r->size >> PAGE_SHIFT;
	for (f = 0; (f = frame_run(f, n, io_within(r->flags))) != NOBIT; f++)
		if (back_pages(r, e, f))
			return (1);
	return (0);
}

/*
 * An entry in transit has become what it was to be: let it join its
 * neighbours.
 */
static void
settle(vm_map_t map, struct vm_map_entry *e, int kind)
{
	int s;

	s = splimp();
	e->kind = kind;
	entry_put(entry_join(map, e));
	entry_put(entry_join(map, e->prev));
	splx(s);
}

static vm_offset_t cleanroom;		/* where frames are zeroed */

/*
 * Take a frame, for this use, and zero it: its address, or 0.
 */
static vm_offset_t
clean_frame(unsigned int use)
{
	vm_offset_t pa;
	int s;

	s = splimp();
	pa = frame_alloc(use);
	if (pa != 0 && pmap_enter(kernel_pmap, cleanroom, pa,
	    VM_PROT_READ | VM_PROT_WRITE) != 0) {
		frame_drop(pa, use);
		pa = 0;
	}
	splx(s);
	if (pa == 0)
		return (0);
	bzero((void *)cleanroom, PAGE_SIZE);
	s = splimp();
	pmap_remove(kernel_pmap, cleanroom, cleanroom + PAGE_SIZE);
	splx(s);
	return (pa);
}

/*
 * Give up a frame that was a process's.
 */
static void
drop_frame(vm_offset_t pa)
{
	int s;

	s = splimp();
	frame_drop(pa, ACTIVE);
	splx(s);
}

/*
 * Take all the zeroed frames of a request.  Returns 1, or 0 and has
 * taken none.
 */
static int
take_frames(struct kmem_request *r)
{
	unsigned long i;

	for (i = 0; i < r->size >> PAGE_SHIFT; i++)
		if ((r->frame[i] = clean_frame(r->use)) == 0) {
			while (i-- > 0)
				drop_frame(r->frame[i]);
			r->lacks = PAGES;
			return (0);
		}
	return (1);
}

/*
 * Try to serve a request, without sleeping.  0 where that fails; then
 * r->lacks says what for.  At the caller's level.
 */
static vm_offset_t
attempt(struct kmem_request *r)
{
	struct vm_map_entry *e;
	vm_offset_t addr;

	if (r->map == NULL)
		return (take_frames(r));
	e = take_space(r->map, r->size, VME_TRANSIT, &r->lacks);
	if (e == NULL)
		return (0);
	addr = e->start;
	if ((r->flags & M_SPACE_ONLY) != 0)
		settle(r->map, e, VME_SPACE);
	else if (back_entry(r, e))
		settle(r->map, e, r->from != 0 ? VME_MAPPED : VME_WIRED);
	else {
		r->lacks = PAGES;
		drop_space(r->map, e);
		addr = 0;
	}
	entry_drain();
	return (addr);
}

/*
 * Sleep until a request can be served, and serve it.  Returns its
 * address; 0 after a panic.  At the caller's level.
 */
static vm_offset_t
request_wait(struct kmem_request *r)
{
	vm_offset_t addr;
	unsigned int seen;
	int s;

	s = splimp();
	kmem_waiters++;
	r->ticket = tickets++;
	for (addr = 0; ; kmem_wait(seen, r->lacks == SPACE ? "kmemva" :
	    "kmempg")) {
		seen = kmem_gained;
		if (queue_behind(r, SPACE))
			queue_stand(r, SPACE);
		else if (queue_behind(r, PAGES))
			queue_stand(r, PAGES);
		else {
			splx(s);
			malloc_reclaim();
			addr = attempt(r);
			(void)splimp();
			if (addr == 0)
				queue_stand(r, r->lacks);
		}
		if (addr != 0 || panicstr != NULL)
			break;
	}
	(void)queue_leave(r, SPACE);
	(void)queue_leave(r, PAGES);
	if (--kmem_waiters != 0)
		kmem_gain();
	splx(s);
	return (addr);
}

/*
 * Serve a request: its address, or 0.  At the caller's level.
 */
static vm_offset_t
serve(struct kmem_request *r)
{
	vm_offset_t addr;

	if (cold || panicstr != NULL)
		r->flags |= M_NOWAIT;
	if ((r->flags & M_NOWAIT) == 0 &&
	    (queue_busy(r, SPACE) || queue_busy(r, PAGES)))
		return (request_wait(r));
	addr = attempt(r);
	if (addr == 0 && kmem_map != NULL && malloc_reclaim() != 0)
		addr = attempt(r);
	if (addr != 0 || (r->flags & M_NOWAIT) != 0)
		return (addr);
	return (request_wait(r));
}

/*
 * Allocate size bytes of a map.  See kmem.h.
 */
vm_offset_t
kmem_alloc(vm_map_t map, vm_size_t size, int flags)
{
	struct kmem_request r = { .map = map, .flags = flags };

	witness_none("kmem_alloc");
	if ((flags & ~(M_NOWAIT | M_ZERO_IT | M_SPACE_ONLY | M_IO)) != 0)
		panic("kmem_alloc: flags %#x are unknown", flags &
		    ~(M_NOWAIT | M_ZERO_IT | M_SPACE_ONLY | M_IO));
	if ((flags & M_NOWAIT) == 0 && cpu_intr_p())
		panic("kmem_alloc: M_WAITOK in an interrupt handler "
		    "(%lu bytes)", size);
	if (size == 0 || size > map->size)
		return (0);
	if ((flags & M_SPACE_ONLY) == 0 && (size + PAGE_MASK) >> PAGE_SHIFT >
	    ((flags & M_IO) != 0 ? io_longest(flags) : cnt.v_page_count))
		return (0);
	r.size = round_page(size);
	r.use = map_use(map);
	return (serve(&r));
}

/*
 * What is wrong with freeing [addr, end), where e is the first entry
 * that ends after addr; null if nothing is.  At splimp.
 */
static const char *
badrange(const struct vm_map_entry *e, vm_offset_t addr, vm_offset_t end)
{
	if (e->kind == VME_END || e->kind == VME_TRANSIT || end <= e->start)
		return ("are not allocated");
	if (addr < e->start || end > e->end)
		return ("are partly allocated");
	if (e->kind == VME_SUBMAP)
		return ("belong to a submap");
	if (addr == e->start && end == e->end)
		return (NULL);
	if (e->kind == VME_SPACE)
		return ("are part of a reservation");
	if (e->kind == VME_MAPPED)
		return ("are part of a process's memory");
	return (NULL);
}

/*
 * Unmap a range and give up its frames, which were had in this way.
 */
static void
release_pages(vm_offset_t addr, vm_offset_t end, unsigned int use)
{
	for (; addr < end; addr += PAGE_SIZE)
		release_page(addr, use);
}

/*
 * Likewise, and return a spare entry, whatever happens.
 */
static struct vm_map_entry *
unmap_range(vm_offset_t addr, vm_offset_t end, unsigned int use)
{
	struct vm_map_entry *spare;
	vm_offset_t pa;
	int s;

	s = splimp();
	pa = unmap_page(addr);
	spare = entry_get(FALSE);
	if (spare == NULL) {
		window_add(pa, use);
		spare = entry_get(FALSE);
	} else
		frame_drop(pa, use);
	splx(s);
	release_pages(addr + PAGE_SIZE, end, use);
	return (spare);
}

/*
 * Take [addr, end) out of an entry; spare is used, or put back.
 * At splimp.
 */
static void
cut(vm_map_t map, struct vm_map_entry *e, vm_offset_t addr, vm_offset_t end,
    struct vm_map_entry *spare)
{
	map->used -= end - addr;
	if (addr == e->start && end == e->end) {
		vm_map_entry_unlink(map, e);
		entry_put(e);
	} else if (addr == e->start) {
		e->start = end;
		tree_touch(map->root, e);
	} else {
		if (end != e->end) {
			spare->start = end;
			spare->end = e->end;
			spare->kind = e->kind;
			e->end = addr;
			vm_map_entry_link(map, e->next, spare);
			spare = NULL;
		} else {
			e->end = addr;
			tree_touch(map->root, e->next);
		}
	}
	entry_put(spare);
}

/*
 * Give back a range of a map.  See kmem.h.
 */
void
kmem_free(vm_map_t map, vm_offset_t addr, vm_size_t size)
{
	struct vm_map_entry *e, *spare;
	vm_offset_t end;
	const char *why;
	int kind, s;

	witness_none("kmem_free");
	if (size == 0)
		return;
	s = splimp();
	e = vm_map_lookup_entry(map, addr);
	end = size > map->size ? ~0UL : round_page(addr + size);
	why = badrange(e, trunc_page(addr), end);
	kind = e->kind;
	splx(s);
	if (kind != VME_MAPPED && (addr & PAGE_MASK) != 0)
		panic("kmem_free: address %#lx is not page-aligned", addr);
	if (why != NULL)
		panic("kmem_free: %lu bytes at %#lx %s", size, addr, why);
	addr = trunc_page(addr);
	spare = NULL;
	if (kind == VME_WIRED)
		spare = unmap_range(addr, end, map_use(map));
	else if (kind == VME_MAPPED)
		release_pages(addr, end, WIRED);
	s = splimp();
	cut(map, vm_map_lookup_entry(map, addr), addr, end, spare);
	if (kmem_waiters != 0)
		kmem_gain();
	splx(s);
	entry_drain();
}

/*
 * Physical address of kva, or 0.  See kmem.h.
 */
vm_offset_t
kmem_phys(vm_offset_t kva)
{
	return (pmap_extract(kernel_pmap, kva));
}


/*
 * May the owner of a pmap write every page of [va, va + size)?
 */
static int
mmap_allowed(pmap_t pmap, vm_offset_t va, vm_size_t size)
{
	vm_size_t off;

	if (pmap == NULL || va == 0)
		return (0);
	for (off = 0; off < size; off += PAGE_SIZE)
		if ((pmap_protection(pmap, va + off) & VM_PROT_WRITE) == 0)
			return (0);
	return (1);
}

/*
 * Map a region of the present process into a map.  See kmem.h.
 */
vm_offset_t
kmem_mmap(vm_map_t map, vm_offset_t addr, vm_size_t size)
{
	struct kmem_request r = { .map = map, .flags = M_NOWAIT,
	    .use = WIRED, .from = trunc_page(addr) };
	vm_offset_t va;

	if (size == 0 || size > map->size || addr + (size - 1) < addr)
		return (0);
	r.size = round_page((addr & PAGE_MASK) + size);
	if (!mmap_allowed(curpmap(), r.from, r.size))
		return (0);
	va = serve(&r);
	return (va == 0 ? 0 : va | (addr & PAGE_MASK));
}


/*
 * Give frames back that kmem_getpages gave.  See kmem.h.
 */
void
kmem_putpages(const vm_offset_t frame[], unsigned long n)
{
	unsigned long i;
	int s;

	for (i = 0; i < n; i++)
		drop_frame(frame[i]);
	s = splimp();
	if (kmem_waiters != 0)
		kmem_gain();
	splx(s);
}

/*
 * Take frames for a process's memory.  See kmem.h.
 */
int
kmem_getpages(vm_offset_t frame[], unsigned long n, int flags)
{
	struct kmem_request r = { .flags = flags & M_NOWAIT,
	    .use = ACTIVE, .frame = frame };

	if (cpu_intr_p())
		panic("kmem_getpages: in an interrupt handler");
	if (n == 0 || n > cnt.v_page_count)
		return (0);
	r.size = n << PAGE_SHIFT;
	return (serve(&r) != 0);
}

/*
 * Make an empty map of [min, max).
 */
void
vm_map_init(vm_map_t map, vm_offset_t min, vm_offset_t max)
{
	bzero(map, sizeof(*map));
	map->size = max - min;
	map->header.start = max;
	map->header.end = min;
	map->header.kind = VME_END;
	map->header.prev = map->header.next = &map->header;
	map->root = tree_insert(NULL, &map->header);
}

/*
 * Carve a submap out of kernel_map, described at `map'.  See kmem.h.
 */
vm_map_t
kmem_submap(vm_map_t map, vm_size_t size, boolean_t pageable)
{
	struct vm_map_entry *e;
	int lacks;

	if (size == 0 || size > kernel_map->size)
		return (NULL);
	e = take_space(kernel_map, round_page(size), VME_SUBMAP, &lacks);
	entry_drain();
	if (e == NULL)
		return (NULL);
	vm_map_init(map, e->start, e->end);
	map->pageable = pageable;
	return (map);
}

/*
 * Make a submap.  See kmem.h.
 */
vm_map_t
kmem_suballoc(vm_size_t size, boolean_t pageable)
{
	vm_map_t map;

	map = malloc(sizeof(*map), M_VMMAP, M_NOWAIT);
	if (map != NULL && kmem_submap(map, size, pageable) == NULL) {
		free(map, M_VMMAP);
		map = NULL;
	}
	return (map);
}

static struct vm_map kernel_map_store;

/*
 * Start kmem.  See kmem.h.
 */
void
kmem_init(void)
{
	unsigned long i, nslots;

	kernel_map = kmem_map = mb_map = phys_map = pager_map = NULL;
	bzero(&cnt, sizeof(cnt));
	kmem_gained = kmem_waiters = 0;
	kmem_undoing = FALSE;
	page_queue = NULL;
	refilling = FALSE;
	fare = loose = NULL;
	kept.next = kept.prev = &kept;
	nkept = nloose = 0;
	for (i = 0; i < NSTATIC; i++)
		entry_put(&reserve[i]);
	for (i = 0; phys_avail[i + 1] != 0; i += 2)
		continue;
	if (i == 0)
		panic("kmem_init: no memory");
	i = phys_avail[i - 1] >> PAGE_SHIFT;
	bit_init(&free_frames, i < MAXFRAMES ? i : MAXFRAMES);
	frame_use = (unsigned int *)
	    pmap_steal_memory(free_frames.size * sizeof(unsigned int));
	nslots = (virtual_end - virtual_avail) / PAGE_SIZE * 2 / PERPAGE + 2;
	bit_init(&window_free, nslots);
	window_live = (unsigned char *)pmap_steal_memory(nslots);
	for (i = 0; i < nslots; i++)
		bit_add(&window_free, i);
	for (i = 0; phys_avail[i + 1] != 0; i += 2) {
		unsigned long f;

		for (f = phys_avail[i] >> PAGE_SHIFT;
		    f < phys_avail[i + 1] >> PAGE_SHIFT &&
		    f < free_frames.size; f++) {
			bit_add(&free_frames, f);
			cnt.v_page_count++;
		}
	}

	cnt.v_free_count = cnt.v_page_count;
	window = round_page(virtual_avail);
	cleanroom = window + (nslots << PAGE_SHIFT);
	if (cleanroom + PAGE_SIZE >= virtual_end)
		panic("kmem_init: no addresses");
	vm_map_init(&kernel_map_store, cleanroom + PAGE_SIZE,
	    trunc_page(virtual_end));
	kernel_map = &kernel_map_store;
}

/* What a walk of a map has found so far. */
struct mapwalk {
	int	(*pr)(const char *, ...);
	int	wrong;				/* things found wrong */
	const struct vm_map_entry *last;	/* entry before, in the tree */
};

#define	EXPECT(wp, cond, ...) \
	do { \
		if (!(cond)) { \
			(wp)->wrong++; \
			(wp)->pr("kmem_check: " __VA_ARGS__); \
		} \
	} while (0)

/*
 * Check an entry against the one before it, and its pages.
 */
static void
check_entry(struct mapwalk *wp, const struct vm_map_entry *e)
{
	vm_offset_t va;

	EXPECT(wp, e->prev->next == e && e->start >= e->prev->end &&
	    e->end > e->start, "entry %#lx is out of order\n", e->start);
	EXPECT(wp, e->kind != VME_TRANSIT && e->kind != VME_END,
	    "entry %#lx is of kind %d at rest\n", e->start, e->kind);
	EXPECT(wp, e->kind != VME_WIRED || e->prev->kind != VME_WIRED ||
	    e->prev->end != e->start, "entry %#lx is not joined\n", e->start);
	if (e->kind == VME_SUBMAP || e->kind == VME_OBJECT)
		return;
	for (va = e->start; va < e->end; va += PAGE_SIZE)
		EXPECT(wp, (kmem_phys(va) != 0) == (e->kind == VME_WIRED ||
		    e->kind == VME_MAPPED),
		    "page %#lx of an entry of kind %d\n", va, e->kind);
}

/*
 * Check that nothing is mapped in the hole in front of an entry.
 */
static void
check_hole(struct mapwalk *wp, const struct vm_map_entry *e)
{
	vm_offset_t va;

	for (va = e->prev->end; va < e->start; va += PAGE_SIZE)
		EXPECT(wp, kmem_phys(va) == 0,
		    "page %#lx is mapped, in a hole\n", va);
}

/*
 * Check the order, the levels and the holes of a subtree.
 */
static void
check_tree(struct mapwalk *wp, const struct vm_map_entry *t)
{
	vm_size_t max;

	if (t == NULL)
		return;
	check_tree(wp, t->left);
	EXPECT(wp, wp->last->next == t,
	    "entry %#lx: tree and ring differ\n", t->start);
	wp->last = t;
	check_tree(wp, t->right);
	EXPECT(wp, level(t->left) == t->level - 1 &&
	    t->level - level(t->right) <= 1 && level(t->right) <= t->level &&
	    (t->right == NULL || level(t->right->right) < t->level),
	    "entry %#lx: level %d\n", t->start, t->level);
	max = hole(t);
	if (t->left != NULL && t->left->hole > max)
		max = t->left->hole;
	if (t->right != NULL && t->right->hole > max)
		max = t->right->hole;
	EXPECT(wp, max == t->hole, "entry %#lx: largest hole %lu, not %lu\n",
	    t->start, t->hole, max);
}

/*
 * Count the pages of a range that are mapped to wired frames; none may
 * be mapped to a free one.
 */
static unsigned long
count_mapped(struct mapwalk *wp, vm_offset_t va, vm_offset_t end)
{
	unsigned long n;
	vm_offset_t pa;

	for (n = 0; va < end; va += PAGE_SIZE)
		if ((pa = kmem_phys(va)) != 0) {
			EXPECT(wp, frame_use[pa >> PAGE_SHIFT] != 0,
			    "page %#lx has a free frame\n", va);
			n += frame_use[pa >> PAGE_SHIFT] >= WIRED;
		}
	return (n);
}

/*
 * Compare the counts of frames with their numbers, the set and the page
 * tables.
 */
static void
check_frames(struct mapwalk *wp)
{
	unsigned long f, n, nfree, nactive, nwired;

	nfree = 0;
	for (f = bit_find(&free_frames, 0); f != NOBIT;
	    f = bit_find(&free_frames, f + 1)) {
		nfree++;
		EXPECT(wp, frame_use[f] == 0,
		    "frame %lu is free, and had as %u\n", f, frame_use[f]);
	}
	n = nactive = nwired = 0;
	for (f = 0; f < free_frames.size; f++) {
		n += frame_use[f] / WIRED;
		nwired += frame_use[f] >= WIRED;
		nactive += frame_use[f] == ACTIVE;
	}
	EXPECT(wp, n == count_mapped(wp, window, vm_map_max(kernel_map)),
	    "frames know of %lu mappings that rely on them\n", n);
	EXPECT(wp, nfree == cnt.v_free_count && nactive == cnt.v_active_count &&
	    nwired == cnt.v_wire_count &&
	    nfree + nactive + nwired == cnt.v_page_count,
	    "%lu frames free, %lu active, %lu wired of %lu; "
	    "counted %lu, %lu, %lu\n", cnt.v_free_count, cnt.v_active_count,
	    cnt.v_wire_count, cnt.v_page_count, nfree, nactive, nwired);
}

/*
 * Count the free frames below an address.  See kmem.h.
 */
unsigned long
kmem_free_below(vm_offset_t limit)
{
	unsigned long f, n;

	n = 0;
	for (f = 0; (f = frame_next(f)) < limit >> PAGE_SHIFT; f++)
		n++;
	return (n);
}

/*
 * Compare the lists of spare entries with their counts.
 */
static void
check_spares(struct mapwalk *wp)
{
	const struct vm_map_entry *e;
	unsigned long slot;
	unsigned int n;

	for (n = 0, e = kept.next; e != &kept && n <= nkept; e = e->next)
		n++;
	EXPECT(wp, n == nkept, "%u kept entries; counted %u\n", nkept, n);
	for (n = 0, e = loose; e != NULL && n <= nloose; e = e->next)
		n++;
	EXPECT(wp, n == nloose, "%u loose entries; counted %u\n", nloose, n);
	for (slot = 0; slot < window_free.size; slot++) {
		if (kmem_phys(window + (slot << PAGE_SHIFT)) == 0)
			continue;
		for (n = 0, e = kept.next; e != &kept; e = e->next)
			if (in_window(e) && window_slot(e) == slot)
				n++;
		EXPECT(wp, n + window_live[slot] == PERPAGE && n < PERPAGE,
		    "window slot %lu: %u entries in, %d out\n", slot, n,
		    window_live[slot]);
	}
	EXPECT(wp, !refilling && fare != NULL && !in_window(fare),
	    "the fare is %p\n", (void *)fare);
	EXPECT(wp, nloose == 0 || nkept + nloose <= RESERVE,
	    "%u kept and %u loose entries are spare\n", nkept, nloose);
}

/*
 * Check every invariant of a map.  See kmem.h.
 */
int
kmem_check(vm_map_t map, int (*pr)(const char *, ...))
{
	struct mapwalk walk;
	const struct vm_map_entry *e;
	unsigned long n;
	vm_size_t used;

	walk.pr = pr;
	walk.wrong = 0;
	walk.last = &map->header;
	n = 0;
	used = 0;
	for (e = map->header.next; e != &map->header; e = e->next, n++) {
		check_hole(&walk, e);
		check_entry(&walk, e);
		used += e->end - e->start;
	}

	check_hole(&walk, e);
	EXPECT(&walk, n == map->nentries && used == map->used,
	    "%lu entries of %lu bytes; counted %lu, %lu\n", map->nentries,
	    map->used, n, used);
	check_tree(&walk, map->root);
	EXPECT(&walk, walk.last->next == map->header.next,
	    "the tree does not end with the header\n");
	if (map == kernel_map) {
		check_frames(&walk);
		check_spares(&walk);
	}
	return (walk.wrong);
}
