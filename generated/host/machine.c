/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file host/machine.c
 * The machine of machine.h and kern.h in a Linux process: physical memory
 * is a memfd, kernel addresses are a reserved range, interrupts come where
 * the level changes, processes are threads of which one runs at a time.
 */
#define	_GNU_SOURCE
#include <sys/mman.h>
#include <sys/queue.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "host/host.h"
#include "host/memtool.h"
#include "kern.h"
#include "kmem.h"
#include "malloc.h"
#include "witness.h"

struct catcher {
	jmp_buf c_env;
	struct catcher *c_outer; /* Who catches when this one is done. */
	const char *c_panicstr;	/* What these were before. */
	unsigned int c_locks;	/* (The witness knows them.) */
	int c_level;
	int c_intr;
};

#define	NPROC	128		/* Processes at a time. */

/* A process, and what of the processor's state is its own. */
struct proc {
	int p_level;		/* Interrupt level, while it does not run. */
	int p_pid;
	const char *p_name;
	enum { P_FREE, P_LIVE, P_ENDED } p_state; /* Of the slot, and thread. */
	pthread_t p_thread;
	sem_t p_baton;			/* Posted when it is this one's turn. */
	jmp_buf p_exit;			/* The way out, when it is doomed. */
	int p_doomed;			/* Its machine is no more. */
	void (*p_fn)(void *);		/* What it runs. */
	void *p_arg;
	struct vmspace *p_vm;		/* Its memory; null: none. */
	TAILQ_ENTRY(proc) p_link;
	struct procq *p_queue;		/* The queue it is in; null: none. */
	void *p_wchan;			/* What it sleeps on, */
	unsigned long p_timo;		/* until when (0: for ever), */
	int p_why;			/* and what ended the sleep. */
	struct catcher *p_catcher;	/* The innermost panic_catch. */
	char p_panic[256];		/* The last panic's message. */
	sigjmp_buf *p_fault;		/* Where a fault is expected. */
};

TAILQ_HEAD(procq, proc);

char *host_memory;
static int memfd = -1;		/* Physical memory. */
static vm_size_t memsize;	/* Bytes in it, now mapped. */
static vm_size_t physend;	/* Bytes that the machine has of them. */
static char *framejunk;		/* For each frame: is it filled yet? */
static char junk[PAGE_SIZE];	/* With what. */

struct pmap {
	vm_offset_t *pm_pte;	/* For each page, frame | prot; or 0. */
	vm_offset_t pm_start;	/* The first page's address. */
	unsigned long pm_npages;
	unsigned long pm_mapped; /* Pages that are mapped. */
};

static struct pmap kernel_pmap_store;
static vm_size_t kvasize;	/* Bytes that are reserved. */
pmap_t kernel_pmap = &kernel_pmap_store;
static unsigned long mapsum;	/* Mapped pages, and runs of them. */
static unsigned long maplimit;	/* What these may add up to. */

#define	NUSER		128		/* Processes' pmaps at a time. */
#define	USERSPACE	(4UL << 20)	/* Bytes of addresses for each. */

static vm_offset_t userbase;		/* The first one's addresses. */
static pmap_t userpmap[NUSER];		/* Who has each range; or null. */

vm_offset_t phys_avail[6];	/* Two ranges, and the closing zeros. */
vm_offset_t virtual_avail, virtual_end;

#define	HOLE		0xa0000UL	/* A PC's display begins here, */
#define	HOLE_END	0x100000UL	/* and memory goes on here. */

static struct proc proc[NPROC] = { { .p_name = "boot" } };
static struct proc *curproc = &proc[0];	/* Who runs. */

union spl spl_state = { .spl_half = { SPL_NONE, 1 } };
int spl_intr;
#define	NSOFT	64		/* Software interrupts that may wait. */

struct intr {
	void (*i_fn)(void *);
	void *i_arg;
};

static struct intr soft[NSOFT];	/* A ring, */
static unsigned int softhead;	/* its oldest, */
static unsigned int nsoft;	/* and how many wait. */

static struct intr chosen;	/* The interrupt that is armed, */
static unsigned long chosenin;	/* and in how many points: 0, not. */
static int counting = 1;	/* Are points counted? */
static unsigned long points;	/* Those counted since the boot. */

static struct procq runq = TAILQ_HEAD_INITIALIZER(runq);
static struct procq sleepq = TAILQ_HEAD_INITIALIZER(sleepq);
static struct procq settleq = TAILQ_HEAD_INITIALIZER(settleq);
static unsigned long now;	/* Clock ticks since the boot. */
static int lastpid;		/* The number given last. */

int cold = 1;			/* Until the machine is booted. */
const char *panicstr;
int host_paniclevel;

/* The level now. */
int
splget(void)
{
	return (spl_level);
}

/* Run fn(arg) as an interrupt handler at level s. */
static void
intr_run(int s, void (*fn)(void *), void *arg)
{
	int old = spl_level;

	spl_level = s;
	spl_intr++;
	(*fn)(arg);
	if (spl_level != s)
		panic("interrupt handler left the level at %d, not at %d",
		    spl_level, s);
	spl_intr--;
	spl_level = old;
}

/* Does anybody watch the level?  To be asked when that has changed. */
static void
spl_watch(void)
{
	spl_watched = counting || chosenin > 0 || nsoft > 0;
}

/* Run those that wait, oldest first, if the level admits them. */
static void
intr_soft(void)
{
	struct intr *ip;

	while (nsoft > 0 && spl_level < SPL_SOFT) {
		ip = &soft[softhead];
		softhead = (softhead + 1) % NSOFT;
		nsoft--;
		spl_watch();
		intr_run(SPL_SOFT, ip->i_fn, ip->i_arg);
	}
}

/* The level is about to rise, or has just come down. */
static void
spl_point(void)
{
	if (spl_level < SPL_IMP) {
		points += counting != 0;
		if (chosenin > 0 && --chosenin == 0) {
			spl_watch();
			intr_run(SPL_IMP, chosen.i_fn, chosen.i_arg);
		}
	}
	intr_soft();
}

/* Set the level, passing a point; returns the one before. */
static int
level_set(int s)
{
	int old = spl_level;

	if (s > old)
		spl_point();
	spl_level = s;
	if (s < old)
		spl_point();
	return (old);
}

/* See host/spl.h. */
int
spl_raise(void)
{
	return (level_set(spl_level < SPL_IMP ? SPL_IMP : spl_level));
}

void
spl_set(int s)
{
	(void)level_set(s);
}

/* Raise the level to the highest. */
int
splhigh(void)
{
	return (level_set(SPL_HIGH));
}

/* Set the level to 0; returns the one before, as the others do. */
int
spl0(void)
{
	return (level_set(SPL_NONE));
}

/* Count points, or do not. */
void
host_count_points(int on)
{
	counting = on;
	spl_watch();
}

/* Run fn(arg) in a handler, as soon as the level admits it. */
void
softintr(void (*fn)(void *), void *arg)
{
	struct intr *ip = &soft[(softhead + nsoft) % NSOFT];

	if (nsoft == NSOFT)
		panic("softintr: more than %d wait", NSOFT);
	ip->i_fn = fn;
	ip->i_arg = arg;
	nsoft++;
	spl_watch();
	intr_soft();
}

/* Deliver fn(arg) at the n-th point from now; n 0: do not. */
void
host_interrupt_at(unsigned long n, void (*fn)(void *), void *arg)
{
	chosen.i_fn = fn;
	chosen.i_arg = arg;
	chosenin = n;
	spl_watch();
}

/* Points passed since the machine was booted, while they were counted. */
unsigned long
host_points(void)
{
	return (points);
}

/* The number of the page that holds va; pages outside get large ones. */
static unsigned long
pmap_index(pmap_t pmap, vm_offset_t va)
{
	return ((va - pmap->pm_start) >> PAGE_SHIFT);
}

/* Is page i mapped?  i may be outside. */
static int
pmap_mapped(pmap_t pmap, unsigned long i)
{
	return (i < pmap->pm_npages && pmap->pm_pte != NULL &&
	    pmap->pm_pte[i] != 0);
}

/* Physical address of va, its offset in the page kept; 0 for none. */
vm_offset_t
pmap_extract(pmap_t pmap, vm_offset_t va)
{
	unsigned long i = pmap_index(pmap, va);

	if (!pmap_mapped(pmap, i))
		return (0);
	return (trunc_page(pmap->pm_pte[i]) | (va & PAGE_MASK));
}

/* How many runs more there are with page i mapped than without: 1 to -1. */
static long
pmap_newruns(pmap_t pmap, unsigned long i)
{
	return (1 - pmap_mapped(pmap, i - 1) - pmap_mapped(pmap, i + 1));
}

#define	OTHERMAPS	2048	/* Mappings that are not the machine's. */

/* How many mappings may Linux have to keep for the machine's addresses? */
static unsigned long
pmap_maplimit(void)
{
	unsigned long n = 65530;
	FILE *f;

	f = fopen("/proc/sys/vm/max_map_count", "r");
	if (f != NULL && fscanf(f, "%lu", &n) != 1)
		n = 65530;
	if (f != NULL)
		fclose(f);
	if (n > MEMTOOL_MAPS)
		n = MEMTOOL_MAPS;
	return (n > 2 * OTHERMAPS ? n - OTHERMAPS : n / 2);
}

static int wantflat;		/* Is the next machine to be flat? */
static int flat;		/* Is this one? */

/* Are its pages there, whatever the table says? */
static int
pmap_flat(pmap_t pmap)
{
	return (flat && pmap == kernel_pmap);
}

/* Have later boots make a flat machine, or not; see host.h. */
void
host_flat(int on)
{
	wantflat = on;
}

#define	RESERVED	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Make [va, va + size) reserved again, so that a touch faults. */
static void
pmap_reserve(vm_offset_t va, vm_size_t size)
{
	if (mmap((void *)va, size, PROT_NONE, RESERVED | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		panic("pmap_remove: Linux refuses (%s); is vm.max_map_count "
		    "too low?", strerror(errno));
}

/* Map the page at va to the frame at pa; both page-aligned.  Not 0 where
 * a mapping more could keep a later pmap_remove from succeeding. */
int
pmap_enter(pmap_t pmap, vm_offset_t va, vm_offset_t pa, int prot)
{
	unsigned long i = pmap_index(pmap, va);

	if (i >= pmap->pm_npages || pa == 0 || pa >= physend ||
	    ((va | pa) & PAGE_MASK) != 0)
		panic("pmap_enter: %#lx to %#lx: no such page or frame",
		    va, pa);
	if (pmap->pm_pte == NULL)
		pmap->pm_pte = malloc(pmap->pm_npages * sizeof(vm_offset_t),
		    M_VMPVENT, M_NOWAIT | M_ZERO_IT);
	if (pmap->pm_pte == NULL)
		return (1);
	if (!pmap_flat(pmap)) {
		if (!pmap_mapped(pmap, i) &&
		    mapsum + 1 + pmap_newruns(pmap, i) > maplimit)
			return (1);
		if (!framejunk[pa >> PAGE_SHIFT]) {
			if (pwrite(memfd, junk, PAGE_SIZE, (off_t)pa) !=
			    PAGE_SIZE)
				return (1);
			framejunk[pa >> PAGE_SHIFT] = 1;
		}
		if (mmap((void *)va, PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED |
		    MAP_POPULATE, memfd, (off_t)pa) == MAP_FAILED) {
			pmap_remove(pmap, va, va + PAGE_SIZE);
			return (1);
		}
	}
	if (!pmap_mapped(pmap, i)) {
		mapsum += 1 + pmap_newruns(pmap, i);
		pmap->pm_mapped++;
	}

	pmap->pm_pte[i] = pa | prot;
	return (0);
}

/* Unmap the pages of [sva, eva), whether mapped or not. */
void
pmap_remove(pmap_t pmap, vm_offset_t sva, vm_offset_t eva)
{
	unsigned long i, end = pmap_index(pmap, eva);

	if (sva < pmap->pm_start || sva >= eva || end > pmap->pm_npages ||
	    ((sva | eva) & PAGE_MASK) != 0)
		panic("pmap_remove: [%#lx, %#lx) is not the %s's", sva, eva,
		    pmap == kernel_pmap ? "kernel" : "process");
	if (!pmap_flat(pmap))
		pmap_reserve(sva, eva - sva);
	for (i = pmap_index(pmap, sva); i < end; i++)
		if (pmap_mapped(pmap, i)) {
			pmap->pm_pte[i] = 0;
			pmap->pm_mapped--;
			mapsum -= 1 + pmap_newruns(pmap, i);
		}
}

/* An empty pmap for a process; null where memory does not suffice. */
pmap_t
pmap_create(vm_offset_t *min, vm_offset_t *max)
{
	pmap_t pmap;
	int i;

	for (i = 0; i < NUSER && userpmap[i] != NULL; i++)
		continue;
	if (i == NUSER)
		return (NULL);
	pmap = malloc(sizeof(*pmap), M_VMPMAP, M_NOWAIT | M_ZERO_IT);
	if (pmap != NULL) {
		userpmap[i] = pmap;
		pmap->pm_start = userbase + i * USERSPACE;
		pmap->pm_npages = USERSPACE >> PAGE_SHIFT;
		*min = pmap->pm_start;
		*max = pmap->pm_start + USERSPACE;
	}
	return (pmap);
}

/* The end of a pmap in which nothing is mapped. */
void
pmap_destroy(pmap_t pmap)
{
	if (pmap->pm_mapped != 0)
		panic("pmap_destroy: %lu pages are mapped",
		    pmap->pm_mapped);
	userpmap[(pmap->pm_start - userbase) / USERSPACE] = NULL;
	free(pmap->pm_pte, M_VMPVENT);
	free(pmap, M_VMPMAP);
}

/* What may be done with the page at va; 0 where there is none. */
int
pmap_protection(pmap_t pmap, vm_offset_t va)
{
	unsigned long i = pmap_index(pmap, va);

	if (!pmap_mapped(pmap, i))
		return (0);
	return (pmap->pm_pte[i] & (VM_PROT_READ | VM_PROT_WRITE));
}

/* Take `size' bytes, zeroed, from the front of phys_avail. */
vm_offset_t
pmap_steal_memory(vm_size_t size)
{
	vm_offset_t *r, va = virtual_avail;
	vm_size_t left = 0;

	for (r = phys_avail; r[1] - r[0] < size && r[1] != 0; r += 2)
		if (r[1] - r[0] > left)
			left = r[1] - r[0];
	if (r[1] != 0 && virtual_end - va < size)
		left = virtual_end - va;
	if (r[1] == 0 || virtual_end - va < size)
		panic("pmap_steal_memory: %lu bytes wanted, %lu left",
		    size, left);
	size = round_page(size);
	for (; virtual_avail < va + size; virtual_avail += PAGE_SIZE) {
		if (pmap_enter(kernel_pmap, virtual_avail, r[0],
		    VM_PROT_READ | VM_PROT_WRITE) != 0)
			panic("pmap_steal_memory: Linux maps no more pages");
		r[0] += PAGE_SIZE;
	}
	bzero((void *)va, size);
	return (va);
}

/* Put a process at the end of a queue, or (null) in none. */
static void
proc_move(struct proc *p, struct procq *q)
{
	if (p->p_queue != NULL)
		TAILQ_REMOVE(p->p_queue, p, p_link);
	if (q != NULL)
		TAILQ_INSERT_TAIL(q, p, p_link);
	p->p_queue = q;
}

/* Wake who waits for the next time-out; 0: nobody waits for one. */
static int
clock_jump(void)
{
	struct proc *p, *next;
	unsigned long then = 0;

	TAILQ_FOREACH(p, &sleepq, p_link)
		if (p->p_timo != 0 && (then == 0 || p->p_timo < then))
			then = p->p_timo;
	if (then == 0)
		return (0);
	now = then;
	for (p = TAILQ_FIRST(&sleepq); p != NULL; p = next) {
		next = TAILQ_NEXT(p, p_link);
		if (p->p_timo == now) {
			p->p_why = EWOULDBLOCK;
			proc_move(p, &runq);
		}
	}
	return (1);
}

/* Take the process that is to run next out of its queue. */
static struct proc *
proc_choose(void)
{
	struct proc *p;

	if ((p = TAILQ_FIRST(&runq)) == NULL)
		p = TAILQ_FIRST(&settleq);
	if (p == NULL && clock_jump())
		p = TAILQ_FIRST(&runq);
	if (p == NULL) {
		p = &proc[0];
		p->p_why = EDEADLK;
	}
	proc_move(p, NULL);
	return (p);
}

/* Let the next process run. */
static void
baton_pass(void)
{
	struct proc *p = proc_choose();

	curproc->p_level = spl_level;
	curproc = p;
	spl_level = p->p_level;
	sem_post(&p->p_baton);
}

/* Wait until it is p's turn; p is who calls. */
static void
baton_take(struct proc *p)
{
	while (sem_wait(&p->p_baton) == -1)
		continue;
	if (p->p_doomed)
		longjmp(p->p_exit, 1);
	spl_point();
}

/* Let others run, until it is the caller's turn again. */
static void
proc_switch(void)
{
	struct proc *p = curproc;

	baton_pass();
	baton_take(p);
}

/* Sleep on a channel; see machine.h. */
int
tsleep(void *chan, int pri, const char *wmesg, int timo)
{
	struct proc *p = curproc;
	int s;

	witness_none("tsleep");
	if (cold || panicstr != NULL)
		return (0);
	if (cpu_intr_p())
		panic("tsleep: %s is waited for in an interrupt handler",
		    wmesg);
	(void)pri;
	p->p_wchan = chan;
	p->p_timo = timo > 0 ? now + timo : 0;
	p->p_why = 0;
	proc_move(p, &sleepq);
	s = spl0();
	proc_switch();
	splx(s);
	if (p->p_why == EDEADLK)
		panic("deadlock: every process is asleep");
	return (p->p_why);
}

/* Make every process that sleeps on chan ready to run. */
void
wakeup(void *chan)
{
	struct proc *p, *next;

	for (p = TAILQ_FIRST(&sleepq); p != NULL; p = next) {
		next = TAILQ_NEXT(p, p_link);
		if (p->p_wchan == chan)
			proc_move(p, &runq);
	}
}

/* Give the process that runs this memory; returns what it had. */
struct vmspace *
proc_setvm(struct vmspace *vm)
{
	struct vmspace *old = curproc->p_vm;

	if (cpu_intr_p())
		panic("proc_setvm: in an interrupt handler");
	curproc->p_vm = vm;
	return (old);
}

/* The memory of the process that runs; null in a handler. */
struct vmspace *
proc_vm(void)
{
	return (cpu_intr_p() ? NULL : curproc->p_vm);
}

/* Its pmap; null where it has none, and in a handler. */
pmap_t
curpmap(void)
{
	struct vmspace *vm = proc_vm();

	return (vm != NULL ? vm->vm_pmap : NULL);
}

/* What the thread of process v does. */
static void *
proc_main(void *v)
{
	struct proc *p = v;

	if (setjmp(p->p_exit) == 0) {
		baton_take(p);
		(*p->p_fn)(p->p_arg);
		vmspace_free(proc_setvm(NULL));
		p->p_state = P_ENDED;
		baton_pass();
	}
	return (NULL);
}

/* Free the slot of a process that has ended, or is doomed. */
static void
proc_bury(struct proc *p)
{
	if (p->p_state == P_FREE)
		return;
	pthread_join(p->p_thread, NULL);
	sem_destroy(&p->p_baton);
	p->p_state = P_FREE;
}

/* Make the thread of a process, which will wait for the baton.  Not 0
 * where Linux has no thread to give. */
static int
proc_thread(struct proc *p)
{
	pthread_attr_t attr;
	int error;

	sem_init(&p->p_baton, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	error = pthread_create(&p->p_thread, &attr, proc_main, p);
	pthread_attr_destroy(&attr);
	return (error);
}

/* Start a process that calls fn(arg); -1 where there is no room. */
int
proc_create(const char *name, void (*fn)(void *), void *arg)
{
	struct proc *p = &proc[1];

	while (p < &proc[NPROC] && p->p_state == P_LIVE)
		p++;
	if (p == &proc[NPROC])
		return (-1);
	proc_bury(p);
	memset(p, 0, sizeof(*p));
	p->p_name = name;
	p->p_fn = fn;
	p->p_arg = arg;
	if (proc_thread(p) != 0)
		return (-1);
	p->p_state = P_LIVE;
	p->p_pid = ++lastpid;
	proc_move(p, &runq);
	return (p->p_pid);
}

/* The process of that number; null where it has ended. */
static struct proc *
proc_find(int pid)
{
	struct proc *p;

	for (p = &proc[1]; p < &proc[NPROC]; p++)
		if (p->p_state == P_LIVE && p->p_pid == pid)
			return (p);
	return (pid == 0 ? &proc[0] : NULL);
}

/* Does the process sleep, with a time-out or without? */
int
proc_asleep(int pid)
{
	struct proc *p = proc_find(pid);

	return (p != NULL && p->p_queue == &sleepq);
}

/* Has it returned? */
int
proc_ended(int pid)
{
	return (proc_find(pid) == NULL);
}

/* Let all others run until each sleeps or has ended. */
void
proc_settle(void)
{
	if (cpu_intr_p())
		panic("proc_settle: in an interrupt handler");
	proc_move(curproc, &settleq);
	proc_switch();
}

/* Stop and say why; or jump to who catches it. */
void
panic(const char *fmt, ...)
{
	struct proc *p = curproc;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->p_panic, sizeof(p->p_panic), fmt, ap);
	va_end(ap);
	host_paniclevel = spl_level;
	if (p->p_catcher != NULL)
		longjmp(p->p_catcher->c_env, 1);
	panicstr = p->p_panic;
	fflush(stdout);
	fprintf(stderr, "panic: %s\nin process %d (%s), level %d\n", panicstr,
	    p->p_pid, p->p_name, spl_level);
	abort();
}

/* Call fn(arg); null, or the message of its panic. */
const char *
panic_catch(void (*fn)(void *), void *arg)
{
	struct proc *p = curproc;
	struct catcher c = { .c_outer = p->p_catcher, .c_intr = spl_intr,
	    .c_panicstr = panicstr, .c_locks = WITNESS_SAVE(),
	    .c_level = spl_level };

	p->p_catcher = &c;
	if (setjmp(c.c_env) == 0) {
		(*fn)(arg);
		p->p_catcher = c.c_outer;
		return (NULL);
	}
	p->p_catcher = c.c_outer;
	spl_intr = c.c_intr;
	panicstr = c.c_panicstr;
	WITNESS_RESTORE(c.c_locks);
	proc_move(p, NULL);
	splx(c.c_level);
	return (p->p_panic);
}

/* Does touching the byte at p fault?  A byte that can be is unchanged. */
MEMTOOL_BLIND static int
faults(volatile unsigned char *p, int write)
{
	struct proc *me = curproc;
	sigjmp_buf env;
	unsigned char c;

	if (sigsetjmp(env, 1) != 0) {
		MEMTOOL_LOUD();
		me->p_fault = NULL;
		return (1);
	}
	me->p_fault = &env;
	MEMTOOL_QUIET();
	c = *p;
	if (write)
		*p = c;
	MEMTOOL_LOUD();
	me->p_fault = NULL;
	return (0);
}

/* Does reading the byte at addr fault? */
int
badaddr(const void *addr)
{
	return (faults((volatile unsigned char *)addr, 0));
}

/* Does writing it?  It keeps its value. */
int
badwrite(void *addr)
{
	return (faults(addr, 1));
}

/* A fault: expected by faults(), or the end. */
static void
fault(int sig, siginfo_t *si, void *context)
{
	vm_offset_t va = (vm_offset_t)si->si_addr;
	const char *what = "of the kernel is read-only";

	(void)sig, (void)context;
	if (curproc->p_fault != NULL)
		siglongjmp(*curproc->p_fault, 1);
	if (va - userbase < NUSER * USERSPACE)
		what = "of a process is not mapped, or read-only";
	else if (va < kernel_pmap->pm_start || va >= virtual_end)
		what = "is in no page of the kernel's";
	else if (pmap_extract(kernel_pmap, va) == 0)
		what = "of the kernel has no frame";
	fflush(stdout);
	fprintf(stderr, "fault: address %p %s\nin process %d (%s), level %d\n",
	    si->si_addr, what, curproc->p_pid, curproc->p_name,
	    spl_level);
	abort();
}

/* Have the signals that a fault sends come to fault(). */
static void
fault_catch(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = fault;
	sa.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

/* Have memory at each kernel address, if that is wanted; 0 on failure. */
static int
kvaspace_flatten(vm_size_t space)
{
	if (wantflat && mmap((void *)kernel_pmap->pm_start, space,
	    PROT_READ | PROT_WRITE, RESERVED | MAP_FIXED, -1, 0) == MAP_FAILED)
		return (0);
	flat = wantflat;
	return (1);
}

/* Have addresses for processes; 0, and errno, on failure. */
static int
uservaspace(void)
{
	void *p;

	if (userbase != 0)
		return (1);
	p = mmap((void *)(3UL << 43), NUSER * USERSPACE, PROT_NONE, RESERVED,
	    -1, 0);
	if (p == MAP_FAILED)
		return (0);
	userbase = (vm_offset_t)p;
	return (1);
}

/* Have so much physical memory at least; 0, and errno, on failure. */
static int
physmem_grow(vm_size_t memory)
{
	if (memory <= memsize)
		return (1);
	if (memsize != 0)
		munmap(host_memory, memsize);
	memsize = 0;
	if (memfd == -1)
		memfd = memfd_create("physical memory", MFD_CLOEXEC);
	if (memfd == -1 || ftruncate(memfd, (off_t)memory) == -1)
		return (0);
	host_memory = mmap(NULL, memory, PROT_READ | PROT_WRITE, MAP_SHARED,
	    memfd, 0);
	if (host_memory == MAP_FAILED)
		return (0);
	framejunk = realloc(framejunk, memory >> PAGE_SHIFT);
	if (framejunk == NULL)
		return (0);
	memsize = memory;
	return (1);
}

/* Have so many kernel addresses at least; 0, and errno, on failure. */
static int
kvaspace_grow(vm_size_t space)
{
	pmap_t pmap = kernel_pmap;

	if (space <= kvasize)
		return (1);
	munmap((void *)pmap->pm_start, kvasize);
	kvasize = 0;
	pmap->pm_start = (vm_offset_t)mmap((void *)(1UL << 44), space,
	    PROT_NONE, RESERVED, -1, 0);
	if (pmap->pm_start == (vm_offset_t)MAP_FAILED)
		return (0);
	pmap->pm_pte = realloc(pmap->pm_pte,
	    (space >> PAGE_SHIFT) * sizeof(vm_offset_t));
	if (pmap->pm_pte == NULL)
		return (0);
	kvasize = space;
	maplimit = pmap_maplimit();
	return (1);
}

/* Physical memory and kernel addresses, with nothing mapped. */
static void
memory_boot(vm_size_t memory, vm_size_t space)
{
	pmap_t pmap = kernel_pmap;

	MEMTOOL_FORGET(pmap->pm_start, kvasize);
	if (pmap->pm_mapped != 0 || flat)
		pmap_reserve(pmap->pm_start, pmap->pm_npages << PAGE_SHIFT);
	flat = 0;
	pmap->pm_npages = pmap->pm_mapped = 0;
	if (userbase != 0)
		pmap_reserve(userbase, NUSER * USERSPACE);
	memset(userpmap, 0, sizeof(userpmap));
	mapsum = 0;
	errno = EINVAL;
	if (memory < 2 * PAGE_SIZE || space < PAGE_SIZE ||
	    !physmem_grow(memory) || !kvaspace_grow(space) || !uservaspace() ||
	    !kvaspace_flatten(space))
		panic("host_boot: %lu bytes of memory, %lu of addresses: %s",
		    memory, space, strerror(errno));
	memset(pmap->pm_pte, 0, (kvasize >> PAGE_SHIFT) * sizeof(vm_offset_t));
	memset(framejunk, 0, memsize >> PAGE_SHIFT);
	memset(junk, 0xa5, sizeof(junk));
	physend = memory;
	memset(phys_avail, 0, sizeof(phys_avail));
	phys_avail[0] = PAGE_SIZE;
	phys_avail[1] = memory < HOLE ? memory : HOLE;
	if (memory > HOLE_END) {
		phys_avail[2] = HOLE_END;
		phys_avail[3] = memory;
	}
	pmap->pm_npages = space >> PAGE_SHIFT;
	virtual_avail = pmap->pm_start;
	virtual_end = virtual_avail + space;
}

/* End all processes but process 0. */
static void
proc_endall(void)
{
	struct proc *p;

	for (p = &proc[1]; p < &proc[NPROC]; p++) {
		proc_move(p, NULL);
		if (p->p_state == P_LIVE) {
			p->p_doomed = 1;
			sem_post(&p->p_baton);
		}
		proc_bury(p);
	}
}

/* A fresh machine with kmem and malloc running; see host.h. */
void
host_boot(vm_size_t memory, vm_size_t space)
{
	if (curproc != &proc[0] || cpu_intr_p())
		panic("host_boot: only process 0 may, and not in a handler");
	cold = 1;
	proc_endall();
	sem_init(&proc[0].p_baton, 0, 0);
	spl_level = SPL_NONE;
	curproc->p_vm = NULL;
	panicstr = NULL;
	nsoft = 0;
	chosenin = points = 0;
	host_count_points(1);
	now = 0;
	lastpid = 0;
	fault_catch();
	memory_boot(trunc_page(memory), trunc_page(space));
	kmem_init();
	kmeminit();
	cold = 0;
}

/* Nanoseconds, from some moment on. */
unsigned long
cycles(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000000000UL + ts.tv_nsec);
}

