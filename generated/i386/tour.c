/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file tour.c
 * The test kernel's first process, and a tour of what malloc does.
 */
#include <stddef.h>

#include "kern.h"
#include "i386.h"
#include "monitor.h"
#include "kmem.h"
#include "malloc.h"

static int failures;		/* Expectations that did not hold. */
static int step;		/* Number of the present step. */
static vm_map_t late_map;	/* Made by the tour; it stays. */
static struct mapname late_name;
static struct {
	vm_offset_t ln_addr, ln_kva;	/* The process's, the kernel's. */
	vm_offset_t ln_phys;		/* As the process has it. */
	vm_size_t ln_size;
	int	ln_over;		/* The process may go on. */
} loan;				/* What the process has lent. */
static volatile int lender_status;
#define	NHELD	6
static struct {
	u_long	size;
	int	type;
	void	*addr;
} held[NHELD] = {		/* Blocks for the last step. */
	{ 40, M_CRED, NULL }, { 128, M_SOCKET, NULL }, { 232, M_PROC, NULL },
	{ 272, M_VNODE, NULL }, { 8192, M_IFADDR, NULL },
	{ 70000, M_SUPERBLK, NULL }
};

#define	say(...) \
	(printf("   "), printf(__VA_ARGS__), printf("\n"))
#define	show(...) \
	(printf("      "), printf(__VA_ARGS__), printf("\n"))
/* Print and count what was expected and is not so.  Returns ok. */
static int
expect(int ok, const char *what)
{
	if (!ok) {
		failures++;
		printf("   FAILED: expected %s\n", what);
	}
	return (ok);
}

/* Open the next step. */
static void
begin(const char *title)
{
	printf("\n%d. %s\n", ++step, title);
}

/* Pages of the arena that the pool holds with no block in use. */
static u_long
idle_pages(void)
{
	struct malloc_page mp;
	u_long va, n = 0;

	for (va = (u_long)kmembase; va < (u_long)kmemlimit; va += PAGE_SIZE)
		if (malloc_page(va, &mp) && mp.mp_class >= 0 &&
		    mp.mp_class < LARGE && mp.mp_free == mp.mp_blocks)
			n++;
	return (n);
}

/* Pages that malloc has returned to kmem so far. */
static u_long
returned_pages(void)
{
	u_long n = 0;
	int i;

	for (i = 0; i < NBUCKETS; i++)
		n += bucket[i].kb_returned;
	return (n);
}

/* Show the ranges that everything else happens in. */
static void
tour_memory(void)
{
	begin("Memory as found");
	say("kmem keeps a record of each page frame, and gives out kernel");
	say("addresses. One range of them is the arena of malloc.");
	show("frames      %5lu: %lu free, %lu active, %lu wired",
	    cnt.v_page_count, cnt.v_free_count,
	    cnt.v_active_count, cnt.v_wire_count);
	show("kernel_map  %#lx to %#lx, %lu KB", (u_long)vm_map_min(kernel_map),
	    (u_long)vm_map_max(kernel_map), (u_long)kernel_map->size / 1024);
	show("kmem_map    %#lx to %#lx, %lu KB", (u_long)kmembase,
	    (u_long)kmemlimit, (u_long)kmem_map->size / 1024);
	expect(cnt.v_free_count + cnt.v_active_count + cnt.v_wire_count ==
	    cnt.v_page_count, "each frame to be free, active or wired");
	expect((u_long)kmembase >= vm_map_min(kernel_map) &&
	    (u_long)kmemlimit <= vm_map_max(kernel_map),
	    "the arena to lie in kernel_map");
}

/* Show one block, from request to free. */
static void
tour_block(void)
{
	struct malloc_page mp;
	u_long before = kmemstats[M_TEMP].ks_memuse, phys;
	char *p;

	begin("A block, its class and its page");
	say("300 bytes are rounded up to a size class; the blocks of a");
	say("class share pages, so that none of them crosses a page's end.");
	p = malloc(300, M_TEMP, M_WAITOK);
	malloc_page((u_long)p, &mp);
	phys = kmem_phys((vm_offset_t)p);
	show("malloc(300, M_TEMP) = %#lx, physical address %#lx",
	    (u_long)p, phys);
	show("a block of %lu bytes; its page has %lu blocks, %lu of them free",
	    bucket[mp.mp_class].kb_size, mp.mp_blocks, mp.mp_free);
	show("%s now holds %lu bytes", kmemstats[M_TEMP].ks_shortdesc,
	    kmemstats[M_TEMP].ks_memuse);
	expect(bucket[mp.mp_class].kb_size == 320, "a block of 320 bytes");
	expect(kmemstats[M_TEMP].ks_memuse == before + 320,
	    "the type to be charged 320 bytes");
	expect((u_long)p % 16 == 0, "a block aligned to 16 bytes");
	expect(phys != 0 && (phys & PAGE_MASK) == ((u_long)p & PAGE_MASK),
	    "the same place in the frame as in the page");
	free(p, M_TEMP);
	expect(kmemstats[M_TEMP].ks_memuse == before,
	    "the type to be charged nothing after the free");
}

/* What the handler got: filled in at interrupt level. */
struct burst {
	int	b_inside;	/* cpu_intr_p, there. */
	int	b_granted;	/* Requests granted before the first refusal. */
	int	b_done;
	void	*b_block[8];
};

/* In the clock's handler: take blocks until one is refused. */
static void
take_mbufs(void *arg)
{
	struct burst *b = arg;
	int n;

	b->b_inside = cpu_intr_p();
	for (n = 0; n < 8; n++) {
		b->b_block[n] = malloc(128, M_MBUF, M_NOWAIT);
		if (b->b_block[n] == NULL)
			break;
	}
	b->b_granted = n;
	b->b_done = 1;
	wakeup(b);
}

/* Show a grant and a refusal at interrupt level. */
static void
tour_interrupt(void)
{
	struct kmemstats *ksp = &kmemstats[M_MBUF];
	u_long limit = ksp->ks_limit, refused = ksp->ks_limblocks;
	struct burst b = { 0 };
	int s;

	begin("The clock's interrupt allocates, and is refused");
	say("A handler cannot sleep. It asks with M_NOWAIT, here for blocks");
	say("of 128 bytes of a type that may hold four more of them.");
	malloc_type_setlimit(M_MBUF, ksp->ks_memuse + 4 * 128);
	intr_on_tick(take_mbufs, &b);
	s = splimp();
	while (!b.b_done)
		tsleep(&b, PVM, "tick", 0);
	splx(s);
	show("in the handler: %d granted, the next refused", b.b_granted);
	show("%s: %lu bytes of %lu in use, refused or blocked %lu -> %lu times",
	    ksp->ks_shortdesc, ksp->ks_memuse, ksp->ks_limit, refused,
	    ksp->ks_limblocks);
	expect(b.b_inside, "to have been in an interrupt handler");
	expect(b.b_granted == 4, "four grants");
	expect(ksp->ks_limblocks == refused + 1, "one refusal to be counted");
	while (b.b_granted > 0)
		free(b.b_block[--b.b_granted], M_MBUF);
	malloc_type_setlimit(M_MBUF, limit);
}

/* A process that asks for a block and sleeps until it is there. */
struct sleeper {
	u_long	sl_size;	/* What it asks for. */
	void	*sl_block;	/* What it got. */
	int	sl_order;	/* As the n-th: 0 while it waits. */
};

static struct sleeper large, small;
static int served;		/* Sleepers that have their block. */

static void
take_namei(void *arg)
{
	struct sleeper *sl = arg;

	sl->sl_block = malloc(sl->sl_size, M_NAMEI, M_WAITOK);
	sl->sl_order = ++served;
}

/* Show that sleepers are woken by a free, in order. */
static void
tour_sleepers(void)
{
	struct kmemstats *ksp = &kmemstats[M_NAMEI];
	u_long limit = ksp->ks_limit;
	void *full[2];
	int pid[2];

	begin("Two processes sleep at their type's limit");
	say("The type may hold 2112 bytes more, and 2048 are taken. Process");
	say("'large' asks for 1024, then 'small' for 16, which would fit;");
	say("but who came first is served first.");
	malloc_type_setlimit(M_NAMEI, ksp->ks_memuse + 2 * 1024 + 64);
	full[0] = malloc(1024, M_NAMEI, M_WAITOK);
	full[1] = malloc(1024, M_NAMEI, M_WAITOK);
	large = (struct sleeper){ 1024, NULL, 0 };
	small = (struct sleeper){ 16, NULL, 0 };
	served = 0;
	pid[0] = proc_create("large", take_namei, &large);
	proc_settle();
	pid[1] = proc_create("small", take_namei, &small);
	proc_settle();
	expect(pid[0] >= 0 && proc_asleep(pid[0]), "'large' asleep");
	expect(pid[1] >= 0 && proc_asleep(pid[1]), "'small' asleep behind it");
	{
		void *p = malloc(16, M_NAMEI, M_NOWAIT);

		show("both asleep; M_NOWAIT for 16 bytes, meanwhile: %s",
		    p != NULL ? "granted" : "refused");
		expect(p != NULL, "M_NOWAIT to take the room that is there");
		free(p, M_NAMEI);
	}
	free(full[0], M_NAMEI);
	proc_settle();
	show("one free of 1024 bytes: 'large' served as no. %d, 'small' as %d",
	    large.sl_order, small.sl_order);
	expect(large.sl_order == 1 && large.sl_block != NULL,
	    "'large' to be served first");
	expect(small.sl_order == 2 && small.sl_block != NULL,
	    "'small' to be served second");
	free(full[1], M_NAMEI);
	free(large.sl_block, M_NAMEI);
	free(small.sl_block, M_NAMEI);
	malloc_type_setlimit(M_NAMEI, limit);
	proc_settle();
}

#define	NBURST	256		/* Blocks of 128 bytes: eight pages. */
static char *burst[NBURST];

/* Show that a surplus page returns to kmem, and is unmapped. */
static void
tour_surplus(void)
{
	u_long before = returned_pages(), page, i;
	struct malloc_page mp;

	begin("A surplus page goes back to kmem");
	say("256 blocks of 128 bytes fill eight pages. When all are free,");
	say("the class keeps five pages' worth; the others are unmapped.");
	for (i = 0; i < NBURST; i++) {
		burst[i] = malloc(128, M_MBUF, M_WAITOK);
		*burst[i] = 1;
	}

	expect(!badaddr(burst[0]), "a block in use not to fault");
	for (i = 0; i < NBURST; i++)
		free(burst[i], M_MBUF);
	show("%lu pages returned; %lu idle ones stay in the pool, in all",
	    returned_pages() - before, idle_pages());
	expect(returned_pages() > before, "pages to be returned");
	for (i = 0; i < NBURST - 1; i++)
		if (malloc_page((u_long)burst[i], &mp) && mp.mp_class < 0)
			break;
	page = trunc_page(burst[i]);
	show("touching %#lx, in a page returned: %s", (u_long)burst[i],
	    badaddr(burst[i]) ? "page fault" : "no fault");
	expect(badaddr(burst[i]) && kmem_phys(page) == 0,
	    "a returned page to be unmapped");
	for (i = 0; i < NBURST; i++) {
		malloc_page((u_long)burst[i], &mp);
		if (!expect(badaddr(burst[i]) == (mp.mp_class < 0),
		    "exactly the returned pages to fault"))
			break;
	}
}

#define	NSPACE	64		/* Reservations: an entry each. */
static vm_offset_t space[NSPACE];

/* Show malloc being called from inside kmem_alloc. */
static void
tour_recursion(void)
{
	struct kmemstats *ksp = &kmemstats[M_VMMAPENT];
	u_long calls = ksp->ks_calls, entries = kernel_map->nentries;
	int i;

	begin("The VM calls malloc from inside kmem_alloc");
	say("Each reservation of address space needs a map entry, and the");
	say("entries are blocks of malloc's, of a type of their own.");
	for (i = 0; i < NSPACE; i++) {
		space[i] = kmem_alloc(kernel_map, PAGE_SIZE, M_SPACE_ONLY);
		expect(space[i] != 0, "address space for a reservation");
	}

	show("%d reservations: entries of kernel_map %lu -> %lu", NSPACE,
	    entries, kernel_map->nentries);
	show("%s: requests %lu -> %lu, blocks in use %lu", ksp->ks_shortdesc,
	    calls, ksp->ks_calls, ksp->ks_inuse);
	expect(kernel_map->nentries >= entries + NSPACE, "an entry for each");
	expect(ksp->ks_calls > calls, "malloc to be called by kmem_alloc");
	calls = ksp->ks_inuse;
	for (i = 0; i < NSPACE; i++)
		kmem_free(kernel_map, space[i], PAGE_SIZE);
	show("all given back: entries %lu, blocks in use %lu -> %lu",
	    kernel_map->nentries, calls, ksp->ks_inuse);
	expect(kernel_map->nentries == entries, "as many entries as before");
	expect(ksp->ks_inuse < calls, "entries to be freed to malloc");
}

/* At the front of each range that the tour took. */
struct taken {
	struct taken *tk_next;
	vm_size_t tk_size;
};

/* Take pages until kmem_alloc refuses a single one. */
static struct taken *
take_all(void)
{
	vm_size_t size = cnt.v_free_count * PAGE_SIZE;
	struct taken *list = NULL, *tk;

	while (size >= PAGE_SIZE) {
		tk = (struct taken *)kmem_alloc(kernel_map, size, M_NOWAIT);
		if (tk == NULL)
			size = trunc_page(size / 2);
		else
			{
				tk->tk_next = list;
				tk->tk_size = size;
				list = tk;
			}
	}
	return (list);
}

/* Give back what take_all took.  Returns how many pages it was. */
static u_long
give_all(struct taken *tk)
{
	struct taken *next;
	u_long pages = 0;

	for (; tk != NULL; tk = next) {
		next = tk->tk_next;
		pages += tk->tk_size / PAGE_SIZE;
		kmem_free(kernel_map, (vm_offset_t)tk, tk->tk_size);
	}
	return (pages);
}

/* Show that idle pages leave the pool before kmem refuses. */
static void
tour_pressure(void)
{
	u_long idle, left, free, back, got;
	struct taken *list;

	begin("The pool gives way under pressure");
	say("Take every page from kmem, without waiting. Before kmem");
	say("refuses, malloc must hand over the pages it keeps idle.");
	idle = idle_pages();
	free = cnt.v_free_count;
	back = returned_pages();
	list = take_all();
	left = idle_pages();
	back = returned_pages() - back;
	got = give_all(list);
	show("before: %lu frames free, %lu pages idle in the pool", free, idle);
	show("taken:  %lu pages, of which the pool gave back %lu", got, back);
	show("idle pages left in the pool at the refusal: %lu", left);
	expect(back > 0, "the pool to give pages back");
	expect(left == 0, "no idle page beside a refusal");
	expect(cnt.v_free_count >= free, "all frames to be free again");
}

/* A free that should not be. */
struct badfree {
	void	*bf_addr;
	int	bf_type;
};

static void
do_badfree(void *arg)
{
	struct badfree *bf = arg;

	free(bf->bf_addr, bf->bf_type);
}

/* Commit a bad free, and show the panic's message. */
static void
survive(void *addr, int type, const char *says, const char *what)
{
	struct badfree bf = { addr, type };
	const char *msg = panic_catch(do_badfree, &bf);

	show("%s", msg != NULL ? msg : "no panic");
	expect(msg != NULL && strstr(msg, says) != NULL, what);
}

/* Show three bad frees, each found by the call that commits it. */
static void
tour_bad_frees(void)
{
	char *p = malloc(100, M_TEMP, M_WAITOK);

	begin("Three bad frees, each caught");
	say("Each is a panic that names the address and the type. The tour");
	say("catches it; nothing has been changed, so the kernel goes on.");
	survive(p + 8, M_TEMP, "is not the start of a block",
	    "a free inside a block to panic");
	survive(p, M_NAMEI, kmemstats[M_TEMP].ks_shortdesc,
	    "a free with another type to panic");
	free(p, M_TEMP);
	survive(p, M_TEMP, "is free already", "a double free to panic");
	expect(malloc_check(printf) == 0, "the pool to be undamaged");
}

#define	NPIECE	40		/* Pages of the piece that is shown. */

/* Show the piece from base on, which should look like that. */
static void
show_piece(const char *when, vm_offset_t base, const char *shape)
{
	char line[NPIECE + 1];

	map_row(kernel_map, base, PAGE_SIZE, NPIECE, line);
	show("%-20s%s", when, line);
	expect(memcmp(line, shape, sizeof(line)) == 0,
	    "the picture to show what was taken and given back");
}

/* Reserve or free pages of kernel_map. */
static vm_offset_t
reserve(u_long npages)
{
	return (kmem_alloc(kernel_map, npages * PAGE_SIZE,
	    M_NOWAIT | M_SPACE_ONLY));
}

static void
release(vm_offset_t va, u_long npages)
{
	kmem_free(kernel_map, va, npages * PAGE_SIZE);
}

/* Show that 16 pages fit where 6, 2 and 8 were given back. */
static void
show_holes(void)
{
	vm_offset_t base, away, here;
	u_long entries = kernel_map->nentries;

	base = kmem_alloc(kernel_map, NPIECE * PAGE_SIZE, M_WAITOK);
	show_piece("40 pages taken", base,
	    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW");
	release(base + 6 * PAGE_SIZE, 6);
	release(base + 14 * PAGE_SIZE, 8);
	show_piece("6 and 8 given back", base,
	    "WWWWWW......WW........WWWWWWWWWWWWWWWWWW");
	away = reserve(16);
	show("16 asked for: they go to %#lx, behind these", (u_long)away);
	expect(away >= base + NPIECE * PAGE_SIZE,
	    "16 pages not to fit into 14");
	release(away, 16);
	release(base + 12 * PAGE_SIZE, 2);
	show_piece("and the 2 between", base,
	    "WWWWWW................WWWWWWWWWWWWWWWWWW");
	here = reserve(16);
	show_piece("16 asked for again", base,
	    "WWWWWWRRRRRRRRRRRRRRRRWWWWWWWWWWWWWWWWWW");
	expect(here == base + 6 * PAGE_SIZE,
	    "16 pages to fit into the joined hole");
	release(here, 16);
	release(base, 6);
	release(base + 22 * PAGE_SIZE, 18);
	expect(kernel_map->nentries == entries, "as many entries as before");
}

#define	NDEVICE	16		/* Pages of a device's buffer. */

/* Show frames that a device can use: below 16 MB, in one 64 KB. */
static void
show_device(void)
{
	vm_offset_t va, pa, last;
	int i, row = 1;

	va = kmem_alloc(kernel_map, NDEVICE * PAGE_SIZE, M_IO1 | M_NOWAIT);
	pa = kmem_phys(va);
	last = pa + NDEVICE * PAGE_SIZE - 1;
	for (i = 0; i < NDEVICE; i++)
		row &= kmem_phys(va + i * PAGE_SIZE) == pa + i * PAGE_SIZE;
	show("64 KB with M_IO1: %#lx, physical %#lx to %#lx", (u_long)va,
	    (u_long)pa, (u_long)last);
	expect(va != 0 && row, "frames side by side");
	expect(last < VM_IO_LIMIT, "frames below 16 MB");
	expect(pa / VM_IO1_BOUNDARY == last / VM_IO1_BOUNDARY,
	    "frames in one 64 KB");
	release(va, NDEVICE);
}

/* Show a map that was made late, and all of kernel_map. */
static void
show_submap(void)
{
	vm_offset_t va = 0;

	late_map = kmem_suballoc(32 * PAGE_SIZE, FALSE);
	if (!expect(late_map != NULL, "room for a submap"))
		return;
	map_name(&late_name, "late_map", &late_map);
	va = kmem_alloc(late_map, 8 * PAGE_SIZE, M_NOWAIT);
	show("a submap of 128 KB is made, and 32 KB of it are taken:");
	map_picture("      ");
	expect(va == vm_map_min(late_map), "the submap's first address");
	expect(kmem_phys(va) != 0 && kmem_phys(va + 7 * PAGE_SIZE) != 0,
	    "the pages of a late submap to be wired");
	kmem_free(late_map, va, 8 * PAGE_SIZE);
	expect(kmem_check(late_map, printf) == 0, "late_map in order");
}

/* Show kernel_map in pieces, frames for a device, and a late submap. */
static void
tour_addresses(void)
{
	begin("Kernel addresses, before and after a free");
	say("A page a character: W is backed by a frame, R reserved, a dot");
	say("is a hole. Holes that touch are one: 6 and 2 and 8 pages serve");
	say("a request for 16 as soon as the 2 between are given back.");
	show_holes();
	show_device();
	show_submap();
}

/* The system call `device': map what is lent, sleep until it is over. */
static long
take_loan(vm_offset_t addr, vm_size_t size)
{
	loan.ln_addr = addr;
	loan.ln_size = size;
	loan.ln_phys = pmap_extract(curpmap(), addr);
	loan.ln_kva = kmem_mmap(kernel_map, addr, size);
	while (loan.ln_kva != 0 && !loan.ln_over)
		tsleep(&loan, PVM, "loan", 0);
	return (loan.ln_kva != 0 ? 0 : -1);
}

/* Show where the text is for the process, and where for the kernel. */
static void
show_loan(void)
{
	char *text = (char *)loan.ln_kva + 6;

	show("at %#lx it wrote, at %#lx the kernel reads: %s",
	    (u_long)loan.ln_addr + 6, (u_long)text, text);
	show("physical address of the one %#lx, of the other %#lx",
	    (u_long)loan.ln_phys + 6, (u_long)kmem_phys(loan.ln_kva + 6));
	show("touching %#lx from the tour's process: %s",
	    (u_long)loan.ln_addr, badaddr((void *)loan.ln_addr) ?
	    "page fault" : "no fault");
	expect(strncmp(text, "a page of a process", 20) == 0,
	    "the text of the process");
	expect(kmem_phys(loan.ln_kva) == loan.ln_phys, "one frame");
	expect(badaddr((void *)loan.ln_addr),
	    "the process's address to be its own");
}

/* Change the text, let the process see it and end, and free its pages. */
static void
show_return(void)
{
	char *text = (char *)loan.ln_kva + 6;
	u_long free;

	show("the kernel writes over it, and the process shouts:");
	memcpy(text + 10, "two names", 9);
	loan.ln_over = 1;
	wakeup(&loan);
	proc_settle();
	expect(lender_status == 0, "the process to see its text changed");
	show("the process has ended; at %#lx there is still: %s",
	    (u_long)text, text);
	expect(strncmp(text, "A PAGE OF TWO NAMES", 20) == 0,
	    "the text to outlive the process");
	free = cnt.v_free_count;
	kmem_free(kernel_map, loan.ln_kva, loan.ln_size);
	show("kmem_free: %lu more frames are free", cnt.v_free_count - free);
	expect(cnt.v_free_count == free + 2 && badaddr(text),
	    "both frames to be free at last");
}

/* Show a process's memory mapped into the kernel. */
static void
tour_process(void)
{
	begin("A process's memory, mapped into the kernel");
	say("A process in user mode lends a text to the kernel, which sees");
	say("the same frames at an address of its own, changes the text,");
	say("and keeps it when the process has ended, until kmem_free.");
	user_device = take_loan;
	loan.ln_kva = loan.ln_over = 0;
	if (expect(user_create("lender", user_lender, 14,
	    &lender_status) >= 0, "memory for a process")) {
		proc_settle();
		if (expect(loan.ln_kva != 0, "memory to be lent")) {
			show_loan();
			show_return();
		}
	}
	user_device = NULL;
}

/* Bytes and blocks in use, as the types know them.  At splimp. */
static void
sum_types(u_long *bytes, u_long *blocks)
{
	int t;

	*bytes = *blocks = 0;
	for (t = 0; t < MTYPES; t++) {
		*bytes += kmemstats[t].ks_memuse;
		*blocks += kmemstats[t].ks_inuse;
	}
}

/* The same, as the size classes know them.  At splimp. */
static void
sum_classes(u_long *bytes, u_long *blocks)
{
	u_long used;
	int i;

	*bytes = bucket[LARGE].kb_pages * PAGE_SIZE;
	*blocks = 0;
	for (i = 0; i < NBUCKETS; i++) {
		used = bucket[i].kb_total - malloc_freeblocks(i);
		*bytes += used * bucket[i].kb_size;
		*blocks += used;
	}
}

/* Show the tables of vmstat -m, and check that their sums agree. */
static void
tour_tables(void)
{
	u_long tbytes, tblocks, cbytes, cblocks;
	int s, i;

	begin("The tables of vmstat -m, and their sums");
	say("Six more blocks are held, and then everything is added up, once");
	say("by type and once by size class.");

	for (i = 0; i < NHELD; i++)
		held[i].addr = malloc(held[i].size, held[i].type, M_WAITOK);
	printf("\n");
	malloc_vmstat(printf);
	s = splimp();
	sum_types(&tbytes, &tblocks);
	sum_classes(&cbytes, &cblocks);
	splx(s);
	show("by type:  %lu bytes in %lu blocks", tbytes, tblocks);
	show("by class: %lu bytes in %lu blocks", cbytes, cblocks);
	expect(tbytes == cbytes, "the same bytes by type and by class");
	expect(tblocks == cblocks, "the same blocks by type and by class");
	expect(tbytes >= 73728 + 8192, "the blocks held now to be among them");
	for (i = 0; i < NHELD; i++)
		free(held[i].addr, held[i].type);
}

/** Walk through all steps, in a process at level 0.
 * @return how many expectations failed */
int
tour(void)
{
	failures = step = 0;
	tour_memory();
	tour_block();
	tour_interrupt();
	tour_sleepers();
	tour_surplus();
	tour_recursion();
	tour_pressure();
	tour_bad_frees();
	tour_addresses();
	tour_process();
	tour_tables();
	expect(malloc_check(printf) == 0, "malloc's books in order");
	expect(kmem_check(kernel_map, printf) == 0, "kernel_map in order");
	expect(kmem_check(kmem_map, printf) == 0, "kmem_map in order");
	expect(splget() == 0, "the level to be 0");
	printf("\nThe tour is over: %d steps, ", step);
	if (failures == 0)
		printf("all as expected.\n");
	else
		printf("%d expectations FAILED.\n", failures);
	return (failures);
}

/** The first process.  Level 0; does not return. */
void
kernel_main(void)
{
	const char *suite;
	int failed;

	printf("malloc(9) and kmem(9) on an i386\n");
	printf("memory: %lu KB found; %lu KB went into books at start-up,\n",
	    (u_long)mem_found / 1024, (u_long)mem_stolen / 1024);
	printf("%lu KB are wired: malloc's books, a stack; %lu KB are free\n",
	    cnt.v_wire_count * (PAGE_SIZE / 1024),
	    cnt.v_free_count * (PAGE_SIZE / 1024));
	suite = boot_option("test");
	if (suite != NULL) {
		failed = run_suites(*suite != '\0' ? suite : NULL, printf);
		machine_exit(failed != 0);
	}
	if (boot_option("soak") != NULL)
		machine_exit(soak() != 0);
	if (boot_option("trace") != NULL) {
		failed = trace_replay();
		if (console_interactive())
			monitor();
		machine_exit(failed != 0);
	}
	failed = tour();
	if (boot_option("tour") == NULL && console_interactive())
		monitor();
	machine_exit(failed != 0);
}
