/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes' page directories, and processes in user mode.
 */
#include "../common/help.h"
#include "i386.h"
#include "user.h"

#define	RW	(VM_PROT_READ | VM_PROT_WRITE)

extern char badaddr_probe[];		/* locore.S */

/* ---------------------------------------------------------------------
 * Page directories, by hand.
 */

static pmap_t
new_pmap(void)
{
	vm_offset_t min, max;
	pmap_t pmap;

	pmap = pmap_create(&min, &max);
	CU_ASSERT_FATAL(pmap != NULL);
	CU_ASSERT(min == USERMIN && max == USERMAX);
	return (pmap);
}

static vm_offset_t
frame_of(vm_offset_t va)
{

	return (pmap_extract(kernel_pmap, va));
}

/* Pages of one process in three tables; each is there while any page is. */
static void
tables(void)
{
	static const vm_offset_t at[] = { USERMIN, 0x3ff000, 0x400000,
	    USERMAX - PAGE_SIZE };
	struct found before;
	vm_offset_t page, pa;
	pmap_t pmap;
	int i;

	look(&before);
	page = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(page != 0);
	pa = frame_of(page);
	pmap = new_pmap();
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 1);
	for (i = 0; i < 4; i++) {
		CU_ASSERT(pmap_extract(pmap, at[i]) == 0);
		CU_ASSERT(pmap_protection(pmap, at[i]) == 0);
		CU_ASSERT(pmap_enter(pmap, at[i], pa,
		    i % 2 ? RW : VM_PROT_READ) == 0);
		CU_ASSERT(pmap_extract(pmap, at[i] + 5) == pa + 5);
		CU_ASSERT(pmap_protection(pmap, at[i]) ==
		    (i % 2 ? RW : VM_PROT_READ));
		CU_ASSERT(pmap_extract(kernel_pmap, at[i]) == 0);
	}
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 3);
	CU_ASSERT(pmap_enter(pmap, at[0], pa, RW) == 0);
	CU_ASSERT(pmap_protection(pmap, at[0]) == RW);
	pmap_remove(pmap, at[0], at[0] + PAGE_SIZE);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 3);
	CU_ASSERT(pmap_extract(pmap, at[0]) == 0);
	CU_ASSERT(pmap_extract(pmap, at[1]) == pa);
	pmap_remove(pmap, at[1], at[2] + PAGE_SIZE);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 1);
	pmap_remove(pmap, USERMIN, USERMAX);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	pmap_destroy(pmap);
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
	kmem_free(kernel_map, page, PAGE_SIZE);
	CU_ASSERT(left(&before));
}

/* What no process may have is none of its pmap's, nor the kernel's. */
static void
bounds(void)
{
	vm_offset_t pa;
	pmap_t pmap;

	pmap = new_pmap();
	pa = frame_of((vm_offset_t)tables & ~PAGE_MASK);
	CU_ASSERT(pmap_enter(pmap, 0, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, USERMAX, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, KERNBASE, pa, RW) != 0);
	CU_ASSERT(pmap_enter(pmap, trunc_page(kernel_start), pa, RW) != 0);
	CU_ASSERT(pmap_extract(pmap, (vm_offset_t)tables) == 0);
	CU_ASSERT(pmap_protection(pmap, (vm_offset_t)tables) == 0);
	CU_ASSERT(pmap_protection(kernel_pmap, (vm_offset_t)tables) == RW);
	CU_ASSERT(pmap_enter(kernel_pmap, USERMIN, pa, RW) != 0);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	pmap_destroy(pmap);
}

static void
call_destroy(void *arg)
{

	pmap_destroy(arg);
}

#define	NGREEDY	16

/* Two address spaces, by two struct vmspace that have nothing else. */
static void
directories(void)
{
	static struct vmspace a, b;
	static vm_offset_t greedy[NGREEDY];
	volatile unsigned long *p, *ka, *kb;
	u_long n;
	int i;
	struct found before;
	vm_offset_t pages;

	look(&before);
	p = (volatile unsigned long *)0x123000;
	pages = kmem_alloc(kernel_map, 2 * PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(pages != 0);
	ka = (volatile unsigned long *)pages;
	kb = (volatile unsigned long *)(pages + PAGE_SIZE);
	a.vm_pmap = new_pmap();
	b.vm_pmap = new_pmap();
	CU_ASSERT(pmap_enter(a.vm_pmap, 0x123000, frame_of(pages), RW) == 0);
	CU_ASSERT(pmap_enter(b.vm_pmap, 0x123000,
	    frame_of(pages + PAGE_SIZE), RW) == 0);
	*ka = 1;
	*kb = 2;
	CU_ASSERT(curpmap() == NULL && badaddr((void *)p));
	CU_ASSERT(proc_setvm(&a) == NULL);
	CU_ASSERT(proc_vm() == &a && curpmap() == a.vm_pmap && *p == 1);
	*p = 3;
	CU_ASSERT(proc_setvm(&b) == &a && *p == 2);
	CU_ASSERT(*ka == 3 && *kb == 2);

	/* A change is seen at once, and a page that goes faults at once. */
	CU_ASSERT(pmap_enter(b.vm_pmap, 0x123000, frame_of(pages), RW) == 0);
	CU_ASSERT(*p == 3);
	pmap_remove(b.vm_pmap, 0x123000, 0x124000);
	CU_ASSERT(badaddr((void *)p));
	CU_ASSERT(badaddr(NULL));
	/* Its page table has gone: whoever has that page now may write to it
	 * what would be valid entries there. */
	for (i = 0; i < NGREEDY; i++) {
		greedy[i] = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
		CU_ASSERT_FATAL(greedy[i] != 0);
		for (n = 0; n < PAGE_SIZE / sizeof(n); n++)
			((u_long *)greedy[i])[n] = frame_of(pages) | 7;
	}
	CU_ASSERT(badaddr((void *)p));
	for (i = 0; i < NGREEDY; i++)
		kmem_free(kernel_map, greedy[i], PAGE_SIZE);
	PANICS(call_destroy, b.vm_pmap,
	    "pmap_destroy: the address space is in use");
	PANICS(call_destroy, a.vm_pmap, "pmap_destroy: 1 pages are mapped");

	/* Another process has its own, or none, while we sleep. */
	CU_ASSERT(proc_setvm(&a) == &b && *p == 3);
	(void)tsleep(&a, PVM, "vm", 3);
	CU_ASSERT(*p == 3 && curpmap() == a.vm_pmap);
	CU_ASSERT(proc_setvm(NULL) == &a);
	CU_ASSERT(badaddr((void *)p) && curpmap() == NULL);
	pmap_remove(a.vm_pmap, 0x123000, 0x124000);
	pmap_destroy(a.vm_pmap);
	pmap_destroy(b.vm_pmap);
	kmem_free(kernel_map, pages, 2 * PAGE_SIZE);
	CU_ASSERT(left(&before));
}

static void
handler_pmap(void *arg)
{

	*(int *)arg = curpmap() == NULL && proc_vm() == NULL;
}

static void
handler_setvm(void *arg)
{

	proc_setvm(arg);
}

static void
post_setvm(void *arg)
{

	softintr(handler_setvm, arg);
}

static int
deeper(volatile char *above)
{
	volatile char here[64];

	here[0] = above[0];
	if (here[0] == 1)
		return (0);
	return (deeper(here) + here[0]);
}

static void
overflow(void *arg)
{
	volatile char top[1];

	(void)arg;
	top[0] = 0;
	(void)deeper(top);
}

/* In a handler there is no process; and a double fault, which brings the
 * kernel's directory along, puts the process's back. */
static void
elsewhere(void)
{
	static struct vmspace a;
	vm_offset_t page;
	int none;

	page = kmem_alloc(kernel_map, PAGE_SIZE, M_NOWAIT);
	CU_ASSERT_FATAL(page != 0);
	*(int *)page = 7;
	a.vm_pmap = new_pmap();
	CU_ASSERT(pmap_enter(a.vm_pmap, USERMIN, frame_of(page), RW) == 0);
	CU_ASSERT(proc_setvm(&a) == NULL);
	none = 0;
	softintr(handler_pmap, &none);
	CU_ASSERT(none == 1 && curpmap() == a.vm_pmap);
	PANICS(post_setvm, NULL, "proc_setvm: in an interrupt handler");
	CU_ASSERT(curpmap() == a.vm_pmap);
	PANICS(overflow, NULL, "stack overflow: process");
	CU_ASSERT(!badaddr((void *)USERMIN) && *(int *)USERMIN == 7);
	CU_ASSERT(proc_setvm(NULL) == &a);
	pmap_remove(a.vm_pmap, USERMIN, USERMIN + PAGE_SIZE);
	pmap_destroy(a.vm_pmap);
	kmem_free(kernel_map, page, PAGE_SIZE);
}

/* With 0, 1, 2 ... frames free: a pmap and a page in it, or nothing. */
static void
shortage(void)
{
	struct found before;
	struct meal m;
	vm_offset_t min, max, pa;
	u_long n, frames, inuse, refused;
	pmap_t pmap;
	int s;

	look(&before);
	pa = frame_of((vm_offset_t)tables & ~PAGE_MASK);
	refused = 0;
	eat_frames(&m, kernel_map, 0);
	for (n = 0; n < 8; n++) {
		malloc_reclaim();
		frames = cnt.v_free_count;
		inuse = kmemstats[M_VMPVENT].ks_inuse;
		s = splimp();
		pmap = pmap_create(&min, &max);
		CU_ASSERT(splget() == 3);
		if (pmap != NULL && pmap_enter(pmap, USERMIN, pa, RW) != 0) {
			refused++;
			CU_ASSERT(pmap_extract(pmap, USERMIN) == 0);
			CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == inuse);
		} else if (pmap == NULL) {
			CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
			CU_ASSERT(frames <= 2);
		}
		splx(s);
		if (pmap != NULL) {
			pmap_remove(pmap, USERMIN, USERMAX);
			pmap_destroy(pmap);
		}
		spit_frames(&m, 1);
	}
	spit_all(&m);
	CU_ASSERT(refused > 0);
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 0);
	CU_ASSERT(kmemstats[M_VMPVENT].ks_inuse == 0);
	CU_ASSERT(left(&before));
}

/* ---------------------------------------------------------------------
 * Programs.
 */

/* Wait for so many ticks at most; has it ended? */
static int
ended_within(volatile int *statusp, int n)
{
	unsigned long until;
	int s;

	until = ticks + n;
	s = splimp();
	while (*statusp == USER_RUNS && (long)(until - ticks) > 0)
		(void)tsleep((void *)statusp, PVM, "user", until - ticks);
	splx(s);
	if (*statusp != USER_RUNS)
		proc_settle();
	return (*statusp != USER_RUNS);
}

/* Run a program to its end; its status. */
static int
run(long (*fn)(long), long arg)
{
	static volatile int status;
	int pid;

	pid = user_create("program", fn, arg, &status);
	CU_ASSERT_FATAL(pid != -1);
	CU_ASSERT_FATAL(ended_within(&status, 30 * HZ));
	CU_ASSERT(proc_ended(pid));
	return (status);
}

/* Is it killed for this, with a message that holds so much? */
static int
killed(int status, int trap, const char *message)
{

	if (status == USER_KILLED + trap &&
	    suite_holds(user_message, message) &&
	    suite_holds(user_message, "(program)"))
		return (1);
	printf("    status %#x: %s\n   wanted: %#x, %s\n", status,
	    user_message, USER_KILLED + trap, message);
	return (0);
}

static u_long nmaps;			/* Submaps, when a test begins. */

static void
begin(struct found *before)
{

	look(before);
	nmaps = kmemstats[M_VMMAP].ks_inuse;
}

/* Nothing that processes' memory is made of is left. */
static int
none_left(void)
{

	return (kmemstats[M_VMMAP].ks_inuse == nmaps &&
	    kmemstats[M_VMOBJ].ks_inuse == 0 &&
	    kmemstats[M_VMPMAP].ks_inuse == 0 &&
	    kmemstats[M_VMPVENT].ks_inuse == 0 &&
	    kmemstats[M_SUBPROC].ks_inuse == 0);
}

static void
programs(void)
{
	struct found before;

	begin(&before);
	CU_ASSERT(run(user_shouter, 0) == 0);
	CU_ASSERT(run(u_return, 42) == 42);
	CU_ASSERT(run(u_return, 0x1ff) == 0xff);
	CU_ASSERT(run(u_sleep, 5) == 0);
	CU_ASSERT(run(u_data, 7) == 0);
	CU_ASSERT(run(u_data, 8) == 0);
	CU_ASSERT(user_create("nobody asks", u_return, 0, NULL) != -1);
	proc_settle();
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

static void
private_data(void)
{
	static volatile int status[5];
	struct found before;
	int i;

	begin(&before);
	for (i = 0; i < 5; i++)
		CU_ASSERT(user_create("data", u_data, 100 + i, &status[i])
		    != -1);
	proc_settle();
	CU_ASSERT(kmemstats[M_VMPMAP].ks_inuse == 5);
	/* One text for all; data and stack for each. */
	CU_ASSERT(kmemstats[M_VMOBJ].ks_inuse == 11);
	for (i = 0; i < 5; i++)
		CU_ASSERT(ended_within(&status[i], HZ) && status[i] == 0);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

/* How a message has an address. */
static const char *
hex(vm_offset_t va)
{
	static char buf[32];
	struct text t;

	t.t_at = buf;
	t.t_end = buf + sizeof(buf) - 1;
	text_string(&t, "read of address 0x", 0, -1, 0);
	text_number(&t, va, 16, 0, 0, 0, ' ');
	text_string(&t, ",", 0, -1, 0);
	return (buf);
}

static void
fault_kills(void)
{
	struct found before;

	begin(&before);
	CU_ASSERT(killed(run(u_read, KERNBASE + 0x100000), 14,
	    "page fault: read of address 0xc0100000, at 0x1"));
	CU_ASSERT(killed(run(u_write, (long)&before), 14,
	    "page fault: write of address 0x"));
	CU_ASSERT(killed(run(u_write, 0), 14,
	    "page fault: write of address 0, at 0x1"));
	CU_ASSERT(killed(run(u_read, 0x3000000), 14,
	    "page fault: read of address 0x3000000, at 0x1"));
	CU_ASSERT(killed(run(u_read, -1), 14,
	    "page fault: read of address 0xffffffff, at 0x1"));
	CU_ASSERT(killed(run(u_text, 5), 14,
	    "page fault: write of address 0x1"));
	CU_ASSERT(killed(run(u_stack, 5), 14,
	    "page fault: write of address 0x3ffb"));
	/* An address of the kernel's that is special when the kernel faults
	 * there, and is nothing to a program. */
	CU_ASSERT(killed(run(u_jump, (long)badaddr), 14,
	    "page fault: read of address 0xc01"));
	CU_ASSERT(killed(run(u_jump, (long)badaddr_probe), 14,
	    hex((vm_offset_t)badaddr_probe)));
	CU_ASSERT(run(u_return, 9) == 9);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

/* Code that u_code gets: the kernel puts it there by way of kmem_mmap. */
static unsigned char code[U_BYTES];

static long
give_code(vm_offset_t addr, vm_size_t size)
{
	vm_offset_t kva;

	kva = kmem_mmap(kernel_map, addr, size);
	if (kva == 0)
		return (-1);
	memcpy((void *)kva, code, U_BYTES);
	kmem_free(kernel_map, kva, size);
	return (0);
}

static int
run_code(const char *bytes, unsigned long n)
{
	unsigned long i;
	int status;

	for (i = 0; i < U_BYTES; i++)
		code[i] = i < n ? (unsigned char)bytes[i] : 0xC3;
	user_device = give_code;
	status = run(u_code, 0);
	user_device = NULL;
	return (status);
}

#define	CODE(bytes)	run_code(bytes, sizeof(bytes) - 1)
#define	PROTECTED(bytes)						\
	CU_ASSERT(killed(CODE(bytes), 13, "trap 13 (protection), error "))

static void
privileged(void)
{
	struct found before;
	int s;

	begin(&before);
	CU_ASSERT(CODE("\x90") == 3);
	PROTECTED("\xf4");				/* hlt */
	PROTECTED("\xfa");				/* cli */
	PROTECTED("\xfb");				/* sti */
	PROTECTED("\xe6\x80");				/* out to 0x80 */
	PROTECTED("\xe4\x21");				/* in from 0x21 */
	PROTECTED("\xe5\x00");
	PROTECTED("\xba\xf8\x03\x00\x00\xef");		/* 0x3f8, long */
	PROTECTED("\x0f\x20\xc0");			/* mov cr0 to eax */
	PROTECTED("\x0f\x22\xd8");			/* eax to cr3 */
	PROTECTED("\x0f\x23\xf8");			/* eax to dr7 */
	PROTECTED("\x0f\x01\xf0");			/* lmsw ax */
	PROTECTED("\x0f\x06");				/* clts */
	PROTECTED("\x0f\x01\x10");			/* lgdt (eax) */
	PROTECTED("\x0f\x01\x18");			/* lidt (eax) */
	PROTECTED("\x0f\x00\xd8");			/* ltr ax */
	PROTECTED("\xcd\x20");				/* int 32 */
	PROTECTED("\xcd\x0e");				/* int 14 */
	PROTECTED("\xcd\x08");
	PROTECTED("\xcd\x7f");
	PROTECTED("\xcd\x81");
	PROTECTED("\xcc");				/* int3 */
	PROTECTED("\xea\0\0\x10\xc0\x08\0");		/* ljmp 8:... */
	PROTECTED("\xea\0\0\0\0\x20\0");		/* ... to a task */
	PROTECTED("\x9a\0\0\0\0\x18\0");		/* lcall, too */
	PROTECTED("\xb8\x10\0\0\0\x8e\xd8");		/* 0x10 to ds */
	PROTECTED("\xb8\x10\0\0\0\x8e\xd0");		/* and to ss */
	PROTECTED("\x31\xc0\x8e\xd0");			/* 0 to ss */
	/* All flags that may be changed are, and it is still no right. */
	PROTECTED("\x68\x02\x30\0\0\x9d\xfa");
	CU_ASSERT(killed(CODE("\x0f\x0b"), 6, "trap 6 (invalid instruction)"));
	/* Not because a double fault's task has left its mark. */
	__asm__ volatile ("clts");
	CU_ASSERT(killed(CODE("\xdb\xe3"), 7, "trap 7 (no coprocessor)"));
	CU_ASSERT(killed(CODE("\x31\xc9\xf7\xf1"), 0, "trap 0 (divide)"));
	/* pushf; or $0x4000, (%esp); popf; iret: a nested task's return. */
	s = CODE("\x9c\x81\x0c\x24\0\x40\0\0\x9d\xcf");
	CU_ASSERT(s == USER_KILLED + 10 || s == USER_KILLED + 13);
	/* ... and with that flag into the kernel and back. */
	CU_ASSERT(CODE("\x9c\x81\x0c\x24\0\x40\0\0\x9d"
	    "\xb8\x04\0\0\0\x31\xdb\x43\xcd\x80"
	    "\x9c\x81\x24\x24\xff\xbf\xff\xff\x9d\xc3") == 3);
	/* The flag for steps, set by the program: nothing comes of it. */
	CU_ASSERT(CODE("\x9c\x81\x0c\x24\0\x01\0\0\x9d\x90\x90\xc3") == 3);
	/* Direction down, with a system call. */
	CU_ASSERT(CODE("\xfd\xb8\x02\0\0\0\xbb\0\x20\0\0\xcd\x80\xfc\xc3")
	    == 3);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

/* Selectors that the kernel finds in ds and es: an emulator does not fault
 * where a processor does, for an empty one that is used. */
static int
selectors(void)
{
	unsigned short ds, es;

	__asm__ volatile ("movw %%ds,%0; movw %%es,%1" : "=r" (ds),
	    "=r" (es));
	return (es << 16 | ds);
}

static volatile int inkernel, inhandler, notours, handled;

static long
see_selectors(vm_offset_t addr, vm_size_t size)
{

	if (size == U_BYTES)
		return (give_code(addr, size));
	inkernel = selectors();
	return (0);
}

static void
tick_selectors(void *arg)
{

	if (selectors() != (SEL_DATA << 16 | SEL_DATA))
		notours++;
	handled++;
	if (inhandler)
		(void)intr_on_tick(tick_selectors, arg);
}

/* Empty segment registers, in a system call and at interrupts; afterwards
 * they are there again, and the call's other registers are as they were. */
static void
segments(void)
{
	static const char calls[] = "\x31\xc0\x8e\xd8\x8e\xc0\x8e\xe0\x8e\xe8"
	    "\xb8\x06\0\0\0\xb9\x01\0\0\0\xcd\x80"	/* device(, 1) */
	    "\x83\xf9\x01\x75\x10"			/* ecx is 1 still, */
	    "\x8c\xd8\x8c\xc1\x39\xc8\x75\x08"		/* ds and es alike, */
	    "\x8c\xe1\x39\xc8\x75\x02"			/* fs, too; */
	    "\x8c\xe9"					/* gs in ecx */
	    "\x39\xc8\x75\xfe"
	    "\x89\xc3\xb8\x01\0\0\0\xcd\x80";		/* exit(ds) */
	static const char loop[] = "\x31\xc0\x8e\xd8\x8e\xc0"
	    "\xb9\0\0\0\x02\xe2\xfe\xc3";		/* loop . */
	unsigned long i;

	for (i = 0; i < U_BYTES; i++)
		code[i] = i < sizeof(calls) - 1 ? calls[i] : 0xC3;
	user_device = see_selectors;
	inkernel = 0;
	CU_ASSERT(run(u_code, 0) == SEL_UDATA);
	CU_ASSERT(inkernel == (SEL_DATA << 16 | SEL_DATA));
	for (i = 0; i < U_BYTES; i++)
		code[i] = i < sizeof(loop) - 1 ? loop[i] : 0xC3;
	inhandler = 1;
	notours = handled = 0;
	CU_ASSERT(intr_on_tick(tick_selectors, NULL) == 0);
	CU_ASSERT(run(u_code, 0) == 3);
	CU_ASSERT(handled > 5 && notours == 0);
	inhandler = 0;
	(void)tsleep(&code, PVM, "tick", 2);
	user_device = NULL;
}

static unsigned int seed;

/* Marsaglia's: it comes round after 2^32 - 1. */
static unsigned int
draw32(void)
{

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return (seed);
}

static void
random_code(long n)
{
	static const char call[] = "\xb8....\xbb....\xb9....\xcd\x80";
	unsigned long i;

	for (i = 0; i < U_BYTES; i++)
		code[i] = (unsigned char)(draw32() >> 9);
	if (n % 2 == 0)
		return;
	for (i = 0; i < sizeof(call) - 1; i++)
		if (call[i] != '.')
			code[i] = (unsigned char)call[i];
	code[1] &= 7;
	code[2] = code[3] = code[4] = 0;
	if (n % 4 == 1)
		code[9] = code[14] = 0;
	if (n % 8 == 1)
		code[8] = code[13] = 0;
}

static void
any_instruction(void)
{
	static volatile int status;
	struct found before;
	int n, pid, odd;

	begin(&before);
	seed = 386;
	printf("    seed %u\n", seed);
	user_quiet = 1;
	user_device = give_code;
	for (n = odd = 0; n < 300; n++) {
		random_code(n);
		pid = user_create("program", u_code, 0, &status);
		CU_ASSERT_FATAL(pid != -1);
		if (!ended_within(&status, 4))
			CU_ASSERT(user_kill(pid) == 0);
		CU_ASSERT_FATAL(ended_within(&status, HZ));
		odd += status < USER_KILLED;
	}
	user_device = NULL;
	user_quiet = 0;
	printf("    %d of %d ended by themselves\n", odd, n);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

static void
bad_arguments(void)
{
	struct found before;

	begin(&before);
	CU_ASSERT(run(u_bad, 77) == 77);
	CU_ASSERT(run(u_random, 1) == 0);
	CU_ASSERT(run(u_random, 2) == 0);
	CU_ASSERT(run(u_map, 1) == 0);
	CU_ASSERT(run(u_map, 33) == 0);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

/* ---------------------------------------------------------------------
 * The kernel and a program at the same memory.
 */

static vm_offset_t lent[4];
static int nlent;

static long
borrow(vm_offset_t addr, vm_size_t size)
{
	vm_offset_t kva;

	kva = kmem_mmap(kernel_map, addr, size);
	if (kva == 0 || nlent == 4)
		return (-1);
	if (kmem_phys(kva) != pmap_extract(curpmap(), addr) ||
	    (kva & PAGE_MASK) != (addr & PAGE_MASK))
		return (-1);
	lent[nlent++] = kva;
	return (0);
}

static volatile int stop;
static volatile unsigned long nticks, wrong;

/* In the clock's handler: allocate; this is no process. */
static void
busy_tick(void *arg)
{
	void *p, *q;

	p = malloc(100, M_TEMP, M_NOWAIT);
	q = malloc(5000, M_TEMP, M_NOWAIT);
	if (p == NULL || q == NULL || !cpu_intr_p() || curpmap() != NULL)
		wrong++;
	free(q, M_TEMP);
	free(p, M_TEMP);
	nticks++;
	if (!stop)
		(void)intr_on_tick(busy_tick, arg);
}

static void
interrupted(void)
{
	static volatile int status[2];
	struct found before;
	struct u_flag *f[2];
	long turns[2];
	int pid[2], i;

	begin(&before);
	nlent = 0;
	user_device = borrow;
	for (i = 0; i < 2; i++) {
		pid[i] = user_create("flag", u_flag, 0, &status[i]);
		CU_ASSERT_FATAL(pid[i] != -1);
	}
	(void)tsleep(&before, PVM, "turns", 6);
	CU_ASSERT_FATAL(nlent == 2);
	nticks = wrong = stop = 0;
	CU_ASSERT(intr_on_tick(busy_tick, NULL) == 0);
	for (i = 0; i < 2; i++) {
		f[i] = (struct u_flag *)lent[i];
		turns[i] = f[i]->f_turns;
	}
	(void)tsleep(&before, PVM, "turns", 20);
	stop = 1;
	for (i = 0; i < 2; i++) {
		CU_ASSERT(!proc_ended(pid[i]));
		CU_ASSERT(f[i]->f_turns > turns[i]);
		f[i]->f_go = 1;
	}
	for (i = 0; i < 2; i++)
		CU_ASSERT(ended_within(&status[i], HZ) && status[i] == 0);
	(void)tsleep(&before, PVM, "tick", 2);
	CU_ASSERT(nticks >= 15 && wrong == 0);
	user_device = NULL;
	CU_ASSERT(none_left());
	/* They have ended; their pages are still held. */
	for (i = 0; i < 2; i++) {
		CU_ASSERT(f[i]->f_turns > turns[i] && f[i]->f_go == 1);
		kmem_free(kernel_map, lent[i], sizeof(struct u_flag));
	}
	CU_ASSERT(left(&before));
}

static void
kills(void)
{
	static volatile int status;
	struct found before;
	int pid;

	begin(&before);
	pid = user_create("program", u_spin, 0, &status);
	CU_ASSERT_FATAL(pid != -1);
	CU_ASSERT(!ended_within(&status, 5));
	CU_ASSERT(user_kill(pid) == 0);
	CU_ASSERT(ended_within(&status, HZ));
	CU_ASSERT(status == USER_KILLED &&
	    suite_holds(user_message, "(program): killed"));
	pid = user_create("program", u_sleep, 1000000, &status);
	CU_ASSERT(!ended_within(&status, 5) && proc_asleep(pid));
	CU_ASSERT(user_kill(pid) == 0);
	CU_ASSERT(ended_within(&status, HZ) && status == USER_KILLED);
	CU_ASSERT(user_kill(pid) == -1 && user_kill(-7) == -1);
	CU_ASSERT(user_kill(0) == -1);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

static long
lend_some(vm_offset_t addr, vm_size_t size)
{
	char *k;
	vm_size_t i;

	if (borrow(addr, size) != 0)
		return (-1);
	k = (char *)lent[0];
	for (i = 0; i < size; i++)
		if (k[i] != (char)(11 + i * 7))
			return (-1);
	k[0] = 'K';
	k[size - 1] = 'E';
	return (0);
}

static void
exits_first(void)
{
	struct found before;
	vm_offset_t kva;
	int i;

	begin(&before);
	nlent = 0;
	user_device = lend_some;
	CU_ASSERT(run(u_lend, 11) == 0);
	user_device = NULL;
	CU_ASSERT_FATAL(nlent == 1);
	CU_ASSERT(none_left());
	kva = lent[0];
	CU_ASSERT(*(char *)kva == 'K' && ((char *)kva)[4999] == 'E');
	for (i = 1; i < 4999; i++)
		if (((char *)kva)[i] != (char)(11 + i * 7))
			break;
	CU_ASSERT(i == 4999);
	kmem_free(kernel_map, kva, 5000);
	CU_ASSERT(badaddr((char *)kva));
	CU_ASSERT(left(&before));
}

/* With few frames free, a program starts, or nothing is left of it. */
static void
create_shortage(void)
{
	static volatile int status;
	struct found before;
	struct meal m;
	int refused, ran, pid;
	u_long n;

	begin(&before);
	refused = ran = 0;
	eat_frames(&m, kernel_map, 0);
	for (n = 0; n < 24; n++) {
		malloc_reclaim();
		pid = user_create("few", u_return, 5, &status);
		if (pid == -1) {
			refused++;
			CU_ASSERT(none_left());
		} else {
			ran++;
			CU_ASSERT(ended_within(&status, HZ) && status == 5);
		}
		spit_frames(&m, 1);
	}
	spit_all(&m);
	CU_ASSERT(refused > 8 && ran > 4);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

/* ---------------------------------------------------------------------
 * An interrupt after each instruction of some system calls.
 */

static volatile unsigned long stepat, stepsover;
static volatile int stepcame;

static void
step_tick(void *arg)
{
	void *p, *q;

	p = malloc(100, M_TEMP, M_NOWAIT);
	q = malloc(5000, M_TEMP, M_NOWAIT);
	if (p == NULL || q == NULL || curpmap() != NULL)
		wrong++;
	free(q, M_TEMP);
	free(p, M_TEMP);
	stepcame = 1;
	(void)arg;
}

static long
step_device(vm_offset_t addr, vm_size_t size)
{
	vm_offset_t kva;

	if (addr == 1) {
		stepcame = 0;
		if (intr_on_tick(step_tick, NULL) != 0)
			return (-1);
		(void)intr_after(stepat);
		return (0);
	}
	if (addr == 0) {
		stepsover = intr_after(0);
		return (0);
	}
	kva = kmem_mmap(kernel_map, addr, size);
	if (kva == 0)
		return (-1);
	*(char *)kva = 'y';
	kmem_free(kernel_map, kva, size);
	return (0);
}

static void
call_steps(void)
{
	struct found before;
	unsigned long n;

	begin(&before);
	wrong = 0;
	user_device = step_device;
	for (n = 1, stepsover = 0; n < 100000 && stepsover == 0;
	    n += n < 150 ? 1 : 23) {
		stepat = n;
		CU_ASSERT_FATAL(run(u_steps, 0) == 0);
		if (stepsover == 0)
			CU_ASSERT(stepcame && splget() == 0);
		while (!stepcame)
			(void)tsleep(&before, PVM, "tick", 1);
	}
	user_device = NULL;
	printf("    %lu instructions\n", n);
	CU_ASSERT(n > 1000 && n < 100000);
	CU_ASSERT(wrong == 0);
	CU_ASSERT(none_left());
	CU_ASSERT(left(&before));
}

CU_TestInfo user_tests[] = {
	{ "K-COUNT: page tables of a process come and go with its pages",
	    tables },
	{ "pmap: a process's addresses, and none of the kernel's", bounds },
	{ "pmap: the same address in two processes, two pages", directories },
	{ "pmap: none in a handler; kept over a double fault", elsewhere },
	{ "K-NOWAIT: a pmap and its tables, with few frames: all or nothing",
	    shortage },
	{ "user: programs run, and tell how they end", programs },
	{ "user: one text for all; data and stack of its own for each",
	    private_data },
	{ "user: a page fault ends the program, and says why", fault_kills },
	{ "user: what is the kernel's to do ends the program", privileged },
	{ "user: empty segment registers, in calls and interrupts",
	    segments },
	{ "user: any instruction, and the kernel goes on", any_instruction },
	{ "K-MMAP: system calls with bad arguments are refused",
	    bad_arguments },
	{ "M-LEVEL, K-MMAP: the clock interrupts user mode and allocates; "
	    "a page seen from both sides", interrupted },
	{ "user: a program that computes or sleeps for ever is killed",
	    kills },
	{ "K-MMAP: a program unmaps and exits, and its pages are held",
	    exits_first },
	{ "K-NOWAIT: a program with few frames: it runs, or nothing is left",
	    create_shortage },
	{ "M-LEVEL: a handler that allocates, after any instruction of system "
	    "calls", call_steps },
	CU_TEST_INFO_NULL
};
