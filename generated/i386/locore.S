/*
 * Copyright (c) 2026 the malloc(9) authors.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tangled from malloc.nw, which explains it.  Do not edit.
 */
/* The first instructions, vectors of traps, and the switch of stacks. */
#include "i386.h"

#define	MB_MAGIC	0x1BADB002
#define	MB_WISHES	0x3		/* Aligned modules; memory's size. */
	.section .multiboot, "a"
	.align	4
	.long	MB_MAGIC, MB_WISHES, -(MB_MAGIC + MB_WISHES)

	.section .bss
	.align	4096
	.globl	kernel_pd, kernel_pt, bootguard, bootstack
kernel_pd:
	.skip	4096
kernel_pt:
	.skip	4096
bootguard:
	.skip	4096
bootstack:
	.skip	KSTACK_SIZE
#define	PHYS(x)	((x) - KERNBASE)
	.text
	.globl	start
start:
	cld
	movl	%eax, %esi			/* What the loader says. */
	movl	$PHYS(kernel_pt), %edi
	movl	$3, %eax
1:	stosl
	addl	$4096, %eax
	cmpl	$BOOTMAP, %eax
	jb	1b
	movl	$PHYS(kernel_pd), %edi
	movl	$PHYS(kernel_pt) + 3, %eax
	movl	%eax, (%edi)
	movl	%eax, ((KERNBASE >> PDSHIFT) * 4)(%edi)
	leal	3(%edi), %eax
	movl	%eax, ((PTMAP >> PDSHIFT) * 4)(%edi)
	movl	%edi, %cr3
	movl	%cr0, %eax
	orl	$0x80000004, %eax		/* PG, EM */
	movl	%eax, %cr0
	movl	$1f, %eax
	jmp	*%eax
1:	movl	$bootstack + KSTACK_SIZE, %esp
	xorl	%ebp, %ebp
	pushl	%ebx
	pushl	%esi
	call	i386_init
	.globl	load_tables
load_tables:
	lgdt	6(%esp)
	lidt	14(%esp)
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movw	$SEL_TASK, %ax
	ltr	%ax
	popl	%eax
	pushl	$SEL_CODE
	pushl	%eax
	lret
	.altmacro
	.macro	vector n
vector\n:
	.if	((1 << \n) & 0x00027D00) == 0 || \n > 31
	pushl	$0			/* No error code by the processor. */
	.endif
	pushl	$\n
	jmp	alltraps
	.endm
	.set	n, 0
	.rept	40
	vector	%n
	.set	n, n + 1
	.endr
	.section .rodata
	.align	4
	.globl	vectors
	.macro	vectoraddr n
	.long	vector\n
	.endm
vectors:
	.set	n, 0
	.rept	40
	vectoraddr %n
	.set	n, n + 1
	.endr
	.text
alltraps:
	pushal
	testb	$3, 44(%esp)			/* tf_cs: which ring? */
	jz	1f
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
1:
	movl	%esp, %ebx
	cld
	pushl	40(%ebx)			/* tf_eip: a frame as if */
	pushl	%ebp				/* by a call. */
	movl	%esp, %ebp
	pushl	%ebx
	movl	32(%ebx), %eax			/* tf_trapno */
	cmpl	$32, %eax
	jae	1f
	call	trap
	jmp	3f
1:	cmpl	$SYSCALL, %eax
	je	2f
	call	intr
	jmp	3f
2:	call	syscall
3:
	testb	$3, 44(%ebx)			/* tf_cs */
	jz	1f
toring3:
	pushl	%ebx
	call	user_return
	movw	$SEL_UDATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
1:
	movl	%ebx, %esp
	popal
	addl	$8, %esp
	iret
	.globl	user_enter
user_enter:
	movl	4(%esp), %ebx
	jmp	toring3
	.globl	syscall_vector
syscall_vector:
	pushl	$0
	pushl	$SYSCALL
	jmp	alltraps
	.globl	badaddr, badwrite, badaddr_probe, badwrite_probe
	.globl	badaddr_fault
badaddr:
	movl	4(%esp), %edx
	xorl	%eax, %eax
badaddr_probe:
	movb	(%edx), %cl
	ret
badwrite:
	movl	4(%esp), %edx
	xorl	%eax, %eax
badwrite_probe:
	orb	$0, (%edx)
	ret
badaddr_fault:
	movl	$1, %eax
	ret
	.globl	cpu_switch
cpu_switch:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	.section .note.GNU-stack, "", @progbits
