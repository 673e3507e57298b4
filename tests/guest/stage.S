/*
 * The stage: the only place where a script's instruction is executed and where interrupts may arrive. Registers, stack and IF are those
 * the script wants, and every address an interrupt can be taken at has a name.
 */
#include "layout.h"

    .text
    .code64

/* void stage(void): executes the operation at gs:CPU_OP in ring 0 with the registers and flags of struct cpu. */
    .globl stage, stage_entered
stage:
    call save_and_load
    mov %gs:CPU_STAGE_RSP, %rsp
    pushq %gs:CPU_FLAGS
    popfq
stage_entered:
    jmp *%r11

/* void stage_user(void): the same in ring 3. */
    .globl stage_user
stage_user:
    call save_and_load
    pushq $(SEL_USER_DATA | 3)
    pushq %gs:CPU_STAGE_RSP
    pushq %gs:CPU_FLAGS
    pushq $(SEL_USER_CODE | 3)
    pushq %r11
    iretq

save_and_load:
    pop %r10
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %gs:CPU_SAVED_RSP
    mov %gs:CPU_RAX, %rax
    mov %gs:CPU_RCX, %rcx
    mov %gs:CPU_RDX, %rdx
    mov %gs:CPU_RDI, %rdi
    mov %rdi, %rbp
    mov %gs:CPU_OP, %r11
    mov %gs:CPU_AFTER, %r12
    jmp *%r10

/* Where operations go on, and faults are sent to. An emulator takes interrupts between blocks of instructions: here are enough of those. */
    .macro window
    .rept 4
    pause
    jmp 1f
1:
    .endr
    .endm

    .globl stage_after, stage_user_after, stage_end
stage_after:
    window
    cli
stage_return:
    mov %gs:CPU_SAVED_RSP, %rsp
    mov %rax, %gs:CPU_RAX
    mov %rdx, %gs:CPU_RDX
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
stage_user_after:
    window
    syscall             /* comes out at stage_return, with IF clear */
stage_end:

    .globl syscall_entry
    .set syscall_entry, stage_return

/* One operation each: op_NAME is the instruction under test, op_NAME_next the one after it where that is another place. */
    .macro operation name
    .globl op_\name
    .balign 16
op_\name:
    .endm

    operation nothing
    jmp *%r12
    operation load
    mov (%rdi), %eax
    jmp *%r12
    operation store
    mov %eax, (%rdi)
    jmp *%r12
    operation rdmsr
    rdmsr
    jmp *%r12
    operation wrmsr
    wrmsr
    jmp *%r12
    operation read_cr8
    mov %cr8, %rax
    jmp *%r12
    operation write_cr8
    mov %rax, %cr8
    jmp *%r12
    operation load_ds
    mov %eax, %ds
    xor %eax, %eax
    mov %eax, %ds
    jmp *%r12
    operation load_stack /* an address in RBP goes through SS */
    mov (%rbp), %eax
    jmp *%r12
    operation divide
    div %ecx
    jmp *%r12
    operation ud2
    ud2
    jmp *%r12
    operation into
    .byte 0xCE
    jmp *%r12
    operation int3
    int3
    jmp *%r12
    operation int1
    .byte 0xF1
    jmp *%r12

/* STI holds interrupts off for one instruction; POPF does not; HLT wakes. They run with IF clear at first. */
    operation sti_cli
    sti
    cli
    jmp *%r12
    operation sti_nop
    sti
    nop
    .globl op_sti_nop_next
op_sti_nop_next:
    cli
    jmp *%r12
    operation popf
    pushq $0x202
    popfq
    .globl op_popf_next
op_popf_next:
    cli
    jmp *%r12
    operation sti_hlt
    sti
    hlt
    .globl op_sti_hlt_next
op_sti_hlt_next:
    cli
    jmp *%r12

/* Waits until *RDI is ECX, at most RDX rounds. */
    operation wait_equal
    pause
    cmp %ecx, (%rdi)
    je 1f
    dec %rdx
    jnz op_wait_equal
1:  jmp *%r12

/* A CPU without work: echoes the token at 4(RDI) to 8(RDI), which shows that it is here, until the number at (RDI) is no longer ECX. */
    operation idle
    pause
    mov 4(%rdi), %eax
    mov %eax, 8(%rdi)
    cmp %ecx, (%rdi)
    je op_idle
    jmp *%r12
    .globl op_idle_end
op_idle_end:

/* INT n, eight bytes each. */
    .balign 16
    .globl op_int
op_int:
    .set n, 0
    .rept 256
    .byte 0xCD, n
    jmp *%r12
    .balign 8
    .set n, n + 1
    .endr

/*
 * Sixteen bytes for each vector: keep the flags the gate left, shut the door, say which vector.
 * An error code shows in the alignment: the processor aligns the stack to 16 bytes before it pushes five words, or six.
 */
    .balign 16
    .globl stubs, stubs_end
stubs:
    .set n, 0
    .rept 256
    pushfq
    cli
    pushq $n
    jmp common
    .balign 16
    .set n, n + 1
    .endr
stubs_end:

common:
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    cld
    mov %rsp, %rdi
    add $72, %rdi       /* vector, flags, perhaps error code, frame */
    mov %rsp, %rax
    push %rbx
    mov %rax, %rbx
    and $-16, %rsp
    call record
    lea -8(%rbx), %rsp  /* RBX as pushed lies below what it names */
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    lea 16(%rsp), %rsp
    test $8, %spl
    jnz 1f
    lea 8(%rsp), %rsp
1:  iretq
