/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file trap.c
 * Descriptors, faults, panic, and what is printed then.
 */
#include <stdarg.h>
#include "i386.h"
#include "monitor.h"
#include "witness.h"

struct descriptor {
	unsigned short d_low, d_base;	/* Limit; base.  Gate: offset, */
	unsigned short d_attr, d_high;	/* selector.  Attributes; more. */
};

static struct descriptor gdt[7], idt[SYSCALL + 1];
#define	D_CODE	0x9A00			/* Present, code, readable. */
#define	D_DATA	0x9200			/* Present, data, writable. */
#define	D_TASK	0x8900			/* Present, a task not busy. */
#define	D_INTR	0x8E00			/* Present, interrupt gate. */
#define	D_TASKGATE	0x8500
static void
segment(int sel, int attr)
{
	gdt[sel / 8] = (struct descriptor){ 0xFFFF, 0, attr, 0x00CF };
}

static void
gate(int n, int sel, vm_offset_t off, int attr)
{
	idt[n] = (struct descriptor){ off & 0xFFFF, sel, attr, off >> 16 };
}

extern vm_offset_t vectors[];		/* locore.S */
void	load_tables(unsigned long, void *, unsigned long, void *);
extern char badaddr_probe[], badwrite_probe[], badaddr_fault[];

const char *const trapname[32] = {
	"divide", "debug", "non-maskable interrupt", "breakpoint",
	"overflow", "bounds", "invalid instruction", "no coprocessor",
	"double fault", "coprocessor overrun", "invalid task",
	"segment not present", "stack segment", "protection",
	"page fault", "reserved", "coprocessor", "alignment",
	"machine check", "extended"
};

/** A task's state, as the processor stores and loads it. */
struct tss {
	unsigned long ts_link, ts_stacks[6], ts_cr3;
	unsigned long ts_eip, ts_eflags;
	unsigned long ts_eax, ts_ecx, ts_edx, ts_ebx;
	unsigned long ts_esp, ts_ebp, ts_esi, ts_edi;
	unsigned long ts_es, ts_cs, ts_ss, ts_ds, ts_fs, ts_gs;
	unsigned long ts_ldt, ts_iomap;
};

static struct tss task, dbltask;
static char dblstack[2 * 4096] __attribute__((aligned(16)));
static void
taskseg(int sel, struct tss *ts)
{
	vm_offset_t va = (vm_offset_t)ts;

	gdt[sel / 8] = (struct descriptor){ sizeof(*ts) - 1, va & 0xFFFF,
	    D_TASK | (va >> 16 & 0xFF), va >> 16 & 0xFF00 };
}

extern char kernel_pd[];
#define	D_UCODE	0xFA00			/* The same, for ring 3. */
#define	D_UDATA	0xF200
#define	D_SYSCALL	0xEE00		/* A gate that ring 3 may use. */
extern char syscall_vector[];

/** Load the GDT and the IDT; faults are reported from now on. */
void
trap_init(void)
{
	int n;

	segment(SEL_CODE, D_CODE);
	segment(SEL_DATA, D_DATA);
	segment(SEL_UCODE, D_UCODE);
	segment(SEL_UDATA, D_UDATA);
	taskseg(SEL_TASK, &task);
	taskseg(SEL_DBLFLT, &dbltask);
	dbltask.ts_cr3 = (vm_offset_t)kernel_pd - KERNBASE;
	dbltask.ts_eip = (vm_offset_t)dblfault;
	dbltask.ts_eflags = 2;
	dbltask.ts_esp = (vm_offset_t)dblstack + sizeof(dblstack);
	dbltask.ts_cs = SEL_CODE;
	dbltask.ts_es = dbltask.ts_ss = dbltask.ts_ds = SEL_DATA;
	dbltask.ts_fs = dbltask.ts_gs = SEL_DATA;
	task.ts_stacks[1] = SEL_DATA;
	task.ts_iomap = sizeof(task) << 16;
	for (n = 0; n < 40; n++)
		gate(n, SEL_CODE, vectors[n], D_INTR);
	gate(8, SEL_DBLFLT, 0, D_TASKGATE);
	gate(SYSCALL, SEL_CODE, (vm_offset_t)syscall_vector, D_SYSCALL);
	load_tables((sizeof(gdt) - 1) << 16, gdt,
	    (sizeof(idt) - 1) << 16, idt);
}

/** Traps from user mode come in on the stack that ends here. */
void
trap_setstack(vm_offset_t sp)
{
	task.ts_stacks[0] = sp;
}

const char *panicstr;
static struct trapframe *panicframe;	/* Registers to print. */
static int
istext(vm_offset_t va)
{
	return (va >= (vm_offset_t)kernel_start && va < (vm_offset_t)etext);
}

static void
print_address(const char *what, vm_offset_t va, int back)
{
	vm_offset_t off;
	const char *name = symbol_find(va - back, &off);

	if (name != NULL)
		printf("  %s %#lx, %s+%#lx\n", what, va, name, off + back);
	else
		printf("  %s %#lx\n", what, va);
}

/** Print the calls that led here, innermost first, from a frame on. */
static void
backtrace(vm_offset_t fp)
{
	vm_offset_t *f, last = 0;
	int n;

	for (n = 0; n < 24 && fp > last; n++) {
		f = (vm_offset_t *)fp;
		if (badaddr(f) || badaddr((char *)(f + 2) - 1) ||
		    !istext(f[1]))
			break;
		print_address("called from", f[1], 1);
		last = fp;
		fp = f[0];
	}
}

static void
print_registers(const struct trapframe *tf)
{
	printf("  eax %08lx ebx %08lx ecx %08lx edx %08lx\n",
	    tf->tf_eax, tf->tf_ebx, tf->tf_ecx, tf->tf_edx);
	printf("  esi %08lx edi %08lx ebp %08lx esp %08lx\n",
	    tf->tf_esi, tf->tf_edi, tf->tf_ebp,
	    tf->tf_trapno == 8 ? tf->tf_isp : USERMODE(tf) ? tf->tf_esp :
	    (vm_offset_t)&tf->tf_esp);
	printf("  eip %08lx eflags %08lx\n", tf->tf_eip, tf->tf_eflags);
	print_address("at", tf->tf_eip, 0);
}

/** The address of the last page fault. */
vm_offset_t
rcr2(void)
{
	vm_offset_t va;

	__asm__ volatile ("movl %%cr2,%0" : "=r" (va));
	return (va);
}

/** Panic if a touch of va means that somebody's stack was too small. */
static void
stackcheck(vm_offset_t va, vm_offset_t eip)
{
	struct proc *p = proc_guard(va);

	if (p != NULL)
		panic("stack overflow: process %d (%s), at %#lx",
		    p->p_pid, p->p_name, eip);
}
static unsigned long stepsleft;		/* Instructions to go; 0: none. */
static void (*stepfn)(void *);		/* A test's; null: the clock. */
static void *steparg;
static unsigned long stepsdone;		/* Instructions since the order. */
static unsigned long stepcame;		/* As many as before stepfn ran. */

/** What was ordered is due: do it, if the level admits it. */
static void
step_deliver(void)
{
	if (stepfn == NULL) {
		stepsleft = 0;
		__asm__ volatile ("int $32" : : : "memory");
	} else if (splget() < IPL_IMP) {
		stepsleft = 0;
		stepcame = stepsdone;
		intr_call(stepfn, steparg);
	}
}

#define	OP_STI	0xFB			/* The instruction sti. */

unsigned long
intr_after(unsigned long n)
{
	unsigned long fl = intr_disable(), left = stepsleft;

	stepfn = NULL;
	stepsleft = n;
	intr_restore(n != 0 ? fl | PSL_T : fl & ~PSL_T);
	return (left);
}

unsigned long
intr_at(unsigned long n, void (*fn)(void *), void *arg)
{
	unsigned long fl = intr_disable(), came = stepcame;

	stepfn = fn;
	steparg = arg;
	stepsdone = stepcame = 0;
	stepsleft = n;
	intr_restore(n != 0 ? fl | PSL_T : fl & ~PSL_T);
	return (came);
}

/** One instruction was done, with PSL_T on.  @return 1: go on */
static int
step(struct trapframe *tf)
{
	const unsigned char *next = (unsigned char *)tf->tf_eip;

	tf->tf_eflags &= ~PSL_T;
	stepsdone++;
	if (stepsleft > 1)
		stepsleft--;
	else if (stepsleft == 1 && (tf->tf_eflags & PSL_I) &&
	    (USERMODE(tf) || next[-1] != OP_STI))
		step_deliver();
	if (stepsleft != 0)
		tf->tf_eflags |= PSL_T;
	return (1);
}

/** A fault: what locore.S calls, on the stack that faulted. */
void
trap(struct trapframe *tf)
{
	if (tf->tf_trapno == 14 && !USERMODE(tf) &&
	    (tf->tf_eip == (vm_offset_t)badaddr_probe ||
	    tf->tf_eip == (vm_offset_t)badwrite_probe)) {
		tf->tf_eip = (vm_offset_t)badaddr_fault;
		return;
	}
	if (tf->tf_trapno == 1 && step(tf))
		return;
	if (USERMODE(tf) && tf->tf_trapno != 2 && tf->tf_trapno != 18)
		user_fault(tf);
	panicframe = tf;
	if (tf->tf_trapno != 14)
		panic("trap %lu (%s), error %#lx, at %#lx", tf->tf_trapno,
		    trapname[tf->tf_trapno], tf->tf_err, tf->tf_eip);
	stackcheck(rcr2(), tf->tf_eip);
	panic("page fault: %s of address %#lx, at %#lx",
	    tf->tf_err & 2 ? "write" : "read", rcr2(), tf->tf_eip);
}

/** The double fault's task begins here, on its own stack. */
void
dblfault(void)
{
	static struct trapframe tf;

	tf = (struct trapframe){ task.ts_edi, task.ts_esi, task.ts_ebp,
	    task.ts_esp, task.ts_ebx, task.ts_edx, task.ts_ecx,
	    task.ts_eax, 8, 0, task.ts_eip, task.ts_cs, task.ts_eflags,
	    task.ts_esp, task.ts_ss };
	taskseg(SEL_TASK, &task);
	taskseg(SEL_DBLFLT, &dbltask);
	__asm__ volatile ("ltr %w0; pushfl; andl $~0x4000,(%%esp); popfl"
	    : : "r" (SEL_TASK) : "memory", "cc");
	pmap_activate(NULL);
	panicframe = &tf;
	stackcheck(rcr2(), tf.tf_eip);
	panic("double fault, at %#lx", tf.tf_eip);
}

static const char *
panic_done(struct catcher *c)
{
	curproc->p_catch = c->c_outer;
	intr_depth = c->c_depth;
	WITNESS_RESTORE(c->c_locks);
	intr_restore(c->c_flags);
	splx(c->c_level);
	return (c->c_message);
}

/** Go on in the process's catcher. */
static void __attribute__((noreturn))
panic_throw(const char *message)
{
	panicframe = NULL;
	curproc->p_catch->c_message = message;
	__builtin_longjmp(curproc->p_catch->c_jump, 1);
}

/** See kern.h.  In a process; calls may nest. */
const char *
panic_catch(void (*fn)(void *), void *arg)
{
	struct catcher c;

	c.c_message = NULL;
	c.c_level = splget();
	c.c_depth = intr_depth;
	c.c_locks = WITNESS_SAVE();
	c.c_flags = intr_disable();
	intr_restore(c.c_flags);
	c.c_outer = curproc->p_catch;
	curproc->p_catch = &c;
	if (__builtin_setjmp(c.c_jump) == 0)
		fn(arg);
	return (panic_done(curproc->p_catch));
}

/** See machine.h.  At any level, in a handler too. */
void
panic(const char *fmt, ...)
{
	static char message[256], caught[256];
	char *to = curproc->p_catch != NULL ? caught : message;
	va_list ap;

	intr_disable();
	if (panicstr != NULL && to == message) {
		printf("\npanic in a panic: %s\n", fmt);
		machine_exit(1);
	}
	va_start(ap, fmt);
	vsnprintf(to, sizeof(message), fmt, ap);
	va_end(ap);
	if (to == caught)
		panic_throw(caught);
	panicstr = message;
	printf("\npanic: %s\n", panicstr);
	printf("  process %d (%s), level %d%s\n", curproc->p_pid,
	    curproc->p_name, splget(),
	    cpu_intr_p() ? ", in an interrupt handler" : "");
	if (panicframe != NULL) {
		print_registers(panicframe);
		backtrace(panicframe->tf_ebp);
	} else
		backtrace((vm_offset_t)__builtin_frame_address(0));
	intr_depth = 0;
	if (console_interactive())
		monitor_postmortem();
	machine_exit(1);
}
