/*
 * What the models stand on: one processor, its level, sleep and wakeup.
 *
 * A stretch at splimp is `atomic': no handler comes in.  A handler's whole
 * run is atomic as well.  Processes are coroutines: each runs until it
 * sleeps or yields, and only handlers come in between.  tsleep inside an
 * atomic stretch blocks, and so gives up the level as it falls asleep.
 *
 * With FAIR the processes run in the order in which they became ready;
 * otherwise in any order, which is more than any run queue does.
 *
 * A comment `chunk: NAME' names the chunk of malloc.nw that the step below
 * it stands for; `world: ...' marks a step of the surroundings.
 */
#define NOBODY	255

byte cpu = NOBODY;		/* which process runs */
byte asleep[PROCS];		/* on which channel; 0: awake */

#ifdef FAIR
chan runq = [PROCS] of { byte };
#define READY(p)	runq!p
#define AWAIT_CPU(p)	(cpu == NOBODY && runq?[eval(p)]); runq?_; cpu = p
#else
#define READY(p)	skip
#define AWAIT_CPU(p)	(cpu == NOBODY && asleep[p] == 0); cpu = p
#endif

/* Inside an atomic stretch; goes on in one, when woken and chosen. */
inline tsleep(p, chn)
{
	asleep[p] = chn;
	cpu = NOBODY;
	AWAIT_CPU(p)
}

inline wake(p, chn)
{
	if
	:: asleep[p] == chn ->
		asleep[p] = 0;
		READY(p)
	:: else
	fi
}

/* A process begins; and it lets others go first. */
inline start(p)
{
	/* world: it is ready */
	atomic { READY(p) }
	/* world: it is chosen */
	atomic { AWAIT_CPU(p) }
}

inline yield(p)
{
	/* world: it goes to the end of those who are ready */
	atomic {
		cpu = NOBODY;
		READY(p)
	}
	/* world: it is chosen */
	atomic { AWAIT_CPU(p) }
}
