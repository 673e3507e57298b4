using System.Buffers.Binary;
using System.Diagnostics;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// Bochs, the second opinion: it has an x2APIC and sets the EXT bit, and no PCI function with MSI. It boots from a disk, and wants a terminal, which script(1)
/// lends it; the guest prints on the parallel port, because Bochs' serial port is as slow as a real one.
/// </summary>
internal sealed class BochsGuestMachine : GuestMachine
{
    public const string Program = "bochs";
    private const int SectorSize = 512, Cylinders = 20, Heads = 16, SectorsPerTrack = 63, CountsOffset = 4;

    protected override int OutputPort => PrinterPort;

    protected override string Boot(string folder, byte[] script, string output, int cpus, TimeSpan limit)
    {
        byte[] disk = new byte[Cylinders * Heads * SectorsPerTrack * SectorSize], guest = File.ReadAllBytes(GuestImage.Kernel);
        File.ReadAllBytes(GuestImage.BootSector).CopyTo(disk, 0);
        int guestSectors = Sectors(guest), scriptSectors = Sectors(script);
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(CountsOffset), checked((ushort)guestSectors));
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(CountsOffset + 2), checked((ushort)scriptSectors));
        guest.CopyTo(disk, SectorSize);
        script.CopyTo(disk, (1 + guestSectors) * SectorSize);
        File.WriteAllBytes(Path.Combine(folder, "disk"), disk);
        File.WriteAllBytes(Path.Combine(folder, "video"), EmptyVideoRom());
        File.WriteAllText(Path.Combine(folder, "commands"), "c\n"); // Debian's build stops in its debugger first
        File.WriteAllText(Path.Combine(folder, "configuration"), $"""
            cpu: model=corei7_icelake_u, count={cpus}, ips=4000000, quantum=5, ignore_bad_msrs=0
            memory: guest=32, host=32
            romimage: file=$BXSHARE/BIOS-bochs-latest
            vgaromimage: file={folder}/video
            ata0-master: type=disk, path={folder}/disk, mode=flat, cylinders={Cylinders}, heads={Heads}, spt={SectorsPerTrack}
            boot: disk
            display_library: term
            parport1: enabled=1, file={output}
            log: {folder}/log
            panic: action=fatal
            error: action=ignore
            info: action=ignore
            clock: sync=none
            speaker: enabled=0
            """);
        var start = new ProcessStartInfo("script", ["-qefc", $"bochs -q -f {folder}/configuration -rc {folder}/commands", "/dev/null"]);
        start.Environment["TERM"] = "vt100";
        start.Environment["BXSHARE"] = "/usr/share/bochs";
        return LastLine(RunProcess(start, limit));
    }

    private static int Sectors(byte[] bytes) => (bytes.Length + SectorSize - 1) / SectorSize;

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

    /// <summary>An option ROM that returns at once: nobody looks at the screen.</summary>
    private static byte[] EmptyVideoRom()
    {
        byte[] rom = new byte[SectorSize];
        (rom[0], rom[1], rom[2], rom[3]) = (0x55, 0xAA, 1, 0xCB);
        rom[^1] = (byte)-rom.Sum(b => b);
        return rom;
    }
}
