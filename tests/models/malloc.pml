/*
 * malloc and free: the queue of a type, its limit, and the wait for memory.
 *
 * Requests are for 1 page up to CLASSES, which are their own size class and
 * their charge; a class's free blocks stay in the pool or go back to kmem,
 * either.  With PLENTY there is always a block.  Processes 0, 1 and 2 ask
 * with M_WAITOK for SIZE0, SIZE1 and SIZE2 pages, and give them back, ROUNDS
 * times (without end, with FAIR); the handler asks with M_NOWAIT for one
 * page, HANDLER times (without end with FAIR_HANDLER).  ADMIN times somebody
 * sets the limit, to 1 up to LIMIT + 1.  With KEEP a process may keep its
 * last block for ever.  With TYPES the last process has a type of its own.
 *
 * The number kmem_gained is modelled as a bit for each waiter: has it moved
 * since it was noted?
 */
#define PROCS	3
#define H	3		/* the handler's own index */
#include "machine.pml"

#ifndef FRAMES
#define FRAMES	2
#endif
#ifndef CLASSES
#define CLASSES	2
#endif
#ifndef LIMIT
#define LIMIT	3
#endif
#ifndef SIZE0
#define SIZE0	1
#endif
#ifndef SIZE1
#define SIZE1	2
#endif
#ifndef SIZE2
#define SIZE2	1
#endif
#ifndef ROUNDS
#define ROUNDS	2
#endif
#ifndef HANDLER
#define HANDLER	2
#endif
#ifndef ADMIN
#define ADMIN	0
#endif
#ifdef TYPES
#define NTYPES	2
#define TYPE(p)	((p) == 2)
#else
#define NTYPES	1
#define TYPE(p)	0
#endif

#define ON_RECORD	1	/* channels */
#define ON_GAIN		2

mtype = { AWAY, QUEUED, CHARGED, REFUSED };

byte memuse[NTYPES];
byte limit[NTYPES];
mtype state[4] = AWAY;		/* of each one's record */
byte bytes[4];
byte queue[NTYPES * 4];		/* ks_waitq, the head first */
byte queued[NTYPES];

byte frames = FRAMES;		/* free in kmem */
byte pool[4];			/* free blocks of each class */
byte waiters;			/* kmem_waiters */
bool moved[PROCS];		/* kmem_gained, since each noted it */

/* What the model adds, to look on. */
byte ahead[PROCS];		/* came earlier, and wait for admission */
bool before[PROCS];		/* waits for admission */
byte waiting[NTYPES];
byte ended;			/* processes */
byte kept;			/* pages of blocks that nobody will free */
bool lost_wakeup, hopeless, deadlock, out_of_order, past_limit,
	miscounted, leak;
#ifdef FAIR
bool wants[PROCS];		/* is inside malloc */
#define WANTS(p, b)	wants[p] = b
#else
#define WANTS(p, b)	skip
#endif

#define FITS(t, n)	(memuse[t] <= limit[t] && n <= limit[t] - memuse[t])

/* ----- who came first ----- */

inline arrive(p, t)
{
	before[p] = true;
	ahead[p] = waiting[t];
	waiting[t]++
}

inline depart(p, t)
{
	if
	:: p != H && before[p] ->
		before[p] = false;
		waiting[t]--;
		for (x : 0 .. PROCS - 1) {
			if
			:: before[x] && TYPE(x) == t && ahead[x] > ahead[p] ->
				ahead[x]--
			:: else
			fi
		}
	:: else
	fi
}

/* A request has been charged: in its turn, and within the limit? */
inline check(wrong, t)
{
#ifndef FAIR
	out_of_order = wrong;
	assert(!out_of_order);
	past_limit = (memuse[t] > limit[t]);
	assert(!past_limit);
#endif
	skip
}

#define IN_ORDER(p)	(p == H || ahead[p] == 0)

/* ----- the event of kmem ----- */

inline kmem_gain()
{
#ifdef LIKE_NO_GAIN
	skip
#else
	for (x : 0 .. PROCS - 1) {
		moved[x] = true;
		wake(x, ON_GAIN)
	}
#endif
}

inline gain_if_awaited()
{
	if
	:: waiters > 0 -> kmem_gain()
	:: else
	fi
}

/* ----- admission ----- */

inline wake_record(p)
{
	if
	:: p < PROCS -> wake(p, ON_RECORD)
	:: else
	fi
}

/* chunk: Admit or refuse a request */
inline admit_next(t)
{
	if
	:: queued[t] > 0 && state[queue[t * 4]] == QUEUED &&
	    FITS(t, bytes[queue[t * 4]]) ->
		h = queue[t * 4];
#ifndef BROKEN_UNCHARGED
		memuse[t] = memuse[t] + bytes[h];
		state[h] = CHARGED;
		check(!IN_ORDER(h), t);
		depart(h, t);
#endif
		wake_record(h)
	:: else
	fi
}

/* chunk: Admit or refuse a request */
inline join_queue(p, t, s)
{
	state[p] = s;
	queue[t * 4 + queued[t]] = p;
	queued[t]++
}

/* chunk: Admit or refuse a request */
inline leave_queue(p, t)
{
	i = 0;
	do
	:: queue[t * 4 + i] == p -> break
	:: else -> i++
	od;
	queued[t]--;
	do
	:: i < queued[t] ->
		queue[t * 4 + i] = queue[t * 4 + i + 1];
		i++
	:: else -> break
	od;
	queue[t * 4 + queued[t]] = 0;
	state[p] = AWAY
}

#ifdef BROKEN_PASSING
#define MAY_PASS(t)	true
#else
#define MAY_PASS(t)	(queued[t] == 0 || nowait)
#endif

/* admit(), all of it at splimp but for the sleep.  Sets ok. */
inline admit(p, t, n)
{
	ok = false;
	if
	:: FITS(t, n) && MAY_PASS(t) ->
		/* chunk: Charge it if it fits and passes nobody */
		memuse[t] = memuse[t] + n;
		check(!nowait && waiting[t] > 0, t);
		ok = true
	:: else ->
		if
		:: nowait || n > limit[t] ->
			/* chunk: Refuse what must not wait, or would wait for ever */
#ifdef BROKEN_NOWAIT_QUEUES
			if
			:: nowait && state[p] == AWAY ->
				join_queue(p, t, QUEUED)
			:: else
			fi;
#endif
			skip
		:: else ->
			/* chunk: Wait for room under the limit */
			arrive(p, t);
			join_queue(p, t, QUEUED);
			do
#ifdef BROKEN_UNCHARGED
			:: state[p] == QUEUED && !FITS(t, n) ->
				tsleep(p, ON_RECORD)
			:: state[p] == QUEUED && FITS(t, n) ->
				memuse[t] = memuse[t] + n;
				state[p] = CHARGED;
				depart(p, t)
#else
			:: state[p] == QUEUED ->
				tsleep(p, ON_RECORD)
#endif
			:: else -> break
			od;
			ok = (state[p] == CHARGED)
		fi
	fi
}

/* ----- kmem, asked with M_NOWAIT ----- */

/* n frames, one at a time, or none: sets got. */
inline attempt(n)
{
	k = 0;
	do
	:: k < n ->
		/* chunk: Map one page to a frame */
		atomic {
			if
			:: frames > 0 -> frames--; k++
			:: else -> break
			fi
		}
	:: else -> break
	od;
	got = (k == n);
	do
	:: !got && k > 0 ->
		/* chunk: Take back the pages before this one */
		atomic { frames++; k-- }
	:: else -> break
	od
}

/* kmem_free of n pages. */
inline give_back(n)
{
	k = n;
	do
	:: k > 0 ->
		/* chunk: Unmap one page, and free its frame */
		atomic { frames++; k-- }
	:: else -> break
	od;
	/* chunk: Cut it out of the map, and tell who waits */
	atomic { gain_if_awaited() }
}

/* Sets some. */
inline malloc_reclaim()
{
	some = false;
	c = 1;
	do
	:: c <= CLASSES ->
		/* chunk: Empty the class of its free pages */
		atomic {
			if
			:: pool[c] > 0 -> pool[c]--; e = c
			:: else -> e = 0
			fi
		}
		if
		:: e > 0 -> some = true; give_back(e)
		:: else -> c++
		fi
	:: else -> c = 1; break
	od
}

/* Sets got. */
inline kmem_alloc(n)
{
	/* chunk: Attempt it, and again with what the pool gives back */
	attempt(n);
#ifndef BROKEN_NO_RECLAIM
	if
	:: !got ->
		malloc_reclaim();
		if
		:: some -> attempt(n)
		:: else
		fi
	:: else
	fi
#endif
}

/* ----- a miss ----- */

/* Begins and ends at splimp, so the caller splits its stretch here. */
inline take_block(n)
{
#ifdef PLENTY
	have = true
#else
	if
	:: pool[n] > 0 -> pool[n]--; have = true
	:: else -> have = false
	fi
#endif
}

inline grow(n)
{
	/* chunk: Fetch pages at the level of the call */
	kmem_alloc(n);
	/* chunk: Use the new page, or, if a block has come free, return it */
	atomic {
		take_block(n);
		if
		:: !have && got -> have = true; got = false
		:: else
		fi
	}
	if
	:: got -> got = false; give_back(n)
	:: else
	fi
}

#ifdef BROKEN_NOTED_LATE
#define NOTE_EARLY(p)	skip
#define NOTE_LATE(p)	moved[p] = false
#else
#define NOTE_EARLY(p)	moved[p] = false
#define NOTE_LATE(p)	skip
#endif
#ifdef BROKEN_COUNTED_LATE
#define COUNT_EARLY	skip
#define COUNT_LATE	waiters++
#else
#define COUNT_EARLY	waiters++
#define COUNT_LATE	skip
#endif
#ifdef BROKEN_NOT_COMPARED
#define UNMOVED(p)	true
#else
#define UNMOVED(p)	(!moved[p])
#endif

/* Sets have. */
inline wait_for_block(p, t, n)
{
	/* chunk: Wait for memory */
	atomic {
		if
		:: state[p] == AWAY -> join_queue(p, t, CHARGED)
		:: else
		fi;
		COUNT_EARLY;
		/* chunk: Try after each gain of memory, until there is a block */
		NOTE_EARLY(p)
	}
	do
	:: true ->
		grow(n);
		if
		:: have -> break
		:: else
		fi;
#ifdef BROKEN_LEVEL_DROPPED
		/* chunk: Sleep, unless memory was gained meanwhile */
		atomic { go = UNMOVED(p) }
		/* chunk: Sleep, unless memory was gained meanwhile */
		atomic {
			if
			:: go -> tsleep(p, ON_GAIN)
			:: else
			fi;
			NOTE_EARLY(p)
		}
#else
		/* chunk: Sleep, unless memory was gained meanwhile */
		atomic {
			COUNT_LATE;
			NOTE_LATE(p);
			if
			:: UNMOVED(p) -> tsleep(p, ON_GAIN)
			:: else
			fi;
#ifdef BROKEN_COUNTED_LATE
			waiters--;
#endif
			NOTE_EARLY(p)
		}
#endif
	od;
	/* chunk: Wait for memory */
	atomic {
#ifndef BROKEN_COUNTED_LATE
		waiters--;
#endif
		moved[p] = false
	}
}

/* ----- malloc and free ----- */

/* Sets have. */
inline malloc(p, t, n)
{
	/* chunk: Get a block, if the type may have one */
	atomic {
		bytes[p] = n;
		have = false;
		admit(p, t, n);
		if
		:: ok -> take_block(n)
		:: else
		fi
	}
	if
	:: ok && !have ->
		/* chunk: Fetch a block when the class has none */
		grow(n);
		if
		:: !have && !nowait -> wait_for_block(p, t, n)
		:: else
		fi
	:: else
	fi;
	/* chunk: Keep the books of a grant */
	atomic {
		if
		:: ok ->
			if
			:: !have -> memuse[t] = memuse[t] - n
			:: else
			fi;
			if
			:: state[p] == CHARGED -> leave_queue(p, t)
			:: else
			fi;
#ifndef BROKEN_TURN_KEPT
			admit_next(t);
#endif
			skip
		:: else
		fi;
		if
		:: state[p] == REFUSED -> state[p] = AWAY
		:: else
		fi
	}
}

#ifdef BROKEN_SILENT_FREE
#define TELL	skip
#else
#define TELL	gain_if_awaited()
#endif

inline free(t, n)
{
	/* chunk: Return the block and its charge */
	atomic {
		memuse[t] = memuse[t] - n;
		admit_next(t);
		/* chunk: Tell who waits, then set the level */
#ifndef PLENTY
		if
		:: pool[n]++; surplus = false
		:: surplus = true
		fi;
#endif
		TELL
	}
	if
	:: surplus -> give_back(n)
	:: else
	fi
}

inline setlimit(t, new)
{
	/* chunk: Change the limit, and examine the queue again */
	atomic {
		limit[t] = new;
#ifndef BROKEN_HOPELESS_WAIT
		j = queued[t];
		do
		:: j > 0 ->
			j--;
			q = queue[t * 4 + j];
			/* chunk: Refuse this request if it is larger than the limit */
			if
			:: state[q] == QUEUED && bytes[q] > limit[t] ->
				leave_queue(q, t);
				state[q] = REFUSED;
				depart(q, t);
				wake_record(q)
			:: else
			fi
		:: else -> break
		od;
#endif
#ifndef BROKEN_LIMIT_UNTOLD
		admit_next(t);
#endif
		i = 0; q = 0; h = 0; x = 0
	}
}

/* ----- who calls ----- */

#define VARIABLES							\
	byte c, e, h, i, k, r, x;					\
	bool ok, have, got, some, surplus, go;				\
	bool nowait

#define FORGET	i = 0; h = 0; x = 0; k = 0; e = 0;			\
	ok = false; have = false; got = false; some = false; surplus = false

proctype process(byte p; byte n)
{
	VARIABLES;

	start(p);
	do
#ifndef FAIR
	:: r == ROUNDS -> break
	:: r < ROUNDS -> r++;
#else
	:: true ->
#endif
		WANTS(p, true);
		malloc(p, TYPE(p), n);
		WANTS(p, false);
		if
		:: have ->
			/* it has the block for a while */
			yield(p);
			free(TYPE(p), n)
#ifdef KEEP
		:: have && r == ROUNDS -> kept = kept + n
#endif
		:: else
		fi;
		/* world: nothing of the call is remembered */
		atomic { FORGET }
		if
		:: yield(p)
		:: true
		fi
	od;
	/* world: it ends */
	atomic { cpu = NOBODY; ended++ }
}

/* Each of its runs begins when it likes, while the level is down. */
proctype handler()
{
	VARIABLES;

	nowait = true;
	do
#ifndef FAIR_HANDLER
	:: r == HANDLER -> break
	:: r < HANDLER ->
		r++;
#else
	:: true ->
#endif
		/* world: an interrupt asks for a page */
		atomic {
			malloc(H, 0, 1);
			go = have;
			FORGET
		}
		if
		:: go ->
			/* world: a later one gives it back */
			atomic { free(0, 1); go = false; FORGET }
		:: else
		fi
	od
}

proctype administrator()
{
	byte h, i, j, q, r, x, new;

	do
	:: r == ADMIN -> break
	:: r < ADMIN ->
		r++;
		/* world: somebody changes the limit */
		atomic {
			select(new : 1 .. LIMIT + 1);
			setlimit(0, new);
			new = 0
		}
	od
}

/* ----- what must hold ----- */

#ifdef FAIR
/* Nobody waits for ever while others come and go: process 0 is served. */
ltl served { [] (wants[0] -> <> !wants[0]) }
#else

/* Sleeps p beside what it waits for? */
#define ADMISSIBLE(p)	(state[p] == QUEUED && FITS(TYPE(p), bytes[p]))
#define OBTAINABLE(p)	(state[p] == CHARGED &&				\
	(pool[bytes[p]] > 0 || frames + pool[1] + 2 * pool[2] +		\
	3 * pool[3] >= bytes[p]))

/* When nothing can happen any more, why not? */
proctype watch()
{
	byte p, sleeping, on_gain;

	timeout ->
	/* world: all is still */
	atomic {
		for (p : 0 .. PROCS - 1) {
			if
			:: asleep[p] != 0 ->
				sleeping++;
				on_gain = on_gain + (asleep[p] == ON_GAIN);
				lost_wakeup = lost_wakeup ||
				    OBTAINABLE(p) ||
				    (ADMISSIBLE(p) &&
				    queue[TYPE(p) * 4] == p);
				hopeless = hopeless || (state[p] == QUEUED &&
				    bytes[p] > limit[TYPE(p)]);
				deadlock = (kept == 0)
			:: else
			fi
		}
		assert(!lost_wakeup);
		assert(!hopeless);
		assert(!deadlock);
		miscounted = (waiters != on_gain);
		assert(!miscounted);
#ifndef PLENTY
		leak = (frames + pool[1] + 2 * pool[2] + 3 * pool[3] +
		    kept != FRAMES);
		assert(!leak);
#endif
		assert(ended + sleeping == PROCS)
	}
}
#endif

init
{
	/* world: it begins */
	atomic {
		byte t;

		for (t : 0 .. NTYPES - 1) {
			limit[t] = LIMIT
		}
		run process(0, SIZE0);
		run process(1, SIZE1);
		run process(2, SIZE2);
#ifndef NO_HANDLER
		run handler();
#endif
		if
		:: ADMIN > 0 -> run administrator()
		:: else
		fi;
#ifndef FAIR
		run watch()
#endif
	}
}
