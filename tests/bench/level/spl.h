/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * In place of the i386's spl.h, in a build of its own: the same functions,
 * and each stretch between the outermost raise of the level and its
 * lowering is timed (level.c).  The functions become macros, so that each
 * place which raises the level has a record of its own.
 */
#ifndef _LEVEL_SPL_H_
#define	_LEVEL_SPL_H_

#include "i386/spl.h"

/* A place that raises the level, and the stretches that began there. */
struct level_site {
	const char *ls_file, *ls_func;
	struct level_site *ls_next;	/* Of those that were ever passed; */
	int	ls_listed;		/* it is one. */
	unsigned long ls_n;		/* Stretches that were timed, */
	unsigned long ls_longest;	/* instructions of the longest, */
	const char *ls_end;		/* the function that ended it, */
	unsigned long ls_own;		/* and longest without wakeup's. */
};

int	level_raise(struct level_site *);
void	level_lower(int, const char *);

#define	splimp() __extension__ ({					\
	static struct level_site site_ =				\
	    { __FILE__, __func__, 0, 0, 0, 0, 0, 0 };			\
	level_raise(&site_);						\
})
#define	splx(s)	level_lower((s), __func__)
#endif /* !_LEVEL_SPL_H_ */
