/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Programs in user mode, for tests/kernel/user.c, which starts them.  They
 * may call nothing of the kernel's.
 */
#include "user/user.h"
#include "../kernel/user.h"

/* Exit with the argument, by returning. */
long
u_return(long arg)
{

	return (arg);
}

/* Sleep for some ticks. */
long
u_sleep(long arg)
{

	return (sleep(arg) == 0 ? 0 : 1);
}

/* Read, write, or jump to the address. */
long
u_read(long arg)
{

	return (*(volatile unsigned char *)arg);
}

long
u_write(long arg)
{

	*(volatile char *)arg = 1;
	return (0);
}

long
u_jump(long arg)
{

	(*(void (*)(void))arg)();
	return (0);
}

/* Write to the text that runs. */
long
u_text(long arg)
{

	*(volatile char *)&u_text = (char)arg;
	return (0);
}

/* Grow the stack without end. */
long
u_stack(long arg)
{
	volatile long here[64];

	here[0] = arg;
	if (here[0] == -1)
		return (0);
	return (here[0] + u_stack(arg + 1) + here[0]);
}

/* Data is the process's own: as linked, then one's own number, kept while
 * others run. */
static volatile long ours, told = 1234;

long
u_data(long arg)
{
	volatile long mine;

	if (ours != 0 || told != 1234)
		return (1);
	ours = told = mine = arg;
	if (sleep(3) != 0)
		return (2);
	return (ours == arg && told == arg && mine == arg ? 0 : 3);
}

/* Have the kernel put code into memory of one's own, and run it. */
long
u_code(long arg)
{
	char *p;

	(void)arg;
	p = (char *)map(U_BYTES, 1);
	if ((long)p == -1)
		return (1);
	if (device(p, U_BYTES) != 0)
		return (2);
	__asm__ volatile ("pushl %%ebp; call *%%eax; popl %%ebp" : "+a" (p) :
	    : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
	return (3);
}

/* Lend the kernel a page, and compute until it says stop. */
long
u_flag(long arg)
{
	struct u_flag *f;

	f = (struct u_flag *)map(sizeof(*f), 1);
	if ((long)f == -1 || device(f, sizeof(*f)) != 0)
		return (1);
	while (f->f_go == arg)
		f->f_turns++;
	return (0);
}

/* Compute for ever. */
long
u_spin(long arg)
{
	volatile long n;

	for (n = arg; ; )
		n++;
}

/* Lend the kernel memory that begins and ends inside pages, and go. */
long
u_lend(long arg)
{
	char *p;
	long i;

	p = (char *)map(3 * PAGE_SIZE, 1);
	if ((long)p == -1)
		return (1);
	for (i = 0; i < 5000; i++)
		p[100 + i] = (char)(arg + i * 7);
	if (device(p + 100, 5000) != 0)
		return (2);
	if (p[100] != 'K' || p[5099] != 'E')
		return (3);
	if (p[99] != 0 || p[5100] != 0)
		return (4);
	return (unmap(p) == 0 ? 0 : 5);
}

/* System calls with arguments that are no good: all are refused, and
 * nothing else happens.  Returns the number of the one that was not. */
long
u_bad(long arg)
{
	static const long where[] = { 0, 1, -1, 0xfff, 0x03ffffff, 0x04000000,
	    0x7fffffff, (long)0x80000000, (long)0xbffffffe, (long)KERNBASE,
	    (long)0xc0100000, (long)0xff801000, (long)0xfffffffc };
	unsigned long i;
	char *own, *ro;

	own = (char *)map(2 * PAGE_SIZE, 1);
	ro = (char *)map(PAGE_SIZE, 0);
	if ((long)own == -1 || (long)ro == -1)
		return (1);
	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (unmap(where[i]) != -1)
			return (10 + i);
		if (shout(where[i], 3) != -1)
			return (30 + i);
		if (where[i] != 1 && where[i] != 0xfff &&
		    shout(own, where[i]) != -1)
			return (50 + i);
		if (sys(where[i] == 1 ? 7 : where[i], where[i], 1) != -1)
			return (70 + i);
		if (where[i] < 0 && sleep(where[i]) != -1)
			return (90 + i);
	}
	for (i = 4; i < sizeof(where) / sizeof(where[0]); i++)
		if (map(where[i], 1) != -1)
			return (110 + i);
	if (map(0, 1) != -1 || unmap(own + PAGE_SIZE) != -1 ||
	    unmap(own + 1) != -1)
		return (2);
	/* Not ours to write; not there at the end; text, and constants. */
	if (shout(ro, 5) != -1 || shout(own + 2 * PAGE_SIZE - 2, 4) == 0 ||
	    shout(&u_bad, 5) != -1 || shout(where, 5) != -1)
		return (3);
	if (device(own, 1) != -1)
		return (5);
	if (unmap(own) != 0 || unmap(own) != -1 || unmap(ro) != 0)
		return (6);
	return (arg);
}

/* Map until refused; then give all back, and do it again. */
long
u_map(long arg)
{
	unsigned char *p, *last;
	long n, before, round;

	before = 0;
	for (round = 0; round < 2; round++) {
		last = 0;
		for (n = 0; (long)(p = (unsigned char *)map(arg * PAGE_SIZE,
		    1)) != -1; n++) {
			if (*(unsigned long *)p != 0)
				return (1);
			*(unsigned char **)p = last;
			last = p;
		}
		if (n < 4 || (round > 0 && n != before))
			return (2);
		before = n;
		while ((p = last) != 0) {
			last = *(unsigned char **)p;
			if (unmap(p) != 0)
				return (3);
		}
	}
	return (0);
}

/* System calls at random, for so many rounds; exit is not among them. */
long
u_random(long arg)
{
	static long value[] = { 0, 1, -1, 2, 3, 5, 7, 4095, 4096, 4097, 8192,
	    0x1000, 0x2000, 0x3ffffff, 0x4000000, (long)0xc0000000,
	    (long)0xc0100000, (long)0xfffff000, 0x7fffffff, 100 };
	unsigned long seed, n;
	long got, a, b;
	int i;

	seed = (unsigned long)arg;
	for (i = 0; i < 400; i++) {
		seed = seed * 1103515245UL + 12345UL;
		n = (seed >> 8) % 1000;
		a = value[(seed >> 10) % (sizeof(value) / sizeof(value[0]))];
		b = value[(seed >> 20) % (sizeof(value) / sizeof(value[0]))];
		switch (n % 5) {
		case 0:
			/* Not over what we run on. */
			got = map(a, b & 1);
			if (got != -1)
				value[n % 7] = got;
			break;
		case 1:
			if ((unsigned long)a > (unsigned long)&value[19])
				(void)unmap(a);
			break;
		case 2:
			(void)shout(a, b & 15);
			break;
		case 3:
			(void)sleep(a & 1);
			break;
		default:
			(void)sys(a == SYS_exit ? -5 : a | 8, b, a);
			break;
		}
	}
	return (0);
}

/* A few system calls, for the kernel to interrupt after each instruction;
 * the first device call begins it, the second ends it. */
long
u_steps(long arg)
{
	char *p;

	if (device(1, arg) != 0)
		return (1);
	p = (char *)map(2 * PAGE_SIZE, 1);
	if ((long)p == -1)
		return (2);
	*p = 'x';
	if (device(p + PAGE_SIZE - 2, 4) != 0)
		return (3);
	if (unmap(p) != 0 || sleep(0) != 0)
		return (4);
	return (device(0, arg) == 0 ? 0 : 5);
}
