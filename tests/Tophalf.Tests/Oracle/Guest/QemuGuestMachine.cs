using System.Diagnostics;
using System.Globalization;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// QEMU's software emulation, all CPUs in one thread, so that a guest that yields lets the others run at once. The PCI function is QEMU's "edu" device.
/// </summary>
internal sealed class QemuGuestMachine : GuestMachine
{
    public const string Program = "qemu-system-x86_64";

    protected override int OutputPort => SerialPort;

    protected override string Boot(string folder, byte[] script, string output, int cpus, TimeSpan limit)
    {
        string scriptPath = Path.Combine(folder, "script");
        File.WriteAllBytes(scriptPath, script);
        return RunProcess(
            new ProcessStartInfo(Program,
            [
                "-accel", "tcg,thread=single", "-machine", "pc", "-cpu", "max", "-m", "32", "-smp", cpus.ToString(CultureInfo.InvariantCulture),
                "-display", "none", "-nodefaults", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4", "-device", "edu",
                "-serial", $"file:{output}", "-kernel", GuestImage.Kernel, "-initrd", scriptPath,
            ]),
            limit);
    }
}
