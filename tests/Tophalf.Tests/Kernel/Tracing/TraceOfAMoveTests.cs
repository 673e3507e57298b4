using System.Text.RegularExpressions;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Tracing;

/// <summary>
/// The trace of one MSI-X interrupt that is moved, as Linux 6.18 recorded it on a guest of two processors: smp_affinity from 3 to 1, the line on CPU 1. The twin's
/// vectors are brought to the same state, and its trace is the same but for the times.
/// </summary>
public partial class TraceOfAMoveTests
{
    private const string Recorded = """
                  <idle>-0       [001] d.h3. irq_matrix_alloc: bit=43 cpu=0 online=1 avl=190 alloc=11 managed=1 online_maps=2 global_avl=383, global_rsvd=1, total_alloc=20
                  <idle>-0       [001] d.h3. vector_alloc: irq=38 vector=43 reserved=0 ret=0
                  <idle>-0       [001] d.h3. vector_update: irq=38 vector=43 cpu=0 prev_vector=38 prev_cpu=1
                  <idle>-0       [001] d.h3. vector_config: irq=38 vector=43 cpu=0 apicdest=0x00000000
                  <idle>-0       [001] d.h1. irq_handler_entry: irq=38 name=virtio2-input.0
                  <idle>-0       [001] d.h1. irq_handler_exit: irq=38 ret=handled
                  <idle>-0       [000] d.H1. irq_handler_entry: irq=38 name=virtio2-input.0
                  <idle>-0       [000] d.H1. irq_handler_exit: irq=38 ret=handled
                  <idle>-0       [001] d.s2. vector_free_moved: irq=38 cpu=1 vector=38 is_managed=0
                  <idle>-0       [001] d.s2. irq_matrix_free: bit=38 cpu=1 online=1 avl=194 alloc=8 managed=1 online_maps=2 global_avl=384, global_rsvd=1, total_alloc=19

        """;

    [Fact]
    public void One_message_moved_to_the_other_processor_leaves_the_recorded_trace()
    {
        var bench = new KernelBench(cpus: 2);
        (PulseDevice device, PulseDevice busy) = BringToTheRecordedState(bench);
        foreach (string system in new[] { "irq", "irq_vectors", "irq_matrix" })
            Assert.Equal(Errno.None, bench.Write($"/sys/kernel/tracing/events/{system}/enable", "1"));

        Assert.Equal(Errno.None, bench.Write("/proc/irq/38/smp_affinity", "1"));
        bench.At(1 * SimTime.Millisecond, () => device.Raise(1 * SimTime.Millisecond));
        // The second one finds CPU 0 in a tasklet.
        bench.At(2 * SimTime.Millisecond, () => busy.Raise(2 * SimTime.Millisecond));
        long late = 2 * SimTime.Millisecond + 50 * SimTime.Microsecond;
        bench.At(late, () => device.Raise(late));
        bench.RunFor(20 * SimTime.Millisecond);

        string[] lines = [.. bench.Read("/sys/kernel/tracing/trace").Split('\n').Where(line => line.Contains("irq=38") || line.Contains("irq_matrix_"))];
        Assert.Equal(Recorded, string.Concat(lines.Select(line => Time().Replace(line, " ") + "\n")));
    }

    /// <summary>One managed line on CPU 1; ten lines on CPU 0 and eight on CPU 1, of which irq 38 is one; one line promised and not in use.</summary>
    private static (PulseDevice Device, PulseDevice Busy) BringToTheRecordedState(KernelBench bench)
    {
        Assert.Equal(Errno.None, bench.Irqs.AddMessages(new MsixChip(bench.Function(2)), 1, new IrqAffinity(), out IReadOnlyList<IrqDesc> managed));
        Assert.Equal(0, bench.Irqs.RequestIrq(managed[0].Irq, (_, _) => IrqReturn.Handled, IrqFlags.None, "nvme0q1", bench));
        bench.Message("promised");
        bench.Irqs.AddLine(IrqChip.Dummy, FlowKind.Simple);
        var tasklet = new Tasklet(_ => bench.Kernel.CurrentCpu!.Spend(200 * SimTime.Microsecond));
        var devices = new List<PulseDevice>();
        for (int i = 0; i < 18; i++)
        {
            (PulseDevice device, IrqDesc line) = bench.Message(i == 11 ? "virtio2-input.0" : $"dev{i}");
            if (i >= 16) line.Affinity = CpuMask.Of(0);
            bool isBusy = i == 0;
            bench.Claim(line, device, isBusy ? _ => bench.Kernel.Tasklets.Schedule(tasklet) : null);
            devices.Add(device);
        }
        IrqDesc moved = bench.Irqs.Find(38)!;
        Assert.Equal((1, 38, 0), (moved.Cpu, moved.Vector, bench.Irqs.Find(27)!.Cpu));
        return (devices[11], devices[0]);
    }

    [GeneratedRegex(@" +\d+\.\d{6}: ")]
    private static partial Regex Time();
}
