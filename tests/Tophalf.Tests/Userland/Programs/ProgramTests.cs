using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Userland.Programs;

/// <summary>What people do with these programs on a kernel's files; the busybox oracle covers the rest where it is installed.</summary>
public sealed class ProgramTests
{
    private const string Interrupts =
        """
                   CPU0       CPU1
          0:         33          0   IO-APIC    2-edge      timer
         29:        100          7   PCI-MSI 524288-edge      eth0-rx-0
         30:          0     120000   PCI-MSI 524289-edge      eth0-tx-0
        NMI:          0          0   Non-maskable interrupts

        """;

    private static TestHost Host()
    {
        var host = new TestHost();
        host.Tree.With("/proc/interrupts", Interrupts).With("/proc/irq/29/smp_affinity_list", "0-7\n").With("/proc/irq/30/smp_affinity_list", "1\n");
        return host;
    }

    [Fact]
    public void Vectors_of_a_device_are_found_and_spread_over_the_cpus()
    {
        var host = Host();
        Assert.Equal("/proc/irq/29/smp_affinity_list 0\n/proc/irq/30/smp_affinity_list 1\n", host.Show("""
            cpu=0
            for irq in $(grep eth0 /proc/interrupts | cut -d: -f1 | tr -d ' '); do
                echo $cpu > /proc/irq/$irq/smp_affinity_list
                cpu=$(((cpu + 1) % $(nproc)))
            done
            for f in /proc/irq/*/smp_affinity_list; do echo $f $(cat $f); done
            """));
    }

    [Fact]
    public void Busiest_vector_comes_first_when_sorted_by_a_cpu() => Assert.Equal(
        " 30:\n 29:\n  0:\n",
        Host().Show("grep '^ *[0-9]*:' /proc/interrupts | sort -k3,3nr | cut -c1-4"));

    [Fact]
    public void Directory_lists_one_name_a_line() => Assert.Equal("29\n30\n", Host().Show("ls /proc/irq"));

    [Fact]
    public void Basic_and_extended_expressions_differ_in_what_a_backslash_means() => Assert.Equal(
        "2 2 1 0 1\n",
        Host().Show("""
            i=/proc/interrupts
            echo $(grep -c 'eth0-\(rx\|tx\)' $i) $(grep -cE 'eth0-(rx|tx)' $i) $(grep -cE '(0 +){2}Non' $i) $(grep -c 'eth0-(rx|tx)' $i) $(grep -cx '.*timer' $i)
            """));

    [Fact]
    public void File_that_cannot_be_read_is_named_with_its_error()
    {
        Assert.Equal("cat: can't open '/proc/irq/99/spurious': No such file or directory\ncat: read error: Is a directory\n[1]\n",
            Host().Show("cat /proc/irq/99/spurious /proc/irq"));
        Assert.Equal("[2]\n", Host().Show("grep -s eth /nosuch"));
    }

    [Fact]
    public void Programs_are_found_by_path_too_and_awk_is_not_carried() => Assert.Equal(
        "6.18.0\nsh: awk: not found\nsh: /opt/cat: not found\n[127]\n",
        Host().Show("/bin/uname -r; awk 1; /opt/cat"));

    [Fact]
    public void Kernel_and_machine_are_named() => Assert.Equal("Linux tophalf 6.18.0 #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux\n8\n6\n", Host().Show("uname -a; nproc; nproc --ignore=2"));

    [Theory]
    [InlineData("grep '[' /proc/interrupts", "grep: bad regex '['")]
    [InlineData("grep '\\(a\\)\\1' /proc/interrupts", "grep: bad regex '\\(a\\)\\1'")]
    [InlineData("grep -E '((a{255}){255}){255}' /proc/interrupts", "grep: bad regex '((a{255}){255}){255}'")]
    public void Expression_the_engine_refuses_is_a_bad_one(string script, string complaint) =>
        Assert.Equal(complaint + "\n[2]\n", Host().Show(script));

    [Fact]
    public void Write_refused_by_the_kernel_fails_every_program_alike()
    {
        var host = Host();
        host.Tree.With("/proc/irq/31/smp_affinity", "1\n", _ => Errno.EINVAL);
        Assert.Equal("1 1\ncat: write error: Invalid argument\nseq: write error: Invalid argument\n", host.Show("""
            cd /proc/irq/31
            echo x | cat > smp_affinity; first=$?
            seq 3 > smp_affinity; echo $first $?
            """));
    }
}
