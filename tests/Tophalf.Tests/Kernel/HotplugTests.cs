using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>Interrupts of processors that go and come back, and managed interrupts (kernel/irq/cpuhotplug.c, affinity.c).</summary>
public class HotplugTests
{
    private readonly KernelBench _bench = new(cpus: 4);

    private void Offline(int cpu)
    {
        Assert.Equal(Errno.None, _bench.Kernel.Hotplug.Offline(cpu));
        _bench.RunFor(2 * SimTime.Millisecond);
    }

    private void Online(int cpu) => Assert.Equal(Errno.None, _bench.Kernel.Hotplug.Online(cpu));

    private (PulseDevice Device, IrqDesc Line) On(CpuMask mask)
    {
        var (device, line) = _bench.Message();
        _bench.Irqs.SetAffinity(line, mask);
        _bench.Claim(line, device);
        return (device, line);
    }

    private static List<(PulseDevice Device, IrqDesc Line)> Managed(KernelBench bench, int vectors)
    {
        PciFunction function = bench.Function(vectors);
        Assert.Equal(Errno.None, bench.Irqs.AddMessages(new MsixChip(function), vectors, new IrqAffinity(), out IReadOnlyList<IrqDesc> lines));
        List<(PulseDevice Device, IrqDesc Line)> queues = [.. lines.Select((line, entry) => (PulseDevice.OnEntry("nvme", function.Msix, entry, bench.Events), line))];
        foreach (var (device, line) in queues) bench.Claim(line, device);
        return queues;
    }

    [Fact]
    public void A_line_whose_processor_goes_moves_within_its_mask_and_stays_there()
    {
        var (device, line) = On(CpuMask.Of(2, 3));
        Assert.Equal("2 of 2-3", $"{line.Effective.ToList()} of {line.Affinity.ToList()}");
        Offline(2);
        Assert.Equal("3 of 2-3", $"{line.Effective.ToList()} of {line.Affinity.ToList()}");
        Online(2);
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((0u, 1u), (line.CountOn(2), line.CountOn(3)));
    }

    [Fact]
    public void A_line_bound_to_the_processor_that_goes_is_given_to_all_and_does_not_come_back()
    {
        var (_, line) = On(CpuMask.Of(3));
        Offline(3);
        Assert.Equal("0 of 0-2", $"{line.Effective.ToList()} of {line.Affinity.ToList()}");
        Online(3);
        Assert.Equal("0 of 0-2", $"{line.Effective.ToList()} of {line.Affinity.ToList()}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_interrupt_under_way_to_a_processor_that_goes_is_sent_again(bool isLevel)
    {
        var (device, line) = isLevel ? _bench.Pin(9, isLevel: true) : _bench.Message();
        _bench.Irqs.SetAffinity(line, CpuMask.Of(3));
        _bench.Claim(line, device);
        device.Raise(_bench.NowPs);
        Offline(3);
        Assert.Equal((1u, 0u), (line.CountOn(0), line.CountOn(3)));
        Assert.Equal(isLevel ? 1ul : 0, _bench.Irqs.MisCount); // it came as an edge, and was ended at its pin
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(2u, line.CountOn(0));
    }

    [Fact]
    public void A_processor_with_more_vectors_than_the_others_have_left_stays()
    {
        var bench = new KernelBench(cpus: 2);
        for (int i = 0; i < 2; i++)
        {
            for (int entry = 0; entry < 110; entry++)
            {
                var (device, line) = bench.Message();
                bench.Irqs.SetAffinity(line, CpuMask.Of(i));
                bench.Claim(line, device);
            }
        }
        Assert.Equal(Errno.ENOSPC, bench.Kernel.Hotplug.Offline(1));
        Assert.Equal(["CPU 1 has 110 vectors, 92 available. Cannot disable CPU"], bench.Log);
    }

    [Fact]
    public void The_boot_processor_stays_and_one_that_does_not_exist_is_refused() =>
        Assert.Equal((Errno.EPERM, Errno.EINVAL), (_bench.Kernel.Hotplug.Offline(0), _bench.Kernel.Hotplug.Offline(9)));

    [Fact]
    public void A_task_that_may_go_elsewhere_wakes_there_while_its_processor_is_away()
    {
        var task = new SleeperTask("roamer", CpuMask.Of(1, 2), SimTime.Microsecond);
        _bench.Kernel.AddTask(task, _bench.Kernel.Cpus[2]);
        Offline(2);
        _bench.Kernel.Wake(task, _bench.Kernel.Cpus[0], _bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
    }

    [Fact]
    public void Managed_queues_are_spread_and_nobody_may_move_them()
    {
        var queues = Managed(_bench, 4);
        Assert.Equal("0 1 2 3", string.Join(" ", queues.Select(queue => queue.Line.Affinity.ToList())));
        Assert.Equal("0 1 2 3", string.Join(" ", queues.Select(queue => queue.Line.Effective.ToList())));
        Assert.Equal(Errno.EPERM, _bench.Write($"/proc/irq/{queues[0].Line.Irq}/smp_affinity", "2"));
        Assert.False(IrqManager.CanSetAffinity(queues[0].Line));
    }

    [Fact]
    public void A_managed_queue_sleeps_while_its_processors_are_away_and_keeps_its_drivers_disable()
    {
        var queues = Managed(_bench, 2); // masks 0-1 and 2-3
        var (device, line) = queues[1];
        Offline(3);
        Offline(2);
        Assert.Equal((true, 1, "2-3"), (line.IsManagedShutdown, line.Depth, line.Affinity.ToList()));
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(0ul, line.Total);
        _bench.Irqs.DisableIrq(line.Irq);
        Online(3);
        Assert.Equal((false, 1), (line.IsManagedShutdown, line.Depth));
        _bench.Irqs.EnableIrq(line.Irq);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1u, line.CountOn(3)); // what the entry had pending is sent when it opens
    }

    [Fact]
    public void Managed_queues_keep_off_isolated_processors_while_they_can()
    {
        var bench = new KernelBench(cpus: 4, cmdline: "quiet isolcpus=nohz,managed_irq,1,3");
        var queues = Managed(bench, 2);
        Assert.Equal("0 2", string.Join(" ", queues.Select(queue => queue.Line.Effective.ToList())));
        Assert.Equal("0-1 2-3", string.Join(" ", queues.Select(queue => queue.Line.Affinity.ToList())));
    }

    [Fact]
    public void The_boot_line_sets_the_default_affinity_and_always_keeps_the_boot_processor()
    {
        var bench = new KernelBench(cpus: 4, cmdline: "irqaffinity=2-3");
        Assert.Equal("d\n", bench.Read("/proc/irq/default_smp_affinity"));
    }
}
