/* QEMU's "edu" device (QEMU, docs/specs/edu): a PCI function with one MSI message and a register that raises it. */
#include "guest.h"

#define EDU_ID 0x11E81234
#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64
#define MSI_ID 0x05
#define MSI_ENABLE (1 << 16)

static u32 edu_device = ~0u, msi_offset;
static volatile u8 *registers;

static u32 config_read(u32 device, u32 offset)
{
    outl(0xCF8, 0x80000000 | device << 11 | offset);
    return inl(0xCFC);
}

static void config_write(u32 device, u32 offset, u32 value)
{
    outl(0xCF8, 0x80000000 | device << 11 | offset);
    outl(0xCFC, value);
}

static bool find(void)
{
    for (u32 device = 0; edu_device == ~0u && device < 32; device++) {
        if (config_read(device, 0) != EDU_ID)
            continue;
        edu_device = device;
        registers = (volatile u8 *)(u64)(config_read(device, 0x10) & ~15u);
        config_write(device, 4, config_read(device, 4) | 6); /* memory, bus master */
        for (msi_offset = config_read(device, 0x34) & 0xFC; msi_offset && (config_read(device, msi_offset) & 0xFF) != MSI_ID;)
            msi_offset = config_read(device, msi_offset) >> 8 & 0xFC;
    }
    return edu_device != ~0u;
}

void edu_set(u32 data, u64 address)
{
    if (!find())
        return;
    config_write(edu_device, msi_offset + 4, (u32)address);
    config_write(edu_device, msi_offset + 8, address >> 32);
    config_write(edu_device, msi_offset + 12, data);
    config_write(edu_device, msi_offset, MSI_ENABLE);
}

void edu_reset(void)
{
    edu_set(0, 0);
    if (find())
        config_write(edu_device, msi_offset, 0);
}

/* A dword of the capability; the id and the next pointer differ between functions and are left out. */
u64 edu_read(u32 which)
{
    if (!find())
        return 0;
    u32 value = config_read(edu_device, msi_offset + 4 * which);
    return which == 0 ? value >> 16 : value;
}

/* Writing 1 there sends the message. */
u64 edu_raise_register(void) { return find() ? (u64)registers + EDU_RAISE : 0; }

void edu_acknowledge(void)
{
    if (find())
        *(volatile u32 *)(registers + EDU_ACKNOWLEDGE) = 1;
}
