/* CPU 0 reads the script and prints; each CPU performs what is addressed to it and waits on the stage for the next. */
#include "guest.h"

#define STAR 0xC0000081
#define LSTAR 0xC0000082
#define SFMASK 0xC0000084
#define GS_BASE 0xC0000101
#define START_ROUNDS 20000000ul
#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK 0xA1
#define DEBUG_EXIT 0xF4
#define BOCHS_SHUTDOWN 0x8900
#define IPI_INIT_OTHERS 0xC4500
#define IPI_START_OTHERS (0xC4600 | START_PAGE)

extern char op_idle[], op_wait_equal[], syscall_entry[];
extern const struct script *script_address;

struct cpu cpus[MAX_CPUS];
static volatile bool is_x2; /* the last reset asked for x2APIC mode */
const struct script *script;

static void reset_cpu(struct cpu *cpu)
{
    cpu->stage_flags = 2;
    cpu->stage_rsp = (u64)cpu->stage_stack + STACK_BYTES - 256;
    cpu->is_idle = false;
    __builtin_memset(cpu->actions, 0, sizeof cpu->actions);
    idt_reset(cpu);
    apic_reset(cpu, is_x2);
    cpu->event_count = 0;
}

/* On the stage, so that what arrives meanwhile is taken by the script's IF and recorded. False after `rounds` without result. */
static bool wait_equal(volatile u32 *number, u32 wanted, u64 rounds)
{
    struct cpu *cpu = this_cpu();
    cpu->is_idle = true;
    cpu->rdi = (u64)number;
    cpu->rcx = wanted;
    cpu->rdx = rounds;
    run_stage(cpu, (u64)op_wait_equal, false);
    return *number == wanted;
}

static void print_result(const struct cpu *worker)
{
    if (worker->has_value) {
        print_text(" = ");
        print_hex(worker->value);
    }
    for (u32 i = 0; i < script->cpus; i++) {
        for (u32 e = 0; e < cpus[i].event_count && e < MAX_EVENTS; e++)
            print_event(i, &cpus[i].events[e]);
        cpus[i].event_count = 0;
        cpus[i].has_value = false;
    }
    print_text("\n");
}

/* Every living CPU has gone round its loop twice since the operation: what was sent to it has arrived. */
static void settle(u32 alive)
{
    static u32 token;
    wait_equal(&token, token, 1); /* with the script's IF, which an operation may have changed for itself */
    for (int round = 0; round < 2; round++) {
        token++;
        for (u32 i = 1; i < script->cpus; i++)
            if (alive >> i & 1)
                cpus[i].box.token = token;
        for (u32 i = 1; i < script->cpus; i++)
            if (alive >> i & 1 && !wait_equal(&cpus[i].box.echo, token, START_ROUNDS)) {
                print_text(" cpu ");
                print_decimal(i);
                print_text(" is silent");
            }
    }
}

static void run_operation(const struct operation *o)
{
    if (o->cpu == 0) {
        perform(&cpus[0], o);
    } else {
        struct cpu *cpu = &cpus[o->cpu % MAX_CPUS];
        u32 turn = cpu->box.turn + 1;
        cpu->work = o;
        cpu->box.turn = turn;
        if (!wait_equal(&cpu->finished, turn, START_ROUNDS))
            print_text(" no answer");
    }
    settle(o->alive);
}

static void reset_all(u32 alive)
{
    outb(PIC_MASTER_MASK, 0xFF);
    outb(PIC_SLAVE_MASK, 0xFF);
    reset_cpu(&cpus[0]);
    edu_reset();
    if (script->cpus > 1) {
        apic_send(0, IPI_INIT_OTHERS);
        apic_send(0, IPI_START_OTHERS);
        settle(alive);
    }
    for (u32 i = 0; i < script->cpus; i++)
        cpus[i].event_count = 0;
}

static void read_script(void)
{
    for (u32 i = 0; i < script->count; i++) {
        const struct operation *o = &script->operations[i];
        print_decimal(i);
        if (o->code == OP_RESET) {
            is_x2 = o->a;
            reset_all(o->alive);
        } else {
            run_operation(o);
        }
        print_result(&cpus[o->cpu % MAX_CPUS]);
    }
    print_text("end\n");
    outb(DEBUG_EXIT, 0);
    for (const char *c = "Shutdown"; *c; c++)
        outb(BOCHS_SHUTDOWN, *c);
}

static void serve(struct cpu *cpu)
{
    for (u32 turn = cpu->box.turn;;) {
        cpu->is_idle = true;
        cpu->rdi = (u64)&cpu->box;
        cpu->rcx = turn;
        run_stage(cpu, (u64)op_idle, false);
        turn = cpu->box.turn;
        perform(cpu, cpu->work);
        cpu->finished = turn;
    }
}

void cpu_main(u32 id)
{
    struct cpu *cpu = &cpus[id % MAX_CPUS];
    script = script_address;
    cpu->index = id;
    wrmsr(GS_BASE, (u64)cpu);
    wrmsr(STAR, (u64)SEL_KERNEL << 32);
    wrmsr(LSTAR, (u64)syscall_entry);
    wrmsr(SFMASK, 0x300);
    cpu_load_tables(cpu);
    if (id == 0) {
        if (script->magic == SCRIPT_MAGIC)
            read_script();
        return;
    }
    reset_cpu(cpu);
    serve(cpu);
}

/* The compiler may ask for these two. */
void *memset(void *to, int value, unsigned long count)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, unsigned long count)
{
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return start;
}
