using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>A processor is switched off and on by its file, and every file that has a column or line per processor follows.</summary>
public class CpuFilesTests
{
    private static TwinMachine Boot() => TwinRuns.Machine("""
        machine: {cores: 4}
        devices:
          dev: {model: line, irq: 16, trigger: level}
          nvme0: {model: nvme}
        workloads:
          - interrupts: {to: dev, rate: 1000/s, arrivals: constant}
        """, 20 * SimTime.Millisecond);

    private static string Out(TwinMachine machine, string command)
    {
        CommandResult result = machine.Run(command);
        return result.Output + result.Error;
    }

    [Fact]
    public void A_processor_that_is_switched_off_leaves_the_files_and_comes_back()
    {
        TwinMachine machine = Boot();
        Assert.Equal("", Out(machine, "echo 0 > /sys/devices/system/cpu/cpu2/online"));
        Assert.Equal("0-1,3\n2\n0-3\n0-3\n", Out(machine, "cd /sys/devices/system/cpu; cat online offline possible present"));
        Assert.Equal("           CPU0       CPU1       CPU3       \n", Out(machine, "head -n 1 /proc/interrupts"));
        Assert.Equal("cpu0\ncpu1\ncpu3\n", Out(machine, "grep -o '^cpu[0-9]' /proc/stat"));
        Assert.Equal("0-1,3\n", Out(machine, "cat /sys/devices/system/cpu/cpu0/topology/core_siblings_list"));
        Assert.Equal("3\n", Out(machine, "nproc"));
        // What is possible, not what is online, has a column here.
        Assert.Equal("                    CPU0       CPU1       CPU2       CPU3       \n", Out(machine, "head -n 1 /proc/softirqs"));
        machine.Sleep(50_000_000);
        Assert.Equal("", Out(machine, "echo 1 > /sys/devices/system/cpu/cpu2/online"));
        Assert.Equal("0-3\n\n", Out(machine, "cd /sys/devices/system/cpu; cat online offline"));
        machine.Sleep(50_000_000);
        Audit.Check(machine);
    }

    [Fact]
    public void The_boot_processor_has_no_switch_and_nonsense_is_refused()
    {
        TwinMachine machine = Boot();
        Assert.DoesNotContain("online", machine.List("/sys/devices/system/cpu/cpu0"));
        Assert.Equal("sh: write error: Invalid argument\n", Out(machine, "echo maybe > /sys/devices/system/cpu/cpu1/online"));
    }

    [Fact]
    public void A_managed_line_goes_down_with_its_processor_and_nobody_may_move_it()
    {
        TwinMachine machine = Boot();
        string irq = Out(machine, "grep nvme0q3 /proc/interrupts | cut -d: -f1 | tr -d ' '").Trim();
        Assert.Equal("2\n2\n", Out(machine, $"cat /proc/irq/{irq}/smp_affinity_list /proc/irq/{irq}/effective_affinity_list"));
        Assert.Equal("sh: write error: Operation not permitted\n", Out(machine, $"echo rubbish > /proc/irq/{irq}/smp_affinity"));
        Assert.StartsWith("-r--r--r--    1 root     root             0 Jan  1 00:00 ", Out(machine, $"ls -l /proc/irq/{irq}/smp_affinity"));
        Assert.Equal("", Out(machine, "echo 0 > /sys/devices/system/cpu/cpu2/online"));
        Assert.True(machine.Kernel.Irqs.Find(int.Parse(irq))!.IsManagedShutdown);
        machine.Sleep(10_000_000);
        Assert.Equal("", Out(machine, "echo 1 > /sys/devices/system/cpu/cpu2/online"));
        Assert.False(machine.Kernel.Irqs.Find(int.Parse(irq))!.IsManagedShutdown);
    }

    [Fact]
    public void Drivers_that_have_a_wish_show_it_as_a_hint()
    {
        TwinMachine machine = TwinRuns.Machine("machine: {cores: 4}\ndevices:\n  eth0: {model: ixgbe, queues: 2}\n  eth1: {model: igb, queues: 2}\n  eth2: {model: virtio-net, queues: 2}\n", 1);
        string Hint(string action) => Out(machine, $"cat /proc/irq/$(grep '{action}$' /proc/interrupts | cut -d: -f1 | tr -d ' ')/affinity_hint").Trim();
        Assert.Equal(["1", "2"], [Hint("eth0-TxRx-0"), Hint("eth0-TxRx-1")]);
        Assert.Equal("0", Hint("eth1-TxRx-1"));
        Assert.Equal(["3", "c", "c"], [Hint("virtio0-input.0"), Hint("virtio0-input.1"), Hint("virtio0-output.1")]);
    }
}
