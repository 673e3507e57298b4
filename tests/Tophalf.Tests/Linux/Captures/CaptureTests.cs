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

    [Fact]
    public void Files_are_redacted_by_name_and_host_names_are_found_where_logs_and_command_lines_tell_them()
    {
        SavedTree tree = new SavedTree().Add("/proc/sys/kernel/hostname", "db7.corp.example.com\n").Add("/proc/cmdline", "root=/dev/nfs nfsroot=filer3:/srv/db7 ip=dhcp\n")
            .Add("/sys/class/net/enx525400aabbcc/address", "52:54:00:aa:bb:cc\n").Add("/proc/9/stat", "9 (irq/24-enx52540) S 2 0\n");
        tree.AddDirectory("/proc/irq/24/enx525400aabbcc");
        CaptureContent content = new(tree, new SavedTree(), 1, [new CapturedCommand("ethtool -i enx525400aabbcc", new CommandResult("", "", 0)),
            new CapturedCommand("dmesg", new CommandResult("nfs: server backup not responding; db8.corp.example.com and backup\n", "", 0))], null, [], false);
        CaptureContent redacted = Redactor.Redact(content);
        Assert.Equal(["/proc/9/stat", "/proc/cmdline", "/proc/sys/kernel/hostname", "/sys/class/net/enx020000000001/address"], redacted.First.Files.Order());
        Assert.Contains("/proc/irq/24/enx020000000001", redacted.First.Directories);
        Assert.Equal("02:00:00:00:00:01\n", redacted.First.Read("/sys/class/net/enx020000000001/address"));
        Assert.Equal("9 (irq/24-enx02000) S 2 0\n", redacted.First.Read("/proc/9/stat"));
        Assert.Equal("ethtool -i enx020000000001", redacted.Commands[0].Line);
        string all = string.Concat(redacted.First.Files.Select(redacted.First.Read)) + redacted.Commands[1].Result.Output;
        Assert.All(["db7", "db8", "corp", "filer3", "backup", "525400"], secret => Assert.DoesNotContain(secret, all));
        Assert.Matches(@"^nfs: server (host-\d) not responding; host-\d and \1\n$", redacted.Commands[1].Result.Output);
        Assert.Equal(redacted.First.Read("/proc/sys/kernel/hostname"), Redactor.Redact(redacted).First.Read("/proc/sys/kernel/hostname"));
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
