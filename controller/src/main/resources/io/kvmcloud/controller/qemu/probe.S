# What a 64-bit kernel does in its first moments, as a firmware image (QEMU's -bios) without disk or BIOS: tells whether an
# accelerator really runs x86-64 code. See AcceleratorProbe, which puts the code at 0xF0000 and the reset vector behind it.
#
# Each stage that is passed writes its letter to port 0xE9 (isa-debugcon):
#   R real mode   P protected mode   L long mode   B breakpoint exception   F page fault   U user mode, system call   T timer
# Success is 0x10 to port 0xF4 (isa-debug-exit), which makes QEMU exit with (0x10 << 1) | 1 = 33; failure is 0x7F, so 255.
#
#   as -o probe.o probe.S && ld -Ttext=0 --oformat binary -o probe.bin probe.o

	.set	BASE,      0xf0000		# where the image lies below 1 MiB
	.set	PML4,      0x1000		# tables in RAM; everything below 2 MiB is mapped one to one
	.set	PDPT,      0x2000
	.set	PD_LOW,    0x3000		# the first GiB
	.set	PD_HIGH,   0x5000		# the fourth GiB, for the local APIC
	.set	IDT,       0x6000
	.set	GDT_COPY,  0x7000		# LTR marks a descriptor busy, so the table must be writable
	.set	TSS,       0x7200
	.set	STACK,     0x8000
	.set	USERSTACK, 0x7f00
	.set	POINTER,   0x8100		# for LIDT and LGDT
	.set	UNMAPPED,  0x200000		# the second 2 MiB page, absent until the page fault handler maps it
	.set	APIC,      0xfee00000
	.set	TIMER,     0x40			# vector of the timer interrupt

	.macro	passed letter
	mov	$\letter, %al
	out	%al, $0xe9
	.endm

	.macro	gate vector, handler
	mov	$IDT + \vector * 16, %edi
	mov	$BASE + \handler, %eax
	call	set_gate
	.endm

	.text
	.globl	_start

	.code16
_start:	cli
	passed	'R'
	lgdtl	%cs:gdt_pointer
	mov	%cr0, %eax
	or	$1, %al				# PE
	mov	%eax, %cr0
	ljmpl	$0x08, $BASE + protected

	.code32
protected:
	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$STACK, %esp
	passed	'P'
	mov	$PML4, %edi			# clear all the tables
	xor	%eax, %eax
	mov	$(GDT_COPY - PML4) / 4, %ecx
	cld
	rep	stosl
	movl	$PDPT + 7, PML4			# present, writable, user
	movl	$PD_LOW + 7, PDPT
	movl	$PD_HIGH + 7, PDPT + 3 * 8
	movl	$0x87, PD_LOW			# a 2 MiB page for everybody
	movl	$APIC + 0x9b, PD_HIGH + (APIC - 0xc0000000) / 0x200000 * 8	# not cached
	mov	$PML4, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax			# PAE
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx		# EFER
	rdmsr
	or	$0x901, %eax			# SCE, LME, NXE
	wrmsr
	mov	%cr0, %eax
	or	$0x80010000, %eax		# PG, WP
	mov	%eax, %cr0
	ljmp	$0x18, $BASE + long

	.code64
long:	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$STACK, %esp
	passed	'L'
	gate	3, on_breakpoint
	gate	14, on_page_fault
	gate	TIMER, on_timer
	movw	$256 * 16 - 1, POINTER
	movq	$IDT, POINTER + 2
	lidt	POINTER

	mov	$GDT_COPY, %edi			# clears the task state segment too
	xor	%eax, %eax
	mov	$(STACK - 0x200 - GDT_COPY) / 8, %ecx
	rep	stosq
	mov	$BASE + gdt, %esi
	mov	$GDT_COPY, %edi
	mov	$(gdt_end - gdt) / 8, %ecx
	rep	movsq
	movq	$STACK, TSS + 4			# RSP0: where interrupts of user mode go
	movabs	$0x0000890000000067 + (TSS << 16), %rax
	mov	%rax, GDT_COPY + 0x38
	movw	$0x47, POINTER
	movq	$GDT_COPY, POINTER + 2
	lgdt	POINTER
	mov	$0x38, %ax
	ltr	%ax

	xor	%eax, %eax			# an instruction that every hypervisor traps
	cpuid
	xor	%r15d, %r15d
	int3
	cmp	$3, %r15d
	jne	failed
	passed	'B'

	movq	$0x1234, UNMAPPED
	cmp	$14, %r15d
	jne	failed
	cmpq	$0x1234, UNMAPPED
	jne	failed
	mov	%cr3, %rax
	mov	%rax, %cr3
	invlpg	UNMAPPED
	cmpq	$0x1234, UNMAPPED
	jne	failed
	passed	'F'

	mov	$0xc0000081, %ecx		# STAR: kernel segments from 0x18, user segments from 0x20
	xor	%eax, %eax
	mov	$0x00200018, %edx
	wrmsr
	mov	$0xc0000082, %ecx		# LSTAR
	mov	$BASE + system_call, %eax
	xor	%edx, %edx
	wrmsr
	mov	$0xc0000084, %ecx		# FMASK
	xor	%eax, %eax
	wrmsr
	pushq	$0x2b				# to user mode
	pushq	$USERSTACK
	pushq	$2
	pushq	$0x33
	pushq	$BASE + user
	iretq
user:	mov	$0x55, %ebx
	syscall
	jmp	.
system_call:
	cmp	$0x55, %ebx
	jne	failed
	mov	$STACK, %esp
	passed	'U'

	mov	$0x1b, %ecx			# APIC base: enable
	rdmsr
	or	$0x800, %eax
	wrmsr
	mov	$APIC, %ebx
	movl	$0x1ff, 0xf0(%rbx)		# spurious vector, software enable
	movl	$0xb, 0x3e0(%rbx)		# divide by 1
	movl	$TIMER, 0x320(%rbx)		# one shot
	movl	$100000, 0x380(%rbx)
	sti
1:	hlt
	cmp	$TIMER, %r15d
	jne	1b
	passed	'T'
	mov	$0x10, %eax
	out	%eax, $0xf4
	hlt

failed:	mov	$0x7f, %eax
	out	%eax, $0xf4
	hlt

set_gate:					# %rdi = descriptor, %eax = handler: an interrupt gate of ring 0
	mov	%ax, (%rdi)
	movw	$0x18, 2(%rdi)
	movw	$0x8e00, 4(%rdi)
	shr	$16, %eax
	mov	%ax, 6(%rdi)
	ret

on_breakpoint:
	mov	$3, %r15d
	iretq
on_page_fault:
	push	%rax
	mov	%cr2, %rax
	cmp	$UNMAPPED, %rax
	jne	failed
	movl	$UNMAPPED + 0x83, PD_LOW + 8
	mov	$14, %r15d
	pop	%rax
	add	$8, %rsp			# the error code
	iretq
on_timer:
	mov	$TIMER, %r15d
	mov	$APIC + 0xb0, %eax		# end of interrupt
	movl	$0, (%rax)
	iretq

	.balign	8
gdt:						# accessed bits are set already: this copy lies in ROM
	.quad	0
	.quad	0x00cf9b000000ffff		# 0x08 code, 32 bit
	.quad	0x00cf93000000ffff		# 0x10 data
	.quad	0x00af9b000000ffff		# 0x18 code, 64 bit
	.quad	0x00cf93000000ffff		# 0x20 data, for SYSCALL
	.quad	0x00cff3000000ffff		# 0x28 user data
	.quad	0x00affb000000ffff		# 0x30 user code, 64 bit
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	BASE + gdt
