/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file monitor.h
 * The test kernel as a person meets it: tour and monitor.
 */
#ifndef _MONITOR_H_
#define	_MONITOR_H_

/** The first process: acts by the boot command line, does not return. */
void	kernel_main(void) __attribute__((noreturn));

/** Show what malloc does. @return how many expectations failed */
int	tour(void);

/** Obey a person at the console, until quit or end of input. */
void	monitor(void);

/** The same after a panic, with the commands that only look. */
void	monitor_postmortem(void);

/** Run the suite of that name, or the tests whose names hold it, or all
 * (null), and print the sums. @return failures */
int	run_suites(const char *name, int (*pr)(const char *, ...));

/** Let processes and handlers allocate for many ticks, and account for
 * everything at the end. @return 0 where nothing is wrong */
int	soak(void);

long	user_lender(long arg);		/**< A program: lends its memory. */

/** A map that has a name. */
struct mapname {
	struct mapname *mn_next;	/* The next one. */
	const char *mn_name;		/* The name. */
	vm_map_t *mn_map;		/* Holds null: not made. */
};

/** Add a name, in memory of the caller's, for good. */
void	map_name(struct mapname *mn, const char *name, vm_map_t *map);

/** The next name whose map was made; after null the first. */
struct mapname *map_next(struct mapname *mn);

/** What lies at an address of a map: the kind of its entry, VME_END for
 * a hole, and where it begins and ends. */
int	map_entry_at(vm_map_t map, vm_offset_t addr, vm_offset_t *start,
	    vm_offset_t *end);

/** A word for a kind of entry. */
const char *map_kind(int kind);

/** Draw n cells of a map from an address on: n characters and a null, in
 * line.  The cells are of so many bytes each. */
void	map_row(vm_map_t map, vm_offset_t from, vm_size_t cell, int n,
	    char *line);

/** Draw kernel_map and its submaps, to scale; each line is indented. */
void	map_picture(const char *indent);

/** Draw a map page by page, and leave out what repeats. */
void	map_pages(vm_map_t map);

/** Replay the trace that came with the kernel, and show it beside what was
 * recorded.  @return 0 where they agree */
int	trace_replay(void);

#endif /* !_MONITOR_H_ */
