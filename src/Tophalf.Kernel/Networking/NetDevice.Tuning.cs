using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>What the files below /sys/class/net/DEVICE set (net/core/net-sysfs.c).</summary>
public sealed partial class NetDevice
{
    /// <summary>gro_flush_timeout: how long after a poll the next one comes by timer while interrupts are deferred; 0: never.</summary>
    public long GroFlushTimeoutPs { get; private set; }

    /// <summary>napi_defer_hard_irqs: empty polls in a row before the interrupt is armed.</summary>
    public int DeferHardIrqs { get; private set; }

    /// <summary>What chrt makes of the threads that poll.</summary>
    public ThreadPolicy ThreadPolicy { get; init; }

    public bool IsThreaded { get; private set; }

    public int Queues => _controller.Queues;
    public ReceiveSteering SteeringOf(int queue) => _steering[queue];
    public CpuMask TransmitCpusOf(int queue) => _transmitQueues.CpusOf(queue, _controller.Queues);

    /// <summary>netdev_set_gro_flush_timeout: for the device, and for each of its contexts, whatever was set for one alone.</summary>
    public void SetGroFlushTimeout(long ns)
    {
        _kernel.Sync();
        GroFlushTimeoutPs = ns * SimTime.Nanosecond;
        foreach (Napi napi in _napis) napi.GroFlushTimeoutPs = GroFlushTimeoutPs;
    }

    public void SetDeferHardIrqs(int polls)
    {
        _kernel.Sync();
        DeferHardIrqs = polls;
        foreach (Napi napi in _napis) napi.DeferHardIrqs = polls;
    }

    /// <summary>napi-get, of the queues in use.</summary>
    /// <param name="interfaceIndex">The device's.</param>
    public IEnumerable<NapiState> NapiStates(int interfaceIndex) => Model.IsOldDriver || Model.IsVirtual ? [] : _napis.Take(_controller.Queues).Select((napi, queue) => new NapiState(
        napi.Id, interfaceIndex, LineOf(queue).Irq, napi.DeferHardIrqs, napi.GroFlushTimeoutPs / SimTime.Nanosecond, napi.IrqSuspendTimeoutPs / SimTime.Nanosecond));

    /// <summary>napi-set: false where it is another device's context. What is set for one holds until the device's files are written.</summary>
    public bool TrySet(NapiChange change)
    {
        if (Array.Find(_napis, napi => napi.Id == change.Id && napi.IsEnabled) is not { } napi || Model.IsOldDriver) return false;
        _kernel.Sync();
        napi.DeferHardIrqs = change.DeferHardIrqs ?? napi.DeferHardIrqs;
        napi.GroFlushTimeoutPs = change.GroFlushTimeoutNs * SimTime.Nanosecond ?? napi.GroFlushTimeoutPs;
        napi.IrqSuspendTimeoutPs = change.IrqSuspendTimeoutNs * SimTime.Nanosecond ?? napi.IrqSuspendTimeoutPs;
        return true;
    }

    internal void SetReceiveCpus(int queue, CpuMask cpus)
    {
        _kernel.Sync();
        _steering[queue].SetCpus(cpus);
        _kernel.Replan();
    }

    internal void SetFlowCount(int queue, int count)
    {
        _kernel.Sync();
        // A softirq may stand in the old table still (net/core/net-sysfs.c, rps_dev_flow_table_release).
        if (_steering[queue].FlowCount > 0) _kernel.Rcu.Call(new Rcu.RcuHead(() => { }));
        _steering[queue].SetFlowCount(count);
        _kernel.Replan();
    }

    internal void SetTransmitCpus(int queue, CpuMask cpus)
    {
        _kernel.Sync();
        _transmitQueues.Set(queue, cpus);
    }

    /// <summary>dev_set_threaded(): a context that is just being polled by the softirq is polled to its end there; the thread has it from the next schedule on.</summary>
    internal void SetThreaded(bool threaded)
    {
        _kernel.Sync();
        if (threaded == IsThreaded) return;
        IsThreaded = threaded;
        foreach (Napi napi in _napis)
        {
            if (threaded)
            {
                napi.OwnThread ??= MakeThread(napi);
                napi.Thread = napi.OwnThread;
            }
            else napi.Thread = null;
        }
    }

    private NapiThread MakeThread(Napi napi)
    {
        var thread = new NapiThread(_kernel, napi, $"napi/{Name}-{napi.Id}")
        {
            Policy = ThreadPolicy.Policy,
            RtPriority = ThreadPolicy.Priority,
            Nice = ThreadPolicy.Nice,
            DeadlineParameters = ThreadPolicy.Promised,
        };
        _kernel.AddTask(thread, _kernel.Cpus[_kernel.OnlineMask.First]);
        return thread;
    }
}
