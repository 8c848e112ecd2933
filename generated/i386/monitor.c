/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file monitor.c
 * The test kernel's monitor: commands typed at the console.
 */
#include <stddef.h>

#include "kern.h"
#include "i386.h"
#include "monitor.h"
#include "kmem.h"
#include "malloc.h"

/* A command.  fn finds its words in word[1], ... */
struct command {
	const char *cm_name;
	const char *cm_args;		/* For help. */
	const char *cm_help;
	void	(*cm_fn)(void);
	int	cm_min, cm_max;		/* Words, the name apart. */
	int	cm_looks;		/* Changes nothing. */
};

static int leaving;		/* quit was typed, or input has ended. */
static void cmd_help(void), cmd_kmem(void);

/* Print which class a page of malloc's is of, and end the line. */
static void
print_class(u_long addr)
{
	struct malloc_page mp;

	malloc_page(addr, &mp);
	if (mp.mp_class < NFRAGMENT)
		printf("a block of %lu bytes\n", bucket[mp.mp_class].kb_size);
	else
		printf("a run of %lu page%s from %#lx\n", mp.mp_npages,
		    mp.mp_npages == 1 ? "" : "s", mp.mp_first);
}

#define	MAXWORDS	10
static char *word[MAXWORDS];	/* The words of the present line. */
static int nwords;

/* Cut a line into words. */
static void
split(char *line)
{
	for (nwords = 0; nwords < MAXWORDS; nwords++) {
		while (*line == ' ' || *line == '\t')
			*line++ = '\0';
		if (*line == '\0')
			break;
		word[nwords] = line;
		while (*line != '\0' && *line != ' ' && *line != '\t')
			line++;
	}
}

static int
lower(int c)
{
	return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* The next letter of s that counts, in lower case; s moves past it. */
static int
letter(const char **s)
{
	while (**s == ' ' || **s == '_')
		++*s;
	return (**s == '\0' ? '\0' : lower(*(*s)++));
}

/* Are the two names alike, but for case, blanks and underscores? */
static int
alike(const char *a, const char *b)
{
	int c;

	do
		if ((c = letter(&a)) != letter(&b))
			return (0);
	while (c != '\0');
	return (1);
}

/* What a digit stands for; a large number for what is none. */
static u_long
digit(int c)
{
	c = lower(c);
	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99);
}

/* Read a number: decimal or 0x, perhaps K or M.  Returns 1 if it is. */
static int
number(const char *s, u_long *np)
{
	u_long base = 10, n = 0, d;
	const char *first;
	int shift;

	if (s[0] == '0' && lower(s[1]) == 'x') {
		base = 16;
		s += 2;
	}
	for (first = s; (d = digit(*s)) < base; s++) {
		if (n > (~0UL - d) / base)
			return (0);
		n = n * base + d;
	}
	shift = lower(*s) == 'k' ? 10 : lower(*s) == 'm' ? 20 : 0;
	if (s == first || s[shift != 0] != '\0' || n > ~0UL >> shift)
		return (0);
	*np = n << shift;
	return (1);
}

static int
get_size(const char *s, u_long *np)
{
	int ok = number(s, np);

	if (!ok)
		printf("\"%s\" is not a size: expected bytes below 4G, "
		    "as 300, 0x12c, 4K or 1M\n", s);
	return (ok);
}

static int
get_addr(const char *s, u_long *np)
{
	int ok = number(s, np);

	if (!ok)
		printf("\"%s\" is not an address: expected one as %#lx\n", s,
		    (u_long)kmembase);
	return (ok);
}

static const char *const tag[M_LAST] = {
	"FREE", "MBUF", "DEVBUF", "SOCKET", "PCB", "RTABLE", "HTABLE",
	"FTABLE", "ZOMBIE", "IFADDR", "SOOPTS", "SONAME", "NAMEI", "GPROF",
	"IOCTLOPS", "SUPERBLK", "CRED", "PGRP", "SESSION", "IOV", "MOUNT",
	"FHANDLE", "NFSREQ", "NFSMNT", "VNODE", "CACHE", "DQUOT", "UFSMNT",
	"MAPMEM", "SHM", "VMMAP", "VMMAPENT", "VMOBJ", "VMOBJHASH", "VMPMAP",
	"VMPVENT", "VMPAGER", "VMPGDATA", "FILE", "FILEDESC", "LOCKF", "PROC",
	"SUBPROC", NULL, NULL, NULL, NULL, NULL, NULL, "TEMP"
};

/* Is there such a type now? */
static int
type_exists(u_long t)
{
	return (t > M_FREE && t < MTYPES && kmemstats[t].ks_shortdesc != NULL);
}

/* Is this a name of type t? */
static int
type_named(const char *s, int t)
{
	const char *after = s;

	if (alike(s, kmemstats[t].ks_shortdesc))
		return (1);
	if (lower(s[0]) == 'm' && s[1] == '_')
		after += 2;
	return (t < M_LAST && tag[t] != NULL && alike(after, tag[t]));
}

/* Find a type by name or number.  Returns 0, and complains, for none. */
static int
get_type(const char *s, int *tp)
{
	u_long n;
	int t;

	for (t = 1; t < MTYPES; t++)
		if (type_exists(t) && (type_named(s, t) ||
		    (number(s, &n) && n == (u_long)t)))
			return (*tp = t);
	printf("\"%s\" is not a type: expected a name or number that "
	    "'types' shows\n", s);
	return (0);
}

/* The map of that name, as kmem_map or kmem; null for none. */
static vm_map_t
map_named(const char *s)
{
	struct mapname *mn = NULL;
	int n;

	while ((mn = map_next(mn)) != NULL) {
		n = strlen(s);
		if (alike(s, mn->mn_name) || (strncmp(s, mn->mn_name, n) == 0 &&
		    alike(mn->mn_name + n, "map")))
			break;
	}
	return (mn == NULL ? NULL : *mn->mn_map);
}

static int
get_map(const char *s, vm_map_t *mapp)
{
	vm_map_t map = map_named(s);

	if (map == NULL)
		printf("\"%s\" is not a map: expected a name that "
		    "'kmem maps' shows\n", s);
	else
		*mapp = map;
	return (map != NULL);
}

/* A flag of kmem_alloc's by its name; 0 for none. */
static int
flag_named(const char *s)
{
	static const struct { const char *name; int flag; } flags[] = {
		{ "nowait", M_NOWAIT }, { "zero", M_ZERO_IT },
		{ "space", M_SPACE_ONLY },
		{ "io1", M_IO1 }, { "io2", M_IO2 }, { "io3", M_IO3 }
	};
	unsigned int i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (alike(s, flags[i].name))
			return (flags[i].flag);
	return (0);
}

/* The name of a map that has one. */
static const char *
name_of(vm_map_t map)
{
	struct mapname *mn = map_next(NULL);

	while (*mn->mn_map != map)
		mn = map_next(mn);
	return (mn->mn_name);
}

/* The innermost map that holds an address; null for none. */
static struct mapname *
map_holding(vm_offset_t addr)
{
	struct mapname *mn = NULL, *found = NULL;

	while ((mn = map_next(mn)) != NULL)
		if (addr >= vm_map_min(*mn->mn_map) &&
		    addr < vm_map_max(*mn->mn_map))
			found = mn;
	return (found);
}

/* A request made at the prompt, and the block if it got one. */
struct request {
	struct request *rq_next;
	u_long	rq_size;
	vm_map_t rq_map;		/* For pages of it; null: a block. */
	int	rq_type, rq_flags;
	char	*rq_addr;		/* Null: none. */
	enum { RQ_ASKED, RQ_ANSWERED, RQ_LIVE } rq_state;
};

static struct request *requests;	/* Oldest first. */
static int mytype = -1;		/* The records' own type. */
/* Make a record of a request, at the list's end.  Null: no memory. */
static struct request *
remember(u_long size, int type, int flags)
{
	struct request *rq, **rqp = &requests;

	rq = malloc(sizeof(*rq), mytype, M_NOWAIT | M_ZERO_IT);
	if (rq == NULL) {
		printf("there is no memory to remember a request in\n");
		return (NULL);
	}
	rq->rq_size = size;
	rq->rq_type = type;
	rq->rq_flags = flags;
	while (*rqp != NULL)
		rqp = &(*rqp)->rq_next;
	*rqp = rq;
	return (rq);
}

/* Drop a record. */
static void
forget(struct request *rq)
{
	struct request **rqp = &requests;

	while (*rqp != rq)
		rqp = &(*rqp)->rq_next;
	*rqp = rq->rq_next;
	free(rq, mytype);
}

/* The record of a block in use; null if it was not asked for here. */
static struct request *
recall(char *addr)
{
	struct request *rq;

	for (rq = requests; rq != NULL; rq = rq->rq_next)
		if (rq->rq_state == RQ_LIVE && rq->rq_addr == addr)
			break;
	return (rq);
}

/* Make a request that was remembered. */
static void
ask(void *arg)
{
	struct request *rq = arg;

	if (rq->rq_map != NULL)
		rq->rq_addr = (char *)kmem_alloc(rq->rq_map, rq->rq_size,
		    rq->rq_flags);
	else
		rq->rq_addr = malloc(rq->rq_size, rq->rq_type, rq->rq_flags);
	rq->rq_state = RQ_ANSWERED;
}

/* Make a request, in a process of its own if it may sleep. */
static void
launch(struct request *rq)
{
	if (rq->rq_flags & M_NOWAIT)
		ask(rq);
	else if (proc_create(rq->rq_map != NULL ? "kmem" : "malloc", ask,
	    rq) < 0) {
		printf("no memory for a process to wait in: try nowait\n");
		forget(rq);
		return;
	}
	proc_settle();
	if (rq->rq_state == RQ_ASKED)
		printf("asleep until there is room: see ps, free, "
		    "kmem free or limit\n");
}

/* Print what lies behind pages, and end the line. */
static void
print_pages(vm_offset_t va, vm_size_t size)
{
	vm_offset_t pa = kmem_phys(va), last;
	u_long n, runs = 1;

	n = (round_page(va + size) - trunc_page(va)) / PAGE_SIZE;
	for (last = pa; --n > 0; last = kmem_phys(va)) {
		va += PAGE_SIZE;
		if (kmem_phys(va) != last + PAGE_SIZE)
			runs++;
	}
	if (pa == 0)
		printf("addresses alone\n");
	else if (runs == 1)
		printf("frames %#lx to %#lx\n", trunc_page(pa),
		    last | PAGE_MASK);
	else
		printf("frames in %lu runs from %#lx\n", runs,
		    trunc_page(pa));
}

/* Print a request as a call, up to its answer. */
static void
print_request(struct request *rq)
{
	if (rq->rq_map != NULL)
		printf("kmem_alloc(%s, %lu) = ", name_of(rq->rq_map),
		    rq->rq_size);
	else
		printf("malloc(%lu, %s) = ", rq->rq_size,
		    kmemstats[rq->rq_type].ks_shortdesc);
}

/* Report the requests that were answered since the last time. */
static void
report(void)
{
	struct request *rq, *next;

	for (rq = requests; rq != NULL; rq = next) {
		next = rq->rq_next;
		if (rq->rq_state != RQ_ANSWERED)
			continue;
		print_request(rq);
		if (rq->rq_addr != NULL) {
			rq->rq_state = RQ_LIVE;
			printf("%#lx, ", (u_long)rq->rq_addr);
			if (rq->rq_map == NULL)
				print_class((u_long)rq->rq_addr);
			else {
				print_pages((vm_offset_t)rq->rq_addr,
				    rq->rq_size);
				forget(rq);
			}
		} else {
			printf("null: %s\n", rq->rq_flags & M_NOWAIT ?
			    "it cannot be met now" : "it can never be met");
			forget(rq);
		}
	}
}

static char *lastfreed;		/* What was freed last, and its type. */
static int lasttype;

/* With which type was it taken?  -1: it was not taken here. */
static int
type_of(char *addr)
{
	struct request *rq = recall(addr);

	if (rq != NULL)
		return (rq->rq_type);
	return (addr == lastfreed ? lasttype : -1);
}

/* quit */
static void
cmd_quit(void)
{
	leaving = 1;
}

/* A word after the size that is no flag: the first may be a type. */
static int
get_nth(int i, int *typep)
{
	if (i == 2)
		return (get_type(word[i], typep));
	printf("\"%s\" is not a flag: expected nowait or zero\n", word[i]);
	return (0);
}

/* malloc SIZE [TYPE] [nowait] [zero] */
static void
cmd_malloc(void)
{
	int type = M_TEMP, flags = M_WAITOK, i;
	struct request *rq;
	u_long size;

	if (!get_size(word[1], &size))
		return;
	for (i = 2; i < nwords; i++)
		if (alike(word[i], "nowait"))
			flags |= M_NOWAIT;
		else if (alike(word[i], "zero"))
			flags |= M_ZERO_IT;
		else if (!get_nth(i, &type))
			return;
	if ((rq = remember(size, type, flags)) != NULL)
		launch(rq);
}

/* blocks */
static void
cmd_blocks(void)
{
	struct request *rq;

	for (rq = requests; rq != NULL; rq = rq->rq_next) {
		print_request(rq);
		if (rq->rq_state == RQ_ASKED)
			printf("asleep\n");
		else
			printf("%#lx\n", (u_long)rq->rq_addr);
	}
	if (requests == NULL)
		printf("no block was taken here\n");
}

/* free ADDR [TYPE] */
static void
cmd_free(void)
{
	struct request *rq;
	int type = -1;
	u_long addr;

	if (!get_addr(word[1], &addr) ||
	    (nwords > 2 && !get_type(word[2], &type)))
		return;
	if (nwords == 2 && (type = type_of((char *)addr)) < 0) {
		printf("%#lx was not taken at this prompt: expected its "
		    "type too\n", addr);
		return;
	}
	free((void *)addr, type);
	if ((rq = recall((char *)addr)) != NULL)
		forget(rq);
	lastfreed = (char *)addr;
	lasttype = type;
	printf("free(%#lx, %s): the type holds %lu bytes now\n", addr,
	    kmemstats[type].ks_shortdesc, kmemstats[type].ks_memuse);
}

/* limit TYPE [BYTES] */
static void
cmd_limit(void)
{
	struct kmemstats *ksp;
	u_long bytes = 0;
	int type;

	if (!get_type(word[1], &type) ||
	    (nwords > 2 && !get_size(word[2], &bytes)))
		return;
	if (nwords > 2)
		malloc_type_setlimit(type, bytes);
	ksp = &kmemstats[type];
	printf("%s: %lu bytes of %lu in use; refused or blocked %lu times\n",
	    ksp->ks_shortdesc, ksp->ks_memuse, ksp->ks_limit,
	    ksp->ks_limblocks);
}

/* reclaim */
static void
cmd_reclaim(void)
{
	printf("%lu pages given back to kmem\n", malloc_reclaim());
}

/* test [NAME] */
static void
cmd_test(void)
{
	run_suites(nwords > 1 ? word[1] : NULL, printf);
}

/* vmstat */
static void
cmd_vmstat(void)
{
	malloc_vmstat(printf);
}

/* ps */
static void
cmd_ps(void)
{
	if (panicstr == NULL)
		proc_settle();
	proc_list(printf);
}

/* check */
static void
cmd_check(void)
{
	printf("malloc: %d wrong, ", malloc_check(printf));
	printf("kernel_map: %d wrong, ", kmem_check(kernel_map, printf));
	printf("kmem_map: %d wrong\n", kmem_check(kmem_map, printf));
}

static void
print_bucket(int indx)
{
	struct kmembuckets *kbp = &bucket[indx];

	if (kbp->kb_size == 0)
		printf("%8s", "larger");
	else
		printf("%8lu", kbp->kb_size);
	printf("%8lu%10lu%10lu%8lu%8u%10lu%8lu\n",
	    kbp->kb_elmperpg, kmemstock[indx].sk_calls,
	    kbp->kb_total - malloc_freeblocks(indx), kbp->kb_totalfree,
	    kmemstock[indx].sk_nblocks, kbp->kb_highwat, kbp->kb_pages);
}

/* buckets */
static void
cmd_buckets(void)
{
	int i;

	printf("%8s%8s%10s%10s%8s%8s%10s%8s\n", "size", "a page", "requests",
	    "in use", "free", "stock", "mark", "pages");
	for (i = 0; i < NBUCKETS; i++)
		if (kmemstock[i].sk_calls > 0)
			print_bucket(i);
}

/* types */
static void
cmd_types(void)
{
	const char *name;
	int t;

	printf(" no  %-12s%-12s%10s%10s\n", "name", "in C", "in use", "limit");
	for (t = 1; t < MTYPES; t++) {
		if (!type_exists(t))
			continue;
		name = t < M_LAST && tag[t] != NULL ? tag[t] : NULL;
		printf("%3d  %-12s%s%-10s%10lu%10lu\n", t,
		    kmemstats[t].ks_shortdesc,
		    name != NULL ? "M_" : "  ", name != NULL ? name : "",
		    kmemstats[t].ks_memuse, kmemstats[t].ks_limit);
	}
}

/* page ADDR */
static void
cmd_page(void)
{
	struct malloc_page mp;
	u_long addr;

	if (!get_addr(word[1], &addr))
		return;
	if (!malloc_page(addr, &mp))
		printf("%#lx is outside the arena: expected %#lx to %#lx\n",
		    addr, (u_long)kmembase, (u_long)kmemlimit - 1);
	else if (mp.mp_class < 0)
		printf("%#lx is in no page of malloc's\n", addr);
	else {
		printf("page %#lx: %lu of %lu blocks free; ",
		    (u_long)trunc_page(addr), mp.mp_free, mp.mp_blocks);
		print_class(addr);
	}
}

/* phys ADDR */
static void
cmd_phys(void)
{
	u_long addr, pa;

	if (!get_addr(word[1], &addr))
		return;
	if ((pa = kmem_phys(addr)) == 0 && curpmap() != NULL)
		pa = pmap_extract(curpmap(), addr);
	if (pa != 0)
		printf("%#lx is at physical %#lx", addr, pa);
	else
		printf("%#lx has no page behind it", addr);
	printf(", a touch %s\n",
	    badaddr((void *)addr) ? "faults" : "is harmless");
}

/* The character for the page at va, as the legend explains. */
static int
cell(u_long va)
{
	struct malloc_page mp;

	if (!malloc_page(va, &mp) || mp.mp_class < 0)
		return (kmem_phys(va) != 0 ? '+' : '.');
	if (mp.mp_class == LARGE)
		return (va == mp.mp_first ? '@' : '-');
	if (mp.mp_free == mp.mp_blocks)
		return ('_');
	if (mp.mp_class >= NFRAGMENT)
		return (va == mp.mp_first ? '#' : '=');
	return ((mp.mp_free == 0 ? 'A' : 'a') + mp.mp_class);
}

#define	CELLS	64		/* Cells in a line. */

/* Draw the line from va, unless it is blank.  Adds the classes that are
 * in it to *seen, a bit each.  Returns whether it was drawn. */
static int
draw_line(u_long va, u_long *seen)
{
	char line[CELLS + 1];
	int i, blank = 1;

	for (i = 0; i < CELLS && va + i * PAGE_SIZE < (u_long)kmemlimit; i++) {
		line[i] = cell(va + i * PAGE_SIZE);
		if (line[i] != '.')
			blank = 0;
		if (lower(line[i]) >= 'a' && lower(line[i]) <= 'v')
			*seen |= 1UL << (lower(line[i]) - 'a');
	}
	line[i] = '\0';
	if (!blank)
		printf("%#lx  %s\n", va, line);
	return (!blank);
}

/* Print what the cells mean, and the sizes of the classes seen. */
static void
legend(u_long seen)
{
	int i, n = 0;

	printf("small letter: partly used, capital: full, of bytes");
	for (i = 0; i < NFRAGMENT; i++)
		if (seen & (1UL << i))
			printf("%s%c %lu", n++ % 10 == 0 ? "\n    " : " ",
			    'a' + i, bucket[i].kb_size);
	printf("\n_ free but kept   #= run of pages   @- larger   "
	    "+ not malloc's   . no page\n");
}

/* map */
static void
cmd_map(void)
{
	u_long va, blank = 0, seen = 0;

	for (va = (u_long)kmembase; va < (u_long)kmemlimit;
	    va += CELLS * PAGE_SIZE)
		if (!draw_line(va, &seen))
			blank++;
	printf("%lu lines of nothing but dots are left out\n", blank);
	legend(seen);
}

/* Understand the flags and the map that follow a size. */
static int
get_flags(int *flagsp, vm_map_t *mapp)
{
	int i, f;

	for (i = 2; i < nwords; i++) {
		f = flag_named(word[i]);
		if ((f & M_IO) != 0 && (*flagsp & M_IO) != 0) {
			printf("\"%s\" is a second flag for devices: "
			    "expected one of io1, io2, io3\n", word[i]);
			return (0);
		}
		if (f == 0 && (i < nwords - 1 ||
		    (*mapp = map_named(word[i])) == NULL)) {
			printf("\"%s\" is not a flag: expected nowait, zero, "
			    "space, io1, io2, io3; then a map\n", word[i]);
			return (0);
		}
		*flagsp |= f;
	}
	return (1);
}

/* kmem alloc SIZE [FLAG ...] [MAP] */
static void
cmd_kmem_alloc(void)
{
	vm_map_t map = kernel_map;
	int flags = M_WAITOK;
	struct request *rq;
	u_long size;

	if (!get_size(word[1], &size) || !get_flags(&flags, &map))
		return;
	if ((rq = remember(size, 0, flags)) == NULL)
		return;
	rq->rq_map = map;
	launch(rq);
}

/* kmem free ADDR SIZE [MAP] */
static void
cmd_kmem_free(void)
{
	vm_map_t map = kernel_map;
	u_long addr, size;

	if (!get_addr(word[1], &addr) || !get_size(word[2], &size) ||
	    (nwords > 3 && !get_map(word[3], &map)))
		return;
	kmem_free(map, addr, size);
	printf("kmem_free(%s, %#lx, %lu): the map has %lu KB in use now\n",
	    name_of(map), addr, size, (u_long)map->used / 1024);
}

/* A submap that was made at the prompt. */
struct submap {
	struct mapname sm_name;
	vm_map_t sm_map;
	char	sm_text[12];		/* sub1, ... */
};

static void
format(char *buf, size_t size, const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	__builtin_va_end(ap);
}

/* kmem sub SIZE [pageable] */
static void
cmd_kmem_sub(void)
{
	static int nsubs;
	struct submap *sm;
	u_long size;

	if (!get_size(word[1], &size))
		return;
	if (nwords > 2 && !alike(word[2], "pageable")) {
		printf("\"%s\" is not an attribute: expected pageable, or "
		    "nothing\n", word[2]);
		return;
	}
	sm = malloc(sizeof(*sm), mytype, M_NOWAIT);
	if (sm == NULL ||
	    (sm->sm_map = kmem_suballoc(size, nwords > 2)) == NULL) {
		printf("no room in kernel_map, or no memory, for a submap of "
		    "%lu bytes\n", size);
		free(sm, mytype);
		return;
	}
	format(sm->sm_text, sizeof(sm->sm_text), "sub%d", ++nsubs);
	map_name(&sm->sm_name, sm->sm_text, &sm->sm_map);
	printf("%s: %#lx to %#lx\n", sm->sm_text,
	    (u_long)vm_map_min(sm->sm_map), (u_long)vm_map_max(sm->sm_map));
}

/* kmem vmalloc SIZE */
static void
cmd_kmem_vmalloc(void)
{
	vm_offset_t va = 0;
	u_long size;

	if (!get_size(word[1], &size))
		return;
	if (proc_vm() == NULL)
		(void)proc_setvm(vmspace_alloc(M_NOWAIT));
	if (proc_vm() != NULL)
		va = vm_allocate(proc_vm(), size,
		    VM_PROT_READ | VM_PROT_WRITE, M_NOWAIT);
	if (va == 0)
		printf("no memory, or no room, for %lu bytes of a process\n",
		    size);
	else
		printf("vm_allocate(%lu) = %#lx\n", size, va);
}

/* kmem vmfree ADDR */
static void
cmd_kmem_vmfree(void)
{
	u_long addr;

	if (!get_addr(word[1], &addr))
		return;
	if (proc_vm() == NULL || vm_deallocate(proc_vm(), addr) != 0)
		printf("%#lx is no memory of this process: expected what "
		    "kmem vmalloc said\n", addr);
	else
		printf("vm_deallocate(%#lx): the process has %lu KB now\n",
		    addr, (u_long)proc_vm()->vm_map.used / 1024);
}

/* kmem mmap ADDR SIZE [MAP] */
static void
cmd_kmem_mmap(void)
{
	vm_map_t map = kernel_map;
	u_long addr, size;
	vm_offset_t va;

	if (!get_addr(word[1], &addr) || !get_size(word[2], &size) ||
	    (nwords > 3 && !get_map(word[3], &map)))
		return;
	va = kmem_mmap(map, addr, size);
	printf("kmem_mmap(%s, %#lx, %lu) = ", name_of(map), addr, size);
	if (va == 0)
		printf("0: no room, or not this process's to write\n");
	else {
		printf("%#lx, ", va);
		print_pages(va, size);
	}
}

/* Print one map's range and use. */
static void
print_map(const char *name, vm_map_t map)
{
	u_long used, hole, entries;
	int s;

	s = splimp();
	used = map->used;
	hole = map->root->hole;
	entries = map->nentries;
	splx(s);
	printf("%-12s%#-12lx%#-11lx%7lu%8lu%8lu%8lu  %s\n", name,
	    (u_long)vm_map_min(map), (u_long)vm_map_max(map),
	    (u_long)map->size / 1024, used / 1024, hole / 1024, entries,
	    proc_vm() != NULL && map == &proc_vm()->vm_map ? "user" :
	    map->pageable ? "pageable" : "wired");
}

/* kmem maps */
static void
cmd_kmem_maps(void)
{
	struct mapname *mn = NULL;

	printf("%-12s%-12s%-11s%7s%8s%8s%8s  %s\n", "map", "from", "to", "KB",
	    "used", "hole", "entries", "kind");
	while ((mn = map_next(mn)) != NULL)
		print_map(mn->mn_name, *mn->mn_map);
	if (proc_vm() != NULL)
		print_map("process", &proc_vm()->vm_map);
}

/* kmem frames */
static void
cmd_kmem_frames(void)
{
	vm_offset_t *p;
	u_long below = 0;

	for (p = phys_avail; p[1] != 0 && p[0] < VM_IO_LIMIT; p += 2)
		below += ((p[1] < VM_IO_LIMIT ? p[1] : VM_IO_LIMIT) -
		    p[0]) / PAGE_SIZE;
	printf("frames       %6lu: %lu free, %lu active, %lu wired\n",
	    cnt.v_page_count, cnt.v_free_count, cnt.v_active_count,
	    cnt.v_wire_count);
	printf("below %2lu MB  %6lu: %lu free\n", VM_IO_LIMIT >> 20, below,
	    kmem_free_below(VM_IO_LIMIT));
}

/* kmem phys ADDR */
static void
cmd_kmem_phys(void)
{
	vm_offset_t start, end;
	struct mapname *mn;
	u_long addr;
	int kind;

	if (!get_addr(word[1], &addr))
		return;
	printf("kmem_phys(%#lx) = %#lx; ", addr, (u_long)kmem_phys(addr));
	if ((mn = map_holding(addr)) == NULL)
		printf("it is in no map\n");
	else {
		kind = map_entry_at(*mn->mn_map, addr, &start, &end);
		printf("%s: %s, %#lx to %#lx\n", mn->mn_name,
		    map_kind(kind), start, end);
	}
}

/* kmem map [NAME] */
static void
cmd_kmem_map(void)
{
	vm_map_t map;

	if (nwords == 1)
		map_picture("");
	else if (proc_vm() != NULL && alike(word[1], "process"))
		map_pages(&proc_vm()->vm_map);
	else if (get_map(word[1], &map))
		map_pages(map);
}

/* trace */
static void
cmd_trace(void)
{
	(void)trace_replay();
}

#define	LOOKS	1
#define	ACTS	0
static const struct command kmemcommands[] = {
	{ "alloc", "SIZE [FLAG ...] [MAP]", "take pages of a map",
	    cmd_kmem_alloc, 1, 6, ACTS },
	{ "free", "ADDR SIZE [MAP]", "give a range of pages back",
	    cmd_kmem_free, 2, 3, ACTS },
	{ "sub", "SIZE [pageable]", "make a submap of kernel_map",
	    cmd_kmem_sub, 1, 2, ACTS },
	{ "vmalloc", "SIZE", "memory for the monitor's process",
	    cmd_kmem_vmalloc, 1, 1, ACTS },
	{ "vmfree", "ADDR", "give that back",
	    cmd_kmem_vmfree, 1, 1, ACTS },
	{ "mmap", "ADDR SIZE [MAP]", "map some of it into the kernel",
	    cmd_kmem_mmap, 2, 3, ACTS },
	{ "phys", "ADDR", "its frame, and its place in its map",
	    cmd_kmem_phys, 1, 1, LOOKS },
	{ "maps", "", "the maps, with size, use and holes",
	    cmd_kmem_maps, 0, 0, LOOKS },
	{ "map", "[NAME]", "draw kernel_map, or pages of one map",
	    cmd_kmem_map, 0, 1, LOOKS },
	{ "frames", "", "the frames, and those below 16 MB",
	    cmd_kmem_frames, 0, 0, LOOKS },
};
static const struct command commands[] = {
	{ "malloc", "SIZE [TYPE] [nowait] [zero]", "take a block",
	    cmd_malloc, 1, 4, ACTS },
	{ "free", "ADDR [TYPE]", "give a block back", cmd_free, 1, 2, ACTS },
	{ "blocks", "", "what was taken here, and who waits",
	    cmd_blocks, 0, 0, LOOKS },
	{ "limit", "TYPE [BYTES]", "show or set what a type may hold",
	    cmd_limit, 1, 2, ACTS },
	{ "reclaim", "", "make the pool give back its idle pages",
	    cmd_reclaim, 0, 0, ACTS },
	{ "test", "[NAME]", "run the test suites, or one, or some",
	    cmd_test, 0, 1, ACTS },
	{ "vmstat", "", "the tables of vmstat -m", cmd_vmstat, 0, 0, LOOKS },
	{ "buckets", "", "the size classes that were used",
	    cmd_buckets, 0, 0, LOOKS },
	{ "types", "", "the types, with use and limit",
	    cmd_types, 0, 0, LOOKS },
	{ "map", "", "draw the arena, a page a cell", cmd_map, 0, 0, LOOKS },
	{ "page", "ADDR", "what the arena knows of a page",
	    cmd_page, 1, 1, LOOKS },
	{ "phys", "ADDR", "its frame; does a touch fault",
	    cmd_phys, 1, 1, LOOKS },
	{ "ps", "", "the processes, and what they sleep for",
	    cmd_ps, 0, 0, LOOKS },
	{ "check", "", "walk every list, and count what is wrong",
	    cmd_check, 0, 0, LOOKS },
	{ "kmem", "COMMAND ...", "", cmd_kmem, 1, MAXWORDS, LOOKS },
	{ "trace", "", "replay the trace that came along",
	    cmd_trace, 0, 0, ACTS },
	{ "help", "", "this list", cmd_help, 0, 0, LOOKS },
	{ "quit", "", "stop the kernel", cmd_quit, 0, 0, LOOKS }
};

#define	NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))
#define	NKMEMCOMMANDS	(sizeof(kmemcommands) / sizeof(kmemcommands[0]))

/* Print n rows of a table, with the word that goes before them. */
static void
list(const struct command *cm, int n, const char *before)
{
	int len = strlen(before);

	for (; n-- > 0; cm++)
		if (cm->cm_fn == cmd_kmem)
			list(kmemcommands, NKMEMCOMMANDS, "kmem ");
		else
			printf("  %s%-8s%-*s%s\n", before, cm->cm_name,
			    30 - len, cm->cm_args, cm->cm_help);
}

/* help */
static void
cmd_help(void)
{
	list(commands, NCOMMANDS, "");
	printf("SIZE, BYTES: 300, 0x12c, 4K, 1M.  TYPE: temp, M_TEMP or 49.\n");
	printf("FLAG: nowait, zero, space, io1, io2, io3.  "
	    "MAP, NAME: see kmem maps.\n");
}

/* Look the line up in a table, whose commands follow that word. */
static void
dispatch(const struct command *cm, int n, const char *before)
{
	for (; n > 0 && !alike(cm->cm_name, word[0]); n--)
		cm++;
	if (n == 0)
		printf("\"%s%s\": there is no such command; try help\n", before,
		    word[0]);
	else if (nwords - 1 < cm->cm_min || nwords - 1 > cm->cm_max)
		printf("%s%s with %d word%s: expected %s%s %s\n", before,
		    cm->cm_name, nwords - 1, nwords == 2 ? "" : "s", before,
		    cm->cm_name,
		    cm->cm_args[0] != '\0' ? cm->cm_args : "alone");
	else if (panicstr != NULL && !cm->cm_looks)
		printf("%s%s: the kernel has panicked, and only commands "
		    "that look remain\n", before, cm->cm_name);
	else
		cm->cm_fn();
}

/* kmem COMMAND ... */
static void
cmd_kmem(void)
{
	int i;

	for (i = 1; i < nwords; i++)
		word[i - 1] = word[i];
	nwords--;
	dispatch(kmemcommands, NKMEMCOMMANDS, "kmem ");
}

/* Obey one line. */
static void
obey(char *line)
{
	split(line);
	if (nwords > 0)
		dispatch(commands, NCOMMANDS, "");
}

/* Prompt and obey, until quit or the end of input. */
static void
converse(const char *prompt)
{
	char line[80];

	for (leaving = 0; !leaving;) {
		printf("%s", prompt);
		if (console_getline(line, sizeof(line)) < 0)
			break;
		obey(line);
		if (panicstr == NULL) {
			proc_settle();
			report();
		}
	}
}

/** Obey a person at the console, in a process at level 0. */
void
monitor(void)
{
	if (mytype < 0)
		mytype = malloc_type_attach("monitor", 0);
	printf("\nThis is the monitor: a command and Enter. Try help.\n");
	converse("malloc> ");
}

/** The same after a panic: only to look.  Polls the console. */
void
monitor_postmortem(void)
{
	printf("\nThe kernel has panicked: %s\n", panicstr);
	printf("Nothing was changed since. Look around, then quit.\n");
	converse("panic> ");
}
