/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A program for the soak: memory of one's own, of which the kernel borrows
 * parts that it may keep longer than we do.
 */
#include "user/user.h"

long	user_soak(long arg);

static long
any(long *state, long below)
{

	*state = *state * 1103515245L + 12345;
	return ((*state >> 8 & 0x7FFFFF) % below);
}

/* Returns 0, or the number of what was wrong.  That there is no memory is
 * not wrong. */
long
user_soak(long arg)
{
	static long counter;
	long state = arg, key, rounds, i, n, size, off, mark, *w;
	char *p;

	for (rounds = any(&state, 12); rounds > 0; rounds--) {
		if (counter++ < 0)
			return (1);		/* Data are our own. */
		size = (1 + any(&state, 5)) * PAGE_SIZE;
		p = (char *)map(size, 1);
		if ((long)p == -1) {
			sleep(1 + any(&state, 9));
			continue;
		}
		w = (long *)p;
		n = size / sizeof(*w);
		key = state;
		for (i = 0; i < n; i++) {
			if (w[i] != 0)
				return (2);
			w[i] = key ^ i;
		}
		sleep(any(&state, 6));
		for (i = 0; i < n; i++)
			if (w[i] != (key ^ i))
				return (3);
		off = any(&state, n / 2);
		mark = device(&w[off], 1 + any(&state, (n - off) *
		    sizeof(*w)));
		if (mark != -1 && w[off] != mark)
			return (4);
		if (any(&state, 3) == 0)
			sleep(any(&state, 9));
		if (any(&state, 2) == 0 && unmap(p) != 0)
			return (5);
	}
	return (0);
}
