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

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long vm_offset_t;	/**< An address. */
typedef unsigned long vm_size_t;	/**< A number of bytes. */
typedef int boolean_t;			/**< TRUE or FALSE. */
typedef struct vm_map *vm_map_t;	/**< A range of address space. */

#ifndef TRUE
#define	TRUE	1			/**< A boolean_t. */
#define	FALSE	0			/**< The other. */
#endif
#ifndef PAGE_SIZE
#define	PAGE_SHIFT	12	/**< PAGE_SIZE, as a power of 2. */
#define	PAGE_SIZE	(1UL << PAGE_SHIFT)	/**< Bytes in a page. */
#endif

#define	PAGE_MASK	(PAGE_SIZE - 1)	/**< The offset in a page. */
/** Bytes, or an address: the multiple of PAGE_SIZE at it or below. */
#define	trunc_page(x)	((vm_offset_t)(x) & ~PAGE_MASK)
/** The multiple of PAGE_SIZE at it or above; 0 where that wraps. */
#define	round_page(x)	(((vm_offset_t)(x) + PAGE_MASK) & ~PAGE_MASK)

/** What an entry of a map stands for. */
enum vm_entry_kind {
	VME_END,		/**< The ring's closing piece. */
	VME_WIRED,		/**< Backed by frames. */
	VME_SPACE,		/**< Reserved; nothing behind it. */
	VME_SUBMAP,		/**< Another map's range. */
	VME_MAPPED,		/**< A process's frames, by kmem_mmap. */
	VME_OBJECT,		/**< An object, in a process's map. */
	VME_TRANSIT		/**< Being made or unmade. */
};

/** An allocated range [start, end) of a map. */
struct vm_map_entry {
	struct vm_map_entry *prev;	/**< Neighbour below, */
	struct vm_map_entry *next;	/**< and above, in address order. */
	struct vm_map_entry *left;	/**< Subtree of lower addresses, */
	struct vm_map_entry *right;	/**< and of higher ones. */
	vm_offset_t start;		/**< The first byte. */
	vm_offset_t end;		/**< The byte after the last. */
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
	struct kmem_request *waiters;	/**< Who waits for addresses here. */
};

/** The first address of a map. */
#define	vm_map_min(map)	((map)->header.end)
/** The address after its last. */
#define	vm_map_max(map)	((map)->header.start)

/** The virtual memory system's counts, in pages. */
struct vmmeter {
	unsigned long v_page_count;	/**< Frames that kmem manages. */
	unsigned long v_free_count;	/**< Free ones. */
	unsigned long v_active_count;	/**< In use, and might be paged. */
	unsigned long v_wire_count;	/**< Wired: the kernel needs them. */
};

extern struct vmmeter cnt;		/**< Of this machine, now. */

typedef struct pmap *pmap_t;		/**< The hardware's view. */

/** A process's address space. */
struct vmspace {
	struct vm_map	vm_map;		/**< What lies where. */
	pmap_t		vm_pmap;	/**< What the hardware knows of it. */
};

#define	VM_PROT_READ	1		/**< May be read; always set. */
#define	VM_PROT_WRITE	2		/**< May be written as well. */

/** Make an empty address space.
 * @param flags	M_WAITOK or M_NOWAIT
 * @return the address space, or null where memory does not suffice
 *
 * In a process, as all of these: a handler's call is a panic. */
struct vmspace *vmspace_alloc(int flags);

/** End one that no process is in any more, with all that lies in it.
 * Never sleeps.  Null is none. */
void	vmspace_free(struct vmspace *vm);

/** Make an object of zeroed frames, with one reference to it.
 * @param size	bytes, rounded up to whole pages
 * @param flags	M_WAITOK or M_NOWAIT
 * @return the object, or null where memory does not suffice, or never
 *	could, and for size 0 */
struct vm_object *vm_object_allocate(vm_size_t size, int flags);

/** Give up a reference; with the last one, the object.  Never sleeps. */
void	vm_object_deallocate(struct vm_object *object);

/** Let an object lie in an address space, which takes a reference.
 * @param vm	the address space
 * @param addr	where, page-aligned; 0: at the first place that will do
 * @param object	what is to lie there, whole
 * @param prot	VM_PROT_READ, with VM_PROT_WRITE or without
 * @param flags	M_WAITOK or M_NOWAIT: for the records and page tables
 * @return its address; 0 where there is no room, or no memory */
vm_offset_t vm_map_object(struct vmspace *vm, vm_offset_t addr,
	    struct vm_object *object, int prot, int flags);

/** Zeroed memory for a process: an object of its own, mapped.
 * @return its address; 0 where there is no room, or no memory */
vm_offset_t vm_allocate(struct vmspace *vm, vm_size_t size, int prot,
	    int flags);

/** Take out what vm_map_object or vm_allocate put at addr, whole.
 * @return 0, or -1 where nothing begins there */
int	vm_deallocate(struct vmspace *vm, vm_offset_t addr);

/** Check every invariant of an address space.
 * @param vm	the address space, at rest
 * @param pr	prints a line for each thing found wrong
 * @return how many things are wrong: 0 */
int	vmspace_check(struct vmspace *vm, int (*pr)(const char *, ...));

#ifdef __cplusplus
}
#endif
#endif /* !_VM_H_ */
