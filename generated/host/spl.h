/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file host/spl.h
 * The interrupt level inside a Linux process; see machine.h.
 */
#ifndef _SPL_H_
#define	_SPL_H_

enum {
	SPL_NONE,		/**< Every interrupt is taken. */
	SPL_SOFT,		/**< Software interrupts wait. */
	SPL_IMP,		/**< So do devices that call malloc. */
	SPL_HIGH		/**< Nothing is taken. */
};

/** The level of who runs and, in one word with it, who watches it. */
extern union spl {
	int	spl_word;		/**< Both. */
	struct {
		short	spl_lev;	/**< The level, */
		short	spl_watch;	/**< and whether it is watched. */
	} spl_half;			/**< One by one. */
} spl_state;				/**< Of who runs. */
#define	spl_level	spl_state.spl_half.spl_lev	/**< The level. */
extern int spl_intr;	/**< Handlers that it is in, nested. */
/** Not 0: changes of the level pass points. */
#define	spl_watched	spl_state.spl_half.spl_watch

/** What saves all registers that it uses; for calls by the assembler. */
#define	SPL_RARE	__attribute__((no_caller_saved_registers, \
	force_align_arg_pointer, target("general-regs-only")))

int	spl_raise(void) SPL_RARE;	/**< splimp, with a point. */
void	spl_set(int s) SPL_RARE;	/**< splx, with a point. */

/** What such a call may change, besides what it returns. */
#ifdef __SSE__
#define	SPL_LOSES	"memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", \
	"xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
	"xmm13", "xmm14", "xmm15"
#else
#define	SPL_LOSES	"memory"
#endif
/** The call, past the red zone. */
#define	SPL_CALL(fn) \
	"lea -128(%%rsp),%%rsp; call " #fn "; lea 128(%%rsp),%%rsp"

/** No access to memory moves across this. */
#define	spl_barrier()	__asm__ volatile ("" : : : "memory")

static inline int
cpu_intr_p(void)
{
	return (spl_intr != 0);
}

static inline int
splimp(void)
{
	int s = spl_state.spl_word;

	if (__builtin_expect((unsigned int)s < SPL_IMP, 1))
		spl_state.spl_word = SPL_IMP;
	else
		__asm__ volatile (SPL_CALL(spl_raise) : "=a" (s) : :
		    SPL_LOSES);
	spl_barrier();
	return (s);
}

static inline void
splx(int s)
{
	spl_barrier();
	if (__builtin_expect(spl_watched != 0, 0))
		__asm__ volatile (SPL_CALL(spl_set) : : "D" (s) :
		    SPL_LOSES);
	else
		spl_state.spl_word = s;
	spl_barrier();
}
#endif /* !_SPL_H_ */
