/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Record what a program asks of malloc: a shared object, loaded before the
 * C library (LD_PRELOAD), that notes each call and passes it on.  The script
 * tests/bench/record uses it.  In the environment:
 *
 *	MTRACE_FILE	the trace, as generated/replay.h reads it; it must
 *			not exist
 *	MTRACE_TEXT	what was recorded, as text
 *	MTRACE_PROGRAM	record the program of this name alone, wherever in
 *			the command it is executed
 *
 * One process is recorded, the first that finds no such file: not what it
 * forks, and not what that executes.
 */
#define	_GNU_SOURCE
#include <sys/mman.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define	M_TEMP		49		/* The type of every block. */
#define	HEADER		32

static void	*(*real_malloc)(size_t);
static void	*(*real_calloc)(size_t, size_t);
static void	*(*real_realloc)(void *, size_t);
static void	*(*real_memalign)(size_t, size_t);
static void	*(*real_aligned_alloc)(size_t, size_t);
static int	(*real_posix_memalign)(void **, size_t, size_t);
static void	*(*real_valloc)(size_t);
static void	*(*real_pvalloc)(size_t);
static void	(*real_free)(void *);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t owner;			/* The process recorded; 0: none. */
static int fd = -1;
static char text[4096];			/* MTRACE_TEXT. */
static int broken;			/* The file cannot be written. */

static unsigned long allocs, frees, skipped;
static unsigned long live, maxlive;
static uint64_t bytes, maxbytes, allbytes;

static unsigned char out[1 << 16];
static size_t nout;
static off_t written = HEADER;

/* ---------------------------------------------------------------------
 * Which block is at an address: a table with open addressing.
 */

struct block {
	uintptr_t b_addr;		/* 0: free; 1: was in use. */
	uint32_t b_number;		/* Counted from 0. */
	uint32_t b_size;
};
static struct block *table;
static size_t ntable, nused;		/* A power of two; with those gone. */

static size_t
place(uintptr_t addr)
{

	return ((addr >> 4) * 0x9e3779b97f4a7c15u >> 20 & (ntable - 1));
}

static int	enter(uintptr_t addr, uint32_t number, uint32_t size);

/* Make the table fit for what lives. */
static int
renew(void)
{
	struct block *old = table, *new;
	size_t nold = ntable, n, i;

	for (n = 1 << 16; n < 4 * (live + 1); n *= 2)
		continue;
	new = mmap(NULL, n * sizeof(*new), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (new == MAP_FAILED)
		return (-1);
	table = new;
	ntable = n;
	nused = 0;
	for (i = 0; i < nold; i++)
		if (old[i].b_addr > 1)
			(void)enter(old[i].b_addr, old[i].b_number,
			    old[i].b_size);
	if (old != NULL)
		(void)munmap(old, nold * sizeof(*old));
	return (0);
}

static int
enter(uintptr_t addr, uint32_t number, uint32_t size)
{
	size_t i;

	if (2 * (nused + 1) > ntable && renew() != 0)
		return (-1);
	for (i = place(addr); table[i].b_addr > 1; i = (i + 1) & (ntable - 1))
		if (table[i].b_addr == addr)
			return (-1);
	nused += table[i].b_addr == 0;
	table[i] = (struct block){ addr, number, size };
	return (0);
}

/* Take an address out of the table. */
static int
leave(uintptr_t addr, struct block *found)
{
	size_t i;

	if (ntable == 0)
		return (0);
	for (i = place(addr); table[i].b_addr != 0; i = (i + 1) & (ntable - 1))
		if (table[i].b_addr == addr) {
			*found = table[i];
			table[i].b_addr = 1;
			return (1);
		}
	return (0);
}

/* ---------------------------------------------------------------------
 * The file.  It is a whole trace whenever something was written to it.
 */

static void
fail(const char *what)
{
	const char *why = strerror(errno);

	broken = 1;
	dprintf(2, "record: %s: %s\n", what, why);
}

static void
put_word(unsigned char *p, uint64_t word)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (unsigned char)(word >> 8 * i);
}

static void
flush(void)
{
	unsigned char head[HEADER] = "mtrace1\n";

	put_word(head + 8, allocs);
	put_word(head + 12, frees);
	put_word(head + 16, maxbytes);
	put_word(head + 20, maxlive);
	put_word(head + 24, M_TEMP);
	if (pwrite(fd, out, nout, written) != (ssize_t)nout ||
	    pwrite(fd, head, HEADER, 0) != HEADER)
		fail("the trace cannot be written");
	written += (off_t)nout;
	nout = 0;
}

static void
put_number(uint64_t n)
{

	for (; n >= 0x80; n >>= 7)
		out[nout++] = (unsigned char)(n | 0x80);
	out[nout++] = (unsigned char)n;
	if (nout > sizeof(out) - 16)
		flush();
}

/* ---------------------------------------------------------------------
 * What is noted.  A block is entered after the C library has allocated it
 * and leaves before it is freed, so that no other thread can have it between.
 */

static int
recording(void)
{

	return (owner != 0 && !broken && getpid() == owner);
}

static void
note_alloc(void *addr, size_t size)
{
	int error;

	if (addr == NULL || !recording())
		return;
	error = errno;
	(void)pthread_mutex_lock(&lock);
	if (size > 0x7fffffff || allocs == 0xffffffff ||
	    bytes + size > 0xffffffff ||
	    enter((uintptr_t)addr, (uint32_t)allocs, (uint32_t)size) != 0)
		skipped++;
	else {
		allocs++;
		allbytes += size;
		bytes += size;
		if (bytes > maxbytes)
			maxbytes = bytes;
		if (++live > maxlive)
			maxlive = live;
		put_number((uint64_t)size << 1);
	}
	(void)pthread_mutex_unlock(&lock);
	errno = error;
}

/* A block that is about to be freed, or that realloc may free. */
static int
note_leave(void *addr, struct block *b)
{
	int found;

	if (addr == NULL || !recording())
		return (0);
	(void)pthread_mutex_lock(&lock);
	found = leave((uintptr_t)addr, b);
	(void)pthread_mutex_unlock(&lock);
	return (found);
}

static void
note_free(const struct block *b)
{
	int error;

	error = errno;
	(void)pthread_mutex_lock(&lock);
	frees++;
	live--;
	bytes -= b->b_size;
	put_number((uint64_t)(allocs - b->b_number) << 1 | 1);
	(void)pthread_mutex_unlock(&lock);
	errno = error;
}

/* A realloc that was refused: the block is where it was. */
static void
note_return(const struct block *b)
{

	(void)pthread_mutex_lock(&lock);
	(void)enter(b->b_addr, b->b_number, b->b_size);
	(void)pthread_mutex_unlock(&lock);
}

/* ---------------------------------------------------------------------
 * Start and end.
 */

/* What dlsym itself asks for, before there is anybody to pass it on to. */
static char early[1 << 14] __attribute__((aligned(16)));
static size_t nearly;
static int finding;

static void *
early_alloc(size_t size)
{
	void *p = early + nearly;

	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(early) - nearly)
		return (NULL);
	nearly += size;
	return (p);
}

static int
is_early(const void *p)
{

	return ((const char *)p >= early &&
	    (const char *)p < early + sizeof(early));
}

static void
find(void)
{

	finding = 1;
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_memalign = dlsym(RTLD_NEXT, "memalign");
	*(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
	*(void **)&real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
	*(void **)&real_valloc = dlsym(RTLD_NEXT, "valloc");
	*(void **)&real_pvalloc = dlsym(RTLD_NEXT, "pvalloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	finding = 0;
}

static int
ready(void)
{

	if (real_malloc == NULL && !finding)
		find();
	return (real_malloc != NULL);
}

static void __attribute__((constructor))
begin(void)
{
	const char *file = getenv("MTRACE_FILE");
	const char *summary = getenv("MTRACE_TEXT");
	const char *program = getenv("MTRACE_PROGRAM");
	int low;

	if (file == NULL || (program != NULL &&
	    strcmp(program, program_invocation_short_name) != 0))
		return;
	if (summary != NULL && strlen(summary) < sizeof(text))
		strcpy(text, summary);
	low = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (low < 0) {
		if (errno != EEXIST)
			fail(file);
		return;
	}
	/* Out of the way of programs that count on the lowest being free. */
	fd = fcntl(low, F_DUPFD_CLOEXEC, 500);
	if (fd < 0)
		fd = low;
	else
		(void)close(low);
	(void)unsetenv("MTRACE_FILE");
	flush();
	owner = getpid();
}

static void __attribute__((destructor))
end(void)
{
	int out_fd;

	if (!recording())
		return;
	(void)pthread_mutex_lock(&lock);
	owner = 0;
	flush();
	(void)pthread_mutex_unlock(&lock);
	if (text[0] == '\0')
		return;
	out_fd = open(text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out_fd < 0 || dprintf(out_fd, "allocations %lu\nfrees %lu\n"
	    "most-bytes %llu\nmost-blocks %lu\nbytes-in-all %llu\n"
	    "left-out %lu\n", allocs, frees,
	    (unsigned long long)maxbytes, maxlive,
	    (unsigned long long)allbytes, skipped) < 0)
		fail(text);
	(void)close(out_fd);
}

/* ---------------------------------------------------------------------
 * The functions of the C library.
 */

void *
malloc(size_t size)
{
	void *p;

	if (!ready())
		return (early_alloc(size));
	p = (*real_malloc)(size);
	note_alloc(p, size);
	return (p);
}

void *
calloc(size_t n, size_t size)
{
	void *p;

	if (!ready())
		return (early_alloc(n * size));	/* It is zero. */
	p = (*real_calloc)(n, size);
	note_alloc(p, n * size);
	return (p);
}

void
free(void *p)
{
	struct block b;

	if (is_early(p) || !ready())
		return;
	if (note_leave(p, &b))
		note_free(&b);
	(*real_free)(p);
}

void *
realloc(void *old, size_t size)
{
	struct block b;
	void *p;
	int known;

	if (old == NULL || !ready())
		return (malloc(size));
	if (is_early(old)) {
		p = malloc(size);
		if (p != NULL)
			memcpy(p, old, size < (size_t)(early + nearly -
			    (char *)old) ? size :
			    (size_t)(early + nearly - (char *)old));
		return (p);
	}
	known = note_leave(old, &b);
	p = (*real_realloc)(old, size);
	if (p == NULL && size != 0) {
		if (known)
			note_return(&b);
		return (NULL);
	}
	note_alloc(p, size);
	if (known)
		note_free(&b);
	return (p);
}

void *
reallocarray(void *old, size_t n, size_t size)
{

	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return (NULL);
	}
	return (realloc(old, n * size));
}

void *
memalign(size_t align, size_t size)
{
	void *p;

	p = ready() ? (*real_memalign)(align, size) : NULL;
	note_alloc(p, size);
	return (p);
}

void *
aligned_alloc(size_t align, size_t size)
{
	void *p;

	p = ready() ? (*real_aligned_alloc)(align, size) : NULL;
	note_alloc(p, size);
	return (p);
}

int
posix_memalign(void **pp, size_t align, size_t size)
{
	int error;

	error = ready() ? (*real_posix_memalign)(pp, align, size) : ENOMEM;
	if (error == 0)
		note_alloc(*pp, size);
	return (error);
}

void *
valloc(size_t size)
{
	void *p;

	p = ready() ? (*real_valloc)(size) : NULL;
	note_alloc(p, size);
	return (p);
}

void *
pvalloc(size_t size)
{
	void *p;

	p = ready() ? (*real_pvalloc)(size) : NULL;
	note_alloc(p, size);
	return (p);
}
