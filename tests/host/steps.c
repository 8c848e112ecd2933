/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Failure at every step.  Each scenario is run again and again, with the
 * first, the second, ... the n-th page, entry or frame refused, until it no
 * longer meets a refusal; each time its result must be nothing or right, and
 * nothing may have leaked.  Then pairs of refusals, drawn by a seed; then
 * exhaustion, and a long random run against a model.
 *
 * The linker sends malloc.c's calls of kmem_alloc, kmem.c's of malloc and
 * of pmap_enter, and everybody's of bzero through the __wrap_ functions
 * here (--wrap).  They pass through, unless a test has armed them.
 */
#include "host/host.h"
#include "common/help.h"

#define	MB	(1UL << 20)

/* ---------------------------------------------------------------------
 * The steps.
 */

vm_offset_t	__real_kmem_alloc(vm_map_t, vm_size_t, int);
vm_offset_t	__wrap_kmem_alloc(vm_map_t, vm_size_t, int);
void		*__real_kern_malloc(u_long, int, int);
void		*__wrap_kern_malloc(u_long, int, int);
int		__real_pmap_enter(pmap_t, vm_offset_t, vm_offset_t, int);
int		__wrap_pmap_enter(pmap_t, vm_offset_t, vm_offset_t, int);
void		__real_bzero(void *, size_t);
void		__wrap_bzero(void *, size_t);

enum kind { PAGE, ENTRY, FRAME, NKINDS };

static struct {
	unsigned long	at;	/* refuse this one; 0: none */
	unsigned long	also;	/* and this one, */
	int	on;		/* or all after it */
	unsigned long	met;	/* how many were asked for */
	unsigned long	refused;
} step[NKINDS];

static int depth[2], deepest[2];	/* of malloc and of kmem_alloc */

static void
arm(enum kind kind, unsigned long at, int on)
{

	step[kind].at = at;
	step[kind].also = 0;
	step[kind].on = on;
	step[kind].met = step[kind].refused = 0;
}

static void
disarm(void)
{
	int kind;

	for (kind = 0; kind < NKINDS; kind++)
		step[kind].at = step[kind].also = 0;
}

static int uncounted;	/* steps are not a scenario's, nor refused */

/* Is this one to be refused? */
static int
refuse(enum kind kind)
{

	if (uncounted)
		return (0);
	step[kind].met++;
	if (step[kind].at == 0 || step[kind].met < step[kind].at ||
	    (step[kind].met > step[kind].at && !step[kind].on &&
	    step[kind].met != step[kind].also))
		return (0);
	step[kind].refused++;
	return (1);
}

static int direct;	/* a test's own call, not malloc.c's */

vm_offset_t
__wrap_kmem_alloc(vm_map_t map, vm_size_t size, int flags)
{
	vm_offset_t va;

	if (!direct && map == kmem_map && flags == M_NOWAIT && refuse(PAGE))
		return (0);
	if (++depth[1] > deepest[1])
		deepest[1] = depth[1];
	va = __real_kmem_alloc(map, size, flags);
	depth[1]--;
	return (va);
}

void *
__wrap_kern_malloc(u_long size, int type, int flags)
{
	void *p;

	if (type >= M_VMMAP && type <= M_VMPVENT && (flags & M_NOWAIT) != 0 &&
	    refuse(ENTRY))
		return (NULL);
	if (++depth[0] > deepest[0])
		deepest[0] = depth[0];
	p = __real_kern_malloc(size, type, flags);
	depth[0]--;
	return (p);
}

/* (The window of entries lies below kernel_map and the page where frames are
 * zeroed.  It takes a frame that was mapped a moment ago, which no machine
 * refuses to map.) */
int
__wrap_pmap_enter(pmap_t pmap, vm_offset_t va, vm_offset_t pa, int prot)
{

	if (kernel_map != NULL && (pmap != kernel_pmap ||
	    va >= vm_map_min(kernel_map) - PAGE_SIZE) && refuse(FRAME))
		return (1);
	return (__real_pmap_enter(pmap, va, pa, prot));
}

/* Where zeros were written, while that is asked. */
#define	NZEROED	64
static struct {
	char	*at;
	size_t	n;
	int	level;
} zeroed[NZEROED];
static int nzeroed = -1;

void
__wrap_bzero(void *p, size_t n)
{

	if (nzeroed >= 0 && nzeroed < NZEROED) {
		zeroed[nzeroed].at = p;
		zeroed[nzeroed].n = n;
		zeroed[nzeroed].level = splget();
		nzeroed++;
	}
	__real_bzero(p, n);
}

/* A test's own kmem_alloc, which no step refuses as a page; its frames
 * may be. */
static vm_offset_t
take(vm_map_t map, vm_size_t size, int flags)
{
	vm_offset_t va;

	direct = 1;
	va = kmem_alloc(map, size, flags);
	direct = 0;
	return (va);
}

/* ---------------------------------------------------------------------
 * Scenarios.  Each returns how many things were wrong.
 */

static int t;

static int
got_malloc(u_long size, int flags)
{
	struct malloc_page mp;
	char *p;
	int bad;

	p = malloc(size, t, flags);
	if (p == NULL)
		return (0);
	bad = !malloc_page((u_long)p, &mp) || mp.mp_class != class_of(size);
	bad += (flags & M_ZERO_IT) != 0 && !zeros(p, size);
	fill(p, size, 1);
	bad += !filled(p, size, 1);
	bad += kmemstats[t].ks_inuse != 1;
	bad += kmemstats[t].ks_memuse != charge_of(size);
	free(p, t);
	return (bad);
}

static int
run_small(void)
{

	return (got_malloc(100, M_NOWAIT) + got_malloc(64, M_NOWAIT) +
	    got_malloc(2000, M_NOWAIT | M_ZERO_IT));
}

static int
run_run(void)
{

	return (got_malloc(3 * PAGE_SIZE, M_NOWAIT) +
	    got_malloc(16 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT));
}

static int
run_large(void)
{

	return (got_malloc(20 * PAGE_SIZE, M_NOWAIT | M_ZERO_IT));
}

/* Two that wait, and a process that gives back until they are served.  All
 * frames have been eaten before the first step. */
static struct meal eaten;
static int giving;

static void
give_fn(void *arg)
{

	(void)arg;
	for (giving = 12; giving > 0; giving--) {
		spit_frames(&eaten, 1);
		tsleep(&giving, PVM, "give", 1);
	}
}

/* Let everybody go on, until the giver is through. */
static void
give_all(void)
{

	while (giving > 0) {
		proc_settle();
		wakeup(&giving);
	}
	proc_settle();
}

static int
run_waitok(void)
{
	struct ask a, b;
	vm_offset_t va;
	int bad;

	ask(&a, 2 * PAGE_SIZE, t, M_WAITOK | M_ZERO_IT);
	ask(&b, 100, M_DEVBUF, M_WAITOK);
	proc_settle();
	giving = 1;
	(void)proc_create("give", give_fn, NULL);
	give_all();
	/* Where refusals go on for ever, they end here. */
	disarm();
	kmem_free(kernel_map, take(kernel_map, PAGE_SIZE, M_NOWAIT),
	    PAGE_SIZE);
	bad = !answered(&a) + !answered(&b);
	bad += a.a_got == NULL || !zeros(a.a_got, 2 * PAGE_SIZE);
	bad += b.a_got == NULL;
	free(a.a_got, t);
	free(b.a_got, M_DEVBUF);
	malloc_reclaim();
	while (cnt.v_free_count > 0 &&
	    (va = take(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		*(void **)va = eaten.m_head;
		eaten.m_head = (void *)va;
		eaten.m_n++;
	}
	return (bad);
}

static int
run_kmem_alloc(void)
{
	vm_offset_t va;
	vm_map_t map;
	int i, bad, flags;

	bad = 0;
	for (i = 0; i < 4; i++) {
		map = i & 1 ? kmem_map : kernel_map;
		flags = M_NOWAIT | (i & 2 ? M_ZERO_IT : 0);
		va = take(map, 5 * PAGE_SIZE, flags);
		if (va == 0)
			continue;
		bad += (flags & M_ZERO_IT) != 0 &&
		    !zeros((void *)va, 5 * PAGE_SIZE);
		fill((void *)va, 5 * PAGE_SIZE, 2);
		bad += !filled((void *)va, 5 * PAGE_SIZE, 2);
		kmem_free(map, va, 5 * PAGE_SIZE);
		bad += !badaddr((void *)va);
	}
	return (bad);
}

static int
run_space(void)
{
	vm_offset_t va[60];
	int i, bad;

	bad = 0;
	for (i = 0; i < 60; i++) {
		va[i] = take(i & 1 ? kmem_map : kernel_map, PAGE_SIZE,
		    M_SPACE_ONLY | M_NOWAIT);
		bad += va[i] != 0 && !badaddr((void *)va[i]);
	}
	for (i = 0; i < 60; i++)
		if (va[i] != 0)
			kmem_free(i & 1 ? kmem_map : kernel_map, va[i],
			    PAGE_SIZE);
	return (bad);
}

/* Entries of pages with a page between: malloc for each, and more pages. */
static int
run_fragments(void)
{
	vm_offset_t va[40], gap[40];
	int i, bad;

	bad = 0;
	for (i = 0; i < 40; i++) {
		va[i] = take(kernel_map, PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
		gap[i] = take(kernel_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY);
		bad += va[i] != 0 && !zeros((void *)va[i], PAGE_SIZE);
		if (va[i] != 0)
			fill((void *)va[i], PAGE_SIZE, (unsigned int)i);
	}
	for (i = 0; i < 40; i++) {
		if (gap[i] != 0)
			kmem_free(kernel_map, gap[i], PAGE_SIZE);
		if (va[i] == 0)
			continue;
		bad += !filled((void *)va[i], PAGE_SIZE, (unsigned int)i);
		kmem_free(kernel_map, va[i], PAGE_SIZE);
	}
	return (bad);
}

/* What kmem_free does may not fail at all. */
static int
run_splits(void)
{
	vm_offset_t va;
	u_long i, n;
	int bad;

	n = 90;
	bad = 0;
	va = take(kernel_map, n * PAGE_SIZE, M_NOWAIT);
	if (va == 0)
		return (0);
	for (i = 1; i < n; i += 2) {
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
		bad += !badaddr((void *)(va + i * PAGE_SIZE));
		bad += badaddr((void *)(va + (i - 1) * PAGE_SIZE));
	}
	/* And allocations among them. */
	(void)got_malloc(200, M_NOWAIT);
	for (i = 0; i < n; i += 2)
		kmem_free(kernel_map, va + i * PAGE_SIZE, PAGE_SIZE);
	return (bad);
}

static int
run_attach(void)
{
	int type, bad;
	char *p;

	type = malloc_type_attach("step", 0);
	bad = type < 0;
	p = malloc(333, type, M_NOWAIT);
	if (p != NULL)
		fill(p, 333, 0);
	free(p, type);
	malloc_type_detach(type);
	return (bad);
}

/* A shortage under a limit: what was charged is given back. */
static int
run_limit(void)
{
	char *p, *q;
	int bad;

	malloc_type_setlimit(t, 3 * PAGE_SIZE);
	p = malloc(2 * PAGE_SIZE, t, M_NOWAIT);
	q = malloc(2 * PAGE_SIZE, t, M_NOWAIT);
	bad = p != NULL && q != NULL;
	bad += kmemstats[t].ks_memuse != (u_long)((p != NULL) + (q != NULL)) *
	    2 * PAGE_SIZE;
	free(p, t);
	free(q, t);
	malloc_type_setlimit(t, LIMITLESS);
	return (bad);
}

/* Rows of frames, among frames that are free one by one. */
static int
run_io(void)
{
	static const int io[] = { M_IO1, M_IO2, M_IO3 };
	vm_offset_t va, pa, one[12];
	int i, bad;

	bad = 0;
	for (i = 0; i < 12; i++)
		one[i] = take(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO3);
	for (i = 0; i < 12; i += 2)
		if (one[i] != 0)
			kmem_free(kernel_map, one[i], PAGE_SIZE);
	for (i = 0; i < 3; i++) {
		va = take(kernel_map, 3 * PAGE_SIZE, M_NOWAIT | io[i]);
		if (va == 0)
			continue;
		pa = kmem_phys(va);
		bad += kmem_phys(va + PAGE_SIZE) != pa + PAGE_SIZE ||
		    kmem_phys(va + 2 * PAGE_SIZE) != pa + 2 * PAGE_SIZE;
		bad += i == 0 && pa / VM_IO1_BOUNDARY !=
		    (pa + 2 * PAGE_SIZE) / VM_IO1_BOUNDARY;
		kmem_free(kernel_map, va, 3 * PAGE_SIZE);
	}
	for (i = 1; i < 12; i += 2)
		if (one[i] != 0)
			kmem_free(kernel_map, one[i], PAGE_SIZE);
	return (bad);
}

/* A row is found, and a handler takes a frame of it. */
static vm_offset_t robbed;

static void
rob(void *arg)
{

	(void)arg;
	robbed = take(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO3);
}

static int
run_robbed(void)
{
	vm_offset_t va, pa;
	u_long n;
	int bad;

	bad = 0;
	for (n = 4; n < 20; n += 5) {
		robbed = 0;
		host_interrupt_at(n, rob, NULL);
		va = take(kernel_map, 3 * PAGE_SIZE, M_NOWAIT | M_IO3);
		host_interrupt_at(0, NULL, NULL);
		pa = kmem_phys(va);
		bad += va != 0 && (kmem_phys(va + PAGE_SIZE) !=
		    pa + PAGE_SIZE || kmem_phys(va + 2 * PAGE_SIZE) !=
		    pa + 2 * PAGE_SIZE);
		if (va != 0)
			kmem_free(kernel_map, va, 3 * PAGE_SIZE);
		if (robbed != 0)
			kmem_free(kernel_map, robbed, PAGE_SIZE);
	}
	return (bad);
}

/* A process's memory, and windows of kernel addresses upon it. */
#define	RW	(VM_PROT_READ | VM_PROT_WRITE)
static int vm_bad, vm_made;

static void
vm_windows(struct vmspace *vm, vm_offset_t va)
{
	vm_offset_t k, k2;

	fill((void *)va, 3 * PAGE_SIZE, 4);
	k = kmem_mmap(kernel_map, va + 100, 2 * PAGE_SIZE);
	k2 = kmem_mmap(kmem_map, va + PAGE_SIZE, PAGE_SIZE);
	vm_bad += kmem_mmap(kernel_map, va + PAGE_SIZE, 3 * PAGE_SIZE) != 0;
	vm_bad += kmem_mmap(kernel_map, va, ~0UL) != 0;
	vm_bad += vmspace_check(vm, printf) != 0;
	vm_bad += vm_deallocate(vm, va) != 0;
	if (k != 0) {
		fill((void *)k, 2 * PAGE_SIZE, 6);
		vm_bad += !filled((void *)k, 2 * PAGE_SIZE, 6);
		vm_bad += kmem_free_panics(kernel_map, k,
		    PAGE_SIZE / 2) == NULL;
		vm_bad += k2 != 0 && kmem_phys(k2) !=
		    trunc_page(kmem_phys(k + PAGE_SIZE));
		kmem_free(kernel_map, k, 2 * PAGE_SIZE);
	}
	if (k2 != 0)
		kmem_free(kmem_map, k2, PAGE_SIZE);
}

static void
vm_fn(void *arg)
{
	struct vmspace *vm;
	vm_offset_t va, ro;
	int flags;

	flags = *(int *)arg;
	vm = vmspace_alloc(flags);
	if (vm == NULL)
		return;
	proc_setvm(vm);
	va = vm_allocate(vm, 3 * PAGE_SIZE, RW, flags);
	ro = vm_allocate(vm, PAGE_SIZE, VM_PROT_READ, flags);
	if (ro != 0)
		vm_bad += kmem_mmap(kernel_map, ro, 1) != 0;
	if (va != 0) {
		vm_bad += !zeros((void *)va, 3 * PAGE_SIZE);
		vm_windows(vm, va);
	}
	vm_made += va != 0 && ro != 0;
	vmspace_free(proc_setvm(NULL));
}

static int
run_vm(void)
{
	static int flags = M_NOWAIT;

	vm_bad = 0;
	(void)proc_create("vm", vm_fn, &flags);
	proc_settle();
	return (vm_bad);
}

/* All frames again to where they were eaten. */
static void
eat_again(void)
{
	vm_offset_t va;

	malloc_reclaim();
	while (cnt.v_free_count > 0 &&
	    (va = take(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		*(void **)va = eaten.m_head;
		eaten.m_head = (void *)va;
		eaten.m_n++;
	}
}

/* Two that wait for frames, the larger first, and a process that waits for
 * memory of its own. */
static int
run_kmem_waitok(void)
{
	static int flags = M_WAITOK;
	struct ask a, b;
	int bad, made, i;

	ask_kmem(&a, kernel_map, 2 * PAGE_SIZE, M_WAITOK | M_ZERO_IT);
	ask_kmem(&b, kernel_map, PAGE_SIZE, M_WAITOK);
	proc_settle();
	vm_bad = 0;
	made = vm_made;
	(void)proc_create("vm", vm_fn, &flags);
	giving = 1;
	(void)proc_create("give", give_fn, NULL);
	give_all();
	disarm();
	for (i = 0; i < 30; i++) {
		spit_frames(&eaten, 1);
		proc_settle();
	}
	bad = vm_bad + (vm_made != made + 1);
	bad += !answered(&a) + !answered(&b);
	bad += a.a_got == NULL || !zeros(a.a_got, 2 * PAGE_SIZE);
	bad += b.a_got == NULL || a.a_order > b.a_order;
	if (a.a_got != NULL)
		kmem_free(kernel_map, (vm_offset_t)a.a_got, 2 * PAGE_SIZE);
	if (b.a_got != NULL)
		kmem_free(kernel_map, (vm_offset_t)b.a_got, PAGE_SIZE);
	eat_again();
	return (bad);
}

/* One that waits for frames, and a process's memory that ends. */
static volatile int hold;

static void
hold_fn(void *arg)
{
	vm_offset_t va;

	(void)arg;
	proc_setvm(vmspace_alloc(M_NOWAIT));
	if (proc_vm() == NULL)
		return;
	va = vm_allocate(proc_vm(), 3 * PAGE_SIZE, RW, M_NOWAIT);
	while (hold)
		tsleep((void *)&hold, PVM, "hold", 0);
	if (va != 0)
		vm_bad += vm_deallocate(proc_vm(), va) != 0;
	vmspace_free(proc_setvm(NULL));
}

static int
run_vm_gives(void)
{
	struct ask a;
	struct meal m;
	vm_offset_t va;
	int bad;

	vm_bad = 0;
	hold = 1;
	(void)proc_create("hold", hold_fn, NULL);
	proc_settle();
	direct = uncounted = 1;
	eat_frames(&m, kernel_map, 0);
	direct = uncounted = 0;
	ask_kmem(&a, kernel_map, PAGE_SIZE, M_WAITOK);
	proc_settle();
	hold = 0;
	wakeup((void *)&hold);
	proc_settle();
	disarm();
	spit_all(&m);
	/* Where it was refused what was there, something must be gained. */
	va = take(kernel_map, PAGE_SIZE, M_NOWAIT);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	bad = vm_bad + !answered(&a) + (a.a_got == NULL);
	if (a.a_got != NULL)
		kmem_free(kernel_map, (vm_offset_t)a.a_got, PAGE_SIZE);
	return (bad);
}

/* Two that wait for addresses. */
static int
run_space_waitok(void)
{
	struct ask a, b;
	vm_offset_t va;
	int bad;

	eat_space(kmem_map);
	ask_kmem(&a, kmem_map, 3 * PAGE_SIZE, M_WAITOK | M_SPACE_ONLY);
	ask_kmem(&b, kmem_map, PAGE_SIZE, M_WAITOK);
	proc_settle();
	spit_space(kmem_map);
	proc_settle();
	disarm();
	/* Where an entry or a frame was refused, something must be gained. */
	va = take(kernel_map, PAGE_SIZE, M_NOWAIT);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	bad = !answered(&a) + !answered(&b);
	bad += a.a_got == NULL || b.a_got == NULL;
	if (a.a_got != NULL)
		kmem_free(kmem_map, (vm_offset_t)a.a_got, 3 * PAGE_SIZE);
	if (b.a_got != NULL)
		kmem_free(kmem_map, (vm_offset_t)b.a_got, PAGE_SIZE);
	return (bad);
}

/* Calls that are an error of the caller's, in any state: a panic each, with
 * nothing changed. */
static void
waitok_intr(void *arg)
{
	struct call *c;

	c = arg;
	c->c_got = (void *)panic_catch(call_kmem_alloc, c);
}

static void
getpages(void *arg)
{

	(void)kmem_getpages(arg, 1, M_NOWAIT);
}

static void
getpages_intr(void *arg)
{

	*(const char **)arg = panic_catch(getpages, arg);
}

static int
run_wrong(void)
{
	struct call c;
	const char *msg;
	vm_offset_t va, vs;
	int bad;

	va = take(kernel_map, 3 * PAGE_SIZE, M_NOWAIT);
	vs = take(kernel_map, 3 * PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	bad = 0;
#define	REFUSED(map, at, size)						\
	bad += kmem_free_panics((map), (at), (size)) == NULL
	if (va != 0) {
		REFUSED(kernel_map, va + 1, PAGE_SIZE);
		REFUSED(kernel_map, va - PAGE_SIZE, 5 * PAGE_SIZE);
	}
	if (vs != 0)
		REFUSED(kernel_map, vs, PAGE_SIZE);
	REFUSED(kernel_map, vm_map_max(kernel_map) - PAGE_SIZE, PAGE_SIZE);
	REFUSED(kernel_map, (vm_offset_t)kmembase, PAGE_SIZE);
	REFUSED(kernel_map, vm_map_min(kernel_map), ~0UL);
#undef REFUSED
	kmem_free(kernel_map, vm_map_min(kernel_map), 0);
	bad += take(kernel_map, 0, M_NOWAIT) != 0;
	bad += take(kernel_map, kernel_map->size + 1, M_NOWAIT) != 0;
	bad += take(kernel_map, kernel_map->size, M_NOWAIT) != 0;
	bad += take(kernel_map, VM_IO1_BOUNDARY + 1, M_NOWAIT | M_IO1) != 0;
	bad += kmem_mmap(kernel_map, 4096, 1) != 0;
	bad += kmem_mmap(kernel_map, 4096, 0) != 0;
	bad += kmem_getpages(&vs, 0, M_NOWAIT) != 0;
	bad += kmem_suballoc(0, FALSE) != NULL;
	c.c_map = kernel_map;
	c.c_size = 1;
	c.c_flags = 0x4000;
	bad += panic_catch(call_kmem_alloc, &c) == NULL;
	c.c_flags = M_WAITOK;
	softintr(waitok_intr, &c);
	bad += c.c_got == NULL;
	softintr(getpages_intr, &msg);
	bad += msg == NULL;
	if (va != 0)
		kmem_free(kernel_map, va, 3 * PAGE_SIZE);
	if (vs != 0)
		kmem_free(kernel_map, vs, 3 * PAGE_SIZE);
	return (bad);
}

/* Everything is as found, and the walker is content. */
static int
sound(const struct found *f)
{
	int bad;

	bad = !left(f);
	bad += !sums_agree();
	bad += malloc_check(printf) != 0;
	bad += kmem_check(kernel_map, printf) != 0;
	bad += kmem_check(kmem_map, printf) != 0;
	bad += cnt.v_active_count != 0;
	bad += splget() != 0;
	bad += kmemstats[t].ks_inuse != 0 || kmemstats[t].ks_memuse != 0 ||
	    kmemstats[t].ks_waitq != NULL;
	return (bad);
}

#define	MOST	400	/* more refusals than any scenario meets */

/* A machine for a scenario: with all frames eaten, or not. */
static void
set_scene(int eat)
{

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	if (eat) {
		direct = 1;
		eat_frames(&eaten, kernel_map, 0);
		direct = 0;
	}
}

/* Run it with each refusal; returns how many there were. */
static unsigned long
every_step(const char *name, int (*run)(void), int eat)
{
	static const char *const what[] = { "page", "entry", "frame" };
	struct found f;
	unsigned long n, refusals;
	enum kind kind;
	int on, bad;

	set_scene(eat);
	refusals = 0;
	for (on = 0; on < 2; on++)
		for (kind = 0; kind < NKINDS; kind++)
			for (n = 1; n <= MOST; n++) {
				malloc_reclaim();
				look(&f);
				arm(kind, n, on);
				bad = (*run)();
				disarm();
				bad += sound(&f);
				if (bad)
					printf("    %s: %d wrong with %s %lu"
					    "%s refused\n", name, bad,
					    what[kind], n,
					    on ? " and later" : "");
				CU_ASSERT_EQUAL(bad, 0);
				if (step[kind].refused == 0)
					break;
				refusals += step[kind].refused;
			}
	/* And once with nothing refused at all. */
	malloc_reclaim();
	look(&f);
	CU_ASSERT_EQUAL((*run)(), 0);
	CU_ASSERT_EQUAL(sound(&f), 0);
	if (eat)
		spit_all(&eaten);
	return (refusals);
}

#define	EATEN(run)	((run) == run_waitok || (run) == run_kmem_waitok)
#define	STEPS(fn, run)							\
static void								\
fn(void)								\
{									\
	CU_ASSERT(every_step(#run, run, EATEN(run)) > 0);		\
}
STEPS(steps_small, run_small)
STEPS(steps_run, run_run)
STEPS(steps_large, run_large)
STEPS(steps_waitok, run_waitok)
STEPS(steps_kmem_alloc, run_kmem_alloc)
STEPS(steps_space, run_space)
STEPS(steps_fragments, run_fragments)
STEPS(steps_splits, run_splits)
STEPS(steps_attach, run_attach)
STEPS(steps_limit, run_limit)
STEPS(steps_io, run_io)
STEPS(steps_robbed, run_robbed)
STEPS(steps_vm, run_vm)
STEPS(steps_kmem_waitok, run_kmem_waitok)
STEPS(steps_space_waitok, run_space_waitok)
STEPS(steps_vm_gives, run_vm_gives)
STEPS(steps_wrong, run_wrong)

/* Two refusals in one run.  There are too many pairs to try them all, so some
 * are drawn; the seed is printed, and the same each time. */
#define	NPAIRS		150	/* of each scenario */
#define	PAIRSEED	386UL

static const struct {
	const char *name;
	int	(*run)(void);
} scenes[] = {
	{ "a small block", run_small },
	{ "a run", run_run },
	{ "a large block", run_large },
	{ "who waits for memory", run_waitok },
	{ "pages", run_kmem_alloc },
	{ "addresses", run_space },
	{ "many entries", run_fragments },
	{ "splits", run_splits },
	{ "types", run_attach },
	{ "a limit", run_limit },
	{ "rows of frames", run_io },
	{ "rows that are robbed", run_robbed },
	{ "a process's memory", run_vm },
	{ "who waits for frames", run_kmem_waitok },
	{ "who waits for addresses", run_space_waitok },
	{ "a process's memory that ends", run_vm_gives },
	{ "errors", run_wrong },
};
#define	NSCENES	(sizeof(scenes) / sizeof(scenes[0]))

/* Draw a refusal among those that the scenario meets; 0: it meets none. */
static unsigned long
draw_step(enum kind *kind, const unsigned long *met, u_long *seed)
{
	int i;

	*kind = (enum kind)draw(seed, NKINDS);
	for (i = 0; i < NKINDS && met[*kind] == 0; i++)
		*kind = (*kind + 1) % NKINDS;
	return (met[*kind] == 0 ? 0 : 1 + draw(seed, met[*kind]));
}

/* One pair: are both refused, was anything wrong?  The first is counted from
 * the beginning; the second too, unless it is of the same kind. */
static int
try_pair(int scene, const unsigned long *met, u_long *seed, int *both)
{
	struct found f;
	unsigned long i, j;
	enum kind a, b;
	int bad;

	i = draw_step(&a, met, seed);
	j = draw_step(&b, met, seed);
	malloc_reclaim();
	look(&f);
	disarm();
	arm(b, j, 0);
	arm(a, i, 0);
	if (a == b) {
		step[a].at = i < j ? i : j;
		step[a].also = i < j ? j : i;
	}
	bad = (*scenes[scene].run)();
	disarm();
	bad += sound(&f);
	*both += a == b ? step[a].refused == 2 :
	    step[a].refused != 0 && step[b].refused != 0;
	if (bad)
		printf("    %s: %d wrong with %d:%lu and %d:%lu refused\n",
		    scenes[scene].name, bad, a, i, b, j);
	return (bad);
}

static void
pairs(void)
{
	unsigned long met[NKINDS];
	u_long seed;
	unsigned int i, n;
	enum kind kind;
	int both;

	printf("    seed %lu\n", PAIRSEED);
	seed = PAIRSEED;
	both = 0;
	for (i = 0; i < NSCENES; i++) {
		set_scene(EATEN(scenes[i].run));
		for (kind = 0; kind < NKINDS; kind++)
			arm(kind, 0, 0);
		CU_ASSERT_EQUAL((*scenes[i].run)(), 0);
		for (kind = 0; kind < NKINDS; kind++)
			met[kind] = step[kind].met;
		for (n = 0; n < NPAIRS; n++)
			CU_ASSERT_EQUAL(try_pair((int)i, met, &seed, &both),
			    0);
		if (EATEN(scenes[i].run))
			spit_all(&eaten);
	}
	printf("    %d of %lu pairs were refused both\n", both,
	    NPAIRS * NSCENES);
	CU_ASSERT(both > (int)(NPAIRS * NSCENES / 3));
}

/* A submap is for ever, so each try has a machine of its own; and so that
 * the entries do not come from the reserve, the reserve is emptied. */
static void
steps_suballoc(void)
{
	struct found f;
	vm_offset_t res[100];
	vm_map_t map;
	unsigned long n;
	enum kind kind;
	u_long maps;
	int on, i, nres, refused;

	refused = 0;
	for (on = 0; on < 2; on++)
		for (kind = 0; kind < NKINDS; kind++)
			for (n = 1; n < 10; n++) {
				host_boot(4 * MB, 16 * MB);
				t = malloc_type_attach("steps", LIMITLESS);
				maps = kmemstats[M_VMMAP].ks_inuse;
				look(&f);
				arm(ENTRY, 1, 1);
				for (nres = 0; nres < 100; nres++)
					if ((res[nres] = take(kernel_map,
					    PAGE_SIZE, M_SPACE_ONLY |
					    M_NOWAIT)) == 0)
						break;
				disarm();
				CU_ASSERT(nres > 0 && nres < 100);
				arm(kind, n, on);
				map = kmem_suballoc(7 * PAGE_SIZE, FALSE);
				disarm();
				CU_ASSERT_EQUAL(kmemstats[M_VMMAP].ks_inuse,
				    maps + (map != NULL));
				for (i = 0; i < nres; i++)
					kmem_free(kernel_map, res[i],
					    PAGE_SIZE);
				if (map != NULL) {
					f.f_space += 7 * PAGE_SIZE;
					f.f_blocks++;
					f.f_bytes += charge_of(
					    sizeof(struct vm_map));
				}
				CU_ASSERT_EQUAL(sound(&f), 0);
				if (step[kind].refused == 0)
					break;
				refused++;
			}
	CU_ASSERT(refused > 0);
}

/* ---------------------------------------------------------------------
 * M-RECURSE: how deep.
 */

static void
recurse_depth(void)
{
	struct chain ch;
	static vm_offset_t va[200];
	char *p;
	int n;

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	/* The reserve lacks an entry, and malloc has none at hand. */
	arm(ENTRY, 0, 0);
	for (n = 0; n < 200 && step[ENTRY].met == 0; n++)
		va[n] = take(kernel_map, PAGE_SIZE, M_SPACE_ONLY | M_NOWAIT);
	CU_ASSERT(n < 200);
	drain(&ch, class_of(sizeof(struct vm_map_entry)), t);
	depth[0] = depth[1] = 0;	/* panics of other tests left some */
	deepest[0] = deepest[1] = 0;
	p = malloc(3 * PAGE_SIZE, t, M_NOWAIT);
	CU_ASSERT(p != NULL);
	/* malloc, for which kmem_alloc, for which malloc, for which
	 * kmem_alloc; and there it ends. */
	CU_ASSERT_EQUAL(deepest[0], 2);
	CU_ASSERT_EQUAL(deepest[1], 2);
	free(p, t);
	chain_free(&ch);
	while (n-- > 0)
		kmem_free(kernel_map, va[n], PAGE_SIZE);
	CU_ASSERT_EQUAL(run_small() + run_large() + run_fragments() +
	    run_splits() + run_space(), 0);
	CU_ASSERT_EQUAL(deepest[0], 2);
	CU_ASSERT_EQUAL(deepest[1], 2);
}

/* ---------------------------------------------------------------------
 * M-ZERO, E27: nothing is zeroed twice.
 */

/* Bytes of [at, at + n) zeroed since we asked, at the caller's level. */
static u_long
bytes_zeroed(const char *at, u_long n)
{
	u_long sum;
	int i;

	CU_ASSERT(nzeroed < NZEROED);
	sum = 0;
	for (i = 0; i < nzeroed; i++)
		if (zeroed[i].at >= at && zeroed[i].at < at + n) {
			CU_ASSERT_EQUAL(zeroed[i].level, splget());
			sum += zeroed[i].n;
		}
	nzeroed = -1;
	return (sum);
}

static void
zeroed_once(void)
{
	static const u_long size[] = {
		1, 16, 100, 1024, 2048, 4096, 5000, 65536, 69633
	};
	vm_offset_t va;
	unsigned int i, k;
	char *p;

	host_boot(4 * MB, 16 * MB);
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++)
		for (k = 0; k < 2; k++) {
			/* Fresh from kmem; then from the pool. */
			nzeroed = 0;
			p = malloc(size[i], M_TEMP, M_NOWAIT | M_ZERO_IT);
			CU_ASSERT(p != NULL);
			CU_ASSERT_EQUAL(bytes_zeroed((char *)trunc_page(p),
			    round_page(size[i])), size[i]);
			fill(p, size[i], 1);
			free(p, M_TEMP);
			nzeroed = 0;
			p = malloc(size[i], M_TEMP, M_NOWAIT);
			CU_ASSERT_EQUAL(bytes_zeroed((char *)trunc_page(p),
			    round_page(size[i])), 0);
			free(p, M_TEMP);
			if (k == 0)
				malloc_reclaim();
		}
	for (i = 1; i < 20; i += 9) {
		nzeroed = 0;
		va = take(kernel_map, i * PAGE_SIZE, M_NOWAIT | M_ZERO_IT);
		CU_ASSERT(va != 0);
		CU_ASSERT_EQUAL(bytes_zeroed((char *)va, i * PAGE_SIZE),
		    i * PAGE_SIZE);
		kmem_free(kernel_map, va, i * PAGE_SIZE);
		nzeroed = 0;
		va = take(kernel_map, i * PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_EQUAL(bytes_zeroed((char *)va, i * PAGE_SIZE), 0);
		kmem_free(kernel_map, va, i * PAGE_SIZE);
	}
}

/* ---------------------------------------------------------------------
 * Exhaustion: kmem_free in the middle, without a page or an entry.
 */

static void
exhausted_order(int order)
{
	struct found f;
	struct meal m;
	vm_offset_t va;
	u_long i, j, n, seed;
	static signed char gone[600];

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	malloc_reclaim();
	look(&f);
	n = sizeof(gone);
	bzero(gone, sizeof(gone));
	va = take(kernel_map, n * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	direct = 1;
	eat_frames(&m, kmem_map, 0);
	direct = 0;
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	arm(ENTRY, 1, 1);
	seed = 5;
	/* Every other page, first; each free but the first few has to make
	 * an entry out of what it frees. */
	for (i = 0; i < n / 2; i++) {
		j = order == 0 ? 2 * i + 1 : order == 1 ? n - 1 - 2 * i :
		    2 * draw(&seed, n / 2) + 1;
		while (gone[j])
			j = (j + 2) % n;
		gone[j] = 1;
		kmem_free(kernel_map, va + j * PAGE_SIZE, PAGE_SIZE);
		if (i % 64 == 0) {
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(malloc_check(printf), 0);
		}
	}
	for (i = 0; i < n; i++)
		CU_ASSERT_EQUAL(badaddr((void *)(va + i * PAGE_SIZE)),
		    gone[i]);
	/* What was freed can be used, but for a page of entries in 64. */
	CU_ASSERT(cnt.v_free_count + n / 2 / 60 + 2 >= n / 2);
	for (i = 0; i < n / 2; i++) {
		j = order == 0 ? 2 * i : order == 1 ? n - 2 - 2 * i :
		    2 * draw(&seed, n / 2);
		while (gone[j])
			j = (j + 2) % n;
		gone[j] = 1;
		kmem_free(kernel_map, va + j * PAGE_SIZE, PAGE_SIZE);
	}
	disarm();
	/* (Entry, page and frame of the window have come back, too.) */
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	spit_all(&m);
	CU_ASSERT_EQUAL(sound(&f), 0);
}

static void
exhausted(void)
{

	exhausted_order(0);
	exhausted_order(1);
	exhausted_order(2);
}

/* All memory in blocks of the map entries' own class: then the entries that
 * frees of middles need come from the frames they free; what else becomes
 * free can be had, one at a time and several. */
static void
exhausted_in(int pageable)
{
	struct found f;
	struct chain ch;
	vm_offset_t va;
	vm_map_t map;
	u_long i, k, n, free;
	void *p;

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	n = 200;
	map = pageable ? kmem_suballoc(n * PAGE_SIZE, TRUE) : kernel_map;
	CU_ASSERT_FATAL(map != NULL);
	look(&f);
	va = take(map, n * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	ch.ch_head = NULL;
	ch.ch_n = 0;
	ch.ch_type = t;
	while ((p = malloc(sizeof(struct vm_map_entry), t, M_NOWAIT)) != NULL)
		chain_push(&ch, p);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	if (pageable)		/* malloc gives none: from the window, then */
		arm(ENTRY, 1, 1);
	for (i = 1; i < n; i += 2) {
		kmem_free(map, va + i * PAGE_SIZE, PAGE_SIZE);
		free = cnt.v_free_count;
		/* (A page may go to an entry that the allocation needs.) */
		if (free < 2 || pageable)
			continue;
		k = take(kmem_map, PAGE_SIZE, M_NOWAIT);
		CU_ASSERT(k != 0);
		if (k != 0)
			kmem_free(kmem_map, k, PAGE_SIZE);
	}
	disarm();
	CU_ASSERT(cnt.v_free_count >= n / 2 - 6);
	k = take(kernel_map, 20 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(k != 0);
	if (k != 0)
		kmem_free(kernel_map, k, 20 * PAGE_SIZE);
	for (i = 0; i < n; i += 2)
		kmem_free(map, va + i * PAGE_SIZE, PAGE_SIZE);
	chain_free(&ch);
	CU_ASSERT_EQUAL(sound(&f), 0);
	CU_ASSERT_EQUAL(kmem_check(map, printf), 0);
}

/* The frames come from a map that is wired, or pageable; as a page of
 * entries they are wired either way. */
static void
exhausted_class(void)
{

	exhausted_in(0);
	exhausted_in(1);
}

/* Malloc has no entry for kmem until none is left to take; when it has one
 * again, for which it needs a page, there must be an entry for that page. */
static void
refill_last(void)
{
	struct found f;
	struct chain ch;
	static vm_offset_t res[400];
	vm_offset_t va;
	int n;

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	look(&f);
	arm(ENTRY, 1, 1);
	for (n = 0; n < 400; n++)
		if ((res[n] = take(kernel_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY)) == 0)
			break;
	CU_ASSERT(n > 0 && n < 400);
	disarm();
	drain(&ch, class_of(sizeof(struct vm_map_entry)), t);
	va = take(kernel_map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY);
	CU_ASSERT(va != 0);
	if (va != 0)
		kmem_free(kernel_map, va, PAGE_SIZE);
	while (n-- > 0)
		kmem_free(kernel_map, res[n], PAGE_SIZE);
	chain_free(&ch);
	CU_ASSERT_EQUAL(sound(&f), 0);
}

/* Reservations until there is no entry; then frames until none; then all
 * the same calls again, which must be refused and must not harm. */
static void
exhausted_all(void)
{
	struct found f;
	struct meal m, rest;
	struct chain ch;
	static vm_offset_t res[400];
	void *va;
	int i, n;

	host_boot(4 * MB, 16 * MB);
	t = malloc_type_attach("steps", LIMITLESS);
	look(&f);
	direct = 1;
	eat_frames(&m, kernel_map, 0);
	direct = 0;
	drain(&ch, class_of(sizeof(struct vm_map_entry)), t);
	for (n = 0; n < 400; n++)
		if ((res[n] = take(kmem_map, PAGE_SIZE, M_NOWAIT |
		    M_SPACE_ONLY)) == 0)
			break;
	CU_ASSERT(n > 0 && n < 400);
	CU_ASSERT_EQUAL(take(kernel_map, PAGE_SIZE, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(take(kernel_map, PAGE_SIZE, M_NOWAIT | M_SPACE_ONLY),
	    0);
	CU_ASSERT(kmem_suballoc(PAGE_SIZE, FALSE) == NULL);
	CU_ASSERT(malloc(1, t, M_NOWAIT) == NULL ||
	    bucket[0].kb_totalfree > 0);
	CU_ASSERT(malloc(40 * PAGE_SIZE, t, M_NOWAIT) == NULL);
	/* Every other of the eaten pages back: each splits. */
	rest.m_head = NULL;
	rest.m_n = 0;
	rest.m_map = kernel_map;
	for (i = 0; i < 100; i++) {
		va = m.m_head;
		m.m_head = *(void **)va;
		m.m_n--;
		*(void **)va = rest.m_head;
		rest.m_head = va;
		rest.m_n++;
		spit_frames(&m, 1);
	}
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
	while (n-- > 0)
		kmem_free(kmem_map, res[n], PAGE_SIZE);
	chain_free(&ch);
	spit_all(&rest);
	spit_all(&m);
	CU_ASSERT_EQUAL(sound(&f), 0);
}

/* ---------------------------------------------------------------------
 * Machines of other sizes.
 */

/* Submaps until there is no room: null, not a panic, and each works. */
static void
many_maps(void)
{
	vm_map_t map;
	vm_offset_t va, last;
	int n;

	host_boot(4 * MB, 16 * MB);
	last = 0;
	for (n = 0; n < 5000; n++) {
		map = kmem_suballoc(10 * PAGE_SIZE, n & 1);
		if (map == NULL)
			break;
		CU_ASSERT(vm_map_min(map) >= last + 10 * PAGE_SIZE ||
		    vm_map_min(map) < last);
		CU_ASSERT_EQUAL(map->pageable, n & 1);
		last = vm_map_min(map);
		va = kmem_alloc(map, 2 * PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_EQUAL(va, last);
		kmem_free(map, va, PAGE_SIZE);
		kmem_free(map, va + PAGE_SIZE, PAGE_SIZE);
	}
	CU_ASSERT(n > 200 && n < 5000);
	CU_ASSERT_EQUAL(kmemstats[M_VMMAP].ks_inuse, (u_long)n);
	CU_ASSERT(largest_hole(kernel_map) < 10 * PAGE_SIZE);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 10 * PAGE_SIZE, M_NOWAIT), 0);
}

/* With memory above 16 MB, ordinary requests leave what is below alone, as
 * long as they can. */
static void
io_preferred(void)
{
	vm_offset_t va, io;
	u_long high, low, n;

	/* 4096 pages lie in a row above the line, and fewer below. */
	host_boot(40 * MB, 96 * MB);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 4000 * PAGE_SIZE, M_IO3), 0);
	host_boot(20 * MB, 64 * MB);
	io_all();
	host_boot(20 * MB, 64 * MB);
	va = kmem_alloc(kernel_map, 64 * PAGE_SIZE, M_NOWAIT);
	for (n = 0; n < 64; n++)
		CU_ASSERT(kmem_phys(va + n * PAGE_SIZE) >= VM_IO_LIMIT);
	io = kmem_alloc(kernel_map, 64 * PAGE_SIZE, M_NOWAIT | M_IO3);
	for (n = 0; n < 64; n++)
		CU_ASSERT(kmem_phys(io + n * PAGE_SIZE) < VM_IO_LIMIT);
	kmem_free(kernel_map, io, 64 * PAGE_SIZE);
	/* All of it: first what is above, then what is below. */
	/* More than there are below 16 MB, used ones too, is never met. */
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 4000 * PAGE_SIZE, M_IO1), 0);

	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, 4000 * PAGE_SIZE, M_IO3 |
	    M_NOWAIT), 0);
	va = kmem_alloc(kernel_map, 4000 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT(va != 0);
	kmem_free(kernel_map, va, 4000 * PAGE_SIZE);
	high = low = 0;
	while ((va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT)) != 0) {
		if (kmem_phys(va) >= VM_IO_LIMIT) {
			CU_ASSERT_EQUAL(low, 0);
			high++;
		} else
			low++;
	}
	CU_ASSERT(high >= 500 && low >= 3000);
	CU_ASSERT_EQUAL(cnt.v_free_count, 0);
	host_boot(20 * MB, 64 * MB);
	while (kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO1) != 0)
		continue;
	CU_ASSERT(cnt.v_free_count >= 500);
	CU_ASSERT(kmem_alloc(kernel_map, 100 * PAGE_SIZE, M_NOWAIT) != 0);
	CU_ASSERT_EQUAL(kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT | M_IO1),
	    0);
}

/* kmem_phys tells the truth: the byte is there in physical memory. */
static void
phys_is(void)
{
	unsigned char *p;
	u_long i;

	host_boot(4 * MB, 16 * MB);
	p = malloc(9 * PAGE_SIZE, M_TEMP, M_NOWAIT);
	for (i = 0; i < 9 * PAGE_SIZE; i += 1021) {
		p[i] = (unsigned char)(i / 7);
		CU_ASSERT_EQUAL((unsigned char)host_memory[
		    kmem_phys((vm_offset_t)p + i)], p[i]);
		host_memory[kmem_phys((vm_offset_t)p + i)] = 5;
		CU_ASSERT_EQUAL(p[i], 5);
	}
	free(p, M_TEMP);
}

static void
call_boot(void *arg)
{
	u_long *size;

	size = arg;
	host_boot(size[0], size[1]);
}

/* Machines too small say so; the others work, with any size. */
static void
small_machines(void)
{
	static const u_long pages[] = {
		2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 64, 100, 160,
		200, 255, 256, 257, 300, 500, 1024
	};
	const char *msg;
	u_long size[2];
	unsigned int i, k;
	int ran, refused;
	char *p;

	ran = refused = 0;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		for (k = 0; k < 5; k++) {
			size[0] = pages[i] * PAGE_SIZE;
			size[1] = k == 0 ? 16 * MB - PAGE_SIZE : k == 1 ?
			    size[0] :
			    k == 2 ? 4 * size[0] : k == 3 ? PAGE_SIZE * 37 :
			    size[0] + PAGE_SIZE;
			msg = panic_catch(call_boot, size);
			if (msg != NULL) {
				refused++;
				CU_ASSERT(suite_holds(msg, "kmeminit: the "
				    "books need") || suite_holds(msg,
				    "pmap_steal_memory: ") || suite_holds(msg,
				    "kmem_init: "));
				continue;
			}
			ran++;
			CU_ASSERT_EQUAL(kmemstats[M_TEMP].ks_limit,
			    kmem_map->size / 100 * 60);
			CU_ASSERT_EQUAL((u_long)(kmemlimit - kmembase),
			    kmem_map->size);
			CU_ASSERT_EQUAL(malloc_check(printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kmem_map, printf), 0);
			while ((p = malloc(1000, M_TEMP, M_NOWAIT)) != NULL)
				fill(p, 1000, 0);
			CU_ASSERT_EQUAL(malloc_check(printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
			CU_ASSERT_EQUAL(kmem_check(kmem_map, printf), 0);
		}
	CU_ASSERT(ran > 20 && refused > 5);
	host_boot(4 * MB, 16 * MB);
}

static void
early(void)
{
	vm_map_t map;
	const char *msg;

	host_boot(4 * MB, 16 * MB);
	map = kmem_map;
	kmem_map = NULL;
	msg = malloc_panics(1, M_TEMP, M_NOWAIT);
	kmem_map = map;
	CU_ASSERT(says(msg, "malloc: called before kmeminit"));
}

/* ---------------------------------------------------------------------
 * A long random run against a model.
 */

#define	NSLOT	500
#define	NOPS	30000
#define	NKIND	5
#define	SEED	19940601UL

static struct slot {
	char	*p;
	u_long	size;
	int	kind;		/* NKIND: a page of kmem's */
} slot[NSLOT];

static struct kmemstats want[NKIND];	/* the model's account */
static int kind_type[NKIND];
static unsigned short owner[4 * MB / 16];	/* of 16 bytes each */

/* Enter a block's owner into the shadow, or take it out: nobody, or itself,
 * must have been there. */
static int
shadow(const char *p, u_long n, unsigned short is, unsigned short was)
{
	u_long i, end;
	int bad;

	i = (u_long)(p - kmembase) / 16;
	end = i + n / 16;
	for (bad = 0; i < end; i++) {
		bad += owner[i] != was;
		owner[i] = is;
	}
	return (bad);
}

static u_long
soak_size(u_long *seed)
{

	switch (draw(seed, 10)) {
	case 0:
		return (draw(seed, 20 * PAGE_SIZE));
	case 1:
		return (bucket[draw(seed, LARGE)].kb_size + draw(seed, 3) -
		    1);
	case 2:
	case 3:
		return (draw(seed, PAGE_SIZE));
	default:
		return (draw(seed, 400));
	}
}

static int
soak_get(struct slot *sp, u_long *seed)
{
	struct kmemstats *w;
	int flags, bad;
	u_long charge, at;

	at = (u_long)(sp - slot) + 1;
	sp->size = soak_size(seed);
	sp->kind = (int)draw(seed, NKIND);
	w = &want[sp->kind];
	charge = charge_of(sp->size);
	flags = M_NOWAIT | (draw(seed, 4) == 0 ? M_ZERO_IT : 0);
	sp->p = malloc(sp->size, kind_type[sp->kind], flags);
	if (w->ks_memuse + charge > w->ks_limit) {
		w->ks_limblocks++;
		return (sp->p != NULL);
	}
	if (sp->p == NULL) {
		w->ks_mapblocks++;
		/* Only where memory is really short. */
		return (cnt.v_free_count > round_page(charge) / PAGE_SIZE +
		    4 && largest_hole(kmem_map) >= round_page(charge));
	}
	w->ks_inuse++;
	w->ks_calls++;
	w->ks_memuse += charge;
	if (w->ks_memuse > w->ks_maxused)
		w->ks_maxused = w->ks_memuse;
	bad = (flags & M_ZERO_IT) != 0 && !zeros(sp->p, sp->size);
	bad += shadow(sp->p, charge, (unsigned short)at, 0);
	fill(sp->p, sp->size, (unsigned int)at);
	return (bad);
}

static int
soak_put(struct slot *sp)
{
	struct kmemstats *w;
	u_long charge, at;
	int bad;

	at = (u_long)(sp - slot) + 1;
	w = &want[sp->kind];
	charge = charge_of(sp->size);
	bad = !filled(sp->p, sp->size, (unsigned int)at);
	bad += shadow(sp->p, charge, 0, (unsigned short)at);
	free(sp->p, kind_type[sp->kind]);
	sp->p = NULL;
	w->ks_inuse--;
	w->ks_memuse -= charge;
	return (bad);
}

static int
soak_agrees(void)
{
	struct kmemstats *is, *w;
	int k, bad;

	bad = 0;
	for (k = 0; k < NKIND; k++) {
		is = &kmemstats[kind_type[k]];
		w = &want[k];
		bad += is->ks_inuse != w->ks_inuse ||
		    is->ks_calls != w->ks_calls ||
		    is->ks_memuse != w->ks_memuse ||
		    is->ks_maxused != w->ks_maxused ||
		    is->ks_limblocks != w->ks_limblocks ||
		    is->ks_mapblocks != w->ks_mapblocks;
	}
	bad += !sums_agree();
	bad += malloc_check(printf) != 0;
	bad += kmem_check(kernel_map, printf) != 0;
	bad += kmem_check(kmem_map, printf) != 0;
	return (bad);
}

static void
soak(void)
{
	static const u_long limit[NKIND] = {
		LIMITLESS, 100000, 30000, LIMITLESS, 300000
	};
	struct found f;
	struct meal m;
	u_long seed, op, limitno;
	struct slot *sp;
	int k, bad, wrong;

	printf("    seed %lu\n", SEED);
	host_boot(4 * MB, 16 * MB);
	seed = SEED;
	CU_ASSERT_FATAL((u_long)(kmemlimit - kmembase) <= 4 * MB);
	bzero(owner, sizeof(owner));
	look(&f);
	bzero(want, sizeof(want));
	bzero(slot, sizeof(slot));
	for (k = 0; k < NKIND; k++) {
		kind_type[k] = malloc_type_attach("soak", limit[k]);
		want[k].ks_limit = limit[k];
	}
	/* Little memory, so that it runs out again and again. */
	direct = 1;
	eat_frames(&m, kernel_map, 250);
	direct = 0;
	bad = wrong = 0;
	for (op = 0; op < NOPS && bad < 20; op++) {
		sp = &slot[draw(&seed, NSLOT)];
		wrong = sp->p != NULL ? soak_put(sp) : soak_get(sp, &seed);
		switch (draw(&seed, 400)) {
		case 0:
			malloc_reclaim();
			break;
		case 1:
			k = (int)draw(&seed, NKIND);
			limitno = draw(&seed, 200000);
			malloc_type_setlimit(kind_type[k], limitno);
			want[k].ks_limit = limitno;
			break;
		case 2:
			wrong += free_panics(kmembase + draw(&seed,
			    (u_long)(kmemlimit - kmembase)) / 16 * 16 + 1,
			    M_TEMP) == NULL;
			break;
		case 3:
			spit_frames(&m, draw(&seed, 20));
			break;
		}
		if (op % 2000 == 0)
			wrong += soak_agrees();
		bad += wrong != 0;
	}
	CU_ASSERT_EQUAL(bad, 0);
	if (bad)
		printf("    wrong at step %lu\n", op);
	for (sp = slot; sp < &slot[NSLOT]; sp++)
		if (sp->p != NULL)
			bad += soak_put(sp);
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(soak_agrees(), 0);
	bad = 0;
	for (k = 0; k < NKIND; k++) {
		/* It must have met what it is for. */
		bad += want[k].ks_calls == 0 || want[k].ks_limblocks == 0;
		malloc_type_detach(kind_type[k]);
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(want[0].ks_mapblocks + want[3].ks_mapblocks > 0);
	spit_all(&m);
	t = M_TEMP;
	CU_ASSERT_EQUAL(sound(&f), 0);
}

/* An arena that is smaller than memory can be had as one block; and it ends
 * where kmemlimit says. */
static void
whole_arena(void)
{
	struct malloc_page mp;
	void *p;

	host_boot(16 * MB, 8 * MB);
	malloc_type_setlimit(M_TEMP, LIMITLESS);
	CU_ASSERT_EQUAL(malloc_page((u_long)kmemlimit - 1, &mp), 1);
	CU_ASSERT_EQUAL(malloc_page((u_long)kmemlimit, &mp), 0);
	CU_ASSERT_EQUAL(malloc_page((u_long)kmembase, &mp), 1);
	CU_ASSERT_EQUAL(malloc_page((u_long)kmembase - 1, &mp), 0);
	p = malloc(kmem_map->size, M_TEMP, M_NOWAIT);
	CU_ASSERT(p != NULL);
	free(p, M_TEMP);
	p = malloc(kmem_map->size + 1, M_TEMP, M_NOWAIT);
	CU_ASSERT(p == NULL);
}

CU_TestInfo steps_tests[] = {
	{"M-SIZE, E17: the whole arena, and where it ends", whole_arena},
	{"M-NOWAIT: a small block, each step refused", steps_small},
	{"M-NOWAIT: a run of pages, each step refused", steps_run},
	{"M-NOWAIT: a large block, each step refused", steps_large},
	{"M-WAITOK: who waits, each step refused", steps_waitok},
	{"K-NOWAIT: kmem_alloc of pages, each step refused",
	    steps_kmem_alloc},
	{"K-SPACE: reservations, each step refused", steps_space},
	{"K-SCALE: many entries, each step refused", steps_fragments},
	{"K-FREE: splits, each step refused", steps_splits},
	{"M-TYPE: attach and detach, each step refused", steps_attach},
	{"M-LIMIT: the charge given back, each step refused", steps_limit},
	{"K-IO: rows of frames, each step refused", steps_io},
	{"K-IO: a row of which a handler takes a frame, each step refused",
	    steps_robbed},
	{"K-MMAP: a process's memory, mapped into the kernel, each step "
	    "refused", steps_vm},
	{"K-WAITOK: who waits for frames, each step refused",
	    steps_kmem_waitok},
	{"K-WAITOK: who waits for addresses, each step refused",
	    steps_space_waitok},
	{"K-WAITOK: who waits while a process's memory ends, each step "
	    "refused", steps_vm_gives},
	{"K-FREE, K-ALLOC: errors, each step refused", steps_wrong},
	{"K-NOWAIT, K-WAITOK, K-COUNT: pairs of refused steps, drawn by a seed",
	    pairs},
	{"K-SUBALLOC: each step refused", steps_suballoc},
	{"M-RECURSE: malloc and kmem_alloc nest two deep", recurse_depth},
	{"M-ZERO, E27, M-BOUND: nothing is zeroed twice, or at splimp",
	    zeroed_once},
	{"K-FREE: without pages and entries, in any order", exhausted},
	{"M-RECURSE, K-FREE: after frees of middles the free frames are found",
	    exhausted_class},
	{"M-RECURSE: the last entries are for the refill", refill_last},
	{"K-NOWAIT: everything exhausted, refused, and whole afterwards",
	    exhausted_all},
	{"E31: submaps until there is no room", many_maps},
	{"K-IO: ordinary requests prefer pages above", io_preferred},
	{"K-PHYS: the byte is there in physical memory", phys_is},
	{"M-PANIC: machines too small say so", small_machines},
	{"M-PANIC: malloc before kmeminit", early},
	{"M-DISJOINT, M-STATS: a long random run against a model", soak},
	CU_TEST_INFO_NULL,
};
