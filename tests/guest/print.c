/* Lines for whoever started us: one per operation. */
#include "guest.h"

#define COM1 0x3F8
#define COM1_LINE_STATUS (COM1 + 5)
#define SEND_EMPTY 0x20
#define PRINTER 0x378
#define PRINTER_CONTROL (PRINTER + 2)
#define PRINTER_READY 0x0C
#define PRINTER_STROBE 0x0D

/* To the serial port, or to the printer where the machine's serial port takes as long as a real one. */
static void print_char(char c)
{
    if (script->output_port == COM1) {
        while (!(inb(COM1_LINE_STATUS) & SEND_EMPTY))
            pause();
        outb(COM1, c);
    } else {
        outb(PRINTER, c);
        outb(PRINTER_CONTROL, PRINTER_STROBE);
        outb(PRINTER_CONTROL, PRINTER_READY);
    }
}

void print_text(const char *text)
{
    while (*text)
        print_char(*text++);
}

void print_hex(u64 value)
{
    int shift = 60;
    while (shift > 0 && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        print_char("0123456789abcdef"[value >> shift & 15]);
}

void print_decimal(long value)
{
    char digits[20];
    int count = 0;
    u64 left = value < 0 ? -(u64)value : (u64)value;
    if (value < 0)
        print_char('-');
    do
        digits[count++] = '0' + left % 10;
    while (left /= 10);
    while (count)
        print_char(digits[--count]);
}

/* c0 v41 e- cs10 ss18 if1>0 win same+0 */
void print_event(u32 cpu, const struct event *event)
{
    static const char *const places[] = {"op", "next", "win", "idle", "stub", "body"};
    print_text("; c");
    print_decimal(cpu);
    print_text(" v");
    print_hex(event->vector);
    print_text(" e");
    if (event->has_error)
        print_hex(event->error);
    else
        print_text("-");
    print_text(" cs");
    print_hex(event->cs);
    print_text(" ss");
    print_hex(event->ss);
    print_text(event->flag_before ? " if1>" : " if0>");
    print_text(event->flag_after ? "1 " : "0 ");
    print_text(places[event->where]);
    if (event->where == AT_STUB)
        print_hex(event->stub);
    print_text(event->stack == STACK_SAME ? " same" : event->stack == STACK_RING0 ? " ring0" : " ist");
    if (event->stack == STACK_IST)
        print_decimal(event->ist);
    if (event->is_offset_known) {
        print_text("+");
        print_decimal(event->offset);
        print_text("/");
        print_decimal(event->pad);
    }
}
