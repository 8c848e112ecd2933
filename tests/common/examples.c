/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The examples of malloc.9 and kmem.9, as the pages print them: tests that
 * call each, and look whether it does what its page says.
 */
#include <stddef.h>
#include "help.h"
#include "examples.inc"		/* from tests/extract-examples */

static void
example_attach(void)
{
	struct xx_softc *sc;

	sc = xx_attach(3);
	CU_ASSERT(sc != NULL);
	if (sc == NULL)
		return;
	CU_ASSERT(sc->sc_unit == 3);
	CU_ASSERT(sc->sc_packet == NULL);
	CU_ASSERT(sc->sc_drops == 0);
	free(sc, M_DEVBUF);
}

static void
example_intr(void)
{
	static struct xx_softc sc;
	u_long limit;
	void *p;

	bzero(&sc, sizeof(sc));
	softintr(xx_intr, &sc);
	p = sc.sc_packet;
	CU_ASSERT(p != NULL);
	CU_ASSERT(sc.sc_drops == 0);

	/* It has a packet and takes no other. */
	softintr(xx_intr, &sc);
	CU_ASSERT(sc.sc_packet == p);
	free(p, M_MBUF);

	/* Where it gets none it counts that, and so does the type. */
	limit = kmemstats[M_MBUF].ks_limit;
	malloc_type_setlimit(M_MBUF, 0);
	sc.sc_packet = NULL;
	softintr(xx_intr, &sc);
	malloc_type_setlimit(M_MBUF, limit);
	CU_ASSERT(sc.sc_packet == NULL);
	CU_ASSERT(sc.sc_drops == 1);
}

static void
example_grow(void)
{
	struct xx_table t;

	t.t_row = NULL;
	t.t_nrows = 0;
	CU_ASSERT(xx_grow(&t, 4) == 0);
	CU_ASSERT(t.t_nrows == 4 && zeros(t.t_row, 4 * sizeof(u_long)));
	t.t_row[3] = 33;
	CU_ASSERT(xx_grow(&t, XX_MAXROWS) == 0);
	CU_ASSERT(t.t_nrows == XX_MAXROWS && t.t_row[3] == 33);
	CU_ASSERT(t.t_row[4] == 0 && t.t_row[XX_MAXROWS - 1] == 0);

	/* Too many rows: the table is as it was. */
	CU_ASSERT(xx_grow(&t, XX_MAXROWS + 1) == -1);
	CU_ASSERT(xx_grow(&t, ~0UL / sizeof(u_long) + 2) == -1);
	CU_ASSERT(t.t_nrows == XX_MAXROWS && t.t_row[3] == 33);
	free(t.t_row, M_TEMP);
}

static void
example_lookup(void)
{
	u_long calls;

	calls = kmemstats[M_NAMEI].ks_calls;
	CU_ASSERT(xx_lookup("/dev/console") == 12);
	CU_ASSERT(kmemstats[M_NAMEI].ks_calls == calls + 1);
}

static void
example_load(void)
{
	void *p, *q;

	CU_ASSERT(xx_load() == 0);
	if (xx_type == -1)
		return;
	p = malloc(8192, xx_type, M_WAITOK);
	CU_ASSERT(p != NULL);
	CU_ASSERT(xx_shortages(xx_type) == 0);
	CU_ASSERT(malloc(1, xx_type, M_NOWAIT) == NULL);
	CU_ASSERT(xx_shortages(xx_type) == 1);
	xx_tune(2 * 8192);
	q = malloc(1, xx_type, M_NOWAIT);
	CU_ASSERT(q != NULL);
	CU_ASSERT(xx_shortages(xx_type) == 1);
	free(q, xx_type);
	free(p, xx_type);
	xx_unload();
	CU_ASSERT(xx_type == -1);
}

static void
example_ring(void)
{
	vm_offset_t ring;
	struct found before;
	u_long nfree;

	look(&before);
	ring = xx_ring();
	CU_ASSERT(ring != 0);
	if (ring == 0)
		return;
	CU_ASSERT(zeros((void *)ring, 8 * PAGE_SIZE));
	nfree = cnt.v_free_count;	/* an entry may cost one */
	xx_ring_halve(ring);
	CU_ASSERT(cnt.v_free_count >= nfree + 3);
	CU_ASSERT(!badwrite((void *)(ring + 4 * PAGE_SIZE - 1)));
	CU_ASSERT(badaddr((void *)(ring + 4 * PAGE_SIZE)));
	CU_ASSERT(badaddr((void *)(ring + 8 * PAGE_SIZE - 1)));
	kmem_free(kernel_map, ring, 4 * PAGE_SIZE);
	CU_ASSERT(left(&before));
}

static void
example_dmapage(void)
{
	struct xx_dma xd;

	CU_ASSERT(xx_dmapage(&xd) == 0);
	if (xd.xd_va == 0)
		return;
	CU_ASSERT(xd.xd_pa != 0 && xd.xd_pa + PAGE_SIZE <= VM_IO_LIMIT);
	CU_ASSERT(kmem_phys(xd.xd_va + 5) == xd.xd_pa + 5);
	kmem_free(kernel_map, xd.xd_va, PAGE_SIZE);
}

static void
example_track(void)
{
	struct xx_dma xd;
	vm_size_t off;

	CU_ASSERT(xx_track(&xd) == 0);
	if (xd.xd_va == 0)
		return;
	for (off = 0; off < XX_TRACK; off += 512)
		CU_ASSERT(kmem_phys(xd.xd_va + off) == xd.xd_pa + off);
	CU_ASSERT(xd.xd_pa / VM_IO1_BOUNDARY ==
	    (xd.xd_pa + XX_TRACK - 1) / VM_IO1_BOUNDARY);
	kmem_free(kernel_map, xd.xd_va, XX_TRACK);
}

static struct xx_io borrowed;
static volatile int lender;	/* how far it has come */

static void
lend_fn(void *arg)
{
	struct vmspace *vm;
	vm_offset_t addr;
	char *p;

	(void)arg;
	vm = vmspace_alloc(M_WAITOK);
	(void)proc_setvm(vm);
	addr = vm_allocate(vm, 2 * PAGE_SIZE, VM_PROT_READ | VM_PROT_WRITE,
	    M_WAITOK);
	p = (char *)addr;
	p[4000] = 'a';
	p[4200] = 'z';
	CU_ASSERT(xx_borrow(&borrowed, addr + 4001, 2 * PAGE_SIZE) == -1);
	CU_ASSERT(xx_borrow(&borrowed, addr + 4001, 199) == 0);
	lender = 1;
	while (lender == 1)
		tsleep((void *)&lender, PVM, "lender", 0);
	CU_ASSERT(p[4000] == 'a' && p[4001] == 'b' && p[4199] == 'b' &&
	    p[4200] == 'z');
}

static void
lend_intr(void *arg)
{

	xx_done(arg, 'b');
}

static void
example_borrow(void)
{
	struct found before;
	int pid, s;

	look(&before);
	lender = 0;
	pid = proc_create("lender", lend_fn, NULL);
	CU_ASSERT(pid != -1);
	if (pid == -1)
		return;
	proc_settle();
	CU_ASSERT(lender == 1);
	softintr(lend_intr, &borrowed);
	s = splimp();
	lender = 2;
	wakeup((void *)&lender);
	splx(s);
	proc_settle();
	CU_ASSERT(proc_ended(pid));
	CU_ASSERT(left(&before));
}

static void
example_map(void)
{
	vm_offset_t page[16];
	int i;

	CU_ASSERT(xx_mapinit() == 0);
	if (xx_map == NULL)
		return;
	for (i = 0; i < 16; i++) {
		page[i] = xx_page();
		CU_ASSERT(page[i] >= vm_map_min(xx_map));
		CU_ASSERT(page[i] < vm_map_max(xx_map));
	}
	CU_ASSERT(xx_page() == 0);
	CU_ASSERT(kmem_check(xx_map, printf) == 0);
	for (i = 0; i < 16; i++)
		if (page[i] != 0)
			kmem_free(xx_map, page[i], PAGE_SIZE);
}

static void
example_window(void)
{
	vm_offset_t va;
	u_long wired;

	wired = cnt.v_wire_count - pool_pages();
	va = xx_window(3 * PAGE_SIZE);
	CU_ASSERT(va != 0);
	if (va == 0)
		return;
	CU_ASSERT(cnt.v_wire_count - pool_pages() == wired);
	CU_ASSERT(badaddr((void *)va));
	CU_ASSERT(kmem_phys(va) == 0);
	xx_unwindow(va, 3 * PAGE_SIZE);
}

CU_TestInfo example_tests[] = {
	{ "EXAMPLE malloc.9: a driver's structure", example_attach },
	{ "EXAMPLE malloc.9: an interrupt handler", example_intr },
	{ "EXAMPLE malloc.9: a table that grows", example_grow },
	{ "EXAMPLE malloc.9: the macros", example_lookup },
	{ "EXAMPLE malloc.9: a type of its own", example_load },
	{ "EXAMPLE kmem.9: a ring, halved", example_ring },
	{ "EXAMPLE kmem.9: a page for a device", example_dmapage },
	{ "EXAMPLE kmem.9: a track for a device", example_track },
	{ "EXAMPLE kmem.9: a process's buffer, filled by a handler",
	    example_borrow },
	{ "EXAMPLE kmem.9: a map of its own", example_map },
	{ "EXAMPLE kmem.9: addresses alone", example_window },
	CU_TEST_INFO_NULL,
};
