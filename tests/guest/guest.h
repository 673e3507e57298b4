/* What the guest's own sources share: a CPU, what it saw, and what a script asks for. */
#pragma once
#include "layout.h"
#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* One line of a script, 16 bytes, little-endian. GuestOperation.cs has the same numbers. */
struct operation {
    u8 code;
    u8 cpu;
    u8 alive; /* bit per CPU that answers once the operation is over */
    u8 flags;
    u32 a;
    u64 b;
};

enum {
    OP_RESET, OP_LOAD, OP_STORE, OP_RDMSR, OP_WRMSR, OP_READ_CR8, OP_WRITE_CR8, OP_SET_IF, OP_WINDOW, OP_STI_CLI, OP_STI_NOP, OP_POPF,
    OP_STI_HLT, OP_INT, OP_INT3, OP_INT1, OP_INTO, OP_UD2, OP_DIVIDE, OP_PAGE_FAULT, OP_GENERAL, OP_STACK, OP_LOAD_DS, OP_GATE, OP_LIMIT,
    OP_ACTIONS, OP_STACK_OFFSET, OP_STATE, OP_MSI_SET, OP_MSI_RAISE, OP_MSI_READ, OP_TIMER,
};

enum { FLAG_USER = 1 };

/* What a handler does between its record and its IRET. Everything but EOI happens once, then is forgotten. */
enum { ACT_EOI = 1, ACT_NMI = 2, ACT_NMI_TWICE = 4, ACT_FIXED = 8, ACT_INT3 = 16 };

struct script {
    u32 magic, count, cpus, output_port;
    struct operation operations[];
};
#define SCRIPT_MAGIC 0x50414854 /* "THAP" */

enum where { AT_OP, AT_NEXT, AT_WINDOW, AT_IDLE, AT_STUB, AT_BODY };
enum stack { STACK_SAME, STACK_RING0, STACK_IST };

/* An interrupt or exception, as its handler found it. */
struct event {
    u8 vector, where, stub, stack, ist, pad;
    bool has_error, flag_before, flag_after, is_offset_known;
    u16 cs, ss;
    u32 error;
    long offset; /* saved RSP less the stage's */
};

#define MAX_EVENTS 32
#define STACK_BYTES 8192
#define IST_STACKS 7

struct cpu {
    /* offsets in layout.h */
    u64 saved_rsp, stage_rsp, op, after, rax, rcx, rdx, rdi, stage_flags;

    u64 op_next, op_where_fault;
    u32 index;
    bool is_idle, is_user, is_quiet;
    volatile u32 event_count;
    struct event events[MAX_EVENTS];
    struct { u8 mask, argument; } actions[256];

    /* A CPU's letter box: work is there when `turn` moves on; the token is echoed from inside the stage. */
    struct { volatile u32 turn, token, echo; } box;
    volatile u32 finished;
    const struct operation *work;
    u64 value;
    bool has_value;

    u64 idt[512] __attribute__((aligned(16)));
    u16 idt_limit;
    u64 gdt[GDT_ENTRIES];
    u8 tss[104];
    u8 stage_stack[STACK_BYTES] __attribute__((aligned(8192)));
    u8 ring0_stack[STACK_BYTES];
    u8 ist_stacks[IST_STACKS][STACK_BYTES];
};

struct frame { u64 rip, cs, rflags, rsp, ss; };

extern struct cpu cpus[MAX_CPUS];
extern const struct script *script;

static inline struct cpu *this_cpu(void)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0xC0000101)); /* IA32_GS_BASE */
    return (struct cpu *)((u64)high << 32 | low);
}

static inline u64 rdmsr(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value) { __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory"); }
static inline void outb(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static inline void outl(u16 port, u32 value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 value; __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port)); return value; }
static inline u32 inl(u16 port) { u32 value; __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port)); return value; }
static inline void pause(void) { __asm__ volatile("pause" : : : "memory"); }

/* apic.c */
bool apic_is_x2(void);
u32 apic_read(u32 offset);
void apic_write(u32 offset, u32 value);
void apic_send(u32 destination, u32 command);
void apic_reset(struct cpu *cpu, bool x2);
u32 apic_count_timer(struct cpu *cpu, u32 mode, u32 vector, u32 wanted);

/* idt.c */
void idt_reset(struct cpu *cpu);
void idt_set_gate(struct cpu *cpu, u32 vector, u64 description);
void idt_load(struct cpu *cpu, u16 limit);
void cpu_load_tables(struct cpu *cpu);

/* perform.c */
void perform(struct cpu *cpu, const struct operation *operation);
void run_stage(struct cpu *cpu, u64 operation, bool is_user);
void open_window(struct cpu *cpu, bool interrupts);

/* edu.c */
void edu_reset(void);
void edu_set(u32 data, u64 address);
u64 edu_read(u32 which);
u64 edu_raise_register(void);
void edu_acknowledge(void);

/* print.c */
void print_text(const char *text);
void print_hex(u64 value);
void print_decimal(long value);
void print_event(u32 cpu, const struct event *event);
