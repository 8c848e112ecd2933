/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What callers of malloc(9) must not do with a block, for a tool that watches
 * memory to report; and what they may, for it to keep quiet about.
 *	crime NAME
 * tests/check-memtool runs each under each tool and reads the report.
 */
#include <stdio.h>
#include <string.h>
#include "host/host.h"
#include "kern.h"
#include "kmem.h"
#include "malloc.h"

#define	CRIME	static __attribute__((noinline, noclone)) void
#define	SIZE	100UL			/* asked for; the block has 112 */
#define	RUN	(3 * PAGE_SIZE)

/* Where the compiler cannot see what for. */
static volatile unsigned char seen;

/* Who is named as having had the block, and having freed it. */
static __attribute__((noinline, noclone)) unsigned char *
taker(u_long size)
{

	return (malloc(size, M_TEMP, M_NOWAIT));
}

static __attribute__((noinline, noclone)) void
giver(void *p)
{

	free(p, M_TEMP);
}

/* ---------------------------------------------------------------------
 * Crimes.
 */

CRIME
overrun(void *v)
{
	volatile unsigned char *p = v;

	p[SIZE] = 1;
}

CRIME
overread(void *v)
{
	volatile unsigned char *p = v;

	seen = p[SIZE];
}

CRIME
late_read(void *v)
{
	volatile unsigned char *p = v;

	seen = p[8];
}

CRIME
late_write(void *v)
{
	volatile unsigned char *p = v;

	p[8] = 1;
}

CRIME
late_run(void *v)
{
	volatile unsigned char *p = v;

	seen = p[2 * PAGE_SIZE + 8];
}

CRIME
double_free(void *v)
{

	giver(v);
	(void)malloc_reclaim();
}

CRIME
undefined_value(void *v)
{
	volatile unsigned char *p = v;

	if (p[8] != 0)
		seen = 1;
}

CRIME
undefined_shift(void *v)
{
	volatile int n = 40;

	(void)v;
	seen = (unsigned char)(1 << n);
}

/* ---------------------------------------------------------------------
 * What leads to them.
 */

static void
with_block(void (*crime)(void *))
{
	void *p;

	p = taker(SIZE);
	(*crime)(p);
	giver(p);
}

/* The whole of the block was asked for, and its neighbour is free. */
static void
with_full_block(void (*crime)(void *))
{
	unsigned char *p;

	p = taker(SIZE + 12);
	(*crime)(p + 12);
	giver(p);
}

static void
after_free(void (*crime)(void *))
{
	void *p;

	p = taker(SIZE);
	giver(p);
	(*crime)(p);
}

/* Another block is in use, so that the type's account does not tell. */
static void
after_free_held(void (*crime)(void *))
{

	(void)taker(SIZE);
	after_free(crime);
}

/* The block was another's before, of another size. */
static void
with_old_block(void (*crime)(void *))
{

	giver(taker(SIZE + 10));
	with_block(crime);
}

static void
after_free_run(void (*crime)(void *))
{
	void *p;

	p = taker(RUN);
	giver(p);
	(*crime)(p);
}

static void *loot;

static void
in_process(void (*crime)(void *))
{

	loot = taker(SIZE);
	giver(loot);
	(void)proc_create("thief", crime, loot);
	proc_settle();
}

static void
in_handler(void (*crime)(void *))
{

	loot = taker(SIZE);
	giver(loot);
	softintr(crime, loot);
}

/* ---------------------------------------------------------------------
 * What is allowed.
 */

/* Every byte that was asked for, of every class. */
static void
every_byte(void)
{
	unsigned char *p;
	u_long size;

	for (size = 1; size <= 18 * PAGE_SIZE; size += size / 9 + 1) {
		p = taker(size);
		memset(p, 0x5a, size);
		seen = p[size - 1];
		giver(p);
		p = malloc(size, M_TEMP, M_WAITOK | M_ZERO_IT);
		if (p[0] != 0 || p[size - 1] != 0)
			printf("not zero\n");
		giver(p);
	}
}

/* Pages that malloc has had are kmem's, or a process's, or another's. */
static void
every_page(void)
{
	unsigned char *p[40], *q;
	int i;

	for (i = 0; i < 40; i++)
		p[i] = taker(2048);
	for (i = 0; i < 40; i++)
		giver(p[i]);
	giver(taker(20 * PAGE_SIZE));
	(void)malloc_reclaim();
	q = (unsigned char *)kmem_alloc(kmem_map, 30 * PAGE_SIZE, M_NOWAIT);
	memset(q, 0, 30 * PAGE_SIZE);
	kmem_free(kmem_map, (vm_offset_t)q, 30 * PAGE_SIZE);
}

/* A touch that is expected to fault; a free that is expected to panic. */
static void
every_error(void)
{
	unsigned char *p;

	p = taker(20 * PAGE_SIZE);
	giver(p);
	seen = badaddr(p) + badwrite(p);
	p = taker(SIZE);
	if (panic_catch(giver, p + 1) == NULL)
		printf("no panic\n");
	giver(p);
	seen = badaddr(p);
}

/* The last machine's blocks are forgotten, whoever has their bytes now.
 * Of two machines of a size the second has its arena where the first had. */
static void
every_boot(int i)
{
	unsigned char *p;
	u_long n = 200 * PAGE_SIZE;

	host_boot((16UL >> i / 2) << 20, (32UL << i / 2) << 20);
	p = (unsigned char *)kmem_alloc(kmem_map, n, M_NOWAIT);
	memset(p, 0x5a, n);
	kmem_free(kmem_map, (vm_offset_t)p, n);
}

static void
clean(void (*crime)(void *))
{
	int i;

	for (i = 0; i < 6; i++) {
		every_boot(i);
		every_byte();
		every_page();
		every_error();
		(*crime)(NULL);
	}
}

/* The machine goes, and these with it. */
CRIME
none(void *v)
{
	u_long size;

	(void)v;
	for (size = 40; size < 4 * PAGE_SIZE; size *= 2)
		(void)taker(size);
}

/* --------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*with)(void (*)(void *));
	void (*crime)(void *);
} crimes[] = {
	{ "overrun", with_block, overrun },
	{ "overread", with_block, overread },
	{ "overrun-full", with_full_block, overrun },
	{ "overrun-old", with_old_block, overrun },
	{ "late-read", after_free, late_read },
	{ "late-write", after_free, late_write },
	{ "late-run", after_free_run, late_run },
	{ "late-process", in_process, late_read },
	{ "late-handler", in_handler, late_write },
	{ "double-free", after_free_held, double_free },
	{ "undefined-value", with_block, undefined_value },
	{ "undefined-shift", with_block, undefined_shift },
	{ "clean", clean, none },
};
#define	NCRIMES	(sizeof(crimes) / sizeof(crimes[0]))

int
main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc == 2 && i < NCRIMES; i++)
		if (strcmp(argv[1], crimes[i].name) == 0) {
			host_boot(16UL << 20, 64UL << 20);
			(*crimes[i].with)(crimes[i].crime);
			return (0);
		}
	fprintf(stderr, "usage: %s NAME, one of:", argv[0]);
	for (i = 0; i < NCRIMES; i++)
		fprintf(stderr, " %s", crimes[i].name);
	fprintf(stderr, "\n");
	return (2);
}
