using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>The real machine answers through the same interface as the others.</summary>
[Collection(OracleBoots.Collection)]
public class OracleMachineTests(OracleBoots boots)
{
    private OracleMachine Machine => boots[OracleBoard.Q35];

    [OracleFact]
    public void Output_errors_and_status_of_a_command_arrive_apart_and_whole()
    {
        CommandResult result = Machine.Run("printf 'a\\n\\nb'; printf '@end 1\\n~' >&2; exit 7");
        Assert.Equal(new CommandResult("a\n\nb", "@end 1\n~", 7), result);
    }

    [OracleFact]
    public void A_long_script_and_a_long_answer_survive_the_serial_line()
    {
        string words = string.Concat(Enumerable.Repeat("0123456789abcdef", 1000));
        Assert.Equal(words + "\n", Machine.Run($"echo {words}").Output);
    }

    [OracleFact]
    public void Refused_files_carry_the_kernels_error()
    {
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => Machine.Read("/proc/nowhere")).Errno);
        Assert.Equal(Errno.EIO, Assert.Throws<LinuxException>(() => Machine.Write("/proc/interrupts", "1")).Errno);
        Assert.Equal(Errno.EOVERFLOW, Assert.Throws<LinuxException>(() => Machine.Write("/proc/irq/default_smp_affinity", "10")).Errno);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => Machine.List("/proc/irq/999")).Errno);
    }

    [OracleFact]
    public void What_is_written_is_read_and_directories_are_sorted()
    {
        Machine.Write("/tmp/words", "it's 'so'\n");
        Assert.Equal("it's 'so'\n", Machine.Read("/tmp/words"));
        IReadOnlyList<string> names = Machine.List("/proc/irq");
        Assert.Contains("default_smp_affinity", names);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [OracleFact]
    public void Time_passes_while_it_sleeps()
    {
        long before = Machine.NowNs;
        Machine.Sleep(50_000_000);
        Assert.InRange(Machine.NowNs - before, 40_000_000, 30_000_000_000);
    }

    [OracleFact]
    public void The_readers_of_kernel_files_understand_it()
    {
        ProcInterrupts interrupts = ProcInterrupts.Read(Machine);
        Assert.Equal([0, 1], interrupts.Cpus.AsEnumerable());
        Assert.Contains(interrupts.Numbered, row => row.Chip == "PCI-MSI");
    }
}
