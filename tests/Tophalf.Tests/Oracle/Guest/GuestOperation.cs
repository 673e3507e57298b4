using System.Buffers.Binary;
using System.Globalization;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>What one line of a script does; the numbers are those of tests/guest/guest.h.</summary>
internal enum GuestCode : byte
{
    Reset, Load, Store, ReadMsr, WriteMsr, ReadCr8, WriteCr8, SetInterruptFlag, Window, StiCli, StiNop, Popf,
    StiHlt, Int, Int3, Int1, Into, Ud2, Divide, PageFault, General, Stack, LoadDs, Gate, Limit,
    Actions, StackOffset, State, MsiSet, MsiRaise, MsiRead, Timer,
}

/// <summary>What a handler does between its record and its IRET. Everything but EOI happens once, then is forgotten.</summary>
[Flags]
internal enum GuestActions : byte { None = 0, Eoi = 1, Nmi = 2, NmiTwice = 4, Fixed = 8, Int3 = 16 }

/// <summary>One line of a script: an instruction, or a change of what surrounds it, on one CPU.</summary>
/// <param name="Code">What.</param>
/// <param name="Cpu">Where.</param>
/// <param name="A">Register offset, MSR, vector, selector or number, by the code.</param>
/// <param name="B">The value.</param>
/// <param name="IsUser">In ring 3.</param>
internal readonly record struct GuestOperation(GuestCode Code, int Cpu, uint A = 0, ulong B = 0, bool IsUser = false)
{
    public const int Size = 16;

    /// <summary>The bytes the guest reads; <paramref name="alive"/> has a bit for each CPU that answers after the operation.</summary>
    public void Encode(Span<byte> to, int alive)
    {
        to[0] = (byte)Code;
        to[1] = (byte)Cpu;
        to[2] = (byte)alive;
        to[3] = (byte)(IsUser ? 1 : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], A);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], B);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"cpu {Cpu}{(IsUser ? " ring 3" : "")}: {What}");

    private string What => Code switch
    {
        GuestCode.Load or GuestCode.Store => FormattableString.Invariant($"{Code} 0x{A:x3}{(Code == GuestCode.Store ? $", 0x{B:x}" : "")}"),
        GuestCode.ReadMsr => FormattableString.Invariant($"RDMSR 0x{A:x}"),
        GuestCode.WriteMsr => FormattableString.Invariant($"WRMSR 0x{A:x}, 0x{B:x}"),
        GuestCode.Actions => FormattableString.Invariant($"handler 0x{A:x2} does {(GuestActions)B} 0x{B >> 8 & 0xFF:x2}"),
        _ => FormattableString.Invariant($"{Code} 0x{A:x} 0x{B:x}"),
    };
}
