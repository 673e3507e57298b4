using Tophalf.Linux;

namespace Tophalf.Tests.Kernel.Sequences;

/// <summary>
/// The reference: processors, vectors and lines as the kernel's documentation and sources say they behave, without time inside an operation, without
/// hardware, and without any code of the twin. Each operation takes a millisecond, an offlining two.
/// </summary>
internal sealed class MachineModel
{
    private const int Vectors = 202, JiffyMs = 4;

    private CpuMask _online = CpuMask.FirstCpus(LineOperation.Cpus);

    public List<LineModel> Lines { get; } =
    [
        new(LineType.Message, CpuMask.FirstCpus(3)), new(LineType.LevelPin, CpuMask.FirstCpus(3)), new(LineType.EdgePin, CpuMask.FirstCpus(3)),
        new(LineType.ManagedMessage, CpuMask.Of(0, 1)), new(LineType.ManagedMessage, CpuMask.Of(2)),
    ];

    /// <summary>Hotplug goes through the lines in the order of their numbers: 4, 9, then the messages.</summary>
    private IEnumerable<LineModel> ByNumber => [Lines[2], Lines[1], Lines[0], Lines[3], Lines[4]];

    public CpuMask Online => _online;
    public long NowMs { get; private set; }
    private long Jiffies => NowMs / JiffyMs;

    public int Allocated(int cpu) => Lines.Count(line => line.Cpu == cpu) + Lines.Count(line => line.PreviousCpu == cpu);
    private int ManagedAllocated(int cpu) => Lines.Count(line => line.IsManaged && line.Cpu == cpu) + Lines.Count(line => line.IsManaged && line.PreviousCpu == cpu);
    private int Reserved(int cpu) => Lines.Count(line => line.IsManaged && line.Own.Contains(cpu));
    private int Available(int cpu) => Vectors - Reserved(cpu) - (Allocated(cpu) - ManagedAllocated(cpu));

    /// <summary>Lines that hold a promise of a vector and not a vector.</summary>
    public int Promised => Lines.Count(line => !line.IsManaged && line.Cpu < 0);

    /// <summary>The clock goes on; clean-ups that are due are done.</summary>
    public void Elapse(long ms)
    {
        NowMs += ms;
        foreach (LineModel line in Lines)
        {
            if (line.CleanupJiffy <= Jiffies) ForgetPrevious(line);
        }
    }

    private static void ForgetPrevious(LineModel line)
    {
        line.PreviousCpu = -1;
        line.MoveInProgress = false;
        line.CleanupJiffy = long.MaxValue;
    }

    // ---- request, free, enable, disable ----------------------------------------------------------------------------------------

    /// <summary>The error number request_irq answers with, 0 for none.</summary>
    public int Request(LineModel line, int action)
    {
        if (line.Type != LineType.LevelPin && line.IsRequested) return -(int)Errno.EBUSY;
        line.Actions[action] = true;
        if (line.Actions[1 - action]) return 0;
        if (!line.IsManaged)
        {
            CpuMask first = line.Own.And(_online);
            Place(line, first.IsEmpty ? _online : first);
        }
        Start(line);
        return 0;
    }

    public void Free(LineModel line, int action)
    {
        line.Actions[action] = false;
        if (line.IsRequested) return;
        if (line.Started) line.Depth++;
        line.Started = false;
        line.Masked = true;
        Unplace(line);
    }

    public void Disable(LineModel line) => line.Depth++;

    public void Enable(LineModel line)
    {
        if (line.Depth == 1) Start(line);
        else if (line.Depth > 1) line.Depth--;
    }

    private void Start(LineModel line)
    {
        line.Depth = 0;
        if (!line.Started)
        {
            if (line.IsManaged)
            {
                line.ManagedShutdown = !line.Own.Intersects(_online);
                if (line.ManagedShutdown)
                {
                    line.Depth = 1;
                    return;
                }
                Place(line, line.Own.And(_online));
            }
            line.Started = true;
            if (!line.IsManaged) TakeStartAffinity(line);
        }
        int target = line.Cpu;
        line.Masked = false;
        if (line.DevicePending)
        {
            line.DevicePending = false;
            Deliver(line, target);
        }
        if (line.Type == LineType.LevelPin)
        {
            line.Pending = false;
            if (line.Asserted) Deliver(line, target);
        }
        else if (line.Pending)
        {
            line.Pending = false;
            Deliver(line, target);
        }
    }

    private void TakeStartAffinity(LineModel line)
    {
        CpuMask set = CpuMask.FirstCpus(LineOperation.Cpus);
        if (line.Chosen && line.Own.Intersects(_online)) set = line.Own;
        else line.Chosen = false;
        CpuMask mask = set.And(_online);
        if (TryMove(line, mask)) line.Own = mask;
    }

    // ---- vectors ---------------------------------------------------------------------------------------------------------------

    private void Place(LineModel line, CpuMask mask)
    {
        if (line.Cpu >= 0 && mask.Contains(line.Cpu)) return;
        line.Cpu = Best(line, mask);
    }

    /// <summary>Ordinary: most vectors free, lowest number. Managed: fewest managed in use, highest number.</summary>
    private int Best(LineModel line, CpuMask mask) => line.IsManaged
        ? mask.OrderBy(ManagedAllocated).ThenByDescending(cpu => cpu).First()
        : mask.OrderByDescending(Available).ThenBy(cpu => cpu).First();

    /// <summary>False when an earlier move is not cleaned up yet.</summary>
    private bool TryMove(LineModel line, CpuMask mask)
    {
        CpuMask wanted = mask.And(_online);
        if (wanted.Contains(line.Cpu)) return true;
        if (line.IsMoving) return false;
        int best = Best(line, wanted);
        if (_online.Contains(line.Cpu))
        {
            line.PreviousCpu = line.Cpu;
            line.MoveInProgress = true;
        }
        line.Cpu = best;
        return true;
    }

    private static void Unplace(LineModel line)
    {
        line.Cpu = -1;
        ForgetPrevious(line);
    }

    // ---- affinity and interrupts -----------------------------------------------------------------------------------------------

    public Errno SetAffinity(LineModel line, CpuMask mask)
    {
        if (line.IsManaged) return Errno.EPERM;
        if (!mask.Intersects(_online)) return Errno.EINVAL;
        line.Chosen = true;
        if (line.IsRequested) line.PendingMask = mask;
        else line.Own = mask;
        return Errno.None;
    }

    public void Raise(LineModel line)
    {
        switch (line.Type)
        {
            case LineType.LevelPin:
                line.Asserted = true;
                if (!line.Masked) Deliver(line, line.Cpu);
                break;
            case LineType.EdgePin:
                if (!line.Masked) Deliver(line, line.Cpu); // a masked edge is lost
                break;
            default:
                if (line.Masked) line.DevicePending = true;
                else Deliver(line, line.Cpu);
                break;
        }
    }

    private void Deliver(LineModel line, int cpu)
    {
        if (cpu == line.Cpu && line.MoveInProgress)
        {
            line.MoveInProgress = false;
            line.CleanupJiffy = Jiffies + 2;
        }
        if (line.Depth > 0)
        {
            line.Pending = line.Masked = true;
            return;
        }
        line.Counts[cpu]++;
        line.Handled += line.Actions.Count(action => action);
        line.Asserted = false;
        if (line.PendingMask is not { } mask) return;
        if (mask.Intersects(_online))
        {
            if (!TryMove(line, mask)) return;
            line.Own = mask;
        }
        line.PendingMask = null;
    }

    // ---- hotplug ---------------------------------------------------------------------------------------------------------------

    public void Offline(int cpu)
    {
        _online = _online.Without(cpu);
        foreach (LineModel line in ByNumber)
        {
            if (line.PreviousCpu == cpu || (line.Cpu == cpu && line.IsMoving)) ForgetPrevious(line);
            if (line.Cpu < 0) continue;
            if (line.Cpu != cpu)
            {
                if (line.PendingMask is { } waiting && !waiting.Intersects(_online)) line.PendingMask = null;
                continue;
            }
            CpuMask affinity = line.PendingMask is { } pending && pending.Intersects(_online) ? pending : line.Own;
            line.PendingMask = null;
            if (!affinity.Intersects(_online))
            {
                if (line.IsManaged)
                {
                    line.ManagedShutdown = line.Masked = true;
                    line.Depth++;
                    line.Started = false;
                    Unplace(line);
                    continue;
                }
                affinity = _online;
            }
            line.Cpu = -1; // what it held on this processor is free before it looks for another
            line.Cpu = Best(line, affinity.And(_online));
            line.Own = affinity;
        }
    }

    /// <summary>A message that was under way to a processor that went: sent again to where its line is now, or lost with its line.</summary>
    public void DeliverLate(LineModel line)
    {
        if (line.Cpu >= 0) Deliver(line, line.Cpu);
    }

    public void BringOnline(int cpu)
    {
        _online = _online.With(cpu);
        foreach (LineModel line in ByNumber)
        {
            if (!line.ManagedShutdown || !line.IsRequested || !line.Own.Contains(cpu)) continue;
            line.ManagedShutdown = false;
            if (--line.Depth == 0) Start(line);
        }
    }
}
