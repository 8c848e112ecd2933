/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file proc.c
 * Processes: stacks, the run queue, sleep and wakeup.
 */
#include "i386.h"
#include "kmem.h"
#include "malloc.h"
#include "witness.h"

int cold = 1;
static struct proc proc0 = { .p_stat = SRUN, .p_pri = PSETTLE + 1,
	.p_name = "idle" };
struct proc *curproc = &proc0;
static struct proc *allproc = &proc0;
static struct proc *runq;		/* Ready, in the order to run. */
static int lastpid;

/** The first address of the stack in slot i; the guard page is below. */
static vm_offset_t
slotstack(int i)
{
	return (STACKBASE + ((vm_offset_t)i << KSTACK_SHIFT) + PAGE_SIZE);
}

/** Put p on the run queue.  At splimp. */
static void
setrun(struct proc *p)
{
	struct proc **pp = &runq;

	while (*pp != NULL && (*pp)->p_pri <= p->p_pri)
		pp = &(*pp)->p_next;
	p->p_next = *pp;
	*pp = p;
	p->p_stat = SRUN;
}

static struct proc *dead;		/* Ended, still has its stack. */
static struct proc *slot[NPROC];	/* Whose stack is in each slot. */

/** Free what an ended process left.  At splimp, on another stack. */
static void
proc_bury(void)
{
	struct proc *p = dead;

	if (p == NULL)
		return;
	dead = NULL;
	pmap_remove(kernel_pmap, slotstack(p->p_slot),
	    slotstack(p->p_slot) + KSTACK_SIZE);
	slot[p->p_slot] = NULL;
	kmem_free(kernel_map, p->p_stack, KSTACK_SIZE);
	free(p, M_PROC);
}

static pmap_t
vmpmap(const struct vmspace *vm)
{
	return (vm != NULL ? vm->vm_pmap : kernel_pmap);
}

/** Run the first ready process, or the idle one.  At splimp; the
 * caller is on a queue, or will never run again. */
static void
swtch(void)
{
	struct proc *old = curproc, *new = runq;

	if (new != NULL)
		runq = new->p_next;
	else
		new = &proc0;
	if (new == old)
		return;
	curproc = new;
	if (new->p_vm != old->p_vm)
		pmap_activate(vmpmap(new->p_vm));
	trap_setstack(slotstack(new->p_slot) + KSTACK_SIZE);
	cpu_switch(&old->p_sp, new->p_sp);
	proc_bury();
}

#define	NSLEEPQ	64
static struct proc *sleepq[NSLEEPQ];	/* Chains, the oldest first. */

static struct proc **
sleepchain(const void *chan)
{
	return (&sleepq[((vm_offset_t)chan >> 4) % NSLEEPQ]);
}

#define	EWOULDBLOCK	35		/* What tsleep returns then. */
static struct proc *timeq;		/* The earliest first. */
/** Take p off the list of time-outs.  At splimp. */
static void
untime(struct proc *p)
{
	struct proc **pp;

	if (!p->p_timed)
		return;
	for (pp = &timeq; *pp != p; pp = &(*pp)->p_later)
		continue;
	*pp = p->p_later;
	p->p_timed = 0;
}

/** Wake whose time has come.  In the clock's handler, at splimp. */
void
proc_timeouts(void)
{
	struct proc *p, **pp;

	while ((p = timeq) != NULL && (long)(ticks - p->p_wakeat) >= 0) {
		untime(p);
		for (pp = sleepchain(p->p_wchan); *pp != p;
		    pp = &(*pp)->p_next)
			continue;
		*pp = p->p_next;
		p->p_timedout = 1;
		setrun(p);
	}
}

/** See machine.h. */
int
tsleep(void *chan, int pri, const char *wmesg, int timo)
{
	struct proc *p = curproc, **pp;
	int s = splimp();

	witness_none("tsleep");
	if (cold || panicstr != NULL) {
		spl0();
		splx(s);
		return (0);
	}

	if (cpu_intr_p()) {
		splx(s);
		panic("tsleep: %s: in an interrupt handler", wmesg);
	}
	p->p_wchan = chan;
	p->p_wmesg = wmesg;
	p->p_pri = pri;
	p->p_timedout = 0;
	p->p_stat = SSLEEP;
	p->p_next = NULL;
	for (pp = sleepchain(chan); *pp != NULL; pp = &(*pp)->p_next)
		continue;
	*pp = p;
	if (timo > 0) {
		p->p_timed = 1;
		p->p_wakeat = ticks + timo;
		for (pp = &timeq; *pp != NULL &&
		    (long)((*pp)->p_wakeat - p->p_wakeat) <= 0;
		    pp = &(*pp)->p_later)
			continue;
		p->p_later = *pp;
		*pp = p;
	}
	swtch();
	splx(s);
	return (p->p_timedout ? EWOULDBLOCK : 0);
}

/** See machine.h.  At any level up to splimp. */
void
wakeup(void *chan)
{
	struct proc *p, **pp;
	int s = splimp();

	pp = sleepchain(chan);
	while ((p = *pp) != NULL)
		if (p->p_wchan == chan) {
			*pp = p->p_next;
			untime(p);
			setrun(p);
		} else
			pp = &p->p_next;
	splx(s);
}

/** Give p a stack.  At splimp.  @return 0, or -1 without memory */
static int
stack_make(struct proc *p)
{
	vm_offset_t off;
	int i;

	for (i = 0; i < NPROC && slot[i] != NULL; i++)
		continue;
	if (i == NPROC || (p->p_stack =
	    kmem_alloc(kernel_map, KSTACK_SIZE, M_NOWAIT)) == 0)
		return (-1);
	slot[p->p_slot = i] = p;
	for (off = 0; off < KSTACK_SIZE; off += PAGE_SIZE)
		pmap_enter(kernel_pmap, slotstack(i) + off,
		    pmap_extract(kernel_pmap, p->p_stack + off),
		    VM_PROT_READ | VM_PROT_WRITE);
	return (0);
}

/** End the process that runs.  In no handler, and holding nothing. */
void
proc_exit(void)
{
	struct proc *p = curproc, **pp;

	vmspace_free(proc_setvm(NULL));
	splimp();
	for (pp = &allproc; *pp != p; pp = &(*pp)->p_all)
		continue;
	*pp = p->p_all;
	p->p_stat = SZOMB;
	dead = p;
	swtch();
	panic("proc_exit: process %d ran again", p->p_pid);
}

static void
proc_start(void)
{
	struct proc *p = curproc;

	proc_bury();
	spl0();
	p->p_fn(p->p_arg);
	proc_exit();
}

/** Make p's stack such that the switch to it begins proc_start. */
static void
stack_prepare(struct proc *p)
{
	vm_offset_t *sp;

	sp = (vm_offset_t *)(slotstack(p->p_slot) + KSTACK_SIZE);
	*--sp = 0;			/* proc_start's caller. */
	*--sp = (vm_offset_t)proc_start;
	*--sp = 0;			/* ebp, ebx, esi, edi. */
	*--sp = 0;
	*--sp = 0;
	*--sp = 0;
	p->p_sp = (vm_offset_t)sp;
}

/** See kern.h.  Never sleeps. */
int
proc_create(const char *name, void (*fn)(void *), void *arg)
{
	struct proc *p = malloc(sizeof(*p), M_PROC, M_NOWAIT | M_ZERO_IT);
	int s;

	if (p == NULL)
		return (-1);
	s = splimp();
	if (stack_make(p) == -1) {
		splx(s);
		free(p, M_PROC);
		return (-1);
	}
	memcpy(p->p_name, name, strnlen(name, sizeof(p->p_name) - 1));
	p->p_fn = fn;
	p->p_arg = arg;
	p->p_pid = ++lastpid;
	p->p_pri = PUSER;
	p->p_all = allproc;
	allproc = p;
	stack_prepare(p);
	setrun(p);
	splx(s);
	return (p->p_pid);
}

static struct proc *
pfind(int pid)
{
	struct proc *p;

	for (p = allproc; p != NULL && p->p_pid != pid; p = p->p_all)
		continue;
	return (p);
}

int
proc_asleep(int pid)
{
	int s = splimp(), yes;
	struct proc *p = pfind(pid);

	yes = p != NULL && p->p_stat == SSLEEP;
	splx(s);
	return (yes);
}

int
proc_ended(int pid)
{
	int s = splimp(), yes = pfind(pid) == NULL;

	splx(s);
	return (yes);
}

void
proc_list(int (*pr)(const char *, ...))
{
	struct proc *p;
	int s = splimp();

	pr("  PID NAME             STATE   PRI    KB  SLEEPS FOR\n");
	for (p = allproc; p != NULL; p = p->p_all)
		pr("%5d %-16s %-6s %4d %5lu%s%s%s\n", p->p_pid, p->p_name,
		    p == curproc ? "runs" : p->p_stat == SSLEEP ?
		    "sleeps" : "ready", p->p_pri,
		    p->p_vm != NULL ? p->p_vm->vm_map.used / 1024 : 0,
		    p->p_stat == SSLEEP ? "  " : "",
		    p->p_stat == SSLEEP ? p->p_wmesg : "",
		    p->p_timed ? ", timed" : "");
	splx(s);
}

/** The process in whose guard page va is; null for none. */
struct proc *
proc_guard(vm_offset_t va)
{
	extern char bootguard[];

	if (trunc_page(va) == (vm_offset_t)bootguard)
		return (&proc0);
	if (va < STACKBASE || va >= PTMAP ||
	    (va & ((1UL << KSTACK_SHIFT) - 1)) >= PAGE_SIZE)
		return (NULL);
	return (slot[(va - STACKBASE) / (1UL << KSTACK_SHIFT)]);
}

/** See i386.h. */
int
user_kill(int pid)
{
	int s = splimp();
	struct proc *p = pfind(pid);

	if (p != NULL && p->p_vm == NULL)
		p = NULL;
	if (p != NULL) {
		p->p_killed = 1;
		wakeup(p);
	}
	splx(s);
	return (p != NULL ? 0 : -1);
}

void
proc_settle(void)
{
	int s = splimp();

	curproc->p_pri = PSETTLE;
	setrun(curproc);
	swtch();
	splx(s);
}

/** On the way to user mode: let others go first, once. */
void
proc_preempt(void)
{
	int s = splimp();

	curproc->p_pri = PUSER;
	if (runq != NULL && runq->p_pri <= PUSER) {
		setrun(curproc);
		swtch();
	}
	splx(s);
}

/** Process 0, at level 0: run who is ready; halt while nobody is. */
void
proc_idle(void)
{
	unsigned long fl;

	for (;;) {
		fl = intr_disable();
		if (runq == NULL)
			__asm__ volatile ("sti; hlt" : : : "memory");
		else
			intr_restore(fl);
		splimp();
		swtch();
		spl0();
	}
}

/** See kern.h. */
struct vmspace *
proc_setvm(struct vmspace *vm)
{
	struct vmspace *old;
	int s;

	if (cpu_intr_p())
		panic("proc_setvm: in an interrupt handler");
	s = splimp();
	old = curproc->p_vm;
	curproc->p_vm = vm;
	pmap_activate(vmpmap(vm));
	splx(s);
	return (old);
}

/** See kern.h. */
struct vmspace *
proc_vm(void)
{
	return (cpu_intr_p() ? NULL : curproc->p_vm);
}

/** See machine.h. */
pmap_t
curpmap(void)
{
	struct vmspace *vm = proc_vm();

	return (vm != NULL ? vm->vm_pmap : NULL);
}
