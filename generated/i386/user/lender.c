/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file lender.c
 * A program for the tour: lends its memory to the kernel.
 */
#include "user.h"

/** A program: write a text, lend it, shout what it has become.
 * @return 0: as it should */
long
user_lender(long arg)
{
	static const char was[] = "      a page of a process";
	static const char is[] = "      a page of two names";
	char *p = (char *)map(2 * PAGE_SIZE, 1);
	unsigned long i;

	if ((long)p == -1)
		return (1);
	p += PAGE_SIZE - arg;
	for (i = 0; i < sizeof(was); i++)
		p[i] = was[i];
	if (device(p, sizeof(was)) != 0)
		return (2);
	for (i = 0; i < sizeof(is); i++)
		if (p[i] != is[i])
			return (3);
	if (shout(p, sizeof(is) - 1) != 0)
		return (4);
	return (0);
}
