/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file user.c
 * Processes in user mode: programs, system calls, and their ends.
 */
#include <stdarg.h>
#include "i386.h"
#include "kmem.h"
#include "malloc.h"

struct user {
	long	(*u_entry)(long);
	long	u_arg;
	volatile int *u_statusp;
	struct vmspace *u_vm;
};

extern char user_image[];		/* By the linker: in the image, */
extern char user_text[], user_data[], user_end[];	/* linked for. */
#define	USTACK_SIZE	0x4000		/* Bytes of a program's stack. */
void	user_begin(void);		/* begin.c, in user mode. */
static void user_run(void *);
#define	SLEEPMAX	1000000UL	/* Ticks at a time. */
#define	SHOUTMAX	8192UL		/* Bytes at a time. */

static void
shout(char *c)
{
	if (*c >= 'a' && *c <= 'z')
		*c -= 'a' - 'A';
	printf("%c", *c >= ' ' && *c <= '~' ? *c : '.');
}

static struct vm_object *text;		/* The programs', while any runs. */
static int ntext;			/* Processes that have it. */

static void
text_drop(void)
{
	if (--ntext > 0)
		return;
	vm_object_deallocate(text);
	text = NULL;
}

/** Put an object into vm at addr, and len bytes of the image into it. */
static int
load(struct vmspace *vm, vm_offset_t addr, struct vm_object *object,
    vm_size_t len)
{
	struct vmspace *old;

	if (vm_map_object(vm, addr, object, VM_PROT_READ | VM_PROT_WRITE,
	    M_NOWAIT) == 0)
		return (0);
	old = proc_setvm(vm);
	memcpy((void *)addr, user_image + (addr - USERMIN), len);
	(void)proc_setvm(old);
	return (1);
}

/** Map the text, which the first process fills.  @return 0 in need */
static int
load_text(struct vmspace *vm)
{
	vm_size_t len = user_data - user_text;

	if (text == NULL) {
		if ((text = vm_object_allocate(len, M_NOWAIT)) == NULL)
			return (0);
		if (!load(vm, USERMIN, text, len)) {
			vm_object_deallocate(text);
			text = NULL;
			return (0);
		}
		(void)vm_deallocate(vm, USERMIN);
	}
	ntext++;
	return (vm_map_object(vm, USERMIN, text, VM_PROT_READ,
	    M_NOWAIT) != 0);
}

/** Give vm zeroed memory at addr, with len bytes of the image in it. */
static int
load_own(struct vmspace *vm, vm_offset_t addr, vm_size_t size,
    vm_size_t len)
{
	struct vm_object *own = vm_object_allocate(size, M_NOWAIT);
	int ok;

	if (own == NULL)
		return (0);
	ok = load(vm, addr, own, len);
	vm_object_deallocate(own);
	return (ok);
}

/** An address space with the programs in it; null in need. */
static struct vmspace *
user_load(void)
{
	struct vmspace *vm = vmspace_alloc(M_NOWAIT);
	vm_size_t data = user_end - user_data;

	if (vm == NULL)
		return (NULL);
	if (load_text(vm) &&
	    load_own(vm, (vm_offset_t)user_data, data, data) &&
	    load_own(vm, USERMAX - USTACK_SIZE, USTACK_SIZE, 0))
		return (vm);
	vmspace_free(vm);
	if (text != NULL)
		text_drop();
	return (NULL);
}

/** Free what a program has, or would have had. */
static void
user_unload(struct user *u)
{
	if (u->u_vm != NULL) {
		vmspace_free(u->u_vm);
		text_drop();
	}
	free(u, M_SUBPROC);
}

/** End the program that runs, and its process. */
static void __attribute__((noreturn))
user_finish(int status)
{
	struct user *u = curproc->p_arg;
	volatile int *statusp = u->u_statusp;

	(void)proc_setvm(NULL);
	user_unload(u);
	if (statusp != NULL) {
		*statusp = status;
		wakeup((void *)statusp);
	}
	proc_exit();
}

char user_message[160];
int user_quiet;

/** End it, and say why: printf's arguments. */
static void __attribute__((noreturn, format(printf, 2, 3)))
user_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(user_message, sizeof(user_message), fmt, ap);
	va_end(ap);
	if (!user_quiet)
		printf("%s\n", user_message);
	user_finish(status);
}

/** See i386.h. */
int
user_create(const char *name, long (*entry)(long), long arg,
    volatile int *statusp)
{
	struct user *u = malloc(sizeof(*u), M_SUBPROC, M_NOWAIT);
	int pid = -1;

	if (u == NULL)
		return (-1);
	*u = (struct user){ entry, arg, statusp, user_load() };
	if (statusp != NULL)
		*statusp = USER_RUNS;
	if (u->u_vm != NULL)
		pid = proc_create(name, user_run, u);
	if (pid == -1)
		user_unload(u);
	return (pid);
}

/** A new process in user mode begins here, in the kernel. */
static void
user_run(void *arg)
{
	unsigned long *sp = (unsigned long *)USERMAX;
	struct trapframe tf = { .tf_eip = (vm_offset_t)user_begin,
	    .tf_cs = SEL_UCODE, .tf_eflags = PSL_I, .tf_ss = SEL_UDATA };
	struct user *u = arg;

	(void)proc_setvm(u->u_vm);
	*--sp = u->u_arg;
	*--sp = (unsigned long)u->u_entry;
	*--sp = 0;
	tf.tf_esp = (vm_offset_t)sp;
	user_enter(&tf);
}

/** What is to be done before user mode.  Interrupts are closed after. */
void
user_return(struct trapframe *tf)
{
	intr_restore(intr_disable() | PSL_I);
	if (curproc->p_killed)
		user_die(USER_KILLED, "process %d (%s): killed",
		    curproc->p_pid, curproc->p_name);
	proc_preempt();
	(void)intr_disable();
	if ((tf->tf_cs & 0xFFFF) != SEL_UCODE ||
	    (tf->tf_ss & 0xFFFF) != SEL_UDATA || splget() != IPL_NONE ||
	    (tf->tf_eflags & (PSL_VM | PSL_IOPL | PSL_I)) != PSL_I)
		panic("user_return: cs %#lx, ss %#lx, eflags %#lx, level %d",
		    tf->tf_cs, tf->tf_ss, tf->tf_eflags, splget());
}

/** A fault in user mode ends the process, not the kernel. */
void
user_fault(struct trapframe *tf)
{
	vm_offset_t va = rcr2();
	int status = USER_KILLED + tf->tf_trapno;

	intr_restore(PSL_I | (tf->tf_eflags & PSL_T));
	if (tf->tf_trapno == 14)
		user_die(status, "process %d (%s): page fault: %s of "
		    "address %#lx, at %#lx", curproc->p_pid,
		    curproc->p_name, tf->tf_err & 2 ? "write" : "read",
		    va, tf->tf_eip);
	user_die(status, "process %d (%s): trap %lu (%s), error %#lx, "
	    "at %#lx", curproc->p_pid, curproc->p_name, tf->tf_trapno,
	    trapname[tf->tf_trapno], tf->tf_err, tf->tf_eip);
}

static long
sys_map(unsigned long size, unsigned long writable)
{
	vm_offset_t va = vm_allocate(proc_vm(), size, writable != 0 ?
	    VM_PROT_READ | VM_PROT_WRITE : VM_PROT_READ, M_NOWAIT);

	return (va != 0 ? (long)va : -1);
}

static long
sys_unmap(unsigned long addr, unsigned long unused)
{
	(void)unused;
	return (vm_deallocate(proc_vm(), addr));
}

static long
sys_exit(unsigned long status, unsigned long unused)
{
	(void)unused;
	user_finish(status & 0xFF);
}

static long
sys_sleep(unsigned long n, unsigned long unused)
{
	(void)unused;
	if (n > SLEEPMAX)
		return (-1);
	if (n > 0)
		(void)tsleep(curproc, PUSER, "sleep", n);
	return (0);
}

static long
sys_shout(unsigned long addr, unsigned long len)
{
	vm_offset_t kva;
	unsigned long i;

	if (len > SHOUTMAX ||
	    (kva = kmem_mmap(kernel_map, addr, len)) == 0)
		return (-1);
	for (i = 0; i < len; i++)
		shout(&((char *)kva)[i]);
	printf("\n");
	kmem_free(kernel_map, kva, len);
	return (0);
}

/* The other way: what the kernel's programs do with a buffer. */
long	(*user_device)(vm_offset_t, vm_size_t);

static long
sys_device(unsigned long addr, unsigned long len)
{
	return (user_device != NULL ? (*user_device)(addr, len) : -1);
}

static long (*const syscalls[NSYSCALLS])(unsigned long, unsigned long) = {
	NULL, sys_exit, sys_map, sys_unmap, sys_sleep, sys_shout, sys_device
};

/** A system call.  Interrupts are closed; we open them. */
void
syscall(struct trapframe *tf)
{
	unsigned long n = tf->tf_eax;

	intr_restore(PSL_I | (tf->tf_eflags & PSL_T));
	tf->tf_eax = -1;
	if (n > 0 && n < NSYSCALLS)
		tf->tf_eax = (*syscalls[n])(tf->tf_ebx, tf->tf_ecx);
}
