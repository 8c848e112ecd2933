/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The witness: each rule of the locks broken, and its panic read.  In
 * builds with DIAGNOSTIC; there is no witness in others.
 */
#include "common/help.h"
#include "witness.h"

#ifdef DIAGNOSTIC

static void
enter_malloc(void *arg)
{

	(void)arg;
	(void)witness_enter(WITNESS_MALLOC, "test");
}

static void
enter_kmem(void *arg)
{

	(void)arg;
	(void)witness_enter(WITNESS_KMEM, "test");
}

static void
reclaim(void *arg)
{

	(void)arg;
	(void)malloc_reclaim();
}

static void
machine_sleep(void *arg)
{

	tsleep(arg, PVM, "bed", 1);
}

static void
nap(void *arg)
{

	(void)witness_sleep(arg, PVM, "bed", 1);
}

/* The message of fn(arg) while a lock is taken.  What is taken afterwards,
 * and the level, are as they were. */
static const char *
with_lock(unsigned int lock, void (*fn)(void *), void *arg)
{
	const char *msg;
	int s, level;

	s = witness_enter(lock, "test");
	level = splget();
	msg = panic_catch(fn, arg);
	CU_ASSERT_EQUAL(witness_held, lock);
	CU_ASSERT_EQUAL(splget(), level);
	witness_leave(lock, s, "test");
	CU_ASSERT_EQUAL(witness_held, 0);
	CU_ASSERT_EQUAL(splget(), s);
	return (msg);
}

static void
twice(void)
{

	CU_ASSERT(says(with_lock(WITNESS_MALLOC, enter_malloc, NULL),
	    "witness: test takes the lock of malloc twice"));
	CU_ASSERT(says(with_lock(WITNESS_KMEM, enter_kmem, NULL),
	    "witness: test takes the lock of kmem twice"));
}

static void
out_of_order(void)
{
	int s, t;

	CU_ASSERT(says(with_lock(WITNESS_KMEM, enter_malloc, NULL),
	    "witness: test takes the lock of malloc after that of kmem"));
	/* The order that there is. */
	s = witness_enter(WITNESS_MALLOC, "test");
	t = witness_enter(WITNESS_KMEM, "test");
	CU_ASSERT_EQUAL(witness_held, WITNESS_MALLOC | WITNESS_KMEM);
	witness_leave(WITNESS_KMEM, t, "test");
	witness_leave(WITNESS_MALLOC, s, "test");
	CU_ASSERT_EQUAL(witness_held, 0);
}

static void
leave_kmem(void *arg)
{

	(void)arg;
	witness_leave(WITNESS_KMEM, splget(), "test");
}

static void
not_taken(void)
{

	CU_ASSERT(says(panic_catch(leave_kmem, NULL),
	    "witness: test leaves the lock of kmem, which is not taken"));
	CU_ASSERT(says(with_lock(WITNESS_MALLOC, leave_kmem, NULL),
	    "witness: test leaves the lock of kmem, which is not taken"));
}

/* Each function, with each lock: nothing is changed, then. */
static void
called(void)
{
	static const struct {
		const char *name;
		void	(*fn)(void *);
	} of[] = {
		{ "malloc", call_malloc },
		{ "free", call_free },
		{ "malloc_reclaim", reclaim },
		{ "kmem_alloc", call_kmem_alloc },
		{ "kmem_free", call_kmem_free },
	};
	struct call c;
	u_long before;
	void *p;
	unsigned int i, lock;

	p = malloc(100, M_TEMP, M_NOWAIT);
	c.c_map = kernel_map;
	c.c_type = M_TEMP;
	c.c_flags = M_NOWAIT;
	c.c_got = NULL;
	before = books();
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		for (lock = WITNESS_MALLOC; lock <= WITNESS_KMEM; lock++) {
			c.c_addr = p;
			c.c_size = 100;
			CU_ASSERT(says(with_lock(lock, of[i].fn, &c),
			    "witness: %s is called with the lock of %s taken",
			    of[i].name, lock == WITNESS_KMEM ? "kmem" :
			    "malloc"));
		}
	CU_ASSERT(c.c_got == NULL);
	CU_ASSERT_EQUAL(books(), before);
	free(p, M_TEMP);
}

/* One lock is the sleeper's to give up, and others may take it meanwhile;
 * two are not; and past the witness none is. */
static int slept, awake;
static unsigned int held_after;

static void
sleeper(void *arg)
{
	int s;

	s = witness_enter(WITNESS_KMEM, "test");
	slept = 1;
	(void)witness_sleep(arg, PVM, "bed", 0);
	held_after = witness_held;
	witness_leave(WITNESS_KMEM, s, "test");
	awake = 1;
}

static void
both_nap(void *arg)
{

	(void)witness_enter(WITNESS_KMEM, "test");
	nap(arg);
}

static void
asleep_with(void)
{
	void *p;
	int pid, s;

	CU_ASSERT(says(with_lock(WITNESS_MALLOC, machine_sleep, &slept),
	    "witness: tsleep is called with the lock of malloc taken"));
	CU_ASSERT(says(with_lock(WITNESS_MALLOC, both_nap, &slept),
	    "witness: bed is waited for with the locks of malloc and kmem "
	    "taken"));
	slept = awake = 0;
	held_after = 0;
	pid = proc_create("sleeper", sleeper, &slept);
	proc_settle();
	CU_ASSERT(slept && !awake && proc_asleep(pid));
	/* It sleeps, and its lock is not taken. */
	CU_ASSERT_EQUAL(witness_held, 0);
	p = malloc(3 * PAGE_SIZE, M_TEMP, M_WAITOK);
	free(p, M_TEMP);
	s = splimp();
	wakeup(&slept);
	splx(s);
	proc_settle();
	CU_ASSERT(awake && proc_ended(pid));
	CU_ASSERT_EQUAL(held_after, WITNESS_KMEM);
	CU_ASSERT_EQUAL(witness_held, 0);
}

/* A sleep in an interrupt handler: the machine says so, and the lock is as
 * it was. */
static const char *intr_said;

static void
intr_sleep(void *arg)
{
	static char copy[100];
	const char *msg;
	int i;

	msg = panic_catch(nap, arg);
	for (i = 0; msg != NULL && msg[i] != '\0' && i < 99; i++)
		copy[i] = msg[i];
	copy[i] = '\0';
	intr_said = copy;
}

static void
in_handler(void)
{

	intr_said = "";
	softintr(intr_sleep, &slept);
	CU_ASSERT(suite_holds(intr_said, "tsleep: bed"));
	CU_ASSERT(suite_holds(intr_said, "in an interrupt handler"));
	CU_ASSERT_EQUAL(witness_held, 0);
}

/* A handler that comes while a lock is taken, the level being lowered, is
 * called with the lock. */
static const char *lowered_said;

static void
h_allocates(void *arg)
{

	(void)arg;
	lowered_said = malloc_panics(16, M_TEMP, M_NOWAIT);
	CU_ASSERT(says(lowered_said,
	    "witness: malloc is called with the lock of kmem taken"));
}

static void
lowered(void)
{
	int s;

	lowered_said = NULL;
	s = witness_enter(WITNESS_KMEM, "test");
	softintr(h_allocates, NULL);
	CU_ASSERT(lowered_said == NULL);
	splx(s);			/* the mistake */
	CU_ASSERT(lowered_said != NULL);
	(void)splimp();
	witness_leave(WITNESS_KMEM, s, "test");
}

CU_TestInfo witness_tests[] = {
	{"M-RECURSE: a lock taken twice", twice},
	{"M-RECURSE: locks taken out of order", out_of_order},
	{"M-LEVEL: a lock left that is not taken", not_taken},
	{"M-RECURSE: called with a lock taken", called},
	{"M-WAITOK: a sleep with a lock taken", asleep_with},
	{"M-WAITOK-INTR: a sleep in an interrupt handler", in_handler},
	{"M-LEVEL: an interrupt let in while a lock is taken", lowered},
	CU_TEST_INFO_NULL,
};
#endif
