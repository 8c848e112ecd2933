/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The i386 machine: does it do what machine.h, kern.h and i386.h promise,
 * with interrupts that come when they want?
 */
#include "suite.h"
#include "i386.h"
#include "kmem.h"
#include "malloc.h"

#define	RW	(VM_PROT_READ | VM_PROT_WRITE)

/* ---------------------------------------------------------------------
 * The clock.
 */

/* What is left of the counter of the 8254. */
static unsigned int
count8254(void)
{
	unsigned int n;

	outb(0x43, 0);
	n = inb(0x40);
	return (n | inb(0x40) << 8);
}

/* The chip counts from 1,193 down, 1,193,182 times a second; each time that
 * it begins again is a tick.  (Not by another clock: an emulator that is
 * given little time has two that disagree.) */
static void
clock_ticks(void)
{
	unsigned int n, most;
	unsigned long t;

	most = 0;
	for (t = ticks; ticks - t < 20; )
		if ((n = count8254()) > most)
			most = n;
	CU_ASSERT(most > 1100 && most <= 1193);
}

static void
clock_noted(void)
{
	unsigned long before;
	unsigned int n, last, wraps;
	int s;

	s = splimp();
	before = ticks;
	last = count8254();
	for (wraps = 0; wraps < 12; last = n)
		if ((n = count8254()) > last)
			wraps++;
	CU_ASSERT(ticks == before);
	splx(s);
	CU_ASSERT(ticks - before >= 3);
	CU_ASSERT(ticks - before <= 14);
}

/* ---------------------------------------------------------------------
 * Levels.
 */

static volatile unsigned long posted, ran;
static volatile int storming;

static void
soft(void *arg)
{

	(void)arg;
	ran++;
}

static void
storm(void *arg)
{

	posted++;
	softintr(soft, arg);
	if (storming)
		(void)intr_on_tick(storm, arg);
}

static void
level_storm(void)
{
	unsigned long until, p, bad, n, i;
	int s;

	posted = ran = bad = n = 0;
	storming = 1;
	CU_ASSERT(intr_on_tick(storm, NULL) == 0);
	for (until = ticks + HZ / 2; (long)(until - ticks) > 0; n++) {
		s = splimp();
		for (i = 0; i < n % 97; i++)
			__asm__ volatile ("" : : : "memory");
		splx(s);
		p = posted;
		if (ran < p || splget() != s)
			bad++;
	}
	storming = 0;
	(void)tsleep((void *)&posted, PVM, "storm", 3);
	CU_ASSERT(bad == 0);
	CU_ASSERT(posted > HZ / 4);
	CU_ASSERT(posted == ran);
}

static int order[80], norder;

static void
note(void *arg)
{

	if (cpu_intr_p() && norder < 80)
		order[norder++] = (int)arg;
}

static void
soft_order(void)
{
	int s, i;

	norder = 0;
	softintr(note, (void *)7);
	CU_ASSERT(norder == 1 && order[0] == 7);
	s = splimp();
	norder = 0;
	for (i = 0; i < 64; i++)
		softintr(note, (void *)i);
	CU_ASSERT(norder == 0);
	splx(s);
	CU_ASSERT(norder == 64);
	for (i = 0; i < 64; i++)
		CU_ASSERT(order[i] == i);
	CU_ASSERT(!cpu_intr_p());
}

static void
soft_many(void *arg)
{
	int i;

	for (i = 0; i < 65; i++)
		softintr(note, arg);
}

static void
soft_full(void)
{
	int s;

	s = splimp();
	norder = 0;
	PANICS(soft_many, NULL, "softintr: 64 calls wait already");
	CU_ASSERT(splget() != s);
	splx(s);
	CU_ASSERT(norder == 64);
}

static volatile unsigned long inside;

static void
spin(void *arg)
{
	unsigned long t;

	(void)arg;
	for (t = ticks; ticks == t; )
		continue;
	inside = cpu_intr_p();
}

static void
nesting(void)
{

	inside = 0;
	softintr(spin, NULL);
	CU_ASSERT(inside == 1);
}

/* ---------------------------------------------------------------------
 * Sleeping.
 */

static volatile int flag;
static volatile unsigned long when;

static void
wake(void *arg)
{

	(void)arg;
	flag = 1;
	when = ticks;
	wakeup((void *)&flag);
}

static void
no_wakeup_lost(void)
{
	int i, s, late;

	for (i = late = 0; i < 300; i++) {
		s = splimp();
		flag = 0;
		CU_ASSERT_FATAL(intr_on_tick(wake, NULL) == 0);
		while (!flag)
			CU_ASSERT(tsleep((void *)&flag, PVM, "wake",
			    10 * HZ) == 0);
		late += ticks - when;
		CU_ASSERT(splget() == 3);
		splx(s);
	}
	CU_ASSERT(late < 30);
}

/* ---------------------------------------------------------------------
 * An interrupt after each instruction, one by one.
 */

static void
level_steps(void)
{
	unsigned long before, n;
	int s, mask;

	mask = inb(0x21);
	outb(0x21, mask | 1);
	for (n = 1; n < 1000; n++) {
		before = ticks;
		(void)intr_after(n);
		s = splimp();
		splx(s);
		if (intr_after(0) != 0)
			break;
		CU_ASSERT(ticks == before + 1);
		CU_ASSERT(splget() == 0);
	}
	outb(0x21, mask);
	CU_ASSERT(n > 10 && n < 1000);
}

static volatile unsigned long left;

static void
wake_step(void *arg)
{

	left = intr_after(0);
	wake(arg);
}

/* Sleep, with a wakeup after n instructions; was it run within the tick? */
static int
sleep_step(unsigned long n)
{
	int s, ok;

	flag = 0;
	CU_ASSERT_FATAL(intr_on_tick(wake_step, NULL) == 0);
	(void)intr_after(n);
	s = splimp();
	while (!flag)
		CU_ASSERT(tsleep((void *)&flag, PVM, "step", 10 * HZ) == 0);
	ok = ticks == when;
	splx(s);
	return (ok);
}

static void
sleep_steps(void)
{
	unsigned long n, came;
	int try;

	for (n = 1, came = 0; n < 300; n++) {
		for (try = 0; try < 9 && !sleep_step(n); try++)
			continue;
		CU_ASSERT(try < 9);
		came += left == 0;
	}
	CU_ASSERT(came > 50);
}

static void
timeout(void)
{
	unsigned long t;

	t = ticks;
	CU_ASSERT(tsleep(&t, PVM, "timeout", 50) != 0);
	t = ticks - t;
	CU_ASSERT(t >= 50 && t < 60);
}

static void
sleeper(void *arg)
{

	(void)tsleep(&norder, (int)arg / 10 * 10, "order", 0);
	order[norder++] = (int)arg;
}

static void
priorities(void)
{
	int a, b, c, d;

	norder = 0;
	a = proc_create("a", sleeper, (void *)40);
	proc_settle();
	b = proc_create("b", sleeper, (void *)20);
	proc_settle();
	c = proc_create("c", sleeper, (void *)30);
	d = proc_create("d", sleeper, (void *)21);
	CU_ASSERT_FATAL(a > 0 && b > 0 && c > 0 && d > 0);
	proc_settle();
	CU_ASSERT(proc_asleep(a) && proc_asleep(d) && !proc_ended(b));
	wakeup(&norder);
	CU_ASSERT(norder == 0 && !proc_asleep(a));
	proc_settle();
	CU_ASSERT(norder == 4 && proc_ended(a) && proc_ended(d));
	CU_ASSERT(order[0] == 20 && order[1] == 21 && order[2] == 30 &&
	    order[3] == 40);
}

static void
sleep_now(void *arg)
{

	(void)tsleep(arg, PVM, "handler", 0);
}

static void
softly(void *arg)
{

	softintr(sleep_now, arg);
}

static void
sleep_in_handler(void)
{

	PANICS(softly, &norder, "tsleep: handler: in an interrupt handler");
	CU_ASSERT(!cpu_intr_p());
	CU_ASSERT(splget() == 0);
	no_wakeup_lost();
}

/* ---------------------------------------------------------------------
 * Processes and their stacks.
 */

static volatile int go;

static void
wait(void *arg)
{

	(void)arg;
	while (!go)
		(void)tsleep((void *)&go, PVM, "go", 0);
}

static void
proc_many(void)
{
	unsigned long inuse, frames, n;

	inuse = kmemstats[M_PROC].ks_inuse;
	malloc_reclaim();
	frames = cnt.v_free_count;
	go = 0;
	for (n = 0; proc_create("many", wait, NULL) != -1; n++)
		continue;
	CU_ASSERT(n > 100 && n < NPROC);
	CU_ASSERT(kmemstats[M_PROC].ks_inuse == inuse + n);
	proc_settle();
	go = 1;
	wakeup((void *)&go);
	proc_settle();
	CU_ASSERT(kmemstats[M_PROC].ks_inuse == inuse);
	malloc_reclaim();
	CU_ASSERT(cnt.v_free_count == frames);
}

static int
recurse(volatile char *above)
{
	volatile char here[64];

	here[0] = above[0];
	if (here[0] == 1)
		return (0);
	return (recurse(here) + here[0]);
}

static void
overflow(void *arg)
{
	volatile char top[1];

	(void)arg;
	top[0] = 0;
	(void)recurse(top);
}

static void
stack_overflow(void)
{

	PANICS(overflow, NULL, "stack overflow: process");
	PANICS(overflow, NULL, "stack overflow: process");
	no_wakeup_lost();
}

/* ---------------------------------------------------------------------
 * Addresses.
 */

static void
probes(void)
{
	char c;
	int bad;

	c = 5;
	/* A step on the way to the probe is not its fault. */
	(void)intr_after(200);
	bad = badaddr(&c) + badwrite(&c);
	CU_ASSERT(intr_after(0) != 0);
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(badaddr(NULL) && badwrite(NULL));
	CU_ASSERT(badaddr((void *)KERNBASE));
	CU_ASSERT(!badaddr(&c) && !badwrite(&c) && c == 5);
	CU_ASSERT(!badaddr(order) && !badaddr(kernel_start));
}

static void
stale(void)
{
	vm_offset_t va, pa;
	volatile char *p;

	va = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(va != 0);
	pa = pmap_extract(kernel_pmap, va);
	p = (char *)va;
	*p = 1;
	pmap_remove(kernel_pmap, va, va + PAGE_SIZE);
	CU_ASSERT(badaddr((char *)va));
	CU_ASSERT(pmap_extract(kernel_pmap, va) == 0);
	CU_ASSERT(pmap_enter(kernel_pmap, va, pa, RW) == 0);
	CU_ASSERT(*p == 1);
	CU_ASSERT(pmap_extract(kernel_pmap, va + 9) == pa + 9);
	CU_ASSERT(pmap_enter(kernel_pmap, 0x1000, pa, RW) != 0);
	kmem_free(kernel_map, va, PAGE_SIZE);
	CU_ASSERT(badaddr((char *)va));
}

static void
touch(void *arg)
{

	*(volatile char *)arg = 1;
}

static void
look(void *arg)
{

	(void)*(volatile char *)arg;
}

static void
divide(void *arg)
{
	volatile int zero, n;

	(void)arg;
	zero = 0;
	n = 1000;
	n = n / zero;
}

static void
faults(void)
{

	PANICS(touch, (void *)64, "page fault: write of address 0x40, at 0x");
	PANICS(look, (void *)64, "page fault: read of address 0x40, at 0x");
	PANICS(divide, NULL, "trap 0 (divide)");
	CU_ASSERT(panicstr == NULL);
}

static void
panic_hard(void *arg)
{

	(void)arg;
	(void)splhigh();
	panic("hard %d", 5);
}

static void
panic_twice(void *arg)
{
	const char *msg;

	msg = panic_catch(panic_hard, arg);
	CU_ASSERT(suite_holds(msg, "hard 5"));
	panic("outer");
}

static void
catching(void)
{
	int s;

	PANICS(panic_hard, NULL, "hard 5");
	CU_ASSERT(splget() == 0 && panicstr == NULL);
	PANICS(panic_twice, NULL, "outer");
	s = splimp();
	PANICS(panic_hard, NULL, "hard 5");
	CU_ASSERT(splget() == 3);
	splx(s);
	CU_ASSERT(panic_catch(note, NULL) == NULL);
}

static void
frames(void)
{
	vm_offset_t *pa;

	CU_ASSERT(phys_avail[0] >= PAGE_SIZE);
	for (pa = phys_avail; pa[1] != 0; pa += 2) {
		CU_ASSERT(pa[0] < pa[1]);
		CU_ASSERT(pa[2] == 0 || pa[1] <= pa[2]);
		CU_ASSERT(pa[1] <= (vm_offset_t)kernel_start - KERNBASE ||
		    pa[0] >= (vm_offset_t)end - KERNBASE);
	}
}

static int
print(char *buf, unsigned long size, const char *fmt, ...)
{
	__builtin_va_list ap;
	int n;

	__builtin_va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	__builtin_va_end(ap);
	return (n);
}

static void
printing(void)
{
	char b[64];

	CU_ASSERT(print(b, sizeof(b), "%5d|%-5d|%05d|% d", 42, -42, -42, 7)
	    == 20);
	CU_ASSERT_STRING_EQUAL(b, "   42|-42  |-0042| 7");
	print(b, sizeof(b), "%#lx %#X %x %o %#o %u", 255UL, 255, 0, 8, 8,
	    4294967295U);
	CU_ASSERT_STRING_EQUAL(b, "0xff 0XFF 0 10 010 4294967295");
	print(b, sizeof(b), "%#010lx %.3s %-4s| %*d %c%%", 16UL, "abcdef",
	    "ab", 4, 1, 'z');
	CU_ASSERT_STRING_EQUAL(b, "0x00000010 abc ab  |    1 z%");
	print(b, sizeof(b), "%ld %p %.*s", -2147483647L - 1, (void *)16, 2,
	    "xyz");
	CU_ASSERT_STRING_EQUAL(b, "-2147483648 0x10 xy");
	CU_ASSERT(print(b, 4, "abcdef") == 6);
	CU_ASSERT_STRING_EQUAL(b, "abc");
}

CU_TestInfo i386_tests[] = {
	{ "clock: 1,000 ticks a second", clock_ticks },
	{ "clock: no tick is lost at splimp", clock_noted },
	{ "M-LEVEL: an interrupt at any instruction is run by splx",
	    level_storm },
	{ "softintr: at once at level 0, inside splx otherwise, in order",
	    soft_order },
	{ "softintr: the 65th that waits is a panic", soft_full },
	{ "levels: the clock interrupts a lower handler", nesting },
	{ "tsleep: no wakeup is lost, and none waits for the next tick",
	    no_wakeup_lost },
	{ "M-LEVEL: a tick after each instruction of splimp and splx",
	    level_steps },
	{ "tsleep: a wakeup after each instruction from the look to the sleep",
	    sleep_steps },
	{ "tsleep: a time-out comes after its ticks", timeout },
	{ "wakeup: by priority, the oldest first", priorities },
	{ "tsleep: in an interrupt handler is a panic", sleep_in_handler },
	{ "proc_create: until memory is used up; all is given back",
	    proc_many },
	{ "stack overflow: a panic that names the process, twice",
	    stack_overflow },
	{ "badaddr, badwrite: an address that may fault", probes },
	{ "pmap_remove: a touch faults at once", stale },
	{ "traps: page faults and others are reported", faults },
	{ "panic_catch: restores the level; nests", catching },
	{ "phys_avail: never frame 0, never the image", frames },
	{ "printf: flags, widths, conversions", printing },
	CU_TEST_INFO_NULL
};
