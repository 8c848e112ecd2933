/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file symbol.c
 * Names for addresses, from the kernel's own file.
 */
#include "i386.h"

struct elf {
	unsigned char e_ident[16];
	unsigned short e_type, e_machine;
	unsigned long e_version, e_entry, e_phoff, e_shoff, e_flags;
	unsigned short e_ehsize, e_phentsize, e_phnum;
	unsigned short e_shentsize, e_shnum, e_shstrndx;
};

struct section {
	unsigned long s_name, s_type, s_flags, s_addr, s_offset;
	unsigned long s_size, s_link, s_info, s_align, s_entsize;
};

#define	SHT_SYMTAB	2
struct symbol {
	unsigned long st_name, st_value, st_size;
	unsigned char st_info, st_other;
	unsigned short st_shndx;
};

#define	STT_FUNC	2		/* Above: sections, files. */
#define	SHN_ABS		0xFFF1		/* In st_shndx: no address. */
extern char start[];			/* locore.S: the file's entry. */
static vm_offset_t symstart, symend, strstart, strend;

/** Narrow a module, if it is the kernel's file, to what we need of it. */
void
symbol_keep(vm_offset_t *startp, vm_offset_t *endp)
{
	const struct elf *e = (struct elf *)(KERNBASE + *startp);
	const struct section *s, *str;

	if (*endp > BOOTMAP || *endp - *startp < sizeof(*e) ||
	    memcmp(e->e_ident, "\177ELF", 4) != 0 ||
	    e->e_entry != (vm_offset_t)start)
		return;
	s = (struct section *)((vm_offset_t)e + e->e_shoff);
	for (str = s; s < str + e->e_shnum; s++)
		if (s->s_type == SHT_SYMTAB) {
			str += s->s_link;
			symstart = *startp + s->s_offset;
			symend = symstart + s->s_size;
			strstart = *startp + str->s_offset;
			strend = strstart + str->s_size;
			*startp = symstart < strstart ? symstart : strstart;
			*endp = symend > strend ? symend : strend;
			return;
		}
}

/** Map the symbols from va on.  @return the first address behind them */
vm_offset_t
symbol_map(vm_offset_t va)
{
	vm_offset_t lo = symstart < strstart ? symstart : strstart;
	vm_offset_t hi = symend > strend ? symend : strend;
	vm_offset_t pa, delta = va - trunc_page(lo);

	for (pa = trunc_page(lo); pa < hi; pa += PAGE_SIZE, va += PAGE_SIZE)
		pmap_enter(kernel_pmap, va, pa, VM_PROT_READ);
	symstart += delta;
	symend += delta;
	strstart += delta;
	strend += delta;
	return (va);
}

/** The symbol that va lies behind, and how far; null where unknown. */
const char *
symbol_find(vm_offset_t va, vm_offset_t *offp)
{
	const struct symbol *s = (struct symbol *)symstart, *best = NULL;

	for (; s + 1 <= (struct symbol *)symend; s++)
		if ((s->st_info & 0xF) <= STT_FUNC && s->st_shndx < SHN_ABS &&
		    s->st_value >= KERNBASE && s->st_value <= va &&
		    (best == NULL || s->st_value >= best->st_value))
			best = s;
	if (best == NULL || strstart + best->st_name >= strend)
		return (NULL);
	*offp = va - best->st_value;
	return ((const char *)strstart + best->st_name);
}
