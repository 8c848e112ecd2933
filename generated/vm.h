/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file vm.h
 * Types of the virtual memory system.
 */
#ifndef _VM_H_
#define	_VM_H_

#include <stddef.h>	/* NULL */

typedef unsigned long vm_offset_t;	/**< An address. */
typedef unsigned long vm_size_t;	/**< A number of bytes. */
typedef int boolean_t;			/**< TRUE or FALSE. */
typedef struct vm_map *vm_map_t;	/**< A range of address space. */

#ifndef TRUE
#define	TRUE	1
#define	FALSE	0
#endif
#ifndef PAGE_SIZE
#define	PAGE_SHIFT	12
#define	PAGE_SIZE	(1UL << PAGE_SHIFT)	/**< Bytes in a page. */
#endif

#define	PAGE_MASK	(PAGE_SIZE - 1)
#define	trunc_page(x)	((vm_offset_t)(x) & ~PAGE_MASK)
#define	round_page(x)	(((vm_offset_t)(x) + PAGE_MASK) & ~PAGE_MASK)

enum vm_entry_kind {
	VME_END,		/**< The ring's closing piece. */
	VME_WIRED,		/**< Backed by frames. */
	VME_SPACE,		/**< Reserved; nothing behind it. */
	VME_SUBMAP,		/**< Another map's range. */
	VME_TRANSIT		/**< Being made or unmade. */
};

/** An allocated range [start, end) of a map. */
struct vm_map_entry {
	struct vm_map_entry *prev, *next;	/**< Neighbours. */
	struct vm_map_entry *left, *right;	/**< Subtrees. */
	vm_offset_t start, end;			/**< First byte, and after. */
	vm_size_t hole;		/**< Largest hole in front, in subtree. */
	unsigned short level;	/**< In the tree; leaves have 1. */
	unsigned short kind;	/**< One of vm_entry_kind. */
};

/** A range of kernel addresses that kmem_alloc allocates from. */
struct vm_map {
	struct vm_map_entry header;	/**< Closes the ring. */
	struct vm_map_entry *root;	/**< The tree. */
	vm_size_t size;			/**< Bytes in the range. */
	vm_size_t used;			/**< Bytes allocated. */
	unsigned long nentries;		/**< Entries, header apart. */
	boolean_t pageable;		/**< As kmem_suballoc was told. */
};

#define	vm_map_min(map)	((map)->header.end)
#define	vm_map_max(map)	((map)->header.start)

/** The virtual memory system's counts, in pages. */
struct vmmeter {
	unsigned long v_page_count;	/**< Frames that kmem manages. */
	unsigned long v_free_count;	/**< Free ones. */
	unsigned long v_wire_count;	/**< Wired ones. */
};

extern struct vmmeter cnt;

#endif /* !_VM_H_ */
