/*
 * Boot sector for machines that start from a disk: reads the guest, then the script, sector by sector from the first ATA disk, and jumps to
 * the guest. Whoever writes the disk puts the two sector counts at offset 4; guest and script follow this sector.
 */
#include "layout.h"

#define ATA_COUNT   0x1F2
#define ATA_LBA_LOW 0x1F3
#define ATA_DRIVE   0x1F6
#define ATA_COMMAND 0x1F7
#define ATA_READ    0x20
#define ATA_READY   0x58 /* status: ready, seek complete, data request */

    .code16
    .globl _start
_start:
    jmp 1f
    .balign 4
guest_sectors:  .word 0
script_sectors: .word 0
1:
    cli
    xor %ax, %ax
    mov %ax, %ds
    in $0x92, %al
    or $2, %al          /* A20 */
    out %al, $0x92
    lgdt gdt_pointer
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmp $SEL_CODE32, $protected

    .code32
protected:
    mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $0x7C00, %esp
    cld
    mov $1, %ebx        /* the sector after this one */
    mov $GUEST_BASE, %edi
    movzwl guest_sectors, %ebp
    call read
    mov $SCRIPT_BASE, %edi
    movzwl script_sectors, %ebp
    call read
    /* As a multiboot loader would: module list of one, its first word the script's address. */
    movl $SCRIPT_BASE, modules
    movl $modules, information + 24
    mov $information, %ebx
    mov $GUEST_BASE, %ecx
    jmp *%ecx

/* EBP sectors from EBX on to EDI. */
read:
    mov $ATA_DRIVE, %edx
    mov $0xE0, %al
    out %al, %dx
    mov $1, %al
    mov $ATA_COUNT, %edx
    out %al, %dx
    mov %ebx, %eax
    mov $ATA_LBA_LOW, %edx
    out %al, %dx
    shr $8, %eax
    inc %edx
    out %al, %dx
    shr $8, %eax
    inc %edx
    out %al, %dx
    mov $ATA_READ, %al
    mov $ATA_COMMAND, %edx
    out %al, %dx
1:  in %dx, %al
    cmp $ATA_READY, %al
    jne 1b
    mov $256, %ecx
    mov $0x1F0, %edx
    rep insw
    inc %ebx
    dec %ebp
    jnz read
    ret

    .balign 8
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF
    .quad 0x00CF93000000FFFF
gdt_pointer:
    .word 23
    .long gdt
    .set information, 0x7000
    .set modules, 0x7100
    .org 510
    .word 0xAA55
