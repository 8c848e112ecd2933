/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file begin.c
 * Where programs begin in user mode, and one of them.
 */
#include "user.h"

/** Run a program, and exit with what it returns. */
void
user_begin(long (*fn)(long), long arg)
{
	exit((*fn)(arg));
}


/** A program: shout from memory of one's own.  @return 0: as it should */
long
user_shouter(long arg)
{
	static const char quiet[] = "from user mode", loud[] = "FROM USER MODE";
	char *p = (char *)map(2 * PAGE_SIZE, 1);
	unsigned long i;

	if ((long)p == -1)
		return (1);
	p += PAGE_SIZE - 5 + arg;
	for (i = 0; i < sizeof(quiet); i++)
		p[i] = quiet[i];
	if (shout(p, sizeof(quiet) - 1) != 0)
		return (2);
	for (i = 0; i < sizeof(loud); i++)
		if (p[i] != loud[i])
			return (3);
	return (0);
}
