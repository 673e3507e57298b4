using System.Buffers.Binary;
using System.Globalization;
using Tophalf.Simulation;

namespace Tophalf.Tests.Oracle;

/// <summary>One step of a guest script: a port or memory access, or a delay of <c>Value</c> turns of two instructions.</summary>
internal readonly record struct GuestStep(uint Operation, uint Address, uint Value)
{
    public static GuestStep In(ushort port) => new(GuestRom.InByte, port, 0);
    public static GuestStep Out(ushort port, byte value) => new(GuestRom.OutByte, port, value);
    public static GuestStep Read(uint address) => new(GuestRom.ReadDword, address, 0);
    public static GuestStep Write(uint address, uint value) => new(GuestRom.WriteDword, address, value);

    /// <summary>Lets this much time pass, at least.</summary>
    public static GuestStep Wait(long ps) => new(GuestRom.Delay, 0, (uint)Math.Max(1, ps / (2 * QemuGuest.InstructionPs)));

    /// <summary>Instructions from the one that reads the time to the end of the step (<see cref="GuestRom"/>).</summary>
    public long InstructionsAfter => Operation switch
    {
        GuestRom.InByte or GuestRom.ReadDword => 9,
        GuestRom.OutByte or GuestRom.WriteDword => 8,
        _ => 5 + 2L * Value,
    };

    public override string ToString() => Operation switch
    {
        GuestRom.InByte => string.Create(CultureInfo.InvariantCulture, $"in 0x{Address:x}"),
        GuestRom.OutByte => string.Create(CultureInfo.InvariantCulture, $"out 0x{Address:x} 0x{Value:x}"),
        GuestRom.ReadDword => string.Create(CultureInfo.InvariantCulture, $"read 0x{Address:x}"),
        GuestRom.WriteDword => string.Create(CultureInfo.InvariantCulture, $"write 0x{Address:x} 0x{Value:x}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"wait {SimTime.Format(2L * Value * QemuGuest.InstructionPs)}"),
    };
}

/// <summary>What a step read, and when it touched the device, counted from the first step of the script.</summary>
internal readonly record struct GuestResult(uint Value, long AtPs);

/// <summary>
/// A QEMU machine whose processor runs timer scripts (<see cref="GuestRom"/>). Debian's QEMU lets nobody but a processor move the clock, so a guest
/// does it: each instruction takes 1.024 us of virtual time (-icount shift=10), and the guest's time stamps tell exactly when each access happened.
/// </summary>
internal sealed class QemuGuest : IDisposable
{
    public const long InstructionPs = 1_024_000;

    private readonly string _rom = Path.GetTempFileName();
    private readonly QemuMachine _qemu;

    public QemuGuest(params string[] arguments)
    {
        File.WriteAllBytes(_rom, GuestRom.Build());
        _qemu = new QemuMachine(runs: true, ["-icount", "shift=10", "-bios", _rom, .. arguments]);
        WaitUntilDone();
    }

    /// <summary>Resets the machine, every device with it, and runs the script.</summary>
    public GuestResult[] Run(IReadOnlyList<GuestStep> script)
    {
        byte[] steps = new byte[(script.Count + 1) * GuestRom.StepSize];
        for (int i = 0; i < script.Count; i++)
        {
            Span<byte> step = steps.AsSpan(i * GuestRom.StepSize);
            BinaryPrimitives.WriteUInt32LittleEndian(step, script[i].Operation);
            BinaryPrimitives.WriteUInt32LittleEndian(step[4..], script[i].Address);
            BinaryPrimitives.WriteUInt32LittleEndian(step[8..], script[i].Value);
        }
        _qemu.TakeMessages();
        _qemu.Run(
        [
            Text($"write {GuestRom.Script} {steps.Length} 0x{Convert.ToHexStringLower(steps)}"),
            Text($"writel {GuestRom.Done} 0"),
            "outb 0xcf9 2", "outb 0xcf9 6", // the PIIX3's reset control register
        ]);
        WaitUntilDone();
        byte[] bytes = _qemu.ReadMemory(GuestRom.Results, script.Count * GuestRom.ResultSize);
        GuestResult[] results = new GuestResult[script.Count];
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(4));
        for (int i = 0; i < results.Length; i++)
        {
            ReadOnlySpan<byte> result = bytes.AsSpan(i * GuestRom.ResultSize);
            long elapsedNs = (long)(BinaryPrimitives.ReadUInt64LittleEndian(result[4..]) - start);
            results[i] = new GuestResult(BinaryPrimitives.ReadUInt32LittleEndian(result), elapsedNs * SimTime.Nanosecond);
        }
        return results;
    }

    /// <summary>The interrupt messages the script caused (see <see cref="QemuMachine.TakeMessages"/>).</summary>
    public List<string> TakeMessages() => _qemu.TakeMessages();

    public void Dispose()
    {
        _qemu.Dispose();
        File.Delete(_rom);
    }

    private void WaitUntilDone()
    {
        for (int polls = 0; _qemu.Run(Text($"readl {GuestRom.Done}")).Value != 1; polls++)
        {
            if (polls > 30_000) throw new InvalidOperationException("the guest does not come to the end of its script");
            Thread.Sleep(1);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
