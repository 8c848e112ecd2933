/*
 * kmem_alloc and kmem_free: tickets, the queue of a map, the one for pages.
 *
 * Process p asks map MAPp with M_WAITOK for SIZEp pages, or, where WIREDp is
 * 0, for so many pages of addresses alone; and gives them back, ROUNDS times
 * (without end, with FAIR; with KEEP it may keep the last for ever).  The
 * handler asks map 0, which is kmem_map, with M_NOWAIT for one page, HANDLER
 * times; it gives it back to kmem, or to malloc's pool, from where
 * malloc_reclaim brings it.
 *
 * The number kmem_gained is modelled as a bit for each waiter: has it moved
 * since it was noted?  A ticket is the number of waiters whose tickets are
 * lower, and a place in a queue that of those in front.
 */
#define PROCS	3
#include "machine.pml"

#ifndef FRAMES
#define FRAMES	2
#endif
#ifndef SPACE0
#define SPACE0	4
#endif
#ifndef SPACE1
#define SPACE1	4
#endif
#ifndef SIZE0
#define SIZE0	2
#endif
#ifndef SIZE1
#define SIZE1	1
#endif
#ifndef SIZE2
#define SIZE2	1
#endif
#ifndef WIRED2
#define WIRED2	1
#endif
#ifndef MAP0
#define MAP0	0
#endif
#ifndef MAP1
#define MAP1	0
#endif
#ifndef MAP2
#define MAP2	1
#endif
#ifndef ROUNDS
#define ROUNDS	2
#endif
#ifndef HANDLER
#define HANDLER	2
#endif
#ifndef WHO
#define WHO	0
#endif

#define ON_GAIN		1	/* the one channel of all who sleep */

byte frames = FRAMES;
byte space[2];			/* free addresses of each map */
byte pool;			/* free pages of malloc's */
byte waiters;			/* kmem_waiters */
bool moved[PROCS];		/* kmem_gained, since each noted it */
byte ticket[PROCS];		/* waiters with lower tickets */
bool inmap[PROCS];		/* stands in its map's queue */
bool inpage[PROCS];		/* stands in the queue for pages */
byte mapplace[PROCS];		/* and where */
byte pageplace[PROCS];

/* What the model adds, to look on. */
byte map[PROCS];		/* what each asks for */
byte size[PROCS];
bool wired[PROCS];
bool waits[PROCS];		/* has a ticket */
bool lacked_space[PROCS];	/* came upon a queue, or failed, for that */
bool lacked_pages[PROCS];
#ifdef FAIR
bool wants[PROCS];		/* is inside kmem_alloc */
#define WANTS(p, b)	wants[p] = b
#else
#define WANTS(p, b)	skip
#endif
byte ended;			/* processes */
byte kept;			/* what nobody will free */
bool lost_wakeup, deadlock, out_of_order, refused, miscounted, turn, leak;

/* ----- the event ----- */

inline kmem_gain()
{
#ifdef BROKEN_ONE_WOKEN
	for (x : 0 .. PROCS - 1) {
		moved[x] = true;
		if
		:: waits[x] && ticket[x] == 0 -> wake(x, ON_GAIN)
		:: else
		fi
	}
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

/* ----- queues ----- */

inline take_ticket(p)
{
	ticket[p] = 0;
	for (x : 0 .. PROCS - 1) {
		if
		:: x != p && waits[x] -> ticket[p]++
		:: else
		fi
	}
	waits[p] = true
}

inline join_map(p, m)
{
	if
	:: inmap[p]
	:: else ->
		mapplace[p] = 0;
		for (x : 0 .. PROCS - 1) {
			if
			:: x != p && inmap[x] && map[x] == m ->
#if defined(BROKEN_AT_THE_END) || defined(BROKEN_BY_PLACE)
				mapplace[p]++
#else
				if
				:: ticket[x] < ticket[p] -> mapplace[p]++
				:: else -> mapplace[x]++
				fi
#endif
			:: else
			fi
		}
		inmap[p] = true
	fi
}

inline join_page(p)
{
	if
	:: inpage[p]
	:: else ->
		pageplace[p] = 0;
		for (x : 0 .. PROCS - 1) {
			if
			:: x != p && inpage[x] ->
#if defined(BROKEN_AT_THE_END) || defined(BROKEN_BY_PLACE)
				pageplace[p]++
#else
				if
				:: ticket[x] < ticket[p] -> pageplace[p]++
				:: else -> pageplace[x]++
				fi
#endif
			:: else
			fi
		}
		inpage[p] = true
	fi
}

inline leave_map(p)
{
	for (x : 0 .. PROCS - 1) {
		if
		:: inmap[p] && x != p && inmap[x] && map[x] == map[p] &&
		    mapplace[x] > mapplace[p] -> mapplace[x]--
		:: else
		fi
	}
	inmap[p] = false;
	mapplace[p] = 0
}

inline leave_page(p)
{
	for (x : 0 .. PROCS - 1) {
		if
		:: inpage[p] && x != p && inpage[x] &&
		    pageplace[x] > pageplace[p] -> pageplace[x]--
		:: else
		fi
	}
	inpage[p] = false;
	pageplace[p] = 0
}

inline leave(p)
{
	leave_map(p);
	leave_page(p);
	for (x : 0 .. PROCS - 1) {
		if
		:: waits[x] && ticket[x] > ticket[p] -> ticket[x]--
		:: else
		fi
	}
	waits[p] = false;
	ticket[p] = 0
}


/* Does x head the queue for what p wants, and has the lower ticket? */
#define FIRST_MAP(x, p)	(inmap[x] && map[x] == map[p] &&		\
	mapplace[x] == 0 && ticket[x] < ticket[p] && STANDS_MAP(p))
#define FIRST_PAGE(x, p)	(wired[p] && inpage[x] &&		\
	pageplace[x] == 0 && ticket[x] < ticket[p] && STANDS_PAGE(p))
#define FIRST(x, p)	(FIRST_MAP(x, p) || FIRST_PAGE(x, p))
#ifdef BROKEN_WHERE_IT_STANDS
#define STANDS_MAP(p)	inmap[p]
#define STANDS_PAGE(p)	inpage[p]
#else
#define STANDS_MAP(p)	true
#define STANDS_PAGE(p)	true
#endif
#ifdef BROKEN_BY_PLACE
#define ITS_TURN(p)	((!inmap[p] || mapplace[p] == 0) &&		\
	(!inpage[p] || pageplace[p] == 0))
#else
#define ITS_TURN(p)	(!FIRST(0, p) && !FIRST(1, p) && !FIRST(2, p))
#endif
#ifdef BROKEN_NO_TURN
#define MAY_TRY(p)	true
#else
#define MAY_TRY(p)	ITS_TURN(p)
#endif

/* ----- an attempt ----- */

/* Sets got; or short_of_space, where it was that. */
inline attempt(m, n, w)
{
	got = false;
	short_of_space = false;
	k = 0;
	/* chunk: Take addresses for an entry in transit */
	atomic {
		if
		:: space[m] >= n -> space[m] = space[m] - n
		:: else -> short_of_space = true
		fi
	}
	if
	:: !short_of_space ->
		do
		:: w && k < n ->
			/* chunk: Map one page to a frame */
			atomic {
				if
				:: frames > 0 -> frames--; k++
				:: else -> break
				fi
			};
#ifdef BROKEN_PREEMPTED
			if
			:: me < PROCS -> yield(me)
			:: else
			fi
#endif
		:: else -> break
		od;
		got = (!w || k == n);
		do
		:: !got && k > 0 ->
			/* chunk: Take back the pages before this one */
			atomic { frames++; k-- }
		:: else -> break
		od;
		if
		:: got
		:: else ->
			/* chunk: Give the addresses up again */
			atomic { space[m] = space[m] + n }
		fi
	:: else
	fi;
	k = 0
}

inline kmem_free(m, n, w)
{
	k = n;
	do
	:: w && k > 0 ->
		/* chunk: Unmap one page, and free its frame */
		atomic { frames++; k-- }
	:: else -> break
	od;
	/* chunk: Cut it out of the map, and tell who waits */
	atomic {
		space[m] = space[m] + n;
#ifndef BROKEN_SILENT_FREE
		gain_if_awaited();
#endif
		k = 0
	}
}

/* Sets some. */
inline malloc_reclaim()
{
	some = false;
	do
	:: true ->
		/* chunk: Empty the class of its free pages */
		atomic {
			e = (pool > 0);
			pool = pool - e
		}
		if
		:: e -> some = true; kmem_free(0, 1, 1)
		:: else -> break
		fi
	od
}

/* ----- kmem_alloc ----- */

#define QUEUED_MAP(m)	((inmap[0] && map[0] == m) ||			\
	(inmap[1] && map[1] == m) || (inmap[2] && map[2] == m))
#define QUEUED_PAGES	(inpage[0] || inpage[1] || inpage[2])

/* Is q older than p, where both want the same? */
#define OLDER(q, p, m, w)	(q != p && waits[q] &&			\
	(!waits[p] || ticket[q] < ticket[p]) &&				\
	((lacked_space[q] && map[q] == m) || (lacked_pages[q] && w)))
#define IN_ORDER(p, m, w)	(!OLDER(0, p, m, w) &&			\
	!OLDER(1, p, m, w) && !OLDER(2, p, m, w))

#ifdef FAIR
#define CHECK_ORDER(p, m, w)	skip
#else
#define CHECK_ORDER(p, m, w)	out_of_order = !IN_ORDER(p, m, w);	\
				assert(!out_of_order)
#endif

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
#ifdef BROKEN_PASSING
#define PASSES(m, w)	true
#else
#define PASSES(m, w)	(!(QUEUED_MAP(m) || (w && QUEUED_PAGES)))
#endif
#ifdef BROKEN_NO_RECLAIM
#define RECLAIM		some = false
#else
#define RECLAIM		malloc_reclaim()
#endif

inline try(m, n, w)
{
	/* chunk: Attempt it, and again with what the pool gives back */
	attempt(m, n, w);
	if
	:: !got ->
		malloc_reclaim();
		if
		:: some -> attempt(m, n, w)
		:: else
		fi
	:: else
	fi
}

/* chunk: Stand for what is lacking, and for nothing needless */
inline stand_map(p, m)
{
	join_map(p, m);
	lacked_space[p] = true;
	if
	:: inpage[p] ->
		leave_page(p);
		lacked_pages[p] = false;
		kmem_gain()
	:: else
	fi
}

/* chunk: Stand for what is lacking, and for nothing needless */
inline stand_page(p)
{
	join_page(p);
	lacked_pages[p] = true
}

/* chunk: Attempt again after each gain of memory, when it is its turn */
inline look(p, m)
{
	go = MAY_TRY(p);
#ifndef BROKEN_BY_PLACE
	if
	:: go
	:: !go && (FIRST_MAP(0, p) || FIRST_MAP(1, p) || FIRST_MAP(2, p)) ->
		stand_map(p, m)
	:: else -> stand_page(p)
	fi
#endif
}

/* chunk: Wait until a request can be served */
inline request_wait(p, m, n, w)
{
	/* chunk: Count it, and give it a ticket */
	atomic {
		COUNT_EARLY;
		take_ticket(p);
#ifdef BROKEN_BY_PLACE
		if
		:: QUEUED_MAP(m) -> join_map(p, m)
		:: else
		fi;
		if
		:: w && QUEUED_PAGES -> join_page(p)
		:: else
		fi;
#endif
		NOTE_EARLY(p);
		look(p, m)
	}
	do
	:: true ->
		if
		:: go ->
			/* chunk: Reclaim what can be had, and attempt it */
			RECLAIM;
			attempt(m, n, w)
		:: else
		fi;
		/* chunk: Attempt again after each gain of memory,
		 * when it is its turn */
		atomic {
			if
			:: got -> break
			:: else
			fi;
			if
			:: go && short_of_space -> stand_map(p, m)
			:: go && !short_of_space ->
				stand_page(p);
#ifdef BROKEN_ONE_QUEUE
				leave_map(p);
#endif
				skip
			:: else
			fi;
			COUNT_LATE;
			NOTE_LATE(p);
			go = UNMOVED(p)
#ifdef BROKEN_LEVEL_DROPPED
		}
		/* chunk: Sleep, unless memory was gained meanwhile */
		atomic {
#else
			/* chunk: Sleep, unless memory was gained meanwhile */
#endif
			if
			:: go -> tsleep(p, ON_GAIN)
			:: else
			fi;
#ifdef BROKEN_COUNTED_LATE
			waiters--;
#endif
			NOTE_EARLY(p);
			look(p, m)
		}
	od;
	/* chunk: Leave, and let the next one look */
	atomic {
		CHECK_ORDER(p, m, w);
		leave(p);
#ifndef BROKEN_COUNTED_LATE
		waiters--;
#endif
#ifndef BROKEN_TURN_KEPT
		gain_if_awaited();
#endif
		lacked_space[p] = false;
		lacked_pages[p] = false;
		moved[p] = false;
		go = false
	}
}

/*
 * A process in malloc, charged, whose class has no block: it asks kmem with
 * M_NOWAIT, and stands in no queue of kmem's.
 */
inline wait_for_block(p, m, n)
{
	/* chunk: Wait for memory */
	atomic { waiters++; moved[p] = false }
	do
	:: true ->
		/* chunk: Try after each gain of memory, until there is a block */
		try(m, n, 1);
		if
		:: got -> break
		:: else
		fi;
		/* chunk: Sleep, unless memory was gained meanwhile */
		atomic {
			if
			:: moved[p]
			:: else -> tsleep(p, ON_GAIN)
			fi;
			moved[p] = false
		}
	od;
	/* chunk: Wait for memory */
	atomic { waiters--; moved[p] = false }
}

/* With M_WAITOK.  Sets got. */
inline kmem_alloc(p, m, n, w)
{
	got = false;
	/* chunk: Let it wait at once, if it would pass somebody */
	atomic { busy = !PASSES(m, w) }
	if
	:: !busy -> try(m, n, w)
	:: else
	fi;
	if
	:: got ->
		/* chunk: Attempt it, and again with what the pool gives back */
		atomic { CHECK_ORDER(p, m, w) }
	:: else -> request_wait(p, m, n, w)
	fi
}

/* ----- who calls ----- */

#define VARIABLES							\
	byte me, k, r, x;							\
	bool e, got, some, go, short_of_space, busy
#define FORGET	k = 0; x = 0; e = false; got = false; some = false;	\
	go = false; short_of_space = false; busy = false

proctype process(byte p; byte m; byte n; bool w)
{
	VARIABLES;

	me = p;
	start(p);
	do
#ifndef FAIR
	:: r == ROUNDS -> break
	:: r < ROUNDS -> r++;
#else
	:: true ->
#endif
		WANTS(p, true);
#ifdef MALLOC2
		if
		:: p == 2 -> wait_for_block(p, m, n)
		:: else -> kmem_alloc(p, m, n, w)
		fi;
#else
		kmem_alloc(p, m, n, w);
#endif
		WANTS(p, false);
		if
		:: true ->
			/* it has the pages for a while */
			yield(p);
			kmem_free(m, n, w)
#ifdef KEEP
		:: r == ROUNDS -> kept = kept + n
#endif
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

proctype handler()
{
	VARIABLES;
	bool mine;

	me = PROCS;
	do
	:: r == HANDLER -> break
	:: r < HANDLER ->
		r++;
		/* world: an interrupt asks for a page */
		atomic {
#ifdef BROKEN_NOWAIT_REFUSED
			if
			:: PASSES(0, 1) -> try(0, 1, 1)
			:: else -> got = false
			fi;
#else
			try(0, 1, 1);
#endif
			mine = got;
			refused = (!got && frames > 0 && space[0] > 0);
			assert(!refused);
#ifdef BROKEN_NOWAIT_COUNTED
			waiters = waiters + (1 - mine);
#endif
			FORGET
		}
		if
		:: mine ->
			/* world: a later one gives it back to kmem */
			atomic { kmem_free(0, 1, 1); mine = false; FORGET }
		:: mine ->
			/* chunk: Tell who waits, then set the level */
			atomic {
				pool++;
#ifndef BROKEN_SILENT_POOL
				gain_if_awaited();
#endif
				mine = false;
				FORGET
			}
		:: else
		fi
	od
}

/* ----- what must hold ----- */

#ifdef FAIR
/* Nobody waits for ever while others come and go. */
ltl served { [] (wants[WHO] -> <> !wants[WHO]) }
#else

#define OBTAINABLE(p)	(space[map[p]] + (1 - map[p]) * pool >= size[p] && \
	(!wired[p] || frames + pool >= size[p]))

/* When nothing can happen any more, why not? */
proctype watch()
{
	byte p, sleeping;

	timeout ->
	/* world: all is still */
	atomic {
		for (p : 0 .. PROCS - 1) {
			if
			:: asleep[p] != 0 ->
				sleeping++;
				turn = turn || ITS_TURN(p);
				lost_wakeup = lost_wakeup ||
				    (ITS_TURN(p) && OBTAINABLE(p))
			:: else
			fi
		}
		deadlock = (sleeping > 0 && (kept == 0 || !turn));
		assert(!lost_wakeup);
		assert(!deadlock);
		miscounted = (waiters != sleeping);
		assert(!miscounted);
		leak = (kept == 0 && (frames + pool != FRAMES ||
		    space[0] + pool != SPACE0 || space[1] != SPACE1));
		assert(!leak);
		assert(ended + sleeping == PROCS)
	}
}
#endif

init
{
	/* world: it begins */
	atomic {
		space[0] = SPACE0;
		space[1] = SPACE1;
		map[0] = MAP0; size[0] = SIZE0; wired[0] = true;
		map[1] = MAP1; size[1] = SIZE1; wired[1] = true;
		map[2] = MAP2; size[2] = SIZE2; wired[2] = WIRED2;
		run process(0, MAP0, SIZE0, 1);
		run process(1, MAP1, SIZE1, 1);
		run process(2, MAP2, SIZE2, WIRED2);
#ifndef NO_HANDLER
		run handler();
#endif
#ifndef FAIR
		run watch()
#endif
	}
}
