using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Xunit;

namespace Tophalf.Tests.Linux.Captures;

/// <summary>A machine recorded, sent, and opened by somebody who trusts nobody.</summary>
public sealed class CaptureTests
{
    [Fact]
    public void What_was_captured_is_there_again_at_both_moments()
    {
        CaptureContent content = CaptureTaker.Take(new CountingMachine(), 2_000_000_000);
        CapturedMachine machine = new(CaptureReader.Read(Packed(content)));
        Assert.Equal(10, ProcInterrupts.Read(machine)[24]!.Total);
        Assert.Equal("eth0\n", machine.Run("uname -a").Output);
        Assert.Equal(["eth0-rx", "smp_affinity"], machine.List("/proc/irq/24"));
        Assert.Equal(127, machine.Run("reboot").Status);
        machine.Sleep(1);
        Assert.Equal(2_000_000_000, machine.NowNs);
        Assert.Equal(30, ProcInterrupts.Read(machine)[24]!.Total);
        Assert.Equal("3\n", machine.Read("/proc/irq/24/smp_affinity"));
        Assert.Equal(Errno.EROFS, Assert.Throws<LinuxException>(() => machine.Write("/proc/irq/24/smp_affinity", "1")).Errno);
    }

    [Fact]
    public void What_could_not_be_read_is_named_with_the_reason_and_the_remedy()
    {
        CaptureContent content = CaptureTaker.Take(new CountingMachine(), 1);
        Assert.Contains(new MissingPart("/proc/cmdline", "Permission denied", "capture as root"), content.Missing);
        Assert.Contains(content.Missing, part => part.Path == "/proc/softirqs" && part.Why == "No such file or directory");
        Assert.Contains(content.Missing, part => part.Path == "lscpu" && part.Why == "the program is not there");
        Assert.Contains(content.Missing, part => part.Path == "a trace of interrupt events");
        CapturedMachine machine = new(content);
        Assert.Equal(Errno.EACCES, Assert.Throws<LinuxException>(() => machine.Read("/proc/cmdline")).Errno);
    }

    [Fact]
    public void Redaction_replaces_the_same_address_by_the_same_and_leaves_pci_addresses_and_versions_alone()
    {
        Redactor redactor = new(["db7.example.org", "db7"]);
        Assert.Equal(
            "host-1 eth0 02:00:00:00:00:01 198.18.0.1/24 2001:db8::1 via 198.18.0.2, 02:00:00:00:00:01 host-2: 0000:81:00.0 6.12.9-rc1 127.0.0.1 12:30:45",
            redactor.Redact("db7.example.org eth0 52:54:00:aa:bb:cc 10.1.2.3/24 fe80::5054:ff:feaa:bbcc via 10.1.2.1, 52:54:00:aa:bb:cc db7: 0000:81:00.0 6.12.9-rc1 127.0.0.1 12:30:45"));
        Assert.Equal("198.18.0.1", redactor.Redact("10.1.2.3"));
    }

    [Fact]
    public void A_redacted_capture_holds_no_address_and_no_host_name_anywhere()
    {
        CaptureContent content = Redactor.Redact(CaptureTaker.Take(new CountingMachine(), 1));
        using MemoryStream bare = new();
        using (GZipStream gzip = new(Packed(content), CompressionMode.Decompress))
            gzip.CopyTo(bare);
        string all = Encoding.UTF8.GetString(bare.ToArray());
        Assert.DoesNotContain("secret", all);
        Assert.DoesNotContain("52:54:00", all);
        Assert.Contains("02:00:00:00:00:01", all);
    }

    [Theory]
    [InlineData("../x", "2:1: ../x lies outside of the capture")]
    [InlineData("/etc/passwd", "2:1: /etc/passwd lies outside of the capture")]
    [InlineData("tophalf-capture/1/../../x", "2:1: tophalf-capture/1/../../x lies outside of the capture")]
    public void A_path_that_leads_outside_is_refused(string name, string message) =>
        Refused(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) }), message);

    [Fact]
    public void A_link_is_refused() =>
        Refused(
            tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "tophalf-capture/1/proc/stat") { LinkName = "/etc/shadow" }),
            "2:1: tophalf-capture/1/proc/stat is a link or a device, which no capture holds");

    [Fact]
    public void A_file_where_a_directory_stands_is_refused() =>
        Refused(
            tar =>
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "tophalf-capture/1/proc/stat/x") { DataStream = new MemoryStream([1]) });
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "tophalf-capture/1/proc/stat") { DataStream = new MemoryStream([1]) });
            },
            "4:1: the archive is damaged here");

    [Fact]
    public void A_small_archive_that_unpacks_to_gigabytes_is_refused_before_it_fills_the_memory()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(gzip, TarEntryFormat.Pax))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "tophalf-capture/1/proc/stat") { DataStream = new MemoryStream(new byte[CaptureLimits.MaxFile + 1]) });
        packed.Position = 0;
        Assert.Equal($"tophalf-capture/1/proc/stat has more than {CaptureLimits.MaxFile} bytes", Assert.Throws<ReaderException>(() => CaptureReader.Read(packed)).Problem);
    }

    private static void Refused(Action<TarWriter> write, string message)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(gzip, TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tophalf-capture/1/proc/"));
            write(tar);
        }
        packed.Position = 0;
        Assert.StartsWith(message, Assert.Throws<ReaderException>(() => CaptureReader.Read(packed)).Message);
    }

    private static MemoryStream Packed(CaptureContent content)
    {
        MemoryStream packed = new();
        CaptureArchive.Write(content, packed);
        packed.Position = 0;
        return packed;
    }

    /// <summary>A small machine whose interrupts go on, that keeps one file from us and has one program.</summary>
    private sealed class CountingMachine : ILinuxMachine
    {
        private readonly SavedTree _tree = new SavedTree()
            .Add("/proc/irq/24/smp_affinity", "3\n").Add("/proc/stat", "cpu 1 2 3 4\n").Add("/proc/sys/kernel/hostname", "secret\n")
            .Add("/sys/class/net/eth0/address", "52:54:00:12:34:56\n").Add("/sys/class/net/eth0/device/uevent", "DRIVER=virtio_net\n");

        public CountingMachine() => _tree.AddDirectory("/proc/irq/24/eth0-rx");

        public string Read(string path) => path switch
        {
            ProcInterrupts.Path => $"  CPU0\n24: {(NowNs == 0 ? 10 : 30)} PCI-MSI 1-edge eth0-rx\n",
            "/proc/cmdline" => throw new LinuxException(Errno.EACCES, path),
            _ => _tree.Read(path),
        };

        public void Write(string path, string text) => throw new LinuxException(Errno.EACCES, path);
        public IReadOnlyList<string> List(string path) => _tree.List(path);

        public CommandResult Run(string commandLine) =>
            commandLine == "uname -a" ? new CommandResult("eth0\n", "", 0) : new CommandResult("", $"sh: {commandLine}: not found\n", 127);

        public long NowNs { get; private set; }
        public void Sleep(long durationNs) => NowNs += durationNs;
    }
}
