/* Numbers that the C sources, the assembly and the scripts agree on. */
#pragma once

#define GUEST_BASE     0x100000 /* where the image lies and starts */
#define SCRIPT_BASE    0x400000 /* where the boot sector puts the script */
#define START_PAGE     8        /* start-up IPIs with this vector lead to start16, at physical START_PAGE * 4096 */
#define MAX_CPUS       4

/* Segment selectors, as Linux lays them out. */
#define SEL_CODE32     0x08
#define SEL_KERNEL     0x10
#define SEL_DATA       0x18
#define SEL_USER_DATA  0x28
#define SEL_USER_CODE  0x30
#define SEL_TSS        0x40
#define SEL_ABSENT     0x50 /* 64-bit code, not present */
#define SEL_PLAIN32    0x58 /* 32-bit code: L clear, D set */
#define SEL_CONFORMING 0x60 /* 64-bit conforming code, DPL 0 */
#define SEL_RING3      0x68 /* 64-bit code, DPL 3 */
#define GDT_ENTRIES    14

/* struct cpu, as the assembly sees it through GS. */
#define CPU_SAVED_RSP  0
#define CPU_STAGE_RSP  8
#define CPU_OP         16
#define CPU_AFTER      24
#define CPU_RAX        32
#define CPU_RCX        40
#define CPU_RDX        48
#define CPU_RDI        56
#define CPU_FLAGS      64
