/* The local APIC of the CPU that asks, in whichever mode it is. */
#include "guest.h"

#define APIC_BASE_MSR 0x1B
#define APIC_EXTD (1 << 10)
#define PAGE 0xFEE00000ul
#define SVR 0xF0
#define SVR_ENABLE 0x100
#define LVT_MASKED 0x10000
#define TIMER_PERIODIC 1
#define TIMER_COUNT 20000
#define TIMER_ROUNDS 200000

bool apic_is_x2(void) { return rdmsr(APIC_BASE_MSR) & APIC_EXTD; }

u32 apic_read(u32 offset) { return apic_is_x2() ? (u32)rdmsr(0x800 + (offset >> 4)) : *(volatile u32 *)(PAGE + offset); }

void apic_write(u32 offset, u32 value)
{
    if (apic_is_x2())
        wrmsr(0x800 + (offset >> 4), value);
    else
        *(volatile u32 *)(PAGE + offset) = value;
}

void apic_send(u32 destination, u32 command)
{
    if (apic_is_x2()) {
        wrmsr(0x830, (u64)destination << 32 | command);
    } else {
        apic_write(0x310, destination << 24);
        apic_write(0x300, command);
    }
}

static bool any(u32 bank)
{
    u32 bits = 0;
    for (u32 i = 0; i < 8; i++)
        bits |= apic_read(bank + 16 * i);
    return bits;
}

/* Takes and ends everything that waits or is in service. */
static void drain(struct cpu *cpu)
{
    for (int round = 0; round < 1000 && (any(0x100) || any(0x200)); round++) {
        open_window(cpu, true);
        apic_write(0xB0, 0);
    }
}

/*
 * To the state a script starts in: enabled, nothing waiting, in the mode asked for. TMR bits go by taking each vector once more as an edge.
 * There is no way back from x2APIC mode but through a disabled APIC, which not every emulator enables again: a boot stays with one mode.
 */
void apic_reset(struct cpu *cpu, bool x2)
{
    static const u16 lvts[] = {0x2F0, 0x320, 0x330, 0x340, 0x350, 0x360, 0x370};
    cpu->is_quiet = true;
    if (x2 && !apic_is_x2())
        wrmsr(APIC_BASE_MSR, rdmsr(APIC_BASE_MSR) | APIC_EXTD);
    apic_write(0x380, 0);
    apic_write(0x3E0, 0);
    apic_write(0x80, 0);
    apic_write(SVR, SVR_ENABLE | 0xFF);
    if (!x2) {
        apic_write(0x20, cpu->index << 24);
        apic_write(0xE0, 0xFFFFFFFF);
        apic_write(0xD0, 0);
    }
    for (u32 i = 0; i < sizeof lvts / sizeof *lvts; i++)
        apic_write(lvts[i], LVT_MASKED);
    drain(cpu);
    for (u32 vector = 16; vector < 256; vector++)
        if (apic_read(0x180 + vector / 32 * 16) >> vector % 32 & 1)
            apic_send(cpu->index, 0x4000 | vector);
    drain(cpu);
    if (!x2)
        apic_write(0x310, 0);
    apic_write(0x280, 0);
    apic_write(0x280, 0);
    cpu->is_quiet = false;
}

/* Starts the timer in a mode, interrupts open, until it has come `wanted` times. Says how often it came; waits for one too many from a one-shot timer only. */
u32 apic_count_timer(struct cpu *cpu, u32 mode, u32 vector, u32 wanted)
{
    u32 rounds = 0, came, most = mode == TIMER_PERIODIC ? wanted : wanted + 1;
    cpu->event_count = 0;
    apic_write(0x3E0, 0xB);
    apic_write(0x320, mode << 17 | vector);
    apic_write(0x380, TIMER_COUNT);
    while (cpu->event_count < wanted && ++rounds < TIMER_ROUNDS)
        open_window(cpu, true);
    for (u32 longer = 0; longer <= rounds && cpu->event_count < most; longer++)
        open_window(cpu, true);
    apic_write(0x320, LVT_MASKED);
    apic_write(0x380, 0);
    open_window(cpu, true);
    came = cpu->event_count;
    cpu->event_count = 0;
    return came < most ? came : most;
}
