/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file i386.h
 * The i386 machine: what its files share, and the kernel's programs use.
 */
#ifndef _I386_H_
#define	_I386_H_

#define	KERNBASE	0xC0000000	/* The kernel's first address. */
#define	STACKBASE	0xFF800000	/* Stacks of processes. */
#define	PTMAP		0xFFC00000	/* The page tables. */
#define	PDSHIFT		22		/* A page table maps 4 MB. */
#define	BOOTMAP		0x400000	/* Mapped by the first table. */
#define	KSTACK_SIZE	0x3000		/* Bytes of a process's stack. */
#define	KSTACK_SHIFT	14		/* A slot: a guard page, a stack. */
#define	NPROC		256		/* Slots, so processes at most. */
#define	USERMIN		0x1000		/* A process's addresses begin */
#define	USERMAX		0x4000000	/* here, and end here. */
#define	SEL_CODE	0x08		/* All addresses, to execute. */
#define	SEL_DATA	0x10		/* All addresses, to read and write. */
#define	SEL_TASK	0x18		/* The kernel as a task. */
#define	SEL_DBLFLT	0x20		/* The double fault's own task. */
#define	SEL_UCODE	0x2B		/* The same for user mode: in ring */
#define	SEL_UDATA	0x33		/* 3, which the lower bits say. */
#define	SYSCALL		0x80		/* The vector of system calls. */
#define	PSL_T		0x100		/* In eflags: trap after each. */
#define	PSL_I		0x200		/* Interrupts are open. */
#define	PSL_IOPL	0x3000		/* Who may close them, use ports. */
#define	PSL_VM		0x20000		/* An 8086. */
#define	SYS_exit	1		/* exit(status) */
#define	SYS_map		2		/* map(size, writable) */
#define	SYS_unmap	3		/* unmap(address) */
#define	SYS_sleep	4		/* sleep(ticks) */
#define	SYS_shout	5		/* shout(address, length) */
#define	SYS_device	6		/* device(address, length) */
#define	NSYSCALLS	7		/* One more than the last. */

#ifndef __ASSEMBLER__
#include "kern.h"

static inline int
inb(int port)
{
	unsigned char v;

	__asm__ volatile ("inb %w1,%0" : "=a" (v) : "Nd" (port));
	return (v);
}

static inline void
outb(int port, int v)
{
	__asm__ volatile ("outb %b0,%w1" : : "a" (v), "Nd" (port));
}

static inline unsigned long
intr_disable(void)
{
	unsigned long fl;

	__asm__ volatile ("pushfl; popl %0; cli" : "=r" (fl) : : "memory");
	return (fl);
}

static inline void
intr_restore(unsigned long fl)
{
	__asm__ volatile ("pushl %0; popfl" : : "r" (fl) : "memory", "cc");
}

/** The registers at a trap, as locore.S and the processor push them. */
struct trapframe {
	unsigned long tf_edi;		/* By pushal, from here on. */
	unsigned long tf_esi;		/* The register. */
	unsigned long tf_ebp;		/* The register. */
	unsigned long tf_isp;		/* The stack pointer, skipped. */
	unsigned long tf_ebx;		/* The register. */
	unsigned long tf_edx;		/* The register. */
	unsigned long tf_ecx;		/* The register. */
	unsigned long tf_eax;		/* The register, pushed first. */
	unsigned long tf_trapno;	/* The vector, */
	unsigned long tf_err;		/* and the error code, or 0. */
	unsigned long tf_eip;		/* By the processor: where it was, */
	unsigned long tf_cs;		/* in which segment, */
	unsigned long tf_eflags;	/* and the flags. */
	unsigned long tf_esp;		/* From user mode only: its stack */
	unsigned long tf_ss;		/* pointer, and segment. */
};

/* boot.c */
extern char kernel_start[];		/* The image, as the linker has it, */
extern char etext[];			/* the end of its text, */
extern char end[];			/* and of all of it. */
void	i386_init(unsigned long, vm_offset_t);
void	boot_fail(const char *) __attribute__((noreturn));

vm_offset_t boot_map(vm_offset_t);

/* pmap.c */
void	phys_reserve(vm_offset_t, vm_offset_t);
void	phys_add(vm_offset_t, vm_offset_t);
void	pmap_bootstrap(void);
void	pmap_activate(pmap_t);

/* trap.c */
void	trap_init(void);
void	trap(struct trapframe *);
void	dblfault(void);

/* symbol.c */
void	symbol_keep(vm_offset_t *, vm_offset_t *);
vm_offset_t symbol_map(vm_offset_t);
const char *symbol_find(vm_offset_t, vm_offset_t *);

/** Where a process goes on after a panic. */
struct catcher {
	void	*c_jump[5];		/* For __builtin_setjmp. */
	const char *c_message;
	int	c_level, c_depth;	/* Of interrupts, at the time. */
	unsigned int c_locks;		/* As the witness knows them. */
	unsigned long c_flags;
	struct catcher *c_outer;	/* panic_catch in panic_catch. */
};

/* intr.c */
void	intr_init(void);
void	intr_establish(int irq, int level, void (*handler)(void));
void	intr(struct trapframe *);
void	intr_call(void (*)(void *), void *);

/* clock.c */
void	clock_init(void);

/* proc.c */
struct proc {
	struct proc *p_next;		/* Ready, or on the same chain. */
	struct proc *p_later;		/* Next in the order of time-outs. */
	struct proc *p_all;		/* All processes, newest first. */
	vm_offset_t p_sp;		/* Its stack pointer, while it waits. */
	int	p_pid, p_stat, p_pri;	/* Number; state; less goes first. */
	const void *p_wchan;		/* The channel. */
	const char *p_wmesg;		/* What ps shows. */
	int	p_timed, p_timedout;	/* Has a time-out; it has come. */
	unsigned long p_wakeat;		/* In ticks. */
	struct vmspace *p_vm;		/* Its memory; null: the kernel's. */
	vm_offset_t p_stack;		/* As kmem_alloc gave it. */
	int	p_slot;			/* Where its stack is seen. */
	void	(*p_fn)(void *);
	void	*p_arg;
	struct catcher *p_catch;	/* panic_catch, innermost. */
	char	p_name[16];
	int	p_killed;		/* Ends on the way to user mode. */
};

extern struct proc *curproc;		/* Who runs. */
#define	SRUN	1			/* Running, or ready to. */
#define	SSLEEP	2			/* Asleep. */
#define	SZOMB	3			/* Ended; its stack is not yet freed. */
#define	PTTY	28			/* Priority of a sleep for typing. */
#define	PUSER	50			/* Of a new process. */
#define	PSETTLE	127			/* Of who lets others go first. */
void	proc_timeouts(void);
void	proc_idle(void) __attribute__((noreturn));
struct proc *proc_guard(vm_offset_t);
void	cpu_switch(vm_offset_t *, vm_offset_t);	/* See locore.S. */
void	proc_exit(void) __attribute__((noreturn));

/* user.c */
void	user_enter(struct trapframe *) __attribute__((noreturn));
void	user_return(struct trapframe *);
void	user_fault(struct trapframe *) __attribute__((noreturn));
void	syscall(struct trapframe *);
void	trap_setstack(vm_offset_t);
void	proc_preempt(void);
#define	USERMODE(tf)	(((tf)->tf_cs & 3) != 0) /* Whence the trap came. */
vm_offset_t rcr2(void);
extern const char *const trapname[32];	/* The processor's traps. */

/* cons.c */
void	cons_init(void);
void	cons_attach(void);
void	cons_putc(int);
int	cons_getc(void);

/* subr.c */
/** As in <stdio.h>, with what printf knows. */
int	vsnprintf(char *, __SIZE_TYPE__, const char *, __builtin_va_list);
__SIZE_TYPE__ strnlen(const char *, __SIZE_TYPE__);	/* As in <string.h>. */
extern vm_size_t mem_found;	/**< Bytes of memory the loader told of. */
extern vm_size_t mem_stolen;	/**< Bytes that pmap_steal_memory gave. */
/** A word of the boot command line, name or name=value.
 * @return the value, "" for a bare name, null where there is no such */
const char *boot_option(const char *name);
#define	HZ	1000			/**< Clock ticks in a second. */
extern volatile unsigned long ticks;	/**< Ticks since start-up. */
/** Run fn(arg) once, inside the next clock interrupt.
 * @return 0, or -1 where too many wait for it (TICKFNS) */
int	intr_on_tick(void (*fn)(void *), void *arg);
#define	TICKFNS	8			/**< Such functions, at most. */
/** Let the clock interrupt after n more instructions, or as soon then as
 * interrupts are open.  n = 0 calls it off.
 * @return how many instructions were left of the last call; 0: it came */
unsigned long intr_after(unsigned long n);
/** Run fn(arg) once as a handler at splimp, after n more instructions, or
 * after the first one then that leaves the level below it and interrupts
 * open.  n = 0 calls it off.
 * @return how many instructions the last one came after; 0: it did not */
unsigned long intr_at(unsigned long n, void (*fn)(void *), void *arg);

/** Print a line for each process: number, name, state, sleep. */
void	proc_list(int (*pr)(const char *, ...));

/** Read a line that somebody types, without its newline.  Sleeps, so for
 * processes only; after a panic it polls.
 * @return its length, cut to size - 1; -1 at the end of input */
int	console_getline(char *buf, int size);

/** Is somebody there to type? */
int	console_interactive(void);

/** Characters that came while no buffer could be had, and were lost. */
extern unsigned long console_dropped;
extern int console_type;		/**< malloc's type of the buffers. */
/** End the emulator, or stop the machine.  0 means success. */
void	machine_exit(int status) __attribute__((noreturn));
/* As in <string.h>. */
int	memcmp(const void *, const void *, __SIZE_TYPE__); /**< Compares. */
__SIZE_TYPE__ strlen(const char *);	/**< Bytes before the null. */
int	strncmp(const char *, const char *, __SIZE_TYPE__); /**< Compares. */
char	*strstr(const char *, const char *);	/**< The first such piece. */

extern const unsigned char *boot_file;	/**< A file the loader brought, */
extern vm_size_t boot_filesize;		/**< and its bytes; or null. */

/** Start a process that runs entry(arg) in user mode.
 * @param name	what ps shows
 * @param arg	the program's argument
 * @param entry	a function of a file in a folder called user
 * @param statusp	gets the exit status, and is woken; null: nobody asks
 * @return its number, or -1 where memory does not suffice
 *
 * In a process.  Never sleeps. */
int	user_create(const char *name, long (*entry)(long), long arg,
	    volatile int *statusp);
#define	USER_RUNS	(-1)		/**< In *statusp until it ends. */
#define	USER_KILLED	0x100		/**< And the trap's number. */

/** What the system call `device' does, in the process that calls; null:
 * nothing, and it returns -1. */
extern long (*user_device)(vm_offset_t addr, vm_size_t size);

/** End a process in user mode, when it is next about to go on there.
 * @return 0, or -1 where there is no such process with memory of its own */
int	user_kill(int pid);

/** Why the last process that did not exit by itself had to end; printed,
 * too, unless user_quiet. */
extern char user_message[160];
extern int user_quiet;			/**< Not 0: it is not printed. */

long	user_shouter(long arg);		/**< A program: shouts. */

/** Send characters round to ourselves: they come as if typed, by
 * interrupts.  At most 16; at any level up to splimp.
 * @return n, or 0 where the port is busy */
int	console_loopback(const char *buf, int n);
#endif /* !__ASSEMBLER__ */
#endif /* !_I386_H_ */
