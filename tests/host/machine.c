/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The machine inside a process: does it do what machine.h, kern.h and
 * host.h promise?  All other suites stand on this.
 */
#include <sys/wait.h>
#include <dirent.h>
#include <signal.h>
#include <unistd.h>
#include "suite.h"
#include "host/host.h"
#include "host/memtool.h"
#include "kmem.h"
#include "malloc.h"

#define	PAGES(n)	((vm_size_t)(n) << PAGE_SHIFT)
#define	RW		(VM_PROT_READ | VM_PROT_WRITE)
#define	JUNK		0xa5

/* ---------------------------------------------------------------------
 * Helpers.
 */

/* Kernel addresses with nothing behind them; frames come from pages(). */
static vm_offset_t
space(vm_size_t size)
{
	vm_offset_t va;

	va = kmem_alloc(kernel_map, size, M_SPACE_ONLY | M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	return (va);
}

static vm_offset_t
pages(vm_size_t size)
{
	vm_offset_t va;

	va = kmem_alloc(kernel_map, size, M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	return (va);
}

static vm_offset_t
phys(vm_offset_t va)
{

	return (pmap_extract(kernel_pmap, va));
}

/* Linux's own list: mappings of this process in [from, to). */
static unsigned long
linuxmaps(unsigned long from, unsigned long to)
{
	unsigned long a, b, n;
	char line[512];
	FILE *f;

	f = fopen("/proc/self/maps", "r");
	CU_ASSERT_FATAL(f != NULL);
	n = 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%lx", &a, &b) == 2 && a < to && b > from)
			n++;
	fclose(f);
	return (n);
}

/* How many it allows, or a tool under which we run. */
static unsigned long
mostmaps(void)
{
	unsigned long n;
	FILE *f;

	n = 0;
	f = fopen("/proc/sys/vm/max_map_count", "r");
	CU_ASSERT_FATAL(f != NULL && fscanf(f, "%lu", &n) == 1);
	fclose(f);
	return (n < MEMTOOL_MAPS ? n : MEMTOOL_MAPS);
}

static int
threads(void)
{
	struct dirent *de;
	DIR *d;
	int n;

	d = opendir("/proc/self/task");
	CU_ASSERT_FATAL(d != NULL);
	for (n = 0; (de = readdir(d)) != NULL; )
		if (de->d_name[0] != '.')
			n++;
	closedir(d);
	return (n);
}

/* Have all threads gone but so many?  A thread that has been joined may
 * be on Linux's list for a moment yet. */
static int
threads_left(int n)
{
	int i;

	for (i = 0; i < 2000 && threads() > n; i++)
		usleep(1000);
	return (threads() <= n);
}

/* What happens, in order: each event appends a letter. */
static char story[200];
static int nstory;

static void
tell(int c)
{

	if (nstory < (int)sizeof(story) - 1)
		story[nstory++] = c;
	story[nstory] = '\0';
}

static void
tell_arg(void *arg)
{

	tell(*(char *)arg);
}

static void
begin(void)
{

	nstory = 0;
	story[0] = '\0';
}

/* Run fn in a child, which is to end by abort(); return what it wrote. */
static const char *
last_words(void (*fn)(void))
{
	static char text[1024];
	int fd[2], status;
	ssize_t n, len;
	pid_t pid;

	text[0] = '\0';
	fflush(stdout);
	if (pipe(fd) == -1 || (pid = fork()) == -1)
		return (text);
	if (pid == 0) {
		dup2(fd[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		(*fn)();
		_exit(0);
	}
	close(fd[1]);
	for (len = 0; (n = read(fd[0], text + len, sizeof(text) - 1 - len)) > 0;
	    len += n)
		continue;
	text[len] = '\0';
	close(fd[0]);
	waitpid(pid, &status, 0);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	return (text);
}

/* ---------------------------------------------------------------------
 * Booting.
 */

static void
boot_state(void)
{

	begin();
	cold = 7;
	panicstr = "left over";
	splhigh();
	softintr(tell_arg, "s");
	host_interrupt_at(1, tell_arg, "x");
	host_boot(16 << 20, 64 << 20);
	splx(splimp());
	CU_ASSERT_STRING_EQUAL(story, "");	/* both are forgotten */
	CU_ASSERT_EQUAL(cold, 0);
	CU_ASSERT_PTR_NULL(panicstr);
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(!cpu_intr_p());
	CU_ASSERT_EQUAL(virtual_end & PAGE_MASK, 0);
	CU_ASSERT_PTR_NOT_NULL(kernel_map);
	CU_ASSERT_PTR_NOT_NULL(kmem_map);

	/* Two ranges, with a PC's hole between them, and no frame 0. */
	CU_ASSERT(phys_avail[0] >= PAGE_SIZE);
	CU_ASSERT_EQUAL(phys_avail[1], 640 << 10);
	CU_ASSERT(phys_avail[2] >= 1 << 20);
	CU_ASSERT_EQUAL(phys_avail[3], 16 << 20);
	CU_ASSERT_EQUAL(phys_avail[5], 0);
}

static void
boot_small(void *arg)
{

	host_boot(*(vm_size_t *)arg, 1 << 20);
}

static void
boot_wide(void *arg)
{

	host_boot(1 << 20, *(vm_size_t *)arg);
}

/* A machine too small or too large is refused, and the next one works. */
static void
boot_again(void)
{
	vm_size_t none = 0, little = 3 * PAGE_SIZE, much = ~0UL >> 1;

	PANICS(boot_small, &none, "host_boot: 0 bytes of memory");
	PANICS(boot_small, &much, "host_boot: ");
	PANICS(boot_wide, &much, "of addresses: ");
	CU_ASSERT_EQUAL(phys(virtual_avail), 0);
	CU_ASSERT_PTR_NOT_NULL(panic_catch(boot_small, &little));
	host_boot(48 << 20, 128 << 20);
	CU_ASSERT(cnt.v_page_count > (40 << 20) / PAGE_SIZE);
	CU_ASSERT(cnt.v_page_count < (48 << 20) / PAGE_SIZE);
	host_boot(8 << 20, 32 << 20);
	CU_ASSERT(cnt.v_page_count < (8 << 20) / PAGE_SIZE);
	CU_ASSERT(vm_map_max(kernel_map) - vm_map_min(kernel_map) <= 32 << 20);
}

/* Nothing is mapped of what the last machine had. */
static void
boot_unmaps(void)
{
	vm_offset_t va;

	va = pages(PAGES(40)) + PAGES(39);
	CU_ASSERT(!badwrite((void *)va));
	host_boot(16 << 20, 64 << 20);
	CU_ASSERT_EQUAL(phys(va), 0);
	CU_ASSERT(badaddr((void *)va));
}

static void
sleep_on(void *chan)
{

	tsleep(chan, PVM, "test", 0);
	tell('!');
}

static void
nothing(void *arg)
{

	(void)arg;
}

static void
settle_fn(void *arg)
{

	(void)arg;
	proc_settle();
}

static void
catch_and_sleep(void *chan)
{

	splimp();
	panic_catch(sleep_on, chan);
}

/* One machine with processes asleep, in panic_catch, ready, and ended. */
static void
boot_crowd(void)
{
	int i;

	host_boot(1 << 20, 8 << 20);
	for (i = 0; i < 4; i++) {
		proc_create("sleeper", sleep_on, &cold);
		proc_create("catcher", catch_and_sleep, &cold);
		proc_create("ender", nothing, NULL);
	}
	proc_settle();
	proc_create("ready", nothing, NULL);
}

static void
boot_leaves_nothing(void)
{
	unsigned long maps;
	int i, before;

	begin();
	boot_crowd();
	host_boot(1 << 20, 8 << 20);
	usleep(1000);
	before = threads();
	for (i = 0; i < 30; i++)
		boot_crowd();
	maps = linuxmaps(0, ~0UL);
	for (i = 0; i < 300; i++)
		boot_crowd();
	CU_ASSERT(linuxmaps(0, ~0UL) <= maps + 20);
	host_boot(16 << 20, 64 << 20);
	CU_ASSERT(threads_left(before));
	CU_ASSERT_STRING_EQUAL(story, "");	/* nobody ran on */
}

static void
boot_fn(void *arg)
{

	(void)arg;
	host_boot(1 << 20, 8 << 20);
}

static void
boot_in_process(void *arg)
{

	*(const char **)arg = panic_catch(boot_fn, NULL);
	CU_ASSERT_PTR_NOT_NULL(*(const char **)arg);
}

static void
soft_boot(void *arg)
{

	softintr(boot_fn, arg);
}

static void
boot_only_first(void)
{
	const char *msg = NULL;

	proc_create("boots", boot_in_process, &msg);
	proc_settle();
	CU_ASSERT_PTR_NOT_NULL_FATAL(msg);
	CU_ASSERT(suite_holds(msg, "host_boot: only process 0 may"));
	PANICS(soft_boot, NULL, "not in a handler");
}

/* ---------------------------------------------------------------------
 * Memory.
 */

static void
map_unmap(void)
{
	vm_offset_t from, va, pa;

	from = pages(PAGE_SIZE);
	va = space(PAGES(3));
	pa = phys(from);
	CU_ASSERT(badaddr((void *)va) && badwrite((void *)va));
	CU_ASSERT_EQUAL(phys(va + 5), 0);
	CU_ASSERT_EQUAL(pmap_enter(kernel_pmap, va + PAGES(1), pa, RW), 0);
	CU_ASSERT(badaddr((void *)(va + PAGES(1) - 1)));
	CU_ASSERT(!badaddr((void *)(va + PAGES(1))));
	CU_ASSERT(!badwrite((void *)(va + PAGES(2) - 1)));
	CU_ASSERT(badaddr((void *)(va + PAGES(2))));
	CU_ASSERT_EQUAL(phys(va + PAGES(1) + 77), pa + 77);

	/* One frame, three views. */
	((char *)from)[77] = 'x';
	CU_ASSERT_EQUAL(((char *)va)[PAGES(1) + 77], 'x');
	((char *)va)[PAGES(1) + 77] = 'y';
	CU_ASSERT_EQUAL(host_memory[pa + 77], 'y');
	CU_ASSERT_EQUAL(((char *)from)[77], 'y');

	pmap_remove(kernel_pmap, va, va + PAGES(3));
	CU_ASSERT(badaddr((void *)(va + PAGES(1) + 77)));
	CU_ASSERT_EQUAL(phys(va + PAGES(1)), 0);
	CU_ASSERT_EQUAL(((char *)from)[77], 'y');
	kmem_free(kernel_map, va, PAGES(3));
	kmem_free(kernel_map, from, PAGE_SIZE);
}

static void
map_readonly(void)
{
	vm_offset_t from, va;

	from = pages(PAGE_SIZE);
	va = space(PAGE_SIZE);
	CU_ASSERT_EQUAL(pmap_enter(kernel_pmap, va, phys(from),
	    VM_PROT_READ), 0);
	CU_ASSERT(!badaddr((void *)va));
	CU_ASSERT(badwrite((void *)va));
	((char *)from)[0] = 'r';
	CU_ASSERT_EQUAL(*(char *)va, 'r');

	/* A mapping may be replaced by another. */
	CU_ASSERT_EQUAL(pmap_enter(kernel_pmap, va, phys(from), RW), 0);
	CU_ASSERT(!badwrite((void *)va));
	pmap_remove(kernel_pmap, va, va + PAGE_SIZE);
	CU_ASSERT(badaddr((void *)va));
	kmem_free(kernel_map, va, PAGE_SIZE);
	kmem_free(kernel_map, from, PAGE_SIZE);
}

static void
map_extract(void)
{

	CU_ASSERT_EQUAL(phys(0), 0);
	CU_ASSERT_EQUAL(phys(virtual_end), 0);
	CU_ASSERT_EQUAL(phys(~0UL), 0);
	CU_ASSERT_EQUAL(phys((vm_offset_t)&phys), 0);
	CU_ASSERT(badaddr((void *)16));
	CU_ASSERT(!badwrite(story));
}

struct entering {
	vm_offset_t va, pa;
};

static void
enter_fn(void *arg)
{
	struct entering *e = arg;

	pmap_enter(kernel_pmap, e->va, e->pa, RW);
}

static void
remove_fn(void *arg)
{
	struct entering *e = arg;

	pmap_remove(kernel_pmap, e->va, e->pa);
}

static void
map_wrong(void)
{
	vm_offset_t va = space(PAGES(2));
	struct entering bad[] = {
		{ va, 0 }, { va, 16 << 20 }, { va, PAGES(3) + 1 },
		{ va + 8, PAGES(3) }, { virtual_end, PAGES(3) },
		{ 0, PAGES(3) }
	}, gone[] = {
		{ va, va }, { va + PAGES(1), va }, { va, va + 9 },
		{ va + 9, va + PAGES(1) }, { 0, va }, { va, ~PAGE_MASK }
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		PANICS(enter_fn, &bad[i], "no such page or frame");
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		PANICS(remove_fn, &gone[i], "is not the kernel's");
	kmem_free(kernel_map, va, PAGES(2));
}

/* A frame that nobody has written holds junk; after a new boot, again. */
static void
map_junk(void)
{
	unsigned long i, bad;
	vm_offset_t va;

	for (i = 0; i < 2; i++) {
		va = pages(PAGES(4)) + PAGES(3);
		for (bad = 0; bad < PAGE_SIZE; bad++)
			if (((unsigned char *)va)[bad] != JUNK)
				break;
		CU_ASSERT_EQUAL(bad, PAGE_SIZE);
		memset((void *)va, 0, PAGE_SIZE);
		host_boot(16 << 20, 64 << 20);
	}
}

static vm_size_t stealsize;

static void
steal_fn(void *arg)
{

	*(vm_offset_t *)arg = pmap_steal_memory(stealsize);
}

/* Steal three pages from two ranges of which the first holds two. */
static void
steal(void)
{
	vm_offset_t was[6], vavail, vend, from, va, got, pa;

	from = pages(PAGES(4));
	va = space(PAGES(6));
	pa = phys(from);
	CU_ASSERT_EQUAL_FATAL(phys(from + PAGES(3)), pa + PAGES(3));
	memset((void *)from, 'd', PAGES(4));
	memcpy(was, phys_avail, sizeof(was));
	vavail = virtual_avail;
	vend = virtual_end;

	memset(phys_avail, 0, sizeof(was));
	phys_avail[0] = pa;
	phys_avail[1] = pa + PAGES(1);
	phys_avail[2] = pa + PAGES(1);
	phys_avail[3] = pa + PAGES(4);
	virtual_avail = va;
	virtual_end = va + PAGES(5);
	CU_ASSERT_EQUAL(pmap_steal_memory(PAGE_SIZE + 1), va);
	CU_ASSERT_EQUAL(virtual_avail, va + PAGES(2));
	CU_ASSERT_EQUAL(phys_avail[0], pa);
	CU_ASSERT_EQUAL(phys_avail[2], pa + PAGES(3));
	CU_ASSERT_EQUAL(phys(va + PAGES(1)), pa + PAGES(2));
	CU_ASSERT_EQUAL(*(char *)va, 0);
	CU_ASSERT_EQUAL(((char *)va)[PAGES(2) - 1], 0);
	CU_ASSERT_EQUAL(((char *)from)[0], 'd');
	CU_ASSERT_EQUAL(((char *)from)[PAGES(3)], 'd');
	CU_ASSERT_EQUAL(pmap_steal_memory(1), va + PAGES(2));
	CU_ASSERT_EQUAL(phys(va + PAGES(2)), pa);

	/* Too much of the one kind and of the other. */
	stealsize = PAGE_SIZE + 1;
	PANICS(steal_fn, &got,
	    "pmap_steal_memory: 4097 bytes wanted, 4096 left");
	stealsize = ~0UL;
	PANICS(steal_fn, &got, "bytes wanted, 4096 left");
	virtual_end = va + PAGES(3);
	stealsize = 1;
	PANICS(steal_fn, &got, "pmap_steal_memory: 1 bytes wanted, 0 left");

	memcpy(phys_avail, was, sizeof(was));
	virtual_avail = vavail;
	virtual_end = vend;
	pmap_remove(kernel_pmap, va, va + PAGES(3));
	kmem_free(kernel_map, va, PAGES(6));
	kmem_free(kernel_map, from, PAGES(4));
}

/* A flat machine: the kernel's table says what it says on any other, and
 * Linux is asked for nothing. */
static void
map_flat(void)
{
	unsigned long i, n;
	vm_offset_t va, pa;

	host_flat(1);
	va = pages(PAGES(2));			/* not flat yet */
	kmem_free(kernel_map, va, PAGES(2));
	CU_ASSERT(badaddr((void *)va));
	host_boot(16 << 20, 512 << 20);
	host_flat(0);
	va = pages(PAGES(2));			/* flat still */
	pa = phys(va);
	CU_ASSERT(pa != 0 && !badwrite((void *)va));
	*(char *)(va + PAGES(1)) = 'f';
	kmem_free(kernel_map, va, PAGES(2));
	CU_ASSERT_EQUAL(phys(va), 0);
	CU_ASSERT(!badwrite((void *)va));
	CU_ASSERT_EQUAL(pages(PAGES(2)), va);
	CU_ASSERT_EQUAL(phys(va), pa);
	kmem_free(kernel_map, va, PAGES(2));

	va = space(PAGES(80000));
	n = linuxmaps(0, ~0UL);
	for (i = 0; i < 80000; i += 2)
		if (pmap_enter(kernel_pmap, va + PAGES(i), 1 << 20, RW) != 0)
			break;
	CU_ASSERT_EQUAL(i, 80000);
	CU_ASSERT(linuxmaps(0, ~0UL) < n + 10);
	host_boot(16 << 20, 64 << 20);
	CU_ASSERT(badaddr((void *)va));
	va = pages(PAGES(2));
	kmem_free(kernel_map, va, PAGES(2));
	CU_ASSERT(badaddr((void *)va));
}

/* Enter pages until the machine refuses; remove them in the order that
 * makes Linux's list longest.  No removal is refused. */
static void
map_limit(void)
{
	unsigned long i, n, max;
	vm_offset_t va, pa;

	max = mostmaps();
	host_boot(16 << 20, 512 << 20);
	va = space(PAGES(66000));
	for (n = 0; n < 66000; n++) {
		pa = (1 << 20) + PAGES(n % ((15 << 20) / PAGE_SIZE));
		if (pmap_enter(kernel_pmap, va + PAGES(n), pa, RW) != 0)
			break;
	}
	CU_ASSERT(n <= max);
	CU_ASSERT(max > 70000 || (n < 66000 && n > max - max / 10));
	CU_ASSERT(linuxmaps(va, va + PAGES(66000)) < 40);
	for (i = 1; i < n; i += 2)
		pmap_remove(kernel_pmap, va + PAGES(i), va + PAGES(i + 1));
	i = linuxmaps(va, va + PAGES(66000));
	CU_ASSERT(i > n - 5 && i < max);
	CU_ASSERT(badaddr((void *)(va + PAGES(n / 2 | 1))));
	CU_ASSERT(!badaddr((void *)(va + PAGES(n / 2 & ~1UL))));
	pmap_remove(kernel_pmap, va, va + PAGES(66000));
	CU_ASSERT(linuxmaps(va, va + PAGES(66000)) == 1);
	kmem_free(kernel_map, va, PAGES(66000));
}

/* The same when every page stands alone. */
static void
map_limit_scattered(void)
{
	unsigned long i, n, max;
	vm_offset_t va;

	max = mostmaps();
	host_boot(16 << 20, 512 << 20);
	va = space(PAGES(66000));
	for (n = 0; n < 33000; n++)
		if (pmap_enter(kernel_pmap, va + PAGES(2 * n), 1 << 20,
		    RW) != 0)
			break;
	CU_ASSERT(max > 70000 || (n < 33000 && 2 * n > max - max / 10));
	CU_ASSERT(linuxmaps(va, va + PAGES(66000)) >= 2 * n);
	for (i = 0; i < 8; i++) {
		pmap_remove(kernel_pmap, va + PAGES(8), va + PAGES(9));
		CU_ASSERT_EQUAL(pmap_enter(kernel_pmap, va + PAGES(8),
		    1 << 20, RW), 0);
	}
	pmap_remove(kernel_pmap, va, va + PAGES(66000));
	kmem_free(kernel_map, va, PAGES(66000));
}

/* ---------------------------------------------------------------------
 * Processes' memory.
 */

/* What an old machine's process had. */
static vm_offset_t old_va[3];

static void
settler(void *arg)
{
	struct vmspace *vm;
	vm_offset_t *va = arg;

	vm = vmspace_alloc(M_WAITOK);
	CU_ASSERT_PTR_NOT_NULL(vm);
	CU_ASSERT_PTR_NULL(proc_setvm(vm));
	*va = vm_allocate(vm, PAGES(3), RW, M_WAITOK);
	CU_ASSERT(*va != 0);
	memset((void *)*va, 0x11, PAGES(3));
	tsleep(va, PVM, "for ever", 0);
	tell('!');
}

/* Its processes' pages go with a machine, and their address spaces are
 * nobody's: they are not freed into the next one. */
static void
vm_boot(void)
{
	struct vmspace *vm;
	u_long used;
	int i, j;

	begin();
	for (i = 0; i < 50; i++) {
		host_boot(4 << 20, 16 << 20);
		used = kmemstats[M_VMMAP].ks_inuse;
		CU_ASSERT_EQUAL(used, 0);
		CU_ASSERT_EQUAL(kmemstats[M_VMPVENT].ks_inuse, 0);
		CU_ASSERT_EQUAL(cnt.v_active_count, 0);
		CU_ASSERT_PTR_NULL(proc_vm());
		CU_ASSERT_PTR_NULL(curpmap());
		for (j = 0; j < 3 && i > 0; j++)
			CU_ASSERT(badaddr((void *)old_va[j]));
		for (j = 0; j < 2; j++)
			CU_ASSERT(proc_create("a", settler, &old_va[j]) > 0);
		proc_settle();
		vm = vmspace_alloc(M_WAITOK);
		CU_ASSERT_PTR_NULL(proc_setvm(vm));
		old_va[2] = vm_allocate(vm, PAGE_SIZE, RW, M_WAITOK);
		for (j = 0; j < 3; j++)
			CU_ASSERT(!badwrite((void *)old_va[j]));
	}
	host_boot(4 << 20, 16 << 20);
	CU_ASSERT_STRING_EQUAL(story, "");
	CU_ASSERT_EQUAL(kmem_check(kernel_map, printf), 0);
}

/* There are 128 ranges, and each is used again. */
static void
vm_ranges(void)
{
	static struct vmspace *vm[200];
	vm_offset_t va, min;
	int i, j, n;

	host_boot(16 << 20, 64 << 20);
	for (n = 0; n < 200; n++)
		if ((vm[n] = vmspace_alloc(M_NOWAIT)) == NULL)
			break;
	CU_ASSERT_EQUAL(n, 128);
	CU_ASSERT_EQUAL(kmemstats[M_VMPMAP].ks_inuse, 128);
	CU_ASSERT_EQUAL(kmemstats[M_VMMAP].ks_inuse, 128);
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			CU_ASSERT(vm_map_max(&vm[i]->vm_map) <=
			    vm_map_min(&vm[j]->vm_map) ||
			    vm_map_min(&vm[i]->vm_map) >=
			    vm_map_max(&vm[j]->vm_map));
	va = vm_allocate(vm[77], PAGE_SIZE, RW, M_NOWAIT);
	CU_ASSERT(va != 0);
	min = vm_map_min(&vm[77]->vm_map);
	vmspace_free(vm[77]);
	CU_ASSERT(badaddr((void *)va));
	vm[77] = vmspace_alloc(M_NOWAIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm[77]);
	CU_ASSERT_EQUAL(vm_map_min(&vm[77]->vm_map), min);
	CU_ASSERT(badaddr((void *)va));
	CU_ASSERT_PTR_NULL(vmspace_alloc(M_NOWAIT));
	for (i = 0; i < n; i++)
		vmspace_free(vm[i]);
	CU_ASSERT_EQUAL(kmemstats[M_VMPMAP].ks_inuse, 0);
	CU_ASSERT_EQUAL(kmemstats[M_VMMAP].ks_inuse, 0);
}

static void
vm_wrong_enter(void *arg)
{

	(void)pmap_enter(((struct vmspace *)arg)->vm_pmap,
	    vm_map_max(&((struct vmspace *)arg)->vm_map), 1 << 20, RW);
}

static void
vm_wrong_remove(void *arg)
{
	vm_offset_t va = vm_map_max(&((struct vmspace *)arg)->vm_map);

	pmap_remove(((struct vmspace *)arg)->vm_pmap, va, va + PAGE_SIZE);
}

/* No page outside of its range is a process's. */
static void
vm_bounds(void)
{
	struct vmspace *vm;
	vm_offset_t min, max, va, at;

	host_boot(16 << 20, 64 << 20);
	vm = vmspace_alloc(M_NOWAIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	min = vm_map_min(&vm->vm_map);
	max = vm_map_max(&vm->vm_map);
	PANICS(vm_wrong_enter, vm, "no such page or frame");
	PANICS(vm_wrong_remove, vm, "is not the process's");
	CU_ASSERT_EQUAL(pmap_extract(vm->vm_pmap, min - 1), 0);
	CU_ASSERT_EQUAL(pmap_extract(vm->vm_pmap, max), 0);
	CU_ASSERT_EQUAL(pmap_protection(vm->vm_pmap, max), 0);
	CU_ASSERT_EQUAL(pmap_protection(vm->vm_pmap, 0), 0);
	CU_ASSERT_EQUAL(pmap_protection(kernel_pmap, min), 0);
	/* More than the range is refused, not waited for. */
	at = cnt.v_free_count;
	va = pages(PAGES(at));
	CU_ASSERT_EQUAL(vm_allocate(vm, max - min + 1, RW, M_WAITOK), 0);
	kmem_free(kernel_map, va, PAGES(at));
	vmspace_free(vm);
}

/* The bound on Linux's mappings is one for the kernel and its processes. */
static void
vm_limit(void)
{
	struct vmspace *vm;
	struct vm_object *vo;
	vm_offset_t va, at;
	unsigned long n, max;

	max = mostmaps();
	if (max > 70000)
		return;
	host_boot(16 << 20, 512 << 20);
	vm = vmspace_alloc(M_NOWAIT);
	vo = vm_object_allocate(PAGES(4), M_NOWAIT);
	CU_ASSERT_FATAL(vm != NULL && vo != NULL);
	at = vm_map_object(vm, 0, vo, RW, M_NOWAIT);	/* brings the table */
	CU_ASSERT(at != 0);
	CU_ASSERT_EQUAL(vm_deallocate(vm, at), 0);
	va = space(PAGES(66000));
	for (n = 0; n < 33000; n++)
		if (pmap_enter(kernel_pmap, va + PAGES(2 * n), 1 << 20,
		    RW) != 0)
			break;
	CU_ASSERT_FATAL(n < 33000);
	CU_ASSERT_EQUAL(vm_map_object(vm, 0, vo, RW, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(vmspace_check(vm, printf), 0);
	/* Room for three pages and their run: not for four. */
	pmap_remove(kernel_pmap, va, va + PAGES(3));
	CU_ASSERT_EQUAL(vm_map_object(vm, 0, vo, RW, M_NOWAIT), 0);
	CU_ASSERT_EQUAL(vmspace_check(vm, printf), 0);
	pmap_remove(kernel_pmap, va + PAGES(4), va + PAGES(5));
	CU_ASSERT_EQUAL(vm_map_object(vm, 0, vo, RW, M_NOWAIT), at);
	CU_ASSERT_EQUAL(vmspace_check(vm, printf), 0);
	pmap_remove(kernel_pmap, va, va + PAGES(66000));
	kmem_free(kernel_map, va, PAGES(66000));
	vm_object_deallocate(vo);
	vmspace_free(vm);
}

/* ---------------------------------------------------------------------
 * Levels and interrupts.
 */

static void
levels(void)
{
	int imp, high;

	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT_EQUAL(splimp(), 0);
	imp = splget();
	CU_ASSERT(imp > 0);
	CU_ASSERT_EQUAL(splimp(), imp);
	CU_ASSERT_EQUAL(splhigh(), imp);
	high = splget();
	CU_ASSERT(high > imp);
	CU_ASSERT_EQUAL(splimp(), high);	/* never lowers */
	CU_ASSERT_EQUAL(splget(), high);
	splx(imp);
	CU_ASSERT_EQUAL(splget(), imp);
	CU_ASSERT_EQUAL(spl0(), imp);
	CU_ASSERT_EQUAL(splget(), 0);
}

static int handlerlevel, handlerintr;

static void
look(void *arg)
{

	tell(*(char *)arg);
	handlerlevel = splget();
	handlerintr = cpu_intr_p();
}

static void
soft_at_once(void)
{

	begin();
	softintr(look, "a");
	CU_ASSERT_STRING_EQUAL(story, "a");
	CU_ASSERT(handlerlevel > 0);
	CU_ASSERT(handlerintr);
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(!cpu_intr_p());
}

static void
soft_pending(void)
{
	int s, t;

	begin();
	s = splimp();
	softintr(look, "a");
	t = splhigh();
	softintr(look, "b");
	softintr(look, "c");
	splx(t);
	CU_ASSERT_STRING_EQUAL(story, "");
	splx(s);
	CU_ASSERT_STRING_EQUAL(story, "abc");
	CU_ASSERT_EQUAL(splget(), 0);
	splhigh();
	softintr(look, "d");
	spl0();
	CU_ASSERT_STRING_EQUAL(story, "abcd");
}

/* A handler posts others, raises and lowers: they run after it. */
static void
soft_posts(void *arg)
{
	int s;

	tell('(');
	softintr(look, "b");
	s = splimp();
	splx(s);
	if (*(char *)arg == 'a')
		softintr(soft_posts, "z");
	tell(')');
}

static void
soft_nested(void)
{

	begin();
	softintr(soft_posts, "a");
	CU_ASSERT_STRING_EQUAL(story, "()b()b");
	CU_ASSERT_EQUAL(splget(), 0);
}

static void
soft_many(void *arg)
{
	int i;

	for (i = 0; i < *(int *)arg; i++)
		softintr(tell_arg, "x");
}

static void
soft_full(void)
{
	int n = 64, one = 1, s;

	begin();
	s = splimp();
	CU_ASSERT_PTR_NULL(panic_catch(soft_many, &n));
	PANICS(soft_many, &one, "softintr: more than 64 wait");
	CU_ASSERT_STRING_EQUAL(story, "");
	splx(s);
	CU_ASSERT_EQUAL(nstory, 64);
	begin();
	s = splimp();			/* the ring's seam lies elsewhere now */
	n = 40;
	soft_many(&n);
	splx(s);
	s = splimp();
	soft_many(&n);
	splx(s);
	CU_ASSERT_EQUAL(nstory, 80);
}

static void
raise_fn(void *arg)
{

	(void)arg;
	splimp();
}

static void
soft_raise(void *arg)
{

	softintr(raise_fn, arg);
}

static void
soft_leaves_level(void)
{

	PANICS(soft_raise, NULL, "interrupt handler left the level at");
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(!cpu_intr_p());
}

/* Four points: two raises from 0 and two lowerings to it. */
static void
scenario(void)
{
	int s, t;

	tell('1');
	s = splimp();
	tell('2');
	t = splhigh();
	splx(t);
	tell('3');
	splx(s);
	tell('4');
	s = splhigh();
	tell('5');
	spl0();
	tell('6');
}

static void
choose_points(unsigned long passed)
{
	static const char *want[] = {
		"1x23456", "123x456", "1234x56", "12345x6", "123456"
	};
	unsigned long n, before;

	for (n = 1; n <= 5; n++) {
		begin();
		host_interrupt_at(n, look, "x");
		before = host_points();
		scenario();
		CU_ASSERT_EQUAL(host_points() - before, passed);
		CU_ASSERT_STRING_EQUAL(story, want[n - 1]);
	}
	host_interrupt_at(0, NULL, NULL);
}

static void
choose_point(void)
{

	choose_points(4);
	scenario();
	CU_ASSERT_STRING_EQUAL(story, "123456123456");
	CU_ASSERT(handlerintr);
	splimp();
	CU_ASSERT_EQUAL(handlerlevel, splget());
	spl0();
}

/* With nobody to count points, what comes at them comes all the same. */
static void
uncounted(void)
{
	unsigned long before;
	int s;

	before = host_points();
	host_count_points(0);
	CU_ASSERT_EQUAL(spl_watched, 0);
	splx(splimp());
	CU_ASSERT_EQUAL(host_points(), before);
	choose_points(0);
	CU_ASSERT_EQUAL(spl_watched, 0);
	begin();
	s = splimp();
	softintr(look, "a");
	CU_ASSERT(spl_watched != 0);
	tell('1');
	splx(s);
	CU_ASSERT_STRING_EQUAL(story, "1a");
	CU_ASSERT_EQUAL(spl_watched, 0);
	CU_ASSERT_EQUAL(host_points(), before);
	host_count_points(1);
	splx(splimp());
	CU_ASSERT_EQUAL(host_points() - before, 2);
}

/* A device interrupts a software interrupt, and posts one itself. */
static void
device(void *arg)
{

	(void)arg;
	tell('[');
	softintr(look, "s");
	tell(']');
}

static void
choose_nested(void)
{

	begin();
	host_interrupt_at(1, device, NULL);
	softintr(soft_posts, "b");
	CU_ASSERT_STRING_EQUAL(story, "([])bs");
	begin();
	host_interrupt_at(1, device, NULL);
	spl0();				/* no change, no point */
	CU_ASSERT_STRING_EQUAL(story, "");
	splx(splimp());
	CU_ASSERT_STRING_EQUAL(story, "[]s");
}

/* ---------------------------------------------------------------------
 * Processes.
 */

static int chan, other;

static void
sleeper(void *arg)
{
	int s;

	tell(*(char *)arg);
	s = splimp();
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 0), 0);
	CU_ASSERT_EQUAL(splget(), s + 2);
	splx(s);
	tell(*(char *)arg - 'a' + 'A');
}

static void
proc_basic(void)
{
	int a, b, c;

	begin();
	a = proc_create("a", sleeper, "a");
	b = proc_create("b", sleeper, "b");
	c = proc_create("c", tell_arg, "c");
	CU_ASSERT(a > 0 && b > a && c > b);
	CU_ASSERT_STRING_EQUAL(story, "");	/* ready, not running */
	CU_ASSERT(!proc_asleep(a) && !proc_ended(a));
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "abc");
	CU_ASSERT(proc_asleep(a) && proc_asleep(b) && !proc_ended(a));
	CU_ASSERT(proc_ended(c) && !proc_asleep(c));
	wakeup(&other);
	proc_settle();
	CU_ASSERT(proc_asleep(a) && proc_asleep(b));
	wakeup(&chan);
	CU_ASSERT(!proc_asleep(a));
	CU_ASSERT_STRING_EQUAL(story, "abc");	/* woken, not running */
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "abcAB");
	CU_ASSERT(proc_ended(a) && proc_ended(b));
	CU_ASSERT(!proc_ended(0) && !proc_asleep(0));
	CU_ASSERT(proc_ended(99) && !proc_asleep(99));
}

/* Process 0 sleeps too; the level is 0 meanwhile, whatever it was. */
static void
wake_zero(void *arg)
{

	tell('w');
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(proc_asleep(0));
	wakeup(arg);
}

static void
proc_zero(void)
{
	int s;

	begin();
	s = splimp();
	proc_create("waker", wake_zero, &chan);
	softintr(look, "s");
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 0), 0);
	CU_ASSERT(splget() > 0);
	CU_ASSERT_STRING_EQUAL(story, "sw");
	splx(s);
}

static void
waker(void *arg)
{

	tell('w');
	wakeup(arg);
}

/* The wakeup comes while tsleep lowers the level. */
static void
sleep_atomic(void)
{
	int s;

	begin();
	s = splimp();
	softintr(waker, &chan);
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 0), 0);
	splx(s);
	host_interrupt_at(2, waker, &chan);	/* 1: splimp's own point */
	s = splimp();
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 0), 0);
	splx(s);
	CU_ASSERT_STRING_EQUAL(story, "ww");
}

struct nap {
	int timo;
	char name;
};

static void
napper(void *arg)
{
	struct nap *n = arg;

	if (tsleep(&chan, PVM, "nap", n->timo) != 0)
		tell(n->name);
	else
		tell(n->name - 'a' + 'A');
}

static void
sleep_timo(void)
{
	struct nap n[] = { { 30, 'a' }, { 10, 'b' }, { 30, 'c' }, { 0, 'd' },
	    { 40, 'e' } };
	unsigned int i;

	begin();
	for (i = 0; i < 5; i++)
		proc_create("nap", napper, &n[i]);
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "");	/* settling takes no time */
	CU_ASSERT(tsleep(&other, PVM, "test", 10) != 0);
	CU_ASSERT_STRING_EQUAL(story, "b");	/* it was first in bed */
	CU_ASSERT(tsleep(&other, PVM, "test", 25) != 0);
	CU_ASSERT_STRING_EQUAL(story, "bac");
	wakeup(&chan);
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "bacDE");
	CU_ASSERT(tsleep(NULL, PVM, "test", 1000) != 0);
}

static void
sleep_for_ever(void *arg)
{

	splimp();
	tsleep(arg, PVM, "test", 0);
}

static void
deadlock(void)
{
	int pid;

	begin();
	pid = proc_create("a", sleeper, "a");
	PANICS(sleep_for_ever, &other, "deadlock: every process is asleep");
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT(!proc_asleep(0) && proc_asleep(pid));
	wakeup(&chan);
	proc_create("z", tell_arg, "z");
	PANICS(sleep_for_ever, &other, "deadlock: every process is asleep");
	CU_ASSERT_STRING_EQUAL(story, "aAz");
}

static void
sleep_in_handler(void *arg)
{

	softintr(sleep_for_ever, arg);
}

static void
settle_in_handler(void *arg)
{

	softintr(settle_fn, arg);
}

static void
sleep_intr(void)
{

	PANICS(sleep_in_handler, &chan, "tsleep: test is waited for in an "
	    "interrupt handler");
	PANICS(settle_in_handler, NULL, "proc_settle: in an interrupt");
	CU_ASSERT(!cpu_intr_p());
	CU_ASSERT_EQUAL(splget(), 0);
}

static void
sleep_cold(void)
{

	cold = 1;
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 0), 0);
	cold = 0;
	panicstr = "test";
	CU_ASSERT_EQUAL(tsleep(&chan, PVM, "test", 5), 0);
	panicstr = NULL;
}

/* Interrupts that waited for one process are taken by the next. */
static void
posts_and_sleeps(void *arg)
{
	int level;

	(void)arg;
	splimp();
	softintr(look, "s");
	tell('p');
	level = splget();
	proc_settle();
	CU_ASSERT_EQUAL(splget(), level);
	tell('q');
	spl0();
}

static void
switch_delivers(void)
{

	begin();
	proc_create("posts", posts_and_sleeps, NULL);
	proc_create("next", tell_arg, "n");
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "psn");
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "psnq");
	CU_ASSERT_EQUAL(splget(), 0);
}

static void
settle_two(void)
{

	begin();
	proc_create("settles", settle_fn, NULL);
	proc_create("c", tell_arg, "c");
	proc_settle();
	proc_settle();
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "c");
}

static void
proc_many(void)
{
	int i, pid, last;

	begin();
	for (last = i = 0; (pid = proc_create("s", sleeper, "s")) != -1; i++) {
		CU_ASSERT(pid > last);
		last = pid;
	}
	CU_ASSERT_EQUAL(i, 127);
	proc_settle();
	CU_ASSERT_EQUAL(nstory, 127);
	CU_ASSERT_EQUAL(proc_create("s", sleeper, "s"), -1);
	wakeup(&chan);
	proc_settle();
	pid = proc_create("s", tell_arg, "s");
	CU_ASSERT(pid > last);
	CU_ASSERT(proc_ended(last));
	proc_settle();
	CU_ASSERT(proc_ended(pid));
}

/* ---------------------------------------------------------------------
 * Panics and faults.
 */

static void
panic_fn(void *arg)
{

	splhigh();
	panic("one %s and %d", (const char *)arg, 2);
}

static void
panic_inner(void *arg)
{

	splimp();
	PANICS(panic_fn, arg, "one inner and 2");
	CU_ASSERT(splget() > 0);
	panic("outer");
}

static void
panic_panicstr(void *arg)
{

	(void)arg;
	panicstr = "meanwhile";
	panic("in a panic");
}

static void
panic_basic(void)
{
	const char *msg;

	CU_ASSERT_PTR_NULL(panic_catch(nothing, NULL));
	msg = panic_catch(panic_fn, "test");
	CU_ASSERT_PTR_NOT_NULL_FATAL(msg);
	CU_ASSERT_STRING_EQUAL(msg, "one test and 2");
	CU_ASSERT_EQUAL(splget(), 0);
	CU_ASSERT_PTR_NULL(panicstr);
	splhigh();
	CU_ASSERT_EQUAL(host_paniclevel, splget());
	spl0();
	PANICS(panic_inner, "inner", "outer");
	CU_ASSERT_EQUAL(splget(), 0);
	splimp();
	CU_ASSERT_EQUAL(host_paniclevel, splget());
	panicstr = "before";
	PANICS(panic_panicstr, NULL, "in a panic");
	CU_ASSERT_STRING_EQUAL(panicstr, "before");
	panicstr = NULL;
	spl0();
}

static void
soft_panic(void *arg)
{

	softintr(panic_fn, arg);
}

static void
sleep_panic(void *arg)
{

	splimp();
	softintr(panic_fn, arg);
	tsleep(&chan, PVM, "test", 0);
}

/* A panic in a handler, and in one that interrupts a process on its way
 * to sleep; what waited behind it is delivered when the level falls. */
static void
panic_intr(void)
{

	begin();
	PANICS(soft_panic, "test", "one test");
	CU_ASSERT(!cpu_intr_p());
	CU_ASSERT_EQUAL(splget(), 0);
	PANICS(sleep_panic, "test", "one test");
	CU_ASSERT(!proc_asleep(0));
	wakeup(&chan);
	proc_create("n", tell_arg, "n");
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "n");
}

static void
panic_after_soft(void *arg)
{

	splimp();
	softintr(tell_arg, "s");
	panic_fn(arg);
}

static void
catcher(void *arg)
{

	proc_settle();
	PANICS(panic_after_soft, arg, "one each and 2");
	proc_settle();
	PANICS(panic_after_soft, arg, "one each and 2");
	tell('e');
}

/* Each process has catchers of its own; they interleave. */
static void
panic_each(void)
{

	begin();
	proc_create("a", catcher, "each");
	proc_create("b", catcher, "each");
	proc_settle();
	proc_settle();
	proc_settle();
	CU_ASSERT_STRING_EQUAL(story, "sssese");
}

static void
asks(void *arg)
{
	*(void **)arg = malloc(4096, M_TEMP, M_WAITOK);
}

static void
waits_at_the_limit(void)
{
	void *p, *q = NULL;
	int pid;

	malloc_type_setlimit(M_TEMP, 4096);
	p = malloc(4096, M_TEMP, M_NOWAIT);
	pid = proc_create("asks", asks, &q);
	proc_settle();
	CU_ASSERT(proc_asleep(pid) && q == NULL);
	free(p, M_TEMP);
	proc_settle();
	CU_ASSERT(proc_ended(pid) && q != NULL);
	free(q, M_TEMP);
}

static void
die_panic(void)
{

	splimp();
	panic("the end, %d", 1);
}

static void
die_fault(void)
{

	*(volatile char *)(virtual_end - 1) = 1;
}

static void
die_elsewhere(void)
{

	static volatile unsigned long where = 16;

	*(volatile char *)where = 1;
}

static vm_offset_t readonly;

static void
die_readonly(void)
{

	*(volatile char *)readonly = 1;
}

/* A child shares its parent's physical memory: it must not change it. */
static vm_offset_t private;

static void
die_process(void)
{

	*(volatile char *)private = 1;
}

static void
die(void)
{
	struct vmspace *vm;

	vm = vmspace_alloc(M_NOWAIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	private = vm_allocate(vm, PAGE_SIZE, VM_PROT_READ, M_NOWAIT);
	CU_ASSERT(private != 0);
	readonly = pages(PAGE_SIZE);
	pmap_enter(kernel_pmap, readonly, phys(readonly), VM_PROT_READ);
	CU_ASSERT(suite_holds(last_words(die_panic), "panic: the end, 1\n"
	    "in process 0 (boot), level 2\n"));
	CU_ASSERT(suite_holds(last_words(die_fault), "of the kernel has no "
	    "frame\nin process 0 (boot), level 0\n"));
	CU_ASSERT(suite_holds(last_words(die_elsewhere), "fault: address "
	    "0x10 is in no page of the kernel's\n"));
	CU_ASSERT(suite_holds(last_words(die_readonly), "is read-only\n"));
	CU_ASSERT(suite_holds(last_words(die_process), "of a process is not "
	    "mapped, or read-only\nin process 0 (boot), level 0\n"));
	vmspace_free(vm);
	kmem_free(kernel_map, readonly, PAGE_SIZE);
}

static void
time_passes(void)
{
	unsigned long before;

	before = cycles();
	usleep(1000);
	CU_ASSERT(cycles() - before >= 1000000);
	CU_ASSERT(cycles() - before < 10000000000UL);
}

CU_TestInfo host_machine_tests[] = {
	{ "host: a boot gives a fresh machine", boot_state },
	{ "M-WAITOK: who asks at the limit sleeps until a free",
	    waits_at_the_limit },
	{ "host: boots of other sizes, and impossible ones", boot_again },
	{ "host: a boot unmaps what was mapped", boot_unmaps },
	{ "host: booting leaves nothing of the last machine",
	    boot_leaves_nothing },
	{ "host: only process 0 boots", boot_only_first },
	{ "host: a frame is seen where it is mapped", map_unmap },
	{ "host: a read-only page faults when written", map_readonly },
	{ "host: any address may be asked about", map_extract },
	{ "host: mapping what does not exist is a panic", map_wrong },
	{ "host: a fresh frame holds junk", map_junk },
	{ "host: memory is stolen from both fronts", steal },
	{ "host: on a flat machine no page faults", map_flat },
	{ "host: what was mapped can be unmapped in any order", map_limit },
	{ "host: scattered pages are refused in time", map_limit_scattered },
	{ "host: processes' memory goes with the machine", vm_boot },
	{ "host: 128 processes may have memory, and no two the same addresses",
	    vm_ranges },
	{ "host: a process's pages are within its range", vm_bounds },
	{ "host: the bound on mappings is shared with processes", vm_limit },
	{ "host: levels go up, down, and back", levels },
	{ "host: a software interrupt is taken at once", soft_at_once },
	{ "host: pending interrupts are taken in order", soft_pending },
	{ "host: handlers of software interrupts do not nest", soft_nested },
	{ "host: 64 software interrupts may wait", soft_full },
	{ "host: a handler must restore the level", soft_leaves_level },
	{ "host: an interrupt comes at each point", choose_point },
	{ "host: interrupts come where nobody counts points", uncounted },
	{ "host: a device interrupts a software interrupt", choose_nested },
	{ "host: processes run in turn, sleep, wake and end", proc_basic },
	{ "host: the level is dropped while asleep", proc_zero },
	{ "host: a wakeup on the way to sleep is not lost", sleep_atomic },
	{ "host: time-outs end sleeps in their order", sleep_timo },
	{ "host: who can never wake finds the deadlock", deadlock },
	{ "host: no sleep in an interrupt handler", sleep_intr },
	{ "host: no sleep while cold or after a panic", sleep_cold },
	{ "host: a level stays with its process, and what waits does not",
	    switch_delivers },
	{ "host: several may settle", settle_two },
	{ "host: processes end when there are too many", proc_many },
	{ "host: a panic is caught, level and all", panic_basic },
	{ "host: a panic in a handler is caught", panic_intr },
	{ "host: each process catches its own panics", panic_each },
	{ "host: uncaught panics and faults say why", die },
	{ "host: time passes", time_passes },
	CU_TEST_INFO_NULL,
};
