/* Descriptor tables of a CPU, and the recorder behind every gate. */
#include "guest.h"

extern u64 gdt[GDT_ENTRIES];
extern char stubs[], stubs_end[], op_idle[], op_idle_end[], op_wait_equal[], stage_after[], stage_end[], stage_entered[];

#define TSS_RSP0 4
#define TSS_IST1 36
#define FLAG_IF 0x200
#define GATE_INTERRUPT 0x8E

static void put64(u8 *at, u64 value) { __builtin_memcpy(at, &value, 8); }

void idt_load(struct cpu *cpu, u16 limit)
{
    struct { u16 limit; u64 base; } __attribute__((packed)) idtr = {limit, (u64)cpu->idt};
    cpu->idt_limit = limit;
    __asm__ volatile("lidt %0" : : "m"(idtr));
}

/* description: 15..0 selector, 18..16 IST, 31..24 the byte of type, DPL and P. The offset is the vector's stub. */
void idt_set_gate(struct cpu *cpu, u32 vector, u64 description)
{
    u64 offset = (u64)stubs + vector * 16;
    cpu->idt[vector * 2] = (offset & 0xFFFF) | (description & 0xFFFF) << 16 | (description >> 16 & 7) << 32 | (description >> 24 & 0xFF) << 40
        | (offset >> 16 & 0xFFFF) << 48;
    cpu->idt[vector * 2 + 1] = offset >> 32;
}

void idt_reset(struct cpu *cpu)
{
    for (u32 vector = 0; vector < 256; vector++)
        idt_set_gate(cpu, vector, (u64)GATE_INTERRUPT << 24 | SEL_KERNEL);
    for (u32 i = 0; i < IST_STACKS; i++)
        put64(cpu->tss + TSS_IST1 + 8 * i, (u64)cpu->ist_stacks[i] + STACK_BYTES);
    idt_load(cpu, 256 * 16 - 1);
}

void cpu_load_tables(struct cpu *cpu)
{
    struct { u16 limit; u64 base; } __attribute__((packed)) gdtr = {sizeof cpu->gdt - 1, (u64)cpu->gdt};
    u64 base = (u64)cpu->tss;
    for (int i = 0; i < GDT_ENTRIES; i++)
        cpu->gdt[i] = gdt[i];
    cpu->gdt[SEL_TSS / 8] = (sizeof cpu->tss - 1) | (base & 0xFFFFFF) << 16 | 0x89ull << 40 | (base >> 24 & 0xFF) << 56;
    cpu->gdt[SEL_TSS / 8 + 1] = base >> 32;
    put64(cpu->tss + TSS_RSP0, (u64)cpu->ring0_stack + STACK_BYTES);
    __asm__ volatile("lgdt %0" : : "m"(gdtr));
    __asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
    idt_reset(cpu);
}

static bool is_between(u64 rip, const char *from, const char *to) { return rip >= (u64)from && rip < (u64)to; }

static enum where place(struct cpu *cpu, u64 rip, struct event *event)
{
    /* Before and behind every operation the stage has places of its own. */
    bool on_stage = is_between(rip, stage_after, stage_end) || rip == (u64)stage_entered;
    if (is_between(rip, stubs, stubs_end) && rip % 16 == 0) {
        event->stub = (rip - (u64)stubs) / 16;
        return AT_STUB;
    }
    if (cpu->is_idle)
        return on_stage || is_between(rip, op_wait_equal, op_idle_end) ? AT_IDLE : AT_BODY;
    if (rip == cpu->op)
        return AT_OP;
    if (rip == cpu->op_next)
        return AT_NEXT;
    return on_stage || (rip > cpu->op && rip < cpu->op + 16) ? AT_WINDOW : AT_BODY;
}

static bool is_on(u64 address, const u8 *stack) { return address > (u64)stack && address <= (u64)stack + STACK_BYTES; }

static void note_stack(struct cpu *cpu, const struct frame *frame, struct event *event)
{
    u64 top = (u64)(frame + 1);
    event->stack = is_on(top, cpu->ring0_stack) ? STACK_RING0 : STACK_SAME;
    for (int i = 0; i < IST_STACKS; i++)
        if (is_on(top, cpu->ist_stacks[i])) {
            event->stack = STACK_IST;
            event->ist = i + 1;
        }
    event->is_offset_known = event->where < AT_STUB;
    event->offset = frame->rsp - cpu->stage_rsp;
    u64 from = event->stack == STACK_SAME ? frame->rsp : (top + STACK_BYTES - 1) & -(u64)STACK_BYTES;
    event->pad = from - top;
}

static void act(struct cpu *cpu, u32 vector)
{
    u8 mask = cpu->actions[vector].mask;
    cpu->actions[vector].mask = mask & ACT_EOI;
    if (mask & (ACT_NMI | ACT_NMI_TWICE))
        apic_send(cpu->index, 0x4400);
    if (mask & ACT_NMI_TWICE)
        apic_send(cpu->index, 0x4400);
    if (mask & ACT_FIXED)
        apic_send(cpu->index, 0x4000 | cpu->actions[vector].argument);
    /* Here is where an NMI arrives that nothing blocks. */
    for (int i = 0; i < 4; i++)
        pause();
    if (mask & ACT_INT3)
        __asm__ volatile("int3; pause; pause" : : : "memory");
    if (mask & ACT_EOI)
        apic_write(0xB0, 0);
}

/* stub: vector, flags as the gate left them, then error code or not, then the frame. */
void record(u64 *stub)
{
    struct cpu *cpu = this_cpu();
    bool has_error = ((u64)(stub + 2) & 8) == 0;
    struct frame *frame = (struct frame *)(stub + 2 + has_error);
    u32 vector = stub[0] & 0xFF;
    if (cpu->is_quiet) {
        apic_write(0xB0, 0);
        return;
    }
    u32 slot = cpu->event_count++;
    if (slot < MAX_EVENTS) {
        struct event *event = &cpu->events[slot];
        *event = (struct event){
            .vector = vector, .has_error = has_error, .error = has_error ? stub[2] : 0, .cs = frame->cs, .ss = frame->ss,
            .flag_before = frame->rflags & FLAG_IF, .flag_after = stub[1] & FLAG_IF};
        event->where = place(cpu, frame->rip, event);
        note_stack(cpu, frame, event);
    }
    act(cpu, vector);
    /* A fault would happen again: go on behind the operation instead. */
    if (!cpu->is_idle && frame->rip == cpu->op && cpu->op != cpu->after)
        frame->rip = cpu->after;
}
