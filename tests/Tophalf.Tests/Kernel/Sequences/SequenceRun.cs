using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Kernel.Sequences;

/// <summary>One sequence on the twin and on the reference at once, compared after every operation.</summary>
internal sealed class SequenceRun
{
    private static readonly CostSet Costs = CostSet.BuiltIn("server-3ghz");

    private readonly KernelBench _bench = new(LineOperation.Cpus, Costs);
    private readonly MachineModel _model = new();
    private readonly List<(IrqDesc Desc, PulseDevice Device, object[] DevIds)> _lines = [];
    private readonly int[] _handled = new int[LineOperation.Lines];

    private SequenceRun(bool isLoaded)
    {
        for (int cpu = 0; isLoaded && cpu < LineOperation.Cpus; cpu++) AddLoad(cpu, cpu == 1 ? CpuMask.FirstCpus(LineOperation.Cpus) : CpuMask.Of(cpu));
        var (device, desc) = _bench.Message();
        Add(desc, device);
        (device, desc) = _bench.Pin(9, isLevel: true);
        Add(desc, device);
        (device, desc) = _bench.Pin(4, isLevel: false);
        Add(desc, device);
        PciFunction function = _bench.Function(2);
        Errno error = _bench.Irqs.AddMessages(new MsixChip(function), 2, new IrqAffinity(), out IReadOnlyList<IrqDesc> managed);
        if (error != Errno.None) throw new InvalidOperationException($"managed vectors: {error}");
        for (int entry = 0; entry < 2; entry++) Add(managed[entry], PulseDevice.OnEntry("nvme", function.Msix, entry, _bench.Events));
    }

    /// <summary>A task that is on its processor for most of the time, wherever that is.</summary>
    private void AddLoad(int cpu, CpuMask allowed)
    {
        var task = new PeriodicTask(_bench.Kernel, $"load/{cpu}", allowed, (700 + 90 * cpu) * SimTime.Microsecond, 110 * SimTime.Microsecond, CpuClass.User);
        _bench.Kernel.AddTask(task, _bench.Kernel.Cpus[cpu]);
        _bench.Kernel.Wake(task, _bench.Kernel.Cpus[cpu], 0);
    }

    private void Add(IrqDesc desc, PulseDevice device) => _lines.Add((desc, device, [new object(), new object()]));

    /// <summary>Null when twin and reference agree all the way, else what differs and where.</summary>
    /// <param name="operations">What is done.</param>
    /// <param name="isLoaded">The processors have tasks to run meanwhile.</param>
    public static string? Difference(IReadOnlyList<LineOperation> operations, bool isLoaded)
    {
        var run = new SequenceRun(isLoaded);
        run.Elapse(0.1);
        for (int i = 0; i < operations.Count; i++)
        {
            if (run.Do(operations[i]) is { } answer) return $"operation {i}, {operations[i]}: {answer}";
            if (run.Compare() is { } state) return $"after operation {i}, {operations[i]}: {state}";
        }
        run._bench.RunFor(0); // the checkers
        return null;
    }

    /// <summary>Does it on both; null, or how their answers differ.</summary>
    private string? Do(LineOperation operation)
    {
        LineModel line = _model.Lines[operation.Line];
        var (desc, device, devIds) = _lines[operation.Line];
        int action = line.Type == LineType.LevelPin ? operation.Argument & 1 : 0;
        object expected = 0, actual = 0;
        double ms = 1;
        switch (operation.Kind)
        {
            case OperationKind.Request when !line.Actions[action]:
                expected = _model.Request(line, action);
                int index = operation.Line;
                actual = _bench.Irqs.RequestIrq(desc.Irq, (_, _) =>
                {
                    _handled[index]++;
                    device.Acknowledge(_bench.Kernel.CurrentCpu!.LocalPs);
                    return IrqReturn.Handled;
                }, line.Type == LineType.LevelPin ? IrqFlags.Shared : IrqFlags.None, "dev", devIds[action]);
                break;
            case OperationKind.Free:
                expected = line.Actions[action];
                if (line.Actions[action]) _model.Free(line, action);
                actual = _bench.Irqs.FreeIrq(desc.Irq, devIds[action]);
                break;
            case OperationKind.Disable when line.IsRequested:
                _model.Disable(line);
                _bench.Irqs.DisableIrqNosync(desc.Irq);
                break;
            case OperationKind.Enable when line.IsRequested:
                _model.Enable(line);
                _bench.Irqs.EnableIrq(desc.Irq);
                break;
            case OperationKind.Affinity:
                expected = _model.SetAffinity(line, operation.Mask);
                actual = _bench.Irqs.SetAffinity(desc, operation.Mask);
                break;
            case OperationKind.Raise:
                _model.Raise(line);
                device.Raise(_bench.NowPs);
                break;
            case OperationKind.RaiseAndOffline or OperationKind.Offline when operation.Argument > 0 && _model.Online.Contains(operation.Argument):
                if (operation.Kind == OperationKind.RaiseAndOffline) RaiseInto(line, device, operation.Argument);
                else _model.Offline(operation.Argument);
                expected = Errno.None;
                actual = _bench.Kernel.Hotplug.Offline(operation.Argument);
                ms = 2;
                break;
            case OperationKind.Online when !_model.Online.Contains(operation.Argument):
                _model.BringOnline(operation.Argument);
                expected = Errno.None;
                actual = _bench.Kernel.Hotplug.Online(operation.Argument);
                break;
            case OperationKind.Wait:
                ms = 10;
                break;
        }
        Elapse(ms);
        _model.Elapse((long)ms);
        return expected.Equals(actual) ? null : $"the kernel would answer {expected}, the twin answered {actual}";
    }

    /// <summary>An interrupt under way while its processor goes; one that works takes it before its tasks have moved.</summary>
    private void RaiseInto(LineModel line, PulseDevice device, int cpu)
    {
        if (!_bench.Kernel.Cpus[cpu].IsIdle)
        {
            _model.Raise(line);
            device.Raise(_bench.NowPs);
            _model.Offline(cpu);
            return;
        }
        bool sent = !line.Masked && !(line.Type == LineType.LevelPin && line.Asserted), late = sent && line.Cpu == cpu;
        if (!sent) _model.Raise(line);
        else if (line.Type == LineType.LevelPin) line.Asserted = true;
        device.Raise(_bench.NowPs);
        _model.Offline(cpu);
        if (late) _model.Elapse(1);
        if (sent) _model.DeliverLate(line);
        if (late) _model.Elapse(-1);
    }

    private void Elapse(double ms) => _bench.Events.RunUntil(_bench.NowPs + (long)(ms * SimTime.Millisecond));

    private string? Compare()
    {
        VectorMatrix matrix = _bench.Kernel.Vectors.Matrix;
        if (_bench.Kernel.OnlineMask != _model.Online) return $"online {_bench.Kernel.OnlineMask}, not {_model.Online}";
        for (int i = 0; i < LineOperation.Lines; i++)
        {
            LineModel line = _model.Lines[i];
            IrqDesc desc = _lines[i].Desc;
            bool same = desc.Cpu == line.Cpu && desc.Depth == line.Depth && desc.Affinity == (line.PendingMask ?? line.Own) && _handled[i] == line.Handled;
            for (int cpu = 0; cpu < LineOperation.Cpus; cpu++) same &= desc.CountOn(cpu) == line.Counts[cpu];
            if (same) continue;
            int[] counts = [.. Enumerable.Range(0, LineOperation.Cpus).Select(cpu => (int)desc.CountOn(cpu))];
            return $"line {i} ({line.Type}) is cpu {desc.Cpu} depth {desc.Depth} affinity {desc.Affinity.ToList()} counts {string.Join(",", counts)} handled {_handled[i]}, should be {line}";
        }
        for (int cpu = 0; cpu < LineOperation.Cpus; cpu++)
        {
            if (matrix.Allocated(cpu) != _model.Allocated(cpu)) return $"CPU {cpu} has {matrix.Allocated(cpu)} vectors, should have {_model.Allocated(cpu)}";
            int books = matrix.Available(cpu) + matrix.Allocated(cpu) - matrix.ManagedAllocated(cpu) + matrix.Managed(cpu);
            if (books != 202) return $"the books of CPU {cpu} come to {books}, not 202";
        }
        return matrix.GlobalReserved == _model.Promised ? null : $"{matrix.GlobalReserved} vectors are promised, should be {_model.Promised}";
    }
}
