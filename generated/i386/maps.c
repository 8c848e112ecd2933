/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file maps.c
 * Maps by name, and as pictures: for the tour and the monitor.
 */
#include <stddef.h>

#include "kern.h"
#include "i386.h"
#include "monitor.h"
#include "kmem.h"

static struct mapname names[] = {
	{ &names[1], "kernel_map", &kernel_map },
	{ &names[2], "kmem_map", &kmem_map },
	{ &names[3], "mb_map", &mb_map },
	{ &names[4], "phys_map", &phys_map },
	{ NULL, "pager_map", &pager_map }
};
static struct mapname *lastname = &names[4];

/* Add a name at the list's end.  See monitor.h. */
void
map_name(struct mapname *mn, const char *name, vm_map_t *map)
{
	mn->mn_next = NULL;
	mn->mn_name = name;
	mn->mn_map = map;
	lastname = lastname->mn_next = mn;
}

/* The next name whose map was made.  See monitor.h. */
struct mapname *
map_next(struct mapname *mn)
{
	do
		mn = mn == NULL ? names : mn->mn_next;
	while (mn != NULL && *mn->mn_map == NULL);
	return (mn);
}

/* The kind of what lies at addr, and its range.  See monitor.h. */
int
map_entry_at(vm_map_t map, vm_offset_t addr, vm_offset_t *start,
    vm_offset_t *end)
{
	struct vm_map_entry *e;
	int kind = VME_END, s;

	s = splimp();
	e = vm_map_lookup_entry(map, addr);
	*start = e->prev->end;
	*end = e->start;
	if (addr >= e->start) {
		*start = e->start;
		*end = e->end;
		kind = e->kind;
	}
	splx(s);
	return (kind);
}

static const struct {
	const char *name;
	char	sign;
} kinds[] = {			/* By the kind of an entry. */
	[VME_END] = { "hole", '.' },
	[VME_WIRED] = { "wired", 'W' },
	[VME_SPACE] = { "reserved", 'R' },
	[VME_SUBMAP] = { "submap", 'S' },
	[VME_MAPPED] = { "process", 'P' },
	[VME_OBJECT] = { "object", 'O' },
	[VME_TRANSIT] = { "in transit", 'T' }
};

/* A word for a kind of entry. */
const char *
map_kind(int kind)
{
	return (kinds[kind].name);
}
/* The character for [from, to) of a map. */
static int
map_cell(vm_map_t map, vm_offset_t from, vm_offset_t to)
{
	const struct vm_map_entry *e;
	vm_size_t full = 0;
	int kind = VME_END, several = 0, s;

	if (to <= vm_map_min(map) || from >= vm_map_max(map))
		return (' ');
	if (from < vm_map_min(map))
		from = vm_map_min(map);
	if (to > vm_map_max(map))
		to = vm_map_max(map);
	s = splimp();
	for (e = vm_map_lookup_entry(map, from);
	    e->kind != VME_END && e->start < to; e = e->next) {
		full += (e->end < to ? e->end : to) -
		    (e->start > from ? e->start : from);
		several |= kind != VME_END && kind != e->kind;
		kind = e->kind;
	}
	splx(s);
	if (several)
		return ('+');
	return (full == 0 || full == to - from ? kinds[kind].sign :
	    kinds[kind].sign - 'A' + 'a');
}

/* Draw n cells of a map.  See monitor.h. */
void
map_row(vm_map_t map, vm_offset_t from, vm_size_t cell, int n, char *line)
{
	for (; n > 0; n--, from += cell)
		*line++ = map_cell(map, from, from + cell);
	*line = '\0';
}

/* Print what the characters mean, after an indent. */
static void
map_legend(const char *indent)
{
	unsigned int k;

	printf("%s. hole", indent);
	for (k = VME_END + 1; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		printf("%s%s%c %s", k == VME_OBJECT ? "\n" : "  ",
		    k == VME_OBJECT ? indent : "",
		    kinds[k].sign, kinds[k].name);
	printf("  small letter: partly hole  + several\n");
}

#define	ROW	60		/* Cells of the picture to scale. */
#define	TICK	15		/* Cells from one address to the next. */

/* Draw kernel_map and its submaps, to scale.  See monitor.h. */
void
map_picture(const char *indent)
{
	vm_offset_t from = vm_map_min(kernel_map);
	vm_size_t cell = round_page((kernel_map->size + ROW - 1) / ROW);
	struct mapname *mn = NULL;
	char line[ROW + 1];
	int i;

	printf("%s%4lu KB/cell", indent, cell / 1024);
	for (i = 0; i < ROW && from + i * cell < vm_map_max(kernel_map);
	    i += TICK)
		printf("%s|%#lx", i == 0 ? "" : "    ", from + i * cell);
	printf("\n");
	while ((mn = map_next(mn)) != NULL) {
		i = (vm_map_max(*mn->mn_map) - from + cell - 1) / cell;
		map_row(*mn->mn_map, from, cell, i, line);
		printf("%s%-12s%s\n", indent, mn->mn_name, line);
	}
	map_legend(indent);
}

/* Draw a map page by page.  See monitor.h. */
void
map_pages(vm_map_t map)
{
	char line[64 + 1], before[64 + 1] = "";
	vm_offset_t va;
	int n, stars = 0;

	for (va = vm_map_min(map); va < vm_map_max(map); va += 64 * PAGE_SIZE) {
		n = (vm_map_max(map) - va) / PAGE_SIZE;
		if (n > 64)
			n = 64;
		map_row(map, va, PAGE_SIZE, n, line);
		if (memcmp(line, before, n + 1) != 0) {
			printf("%#lx  %s\n", va, line);
			stars = 0;
		} else if (stars++ == 0)
			printf("*\n");
		memcpy(before, line, n + 1);
	}
	printf("%#lx  the end\n", va < vm_map_max(map) ? va : vm_map_max(map));
	map_legend("");
}
