/* From whoever loaded us to 64-bit C: the multiboot entry of the first CPU, the start-up IPI's entry of the others. */
#include "layout.h"

#define MULTIBOOT_MAGIC  0x1BADB002
#define MULTIBOOT_FLAGS  0x00010003 /* modules on pages, memory map, addresses below */

    .section .head, "ax"
    .code32
    jmp start32 /* the boot sector enters here, with the registers of a multiboot loader */

    .balign 4
multiboot:
    .long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
    .long multiboot, GUEST_BASE, load_end, bss_end, start32

start32:
    cli
    cld
    mov 24(%ebx), %ebx  /* mods_addr */
    mov (%ebx), %esi    /* start of the first module */
    /* The script's address survives in ESI; the loader may leave .bss dirty. */
    mov $bss_start, %edi
    mov $bss_end, %ecx
    sub %edi, %ecx
    xor %eax, %eax
    rep stosb
    mov %esi, script_address

    /* Identity map of 4 GiB in 2 MiB pages, open to ring 3: this guest protects nothing. */
    movl $(pdpt + 7), pml4
    mov $pdpt, %edi
    mov $(page_directories + 7), %eax
    mov $4, %ecx
1:  mov %eax, (%edi)
    add $8, %edi
    add $4096, %eax
    loop 1b
    mov $page_directories, %edi
    mov $0x87, %eax
    mov $2048, %ecx
1:  mov %eax, (%edi)
    add $8, %edi
    add $0x200000, %eax
    loop 1b

    mov $start16, %esi
    mov $(START_PAGE * 4096), %edi
    mov $(start16_end - start16), %ecx
    rep movsb

enter_long_mode:
    lgdt gdt_pointer
    mov $0xA0, %eax     /* CR4: PAE, PGE */
    mov %eax, %cr4
    mov $pml4, %eax
    mov %eax, %cr3
    mov $0xC0000080, %ecx
    rdmsr
    or $0x101, %eax     /* EFER: LME, SCE */
    wrmsr
    mov $0x80000011, %eax /* CR0: PG, ET, PE */
    mov %eax, %cr0
    ljmp $SEL_KERNEL, $start64

    .code64
start64:
    mov $SEL_DATA, %eax
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov $1, %eax
    cpuid
    shr $24, %ebx       /* the id hardware gave this CPU */
    mov %ebx, %edi
    lea 1(%rbx), %eax
    shl $14, %eax
    lea boot_stacks(%rax), %rsp
    call cpu_main
1:  hlt
    jmp 1b

    /* Copied to START_PAGE. Real mode, CS = page << 8. */
    .code16
start16:
    cli
    xor %ax, %ax
    mov %ax, %ds
    lgdtl START_PAGE * 4096 + start16_gdt - start16
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl $SEL_CODE32, $start_ap
start16_gdt:
    .word GDT_ENTRIES * 8 - 1
    .long gdt
start16_end:

    .code32
start_ap:
    mov $SEL_DATA, %eax
    mov %eax, %ds
    mov %eax, %ss
    jmp enter_long_mode

    .section .data
    .balign 8
gdt_pointer:
    .word GDT_ENTRIES * 8 - 1
    .long gdt

    .balign 8
    .globl gdt
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF /* 08 32-bit code */
    .quad 0x00AF9B000000FFFF /* 10 kernel code */
    .quad 0x00CF93000000FFFF /* 18 kernel data */
    .quad 0
    .quad 0x00CFF3000000FFFF /* 28 user data */
    .quad 0x00AFFB000000FFFF /* 30 user code */
    .quad 0
    .quad 0, 0               /* 40 TSS; every CPU loads its own GDT with it */
    .quad 0x00AF1B000000FFFF /* 50 kernel code, not present */
    .quad 0x00CF9B000000FFFF /* 58 32-bit code */
    .quad 0x00AF9F000000FFFF /* 60 conforming code */
    .quad 0x00AFFB000000FFFF /* 68 code of ring 3 */

    .section .bss
    .balign 4096
    .globl script_address
pml4:             .skip 4096
pdpt:             .skip 4096
page_directories: .skip 4 * 4096
boot_stacks:      .skip MAX_CPUS * 16384
script_address:   .skip 8
