using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

public sealed class LiveMachineTests : IDisposable
{
    private readonly DirectoryInfo _tree = Directory.CreateTempSubdirectory("tophalf-machine");

    public void Dispose() => _tree.Delete(recursive: true);

    [LiveFact]
    public void File_of_proc_is_read_whole_though_its_size_is_zero()
    {
        Assert.Equal(0, new FileInfo("/proc/cpuinfo").Length);
        Assert.StartsWith("processor", new LiveMachine().Read("/proc/cpuinfo"));
    }

    [LiveFact]
    public void File_longer_than_the_first_buffer_is_read_to_its_end()
    {
        string text = string.Concat(Enumerable.Range(0, 50000).Select(i => $"{i}\n"));
        File.WriteAllText(Path.Combine(_tree.FullName, "long"), text);
        Assert.Equal(text, Saved().Read("/long"));
    }

    [LiveFact]
    public void Error_numbers_are_the_kernels()
    {
        LiveMachine live = new();
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => live.Read("/proc/no-such-file")).Errno);
        Assert.Equal(Errno.EISDIR, Assert.Throws<LinuxException>(() => live.Read("/proc")).Errno);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => live.Read("/proc/stat/cpu")).Errno);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => live.List("/proc/no-such-directory")).Errno);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => live.List("/proc/stat")).Errno);
        Assert.Equal("/proc/no-such-file: No such file or directory", Assert.Throws<LinuxException>(() => live.Read("/proc/no-such-file")).Message);
    }

    [LiveFact]
    public void Write_replaces_the_file_as_a_redirection_does()
    {
        string path = Path.Combine(_tree.FullName, "file");
        LiveMachine live = new();
        live.Write(path, "a long text");
        live.Write(path, "short");
        Assert.Equal("short", live.Read(path));
    }

    [LiveFact]
    public void Names_come_in_ordinal_order()
    {
        foreach (string name in (string[])["b", "B", "a10", "a9", ".hidden"])
            File.WriteAllText(Path.Combine(_tree.FullName, name), "");
        Assert.Equal([".hidden", "B", "a10", "a9", "b"], Saved().List("/"));
    }

    [LiveFact]
    public void Command_leaves_both_streams_and_its_status()
    {
        LiveMachine live = new();
        Assert.Equal(new CommandResult("out\n", "err\n", 3), live.Run("echo out; echo err >&2; exit 3"));
        Assert.Equal(300000, live.Run("head -c 300000 /dev/zero | tr '\\0' x >&2").Error.Length);
        Assert.Equal("", live.Run("cat").Output);
    }

    [LiveFact]
    public void Clock_goes_on_at_least_as_far_as_one_slept()
    {
        LiveMachine live = new();
        long beforeNs = live.NowNs;
        live.Sleep(2_000_000);
        Assert.True(live.NowNs - beforeNs >= 2_000_000);
    }

    [LiveFact]
    public void Saved_tree_can_be_read_but_runs_nothing_and_takes_no_writes()
    {
        Directory.CreateDirectory(Path.Combine(_tree.FullName, "proc"));
        File.WriteAllText(Path.Combine(_tree.FullName, "proc", "interrupts"), "           CPU0\n  1:          9   XT-PIC  i8042\n");
        LiveMachine saved = Saved();
        Assert.Equal(9, ProcInterrupts.Read(saved)[1]!.Total);
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<LinuxException>(() => saved.Run("true")).Errno);
        Assert.Equal(Errno.EROFS, Assert.Throws<LinuxException>(() => saved.Write("/proc/interrupts", "0")).Errno);
    }

    [LiveFact]
    public void No_path_climbs_out_of_a_saved_tree() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => Saved().Read("/../../../../../../etc/passwd")).Errno);

    private LiveMachine Saved() => new(_tree.FullName);
}
