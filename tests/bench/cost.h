/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The cost of an operation in the kernel: how often, and its mean and most.
 */
#ifndef _COST_H_
#define	_COST_H_

static u_long overhead;			/* Of timing nothing. */

struct cost {
	u_long	c_n, c_sum, c_max;
};

static void
cost_add(struct cost *c, u_long t)
{

	t -= overhead;
	c->c_n++;
	c->c_sum += t;
	if (t > c->c_max)
		c->c_max = t;
}

static u_long
cost_mean(const struct cost *c)
{

	return (c->c_n == 0 ? 0 : (c->c_sum + c->c_n / 2) / c->c_n);
}

#endif /* !_COST_H_ */
