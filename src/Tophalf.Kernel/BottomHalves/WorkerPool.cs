using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// struct worker_pool: work that waits, and the threads that take it. A pool of one processor keeps just one worker running: when that sleeps, the next is
/// woken, and there is always one idle worker in reserve.
/// </summary>
internal sealed class WorkerPool : WorkPool
{
    private const int IdleRatio = 4;
    private const int IdleTimeoutSeconds = 300;

    private readonly Kernel _kernel;
    private readonly CpuMask _allowed;
    private readonly List<Worker> _idle = [];
    private readonly List<Worker> _workers = [];
    private readonly TimerList _mayday, _idleTimer;
    private Worker? _manager;

    public WorkerPool(Kernel kernel, int id, Cpu? cpu, CpuMask allowed, bool isHighPri)
    {
        _kernel = kernel;
        Id = id;
        Cpu = cpu;
        IsHighPri = isHighPri;
        _allowed = allowed;
        _mayday = new TimerList(_ => Mayday());
        _idleTimer = new TimerList(_ => CullIdle(), TimerFlags.Deferrable);
    }

    public int Id { get; }

    /// <summary>The processor of a bound pool; null for an unbound one.</summary>
    public Cpu? Cpu { get; }

    public bool IsHighPri { get; }

    /// <summary>Workers of a bound pool at work and awake.</summary>
    public int Running { get; set; }

    public IReadOnlyList<Worker> Workers => _workers;
    public int Idle => _idle.Count;

    public bool NeedsMoreWorkers => Worklist.Count > 0 && Running == 0;
    public bool KeepsWorking => Worklist.Count > 0 && Running <= 1;

    public string NameOf(int id) => Cpu is null ? $"kworker/u{Id}:{id}{(IsHighPri ? "H" : "")}" : $"kworker/{Cpu.Id}:{id}{(IsHighPri ? "H" : "")}";

    public void EnterIdle(Worker worker)
    {
        _idle.Add(worker);
        if (HasTooMany && !_idleTimer.IsPending) _kernel.Timers.ModTimer(_idleTimer, _kernel.JiffiesNow + IdleTimeoutSeconds * _kernel.Hz);
    }

    public void LeaveIdle(Worker worker) => _idle.Remove(worker);

    /// <summary>kick_pool: wakes the worker that idles shortest if work waits and nobody runs.</summary>
    public override void Kick()
    {
        if (NeedsMoreWorkers && _idle.Count > 0) _idle[^1].Kick();
    }

    // ---- workers come ----------------------------------------------------------------------------------------------------------

    /// <summary>create_worker.</summary>
    public void AddWorker()
    {
        int id = 0;
        while (_workers.Exists(worker => worker.Id == id)) id++;
        var worker = new Worker(_kernel, this, id, _allowed, IsHighPri ? Workqueues.HighPriNice : 0);
        _workers.Add(worker);
        _kernel.AddTask(worker, Cpu ?? _kernel.Cpus[_allowed.First]);
        worker.EnterIdle();
    }

    /// <summary>Work waits, nobody runs, and the last idle worker, this one, is about to begin: first another must be made.</summary>
    public bool MustMakeWorker(Worker worker)
    {
        bool must = NeedsMoreWorkers && _idle.Count == 0 && (_manager is null || _manager == worker);
        if (!must && _manager == worker) EndManaging();
        return must;
    }

    /// <summary>maybe_create_worker; false without memory, and then the rescuers will soon be called.</summary>
    public bool TryMakeWorker(Worker manager, Cpu cpu)
    {
        if (_kernel.Workqueues.IsShortOfMemory)
        {
            if (_manager is null) _kernel.Timers.ModTimer(_mayday, _kernel.JiffiesNow + Math.Max(_kernel.Hz / 100, 2));
            _manager = manager;
            return false;
        }
        EndManaging();
        cpu.Spend(_kernel.Costs.WorkerCreate);
        AddWorker();
        return true;
    }

    private void EndManaging()
    {
        _manager = null;
        _kernel.Timers.DelTimer(_mayday);
    }

    /// <summary>pool_mayday_timeout: every workqueue with work here calls its rescuer, ten times a second, as long as no worker can be made.</summary>
    private void Mayday()
    {
        if (!NeedsMoreWorkers || _idle.Count > 0) return;
        foreach (WorkStruct work in Worklist) work.Pwq!.Workqueue.Rescuer?.Call(work.Pwq);
        _kernel.Timers.ModTimer(_mayday, _kernel.JiffiesNow + _kernel.Hz / 10);
    }

    // ---- workers go ------------------------------------------------------------------------------------------------------------

    /// <summary>too_many_workers: more than two idle, and a quarter or more of those at work.</summary>
    private bool HasTooMany => _idle.Count > 2 && (_idle.Count - 2) * IdleRatio >= _workers.Count - _idle.Count;

    /// <summary>idle_worker_timeout: those that have idled for five minutes end, the longest idle first, as long as there are too many.</summary>
    private void CullIdle()
    {
        while (HasTooMany)
        {
            long expires = _idle[0].IdleSinceJiffies + IdleTimeoutSeconds * _kernel.Hz;
            if (_kernel.JiffiesNow < expires)
            {
                _kernel.Timers.ModTimer(_idleTimer, expires);
                return;
            }
            Worker worker = _idle[0];
            _idle.RemoveAt(0);
            _workers.Remove(worker);
            _kernel.ExitThread(worker);
        }
    }
}
