/* One operation of a script, on the CPU it names. */
#include "guest.h"

extern char stage_after[], stage_user_after[], op_nothing[], op_load[], op_store[], op_rdmsr[], op_wrmsr[], op_read_cr8[], op_write_cr8[],
    op_load_ds[], op_load_stack[], op_divide[], op_ud2[], op_into[], op_int3[], op_int1[], op_int[], op_sti_cli[], op_sti_nop[],
    op_sti_nop_next[], op_popf[], op_popf_next[], op_sti_hlt[], op_sti_hlt_next[];
void stage(void);
void stage_user(void);

#define APIC_PAGE 0xFEE00000ul
#define NOT_CANONICAL 0x8000000000000000ul
#define NOT_MAPPED 0x200000000ul
#define FLAG_IF 0x200
#define FLAGS_FIXED 2

void run_stage(struct cpu *cpu, u64 operation, bool is_user)
{
    cpu->op = operation;
    cpu->after = (u64)(is_user ? stage_user_after : stage_after);
    cpu->is_user = is_user;
    (is_user ? stage_user : stage)();
}

/* Lets through what waits, whatever the script's IF. */
void open_window(struct cpu *cpu, bool interrupts)
{
    u64 flags = cpu->stage_flags;
    cpu->stage_flags = FLAGS_FIXED | (interrupts ? FLAG_IF : 0);
    cpu->op_next = 0;
    run_stage(cpu, (u64)op_nothing, false);
    cpu->stage_flags = flags;
}

static void run(struct cpu *cpu, const struct operation *o, char *operation, u64 next)
{
    cpu->op_next = next;
    run_stage(cpu, (u64)operation, o->flags & FLAG_USER);
}

/* With IF clear, for the instructions that set it themselves. */
static void run_closed(struct cpu *cpu, const struct operation *o, char *operation, char *next)
{
    u64 flags = cpu->stage_flags;
    cpu->stage_flags = FLAGS_FIXED;
    run(cpu, o, operation, (u64)next);
    cpu->stage_flags = flags;
}

static void print_state(void)
{
    static const struct { char *name; u32 bank; } banks[] = {{" isr", 0x100}, {" irr", 0x200}, {" tmr", 0x180}};
    print_text(" tpr ");
    print_hex(apic_read(0x80));
    print_text(" ppr ");
    print_hex(apic_read(0xA0));
    for (int i = 0; i < 3; i++) {
        print_text(banks[i].name);
        for (u32 word = 0; word < 8; word++)
            for (u32 bits = apic_read(banks[i].bank + 16 * word); bits; bits &= bits - 1) {
                print_text(" ");
                print_hex(word * 32 + __builtin_ctz(bits));
            }
    }
}

static void keep(struct cpu *cpu, u64 value)
{
    if (cpu->event_count == 0) {
        cpu->value = value;
        cpu->has_value = true;
    }
}

void perform(struct cpu *cpu, const struct operation *o)
{
    u64 int_n = (u64)op_int + (o->a & 0xFF) * 8;
    cpu->rdi = APIC_PAGE + o->a;
    cpu->rcx = o->a;
    cpu->rax = (u32)o->b;
    cpu->rdx = o->b >> 32;
    cpu->is_idle = false;
    switch (o->code) {
    case OP_LOAD:
        run(cpu, o, op_load, 0);
        keep(cpu, (u32)cpu->rax);
        break;
    case OP_STORE: run(cpu, o, op_store, 0); break;
    case OP_RDMSR:
        run(cpu, o, op_rdmsr, 0);
        keep(cpu, cpu->rdx << 32 | (u32)cpu->rax);
        break;
    case OP_WRMSR: run(cpu, o, op_wrmsr, 0); break;
    case OP_READ_CR8:
        run(cpu, o, op_read_cr8, 0);
        keep(cpu, cpu->rax);
        break;
    case OP_WRITE_CR8:
        cpu->rax = o->b;
        run(cpu, o, op_write_cr8, 0);
        break;
    case OP_SET_IF:
        cpu->stage_flags = FLAGS_FIXED | (o->a ? FLAG_IF : 0);
        run(cpu, o, op_nothing, 0);
        break;
    case OP_WINDOW: run(cpu, o, op_nothing, 0); break;
    case OP_STI_CLI: run_closed(cpu, o, op_sti_cli, 0); break;
    case OP_STI_NOP: run_closed(cpu, o, op_sti_nop, op_sti_nop_next); break;
    case OP_POPF: run_closed(cpu, o, op_popf, op_popf_next); break;
    case OP_STI_HLT: run_closed(cpu, o, op_sti_hlt, op_sti_hlt_next); break;
    case OP_INT: run(cpu, o, (char *)int_n, int_n + 2); break;
    case OP_INT3: run(cpu, o, op_int3, (u64)op_int3 + 1); break;
    case OP_INT1: run(cpu, o, op_int1, (u64)op_int1 + 1); break;
    case OP_INTO: run(cpu, o, op_into, 0); break;
    case OP_UD2: run(cpu, o, op_ud2, 0); break;
    case OP_DIVIDE:
        cpu->rcx = 0;
        run(cpu, o, op_divide, 0);
        break;
    case OP_PAGE_FAULT:
        cpu->rdi = NOT_MAPPED;
        run(cpu, o, o->a ? op_store : op_load, 0);
        break;
    case OP_GENERAL:
        cpu->rdi = NOT_CANONICAL;
        run(cpu, o, op_load, 0);
        break;
    case OP_STACK:
        cpu->rdi = NOT_CANONICAL;
        run(cpu, o, op_load_stack, 0);
        break;
    case OP_LOAD_DS:
        cpu->rax = o->a;
        run(cpu, o, op_load_ds, 0);
        break;
    case OP_GATE: idt_set_gate(cpu, o->a, o->b); break;
    case OP_LIMIT: idt_load(cpu, o->a); break;
    case OP_ACTIONS:
        cpu->actions[o->a & 0xFF].mask = o->b;
        cpu->actions[o->a & 0xFF].argument = o->b >> 8;
        break;
    case OP_STACK_OFFSET: cpu->stage_rsp = (u64)cpu->stage_stack + STACK_BYTES - 256 - (o->a & 31); break;
    case OP_STATE: print_state(); break;
    case OP_MSI_SET: edu_set(o->a, o->b); break;
    case OP_MSI_RAISE:
        cpu->rdi = edu_raise_register();
        cpu->rax = 1;
        if (cpu->rdi)
            run(cpu, o, op_store, 0);
        edu_acknowledge();
        break;
    case OP_MSI_READ: keep(cpu, edu_read(o->a)); break;
    case OP_TIMER: keep(cpu, apic_count_timer(cpu, o->a >> 8 & 3, o->a & 0xFF, o->b)); break;
    }
}
