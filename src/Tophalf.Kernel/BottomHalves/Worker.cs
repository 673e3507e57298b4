using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>kworker/…: one worker of a pool (kernel/workqueue.c, worker_thread).</summary>
internal sealed class Worker : WorkerThread
{
    private readonly WorkerPool _pool;
    private bool _isIdle, _kicked, _atWork, _cpuIntensive;
    private long _begunRuntimePs;

    public Worker(Kernel kernel, WorkerPool pool, int id, CpuMask allowed, int nice) : base(kernel, pool.NameOf(id), allowed)
    {
        _pool = pool;
        Id = id;
        Nice = nice;
        IsPerCpuThread = pool.Cpu is not null;
    }

    public int Id { get; }
    public long IdleSinceJiffies { get; private set; }

    /// <summary>It counts among those that keep the pool's processor busy: at work, awake, and of a pool and a queue that are managed for concurrency.</summary>
    private bool CountsAsRunning => _atWork && !_cpuIntensive && _pool.Cpu is not null;

    public void EnterIdle()
    {
        _isIdle = true;
        IdleSinceJiffies = Kernel.JiffiesNow;
        _pool.EnterIdle(this);
    }

    /// <summary>kick_pool has chosen it; it leaves the idle list when it gets the processor.</summary>
    public void Kick()
    {
        _kicked = true;
        Kernel.Wake(this, Kernel.ThisCpu, Kernel.LocalNowPs);
    }

    private protected override bool NextWork(Cpu cpu)
    {
        if (_isIdle)
        {
            if (!_kicked) return false;
            _isIdle = _kicked = false;
            _pool.LeaveIdle(this);
        }
        if (Scheduled.First is { } own)
        {
            Take(own.Value);
            return true;
        }
        if (!_atWork)
        {
            if (_pool.MustMakeWorker(this))
            {
                // Without memory it tries again a second later, unless somebody else has done the work by then.
                if (_pool.TryMakeWorker(this, cpu)) return true;
                BeginSleep(Sleep.ScheduleTimeout(Kernel.Hz));
                return false;
            }
            if (!_pool.NeedsMoreWorkers) return Rest();
            _atWork = true;
            if (CountsAsRunning) _pool.Running++;
        }
        else if (!_pool.KeepsWorking) return Rest();
        while (_pool.Worklist.First is { } first)
        {
            if (first.Value.Current is { } running) running.Follow();
            else
            {
                Take(first.Value);
                return true;
            }
        }
        return Rest();
    }

    private bool Rest()
    {
        if (CountsAsRunning) _pool.Running--;
        _atWork = false;
        EnterIdle();
        return false;
    }

    private void Take(WorkStruct work)
    {
        Begin(work);
        _begunRuntimePs = RuntimePs;
        if (Current!.Workqueue.Has(WorkqueueFlags.CpuIntensive)) SetCpuIntensive();
        _pool.Kick(); // chains workers where running ones are not counted
    }

    private void SetCpuIntensive()
    {
        if (CountsAsRunning) _pool.Running--;
        _cpuIntensive = true;
    }

    /// <summary>wq_worker_tick: a function that has computed for too long no longer holds the others of its pool back.</summary>
    public void Tick(long nowPs)
    {
        if (Current is not { } run || !CountsAsRunning || RuntimePs - _begunRuntimePs < Kernel.Workqueues.CpuIntensiveThresholdPs) return;
        SetCpuIntensive();
        Kernel.Workqueues.ReportCpuIntensive(run.Work, nowPs);
        _pool.Kick();
    }

    /// <summary>wq_worker_sleeping, and wq_worker_running below.</summary>
    private protected override void Sleeping()
    {
        if (!CountsAsRunning) return;
        _pool.Running--;
        _pool.Kick();
    }

    private protected override void Resumed()
    {
        if (CountsAsRunning) _pool.Running++;
    }

    private protected override void Ended(WorkRun run)
    {
        if (!_cpuIntensive) return;
        _cpuIntensive = false;
        if (CountsAsRunning) _pool.Running++;
    }
}
