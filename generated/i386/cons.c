/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file cons.c
 * The console: a 16550 serial port.  And the way out.
 */
#include "i386.h"
#include "malloc.h"

#define	COM1		0x3F8		/* The port; registers behind: */
#define	COM_DATA	(COM1 + 0)
#define	COM_IER		(COM1 + 1)	/* What may interrupt. */
#define	IER_RX		0x01
#define	IER_TX		0x02
#define	COM_IIR		(COM1 + 2)	/* What did.  Written: the FIFO. */
#define	COM_LCR		(COM1 + 3)	/* Bits in a character. */
#define	COM_MCR		(COM1 + 4)	/* Lines to the modem. */
#define	MCR_READY	0x0B		/* Ready, interrupts let out. */
#define	MCR_LOOP	0x10		/* What is sent comes back. */
#define	COM_LSR		(COM1 + 5)	/* State of the line. */
#define	LSR_RX		0x01		/* A character has come. */
#define	LSR_TX		0x20		/* One can be sent. */
#define	LSR_IDLE	0x40		/* None is being sent. */
#define	COM_MSR		(COM1 + 6)	/* State of the modem. */
#define	OUTSIZE	4096
static char outring[OUTSIZE];
static unsigned int outfirst, outlast;	/* Sent; put; both modulo. */

/** Send the oldest character of the ring; wait for the port. */
static void
cons_poll(void)
{
	while ((inb(COM_LSR) & LSR_TX) == 0)
		continue;
	outb(COM_DATA, outring[outfirst++ % OUTSIZE]);
}

static void
cons_flush(void)
{
	while (outfirst != outlast)
		cons_poll();
}

/** Print a character.  At any level, in handlers, after a panic. */
void
cons_putc(int c)
{
	int s = splimp();

	if (outlast - outfirst == OUTSIZE)
		cons_poll();
	outring[outlast++ % OUTSIZE] = c;
	if (cold || panicstr != NULL)
		cons_flush();
	else if (outlast - outfirst == 1)
		outb(COM_IER, IER_RX | IER_TX);
	splx(s);
}

#define	INLIMIT	4096			/* Bytes that may be typed ahead. */
#define	INCHARS	58
struct inblock {
	struct inblock *ib_next;
	unsigned char ib_first, ib_last; /* Read; put. */
	unsigned char ib_c[INCHARS];
};

static struct inblock *infirst, *inlast; /* The oldest; the newest. */
int console_type = -1;
unsigned long console_dropped;

/** A character has come.  In the handler, at IPL_TTY. */
static void
cons_input(int c)
{
	struct inblock *ib = inlast;

	if (ib == NULL || ib->ib_last == INCHARS) {
		ib = malloc(sizeof(*ib), console_type, M_NOWAIT);
		if (ib == NULL) {
			console_dropped++;
			return;
		}
		ib->ib_next = NULL;
		ib->ib_first = ib->ib_last = 0;
		if (inlast != NULL)
			inlast->ib_next = ib;
		else
			infirst = ib;
		inlast = ib;
	}
	ib->ib_c[ib->ib_last++] = c;
	wakeup(&infirst);
}

static void
cons_output(void)
{
	int n, s = splimp();

	for (n = 0; n < 16 && outfirst != outlast; n++)
		outb(COM_DATA, outring[outfirst++ % OUTSIZE]);
	if (outfirst == outlast)
		outb(COM_IER, IER_RX);
	splx(s);
}

/** The serial line's interrupt, at IPL_TTY. */
static void
consintr(void)
{
	int why;

	while (((why = inb(COM_IIR)) & 1) == 0)
		if ((why & 0x0E) == 0x02)
			cons_output();
		else if (why & 0x04)	/* Received; perhaps an error. */
			while (inb(COM_LSR) & LSR_RX)
				cons_input(inb(COM_DATA));
		else
			inb(COM_MSR);
}

/** Make the port ready for printing without interrupts. */
void
cons_init(void)
{
	outb(COM_IER, 0);
	outb(COM_LCR, 0x80);		/* Now the first two registers */
	outb(COM_DATA, 1);		/* are the speed. */
	outb(COM_IER, 0);
	outb(COM_LCR, 0x03);
	outb(COM_MCR, MCR_READY);
}

/** Let the port interrupt.  After kmeminit. */
void
cons_attach(void)
{
	console_type = malloc_type_attach("ttyin", INLIMIT);
	if (console_type == -1)
		boot_fail("no type of memory left for the console");
	while (inb(COM_LSR) & LSR_RX)
		cons_input(inb(COM_DATA));
	outb(COM_IIR, 0x01);		/* The FIFO on; this empties it. */
	intr_establish(4, IPL_TTY, consintr);
	outb(COM_IER, IER_RX);
}

int
console_loopback(const char *buf, int n)
{
	int i, s = splimp();

	if ((inb(COM_LSR) & (LSR_RX | LSR_IDLE)) != LSR_IDLE)
		n = 0;
	else {
		outb(COM_MCR, MCR_READY | MCR_LOOP);
		for (i = 0; i < n; i++)
			outb(COM_DATA, buf[i]);
		while ((inb(COM_LSR) & LSR_IDLE) == 0)
			continue;
		outb(COM_MCR, MCR_READY);
	}
	splx(s);
	return (n);
}

/** The next character typed.  Sleeps; after a panic, polls. */
int
cons_getc(void)
{
	struct inblock *ib;
	int c, s = splimp();

	while ((ib = infirst) == NULL)
		if (panicstr == NULL)
			tsleep(&infirst, PTTY, "ttyin", 0);
		else if (inb(COM_LSR) & LSR_RX) {
			splx(s);
			return (inb(COM_DATA));
		}
	c = ib->ib_c[ib->ib_first++];
	if (ib->ib_first == ib->ib_last) {
		infirst = ib->ib_next;
		if (infirst == NULL)
			inlast = NULL;
		if (panicstr == NULL)
			free(ib, console_type);
	}
	splx(s);
	return (c);
}

#define	CTRL(c)	((c) & 0x1F)

int
console_getline(char *buf, int size)
{
	int c, n = 0;

	if (!console_interactive())
		return (-1);
	while ((c = cons_getc()) != '\r' && c != '\n' && c != CTRL('D')) {
		if (c == '\b' || c == 0x7F || c == CTRL('U'))
			while (n > 0) {
				n--;
				printf("\b \b");
				if (c != CTRL('U'))
					break;
			}
		else if (c >= ' ' && c < 0x7F && n < size - 1)
			cons_putc(buf[n++] = c);
	}
	printf("\n");
	buf[n] = '\0';
	return (n == 0 && c == CTRL('D') ? -1 : n);
}

int
console_interactive(void)
{
	return (boot_option("batch") == NULL);
}

#define	EXITPORT	0xF4

void
machine_exit(int status)
{
	intr_disable();
	cons_flush();
	outb(EXITPORT, 0x10 + (status & 0x3F));
	for (;;)
		__asm__ volatile ("cli; hlt");
}
