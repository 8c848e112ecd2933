/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file boot.c
 * What the boot loader said, and the order of start-up.
 */
#include "i386.h"
#include "kmem.h"
#include "monitor.h"
#include "malloc.h"

struct mb_info {
	unsigned long mi_flags;
#define	MB_CMDLINE	0x04
#define	MB_MODULES	0x08
#define	MB_MEMMAP	0x40
	unsigned long mi_unused[3];	/* Memory, briefly; the disk. */
	unsigned long mi_cmdline;	/* A string. */
	unsigned long mi_nmods, mi_mods;
	unsigned long mi_syms[4];
	unsigned long mi_maplen, mi_map; /* Bytes; the first mb_range. */
};

struct mb_module {
	unsigned long mm_start, mm_end, mm_string, mm_zero;
};

struct mb_range {
	unsigned long mr_size;		/* Of what follows, in bytes. */
	unsigned long mr_base, mr_basehi;
	unsigned long mr_len, mr_lenhi;
	unsigned long mr_type;
#define	MB_RAM	1
};

static vm_offset_t boot_filepa;		/* Where it is in memory. */
vm_size_t boot_filesize;
const unsigned char *boot_file;

#define	MEM_NEEDED	(3UL * 1024 * 1024)
vm_size_t mem_found;

/** Say in one line why the machine cannot run the kernel, and end. */
void
boot_fail(const char *why)
{
	printf("boot: %s\n", why);
	machine_exit(1);
}

/** Our address of len bytes at a physical address, during start-up. */
static void *
boot_ptr(vm_offset_t pa, vm_size_t len)
{
	if (pa >= BOOTMAP || len > BOOTMAP - pa)
		boot_fail("the boot loader's data lie above 4 MB");
	return ((void *)(KERNBASE + pa));
}

static char bootline[256 + 2];		/* Words, each ended by 0. */

static void
boot_cmdline(const struct mb_info *mi)
{
	const char *from;
	char *to = bootline;

	if ((mi->mi_flags & MB_CMDLINE) == 0)
		return;
	from = boot_ptr(mi->mi_cmdline, 256);
	for (; *from != '\0' && to < &bootline[256]; from++)
		if (*from != ' ' || (to != bootline && to[-1] != '\0'))
			*to++ = *from == ' ' ? '\0' : *from;
}

const char *
boot_option(const char *name)
{
	const char *w = bootline;
	unsigned long n = strlen(name);

	for (; *w != '\0'; w += strlen(w) + 1)
		if (strncmp(w, name, n) == 0 &&
		    (w[n] == '\0' || w[n] == '='))
			return (w[n] == '=' ? &w[n + 1] : &w[n]);
	return (NULL);
}

static void
boot_modules(const struct mb_info *mi)
{
	struct mb_module *mm;
	unsigned long i;

	if ((mi->mi_flags & MB_MODULES) == 0)
		return;
	mm = boot_ptr(mi->mi_mods, mi->mi_nmods * sizeof(*mm));
	for (i = 0; i < mi->mi_nmods; i++, mm++) {
		vm_offset_t start = mm->mm_start, end = mm->mm_end;

		symbol_keep(&start, &end);
		phys_reserve(start, end);
		if (start == mm->mm_start && end == mm->mm_end) {
			boot_filepa = start;
			boot_filesize = end - start;
		}
	}
}

/** Map the file from va on.  @return the first address behind it */
vm_offset_t
boot_map(vm_offset_t va)
{
	vm_offset_t pa = trunc_page(boot_filepa);

	if (boot_filesize == 0)
		return (va);
	boot_file = (const unsigned char *)(va + boot_filepa - pa);
	for (; pa < boot_filepa + boot_filesize; pa += PAGE_SIZE) {
		pmap_enter(kernel_pmap, va, pa, VM_PROT_READ);
		va += PAGE_SIZE;
	}
	return (va);
}

static int
boot_range(const struct mb_range *mr, vm_offset_t *sp, vm_offset_t *ep)
{
	vm_offset_t last = mr->mr_base + mr->mr_len;

	if (mr->mr_type != MB_RAM || mr->mr_basehi != 0)
		return (0);
	if (mr->mr_lenhi != 0 || last < mr->mr_base)
		last = trunc_page(~0UL);
	*sp = round_page(mr->mr_base);
	*ep = trunc_page(last);
	return (*sp < *ep);
}

/** The first memory behind *endp.  @return 0 where there is none */
static int
boot_next(const struct mb_info *mi, vm_offset_t *startp, vm_offset_t *endp)
{
	vm_offset_t from = *endp, s, e, m;
	const struct mb_range *mr;

	*startp = ~0UL;
	for (m = mi->mi_map; m < mi->mi_map + mi->mi_maplen;
	    m += mr->mr_size + sizeof(mr->mr_size)) {
		mr = boot_ptr(m, sizeof(*mr));
		if (boot_range(mr, &s, &e) && e > from && s < *startp) {
			*startp = s > from ? s : from;
			*endp = e;
		}
	}
	return (*startp != ~0UL);
}

/** Hand all memory to phys_add, in ascending ranges. */
static void
boot_memory(const struct mb_info *mi)
{
	vm_offset_t start, end = PAGE_SIZE;

	if ((mi->mi_flags & MB_MEMMAP) == 0)
		boot_fail("the boot loader gave no memory map");
	while (boot_next(mi, &start, &end)) {
		mem_found += end - start;
		phys_add(start, end);
	}
	if (mem_found < MEM_NEEDED) {
		printf("boot: memory found %lu KB, memory needed %lu KB\n",
		    mem_found / 1024, MEM_NEEDED / 1024);
		machine_exit(1);
	}
}

static void
boot_learn(unsigned long magic, vm_offset_t info)
{
	const struct mb_info *mi;

	if (magic != 0x2BADB002)
		boot_fail("not started by a Multiboot loader");
	mi = boot_ptr(info, sizeof(*mi));
	boot_cmdline(mi);
	boot_modules(mi);
	boot_memory(mi);
}

static void
boot_report(void)
{
	vm_offset_t *pa;

	printf("boot: memory found %lu KB; image %#lx to %#lx\n",
	    mem_found / 1024, (vm_offset_t)kernel_start, (vm_offset_t)end);
	for (pa = phys_avail; pa[1] != 0; pa += 2)
		printf("boot: frames %#010lx to %#010lx, %lu KB\n",
		    pa[0], pa[1], (pa[1] - pa[0]) / 1024);
	printf("boot: addresses %#lx to %#lx\n", virtual_avail, virtual_end);
}

static void
boot_main(void *arg)
{
	(void)arg;
	kernel_main();
}

/** The first C: bring the machine up, and become the idle process.
 * magic and info are the boot loader's eax and ebx. */
void
i386_init(unsigned long magic, vm_offset_t info)
{
	cons_init();
	trap_init();
	boot_learn(magic, info);
	pmap_bootstrap();
	boot_report();
	kmem_init();
	kmeminit();
	intr_init();
	cons_attach();
	clock_init();
	if (proc_create("main", boot_main, NULL) == -1)
		boot_fail("no memory for the first process");
	cold = 0;
	proc_idle();
}
