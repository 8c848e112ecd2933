/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/** @file subr.c
 * printf, and the string functions.
 */
#include <stdarg.h>
#include "i386.h"

struct out {
	char	*o_buf;			/* Null: the console. */
	unsigned long o_room;		/* Bytes that o_buf has. */
	int	o_n;			/* Characters so far. */
};

static void
put(struct out *o, int c)
{
	if (o->o_buf == NULL)
		cons_putc(c);
	else if ((unsigned long)o->o_n + 1 < o->o_room)
		o->o_buf[o->o_n] = c;
	o->o_n++;
}

struct field {
	int	f_left, f_zero, f_alt, f_space;	/* The flags - 0 # space. */
	int	f_width, f_prec, f_long;
	const char *f_sign;
};

static void
putfield(struct out *o, const struct field *f, const char *body, int len)
{
	const char *sign = f->f_sign;
	int fill = f->f_width - len - (int)strlen(sign), i;

	for (i = 0; i < fill && !f->f_left && !f->f_zero; i++)
		put(o, ' ');
	while (*sign != '\0')
		put(o, *sign++);
	for (i = 0; i < fill && !f->f_left && f->f_zero; i++)
		put(o, '0');
	while (len-- > 0)
		put(o, *body++);
	for (i = 0; i < fill && f->f_left; i++)
		put(o, ' ');
}

static void
putnumber(struct out *o, struct field *f, unsigned long u, unsigned base,
    const char *digits)
{
	char buf[12], *p = &buf[sizeof(buf)];

	if (f->f_alt && u != 0 && base != 10)
		f->f_sign = base == 8 ? "0" : digits[10] == 'A' ?
		    "0X" : "0x";
	do
		*--p = digits[u % base];
	while ((u /= base) != 0);
	putfield(o, f, p, &buf[sizeof(buf)] - p);
}

static void
putsigned(struct out *o, struct field *f, long v)
{
	f->f_sign = v < 0 ? "-" : f->f_space ? " " : "";
	putnumber(o, f, v < 0 ? -(unsigned long)v : (unsigned long)v, 10,
	    "0123456789");
}

static void
putstring(struct out *o, struct field *f, const char *s)
{
	if (s == NULL)
		s = "(null)";
	f->f_zero = 0;
	putfield(o, f, s, strnlen(s, f->f_prec));
}

static void
putchr(struct out *o, struct field *f, int c)
{
	char ch = c;

	f->f_zero = 0;
	putfield(o, f, &ch, 1);
}

static const char *
readflags(struct field *f, const char *fmt)
{
	for (;; fmt++)
		switch (*fmt) {
		case '-': f->f_left = 1; break;
		case '0': f->f_zero = 1; break;
		case '#': f->f_alt = 1; break;
		case ' ': f->f_space = 1; break;
		default: return (fmt);
		}
}

static int
readnumber(const char **fmtp)
{
	int n = 0;

	while (**fmtp >= '0' && **fmtp <= '9')
		n = n * 10 + *(*fmtp)++ - '0';
	return (n);
}

static void
format(struct out *o, const char *fmt, va_list ap)
{
	struct field f;

	for (; *fmt != '\0'; fmt++)
		if (*fmt != '%')
			put(o, *fmt);
		else {
			f = (struct field){ .f_prec = -1, .f_sign = "" };
			fmt = readflags(&f, fmt + 1);
			if (*fmt == '*') {
				f.f_width = va_arg(ap, int);
				fmt++;
			} else
				f.f_width = readnumber(&fmt);
			if (*fmt == '.' && fmt[1] == '*') {
				f.f_prec = va_arg(ap, int);
				fmt += 2;
			} else if (*fmt == '.') {
				fmt++;
				f.f_prec = readnumber(&fmt);
			}

			if (*fmt == 'l')
				fmt++;
			switch (*fmt) {
			case 'd': case 'i':
				putsigned(o, &f, va_arg(ap, long));
				break;
			case 'p':
				f.f_alt = 1;
				/* FALLTHROUGH */
			case 'o': case 'u': case 'x': case 'X':
				putnumber(o, &f, va_arg(ap, unsigned long),
				    *fmt == 'o' ? 8 : *fmt == 'u' ? 10 : 16,
				    *fmt == 'X' ? "0123456789ABCDEF" :
				    "0123456789abcdef");
				break;
			case 's':
				putstring(o, &f, va_arg(ap, const char *));
				break;
			case 'c':
				putchr(o, &f, va_arg(ap, int));
				break;
			default:
				put(o, *fmt);
				break;
			}
		}
}

int
printf(const char *fmt, ...)
{
	struct out o = { NULL, 0, 0 };
	va_list ap;
	int s = splimp();

	va_start(ap, fmt);
	format(&o, fmt, ap);
	va_end(ap);
	splx(s);
	return (o.o_n);
}

/** As in <stdio.h>, with what printf knows. */
int
vsnprintf(char *buf, __SIZE_TYPE__ size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };

	format(&o, fmt, ap);
	if (size > 0)
		buf[o.o_n < (int)size ? o.o_n : (int)size - 1] = '\0';
	return (o.o_n);
}

void *
memset(void *dst, int c, __SIZE_TYPE__ n)
{
	void *d = dst;

	__asm__ volatile ("rep stosb" : "+D" (d), "+c" (n) : "a" (c) :
	    "memory");
	return (dst);
}

void
bzero(void *dst, __SIZE_TYPE__ n)
{
	__SIZE_TYPE__ words = n / 4;

	__asm__ volatile ("rep stosl" : "+D" (dst), "+c" (words) : "a" (0) :
	    "memory");
	memset(dst, 0, n % 4);
}

void *
memcpy(void *dst, const void *src, __SIZE_TYPE__ n)
{
	__SIZE_TYPE__ words = n / 4;
	void *d = dst;

	n %= 4;
	__asm__ volatile ("rep movsl" : "+D" (d), "+S" (src), "+c" (words) : :
	    "memory");
	__asm__ volatile ("rep movsb" : "+D" (d), "+S" (src), "+c" (n) : :
	    "memory");
	return (dst);
}

int
memcmp(const void *a, const void *b, __SIZE_TYPE__ n)
{
	const unsigned char *p = a, *q = b;

	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return (*p - *q);
	return (0);
}

__SIZE_TYPE__
strnlen(const char *s, __SIZE_TYPE__ max)
{
	__SIZE_TYPE__ n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return (n);
}

__SIZE_TYPE__
strlen(const char *s)
{
	return (strnlen(s, ~(__SIZE_TYPE__)0));
}

int
strncmp(const char *a, const char *b, __SIZE_TYPE__ n)
{
	for (; n > 0 && *a == *b && *a != '\0'; n--, a++, b++)
		continue;
	return (n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b);
}

char *
strstr(const char *s, const char *what)
{
	__SIZE_TYPE__ n = strlen(what);

	for (; strncmp(s, what, n) != 0; s++)
		if (*s == '\0')
			return (NULL);
	return ((char *)s);
}
