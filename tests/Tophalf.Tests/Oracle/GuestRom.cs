namespace Tophalf.Tests.Oracle;

/// <summary>
/// The firmware of the guest that runs timer scripts: 64 KiB whose only program takes steps from memory, carries each out with the time-stamp
/// counter read just before, stores what came back, and halts. Interrupts stay off. Written out in bytes with the assembler beside them, so
/// that no tool is needed to build it.
/// </summary>
internal static class GuestRom
{
    public const uint Script = 0x10_0000, Results = 0x40_0000, Done = 0x80_0000;
    public const int StepSize = 16, ResultSize = 16, Size = 0x1_0000;
    public const uint End = 0, InByte = 1, OutByte = 2, ReadDword = 3, WriteDword = 4, Delay = 5;

    private const int Table = 0x80, Code = 0x100;
    private const uint RomBase = 0xF_0000;

    /// <summary>Instructions from the beginning of a step to the one that reads the time.</summary>
    public const int InstructionsBefore = 5;

    /// <summary>Instructions from the one that reads the time to the one that touches the device.</summary>
    public const int InstructionsToAccess = 5;

    public static byte[] Build()
    {
        byte[] rom = new byte[Size];
        byte[] start =
        [
            0xFA,                                           // cli
            0x2E, 0x0F, 0x01, 0x16, 0x40, 0x00,             // lgdt cs:[0x40]
            0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0, // cr0 |= 1
            0x66, 0xEA, 0x00, 0x01, 0x0F, 0x00, 0x08, 0x00, // jmp 8:0xF0100
        ];
        byte[] tables =
        [
            0x17, 0x00, 0x48, 0x00, 0x0F, 0x00, 0, 0,       // limit 0x17, base 0xF0048
            0, 0, 0, 0, 0, 0, 0, 0,
            0xFF, 0xFF, 0, 0, 0, 0x9A, 0xCF, 0,             // flat code
            0xFF, 0xFF, 0, 0, 0, 0x92, 0xCF, 0,             // flat data
        ];
        byte[] time = [0x0F, 0x31, 0x89, 0x47, 0x04, 0x89, 0x57, 0x08];   // rdtsc; mov [edi+4],eax; mov [edi+8],edx
        byte[][] handlers =
        [
            [0xC7, 0x05, .. Dword(Done), .. Dword(1), 0xF4, 0xEB, 0xFD],  // mov dword [Done],1; again: hlt; jmp again
            [.. time, 0x89, 0xEA, 0x31, 0xC0, 0xEC, 0x89, 0x07],          // mov edx,ebp; xor eax,eax; in al,dx; mov [edi],eax
            [.. time, 0x89, 0xEA, 0x89, 0xC8, 0xEE],                      // mov edx,ebp; mov eax,ecx; out dx,al
            [.. time, 0x90, 0x90, 0x8B, 0x45, 0x00, 0x89, 0x07],          // nop; nop; mov eax,[ebp]; mov [edi],eax
            [.. time, 0x90, 0x90, 0x89, 0x4D, 0x00],                      // nop; nop; mov [ebp],ecx
            [.. time, 0x49, 0x75, 0xFD],                                  // again: dec ecx; jnz again
        ];
        List<byte> code =
        [
            0x66, 0xB8, 0x10, 0x00, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xD0,   // mov ax,0x10; mov ds,ax; mov es,ax; mov ss,ax
            0xBE, .. Dword(Script), 0xBF, .. Dword(Results),              // mov esi,Script; mov edi,Results
        ];
        int next = code.Count;
        code.AddRange([0x8B, 0x06, 0x8B, 0x6E, 0x04, 0x8B, 0x4E, 0x08, 0x83, 0xC6, 0x10]); // eax, ebp, ecx from [esi]; add esi,16
        code.AddRange([0xFF, 0x24, 0x85, .. Dword(RomBase + Table)]);    // jmp [eax*4 + Table]
        List<byte> table = [];
        foreach (byte[] handler in handlers)
        {
            table.AddRange(Dword((uint)(RomBase + Code + code.Count)));
            code.AddRange(handler);
            code.AddRange([0x83, 0xC7, 0x10]);                            // add edi,16
            code.AddRange([0xE9, .. Dword((uint)(next - code.Count - 5))]); // jmp next
        }
        table.CopyTo(rom, Table);
        start.CopyTo(rom, 0);
        tables.CopyTo(rom, 0x40); // where lgdt looks
        code.CopyTo(rom, Code);
        byte[] reset = [0xEA, 0x00, 0x00, 0x00, 0xF0];                    // jmp 0xF000:0
        reset.CopyTo(rom, Size - 16);
        return rom;
    }

    private static byte[] Dword(uint value) => BitConverter.GetBytes(value);
}
