using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// kworker/R-name: the thread a workqueue with WQ_MEM_RECLAIM keeps for the day no worker can be made for want of memory (kernel/workqueue.c, rescuer_thread).
/// It goes to the pool that calls and does the work of its own workqueue there.
/// </summary>
internal sealed class Rescuer : WorkerThread
{
    private readonly Queue<PoolWorkqueue> _maydays = new();
    private PoolWorkqueue? _at;

    /// <param name="kernel">The kernel.</param>
    /// <param name="workqueue">Its workqueue's name.</param>
    public Rescuer(Kernel kernel, string workqueue) : base(kernel, NameOf(workqueue), kernel.OnlineMask) => Nice = Workqueues.HighPriNice;

    /// <summary>TASK_COMM_LEN leaves fifteen characters.</summary>
    private static string NameOf(string workqueue) => $"kworker/R-{workqueue}" is { Length: > 15 } name ? name[..15] : $"kworker/R-{workqueue}";

    /// <summary>Work items it did.</summary>
    public long Rescued { get; private set; }

    /// <summary>send_mayday.</summary>
    public void Call(PoolWorkqueue pwq)
    {
        if (pwq.HasMayday) return;
        pwq.HasMayday = true;
        _maydays.Enqueue(pwq);
        Kernel.Wake(this, Kernel.ThisCpu, Kernel.LocalNowPs);
    }

    private protected override bool NextWork(Cpu cpu)
    {
        while (true)
        {
            if (Scheduled.First is { } next)
            {
                Rescued++;
                Begin(next.Value);
                return true;
            }
            if (_at is { } served)
            {
                _at = null;
                served.Pool.Kick();
            }
            if (!_maydays.TryDequeue(out PoolWorkqueue? pwq)) return false;
            pwq.HasMayday = false;
            _at = pwq;
            TakeAll(pwq);
        }
    }

    private void TakeAll(PoolWorkqueue pwq)
    {
        for (LinkedListNode<WorkStruct>? node = pwq.Pool.Worklist.First, next; node is not null; node = next)
        {
            next = node.Next;
            WorkStruct work = node.Value;
            if (work.Pwq != pwq) continue;
            if (work.Current is { } running) running.Follow();
            else
            {
                pwq.Pool.Worklist.Remove(node);
                work.Node = Scheduled.AddLast(work);
            }
        }
    }
}
