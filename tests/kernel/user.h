/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What tests/kernel/user.c and its programs, tests/user/programs.c, share.
 */
#ifndef _TESTS_KERNEL_USER_H_
#define	_TESTS_KERNEL_USER_H_

/* Bytes of code for u_code to run. */
#define	U_BYTES	256

/* What u_flag looks at, and the kernel, too. */
struct u_flag {
	volatile long	f_go;		/* The kernel's: stop. */
	volatile long	f_turns;	/* The program's: how often. */
};

long	u_return(long), u_sleep(long), u_read(long), u_write(long);
long	u_jump(long), u_text(long), u_stack(long), u_data(long);
long	u_code(long), u_flag(long), u_lend(long), u_bad(long);
long	u_map(long), u_spin(long), u_random(long), u_steps(long);

#endif /* !_TESTS_KERNEL_USER_H_ */
