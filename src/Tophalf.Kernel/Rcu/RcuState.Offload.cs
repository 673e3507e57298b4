namespace Tophalf.Kernel.Rcu;

/// <summary>Who calls the callbacks of rcu_nocbs= (kernel/rcu/tree_nocb.h).</summary>
public sealed partial class RcuState
{
    /// <summary>rcu_organize_nocb_kthreads: groups of as many processors as the square root of all, led by their first; threads are made for all of them.</summary>
    private void AddOffloadThreads()
    {
        int stride = _kernel.CpuCount / (int)Math.Sqrt(_kernel.CpuCount), nextLeader = 0;
        RcuGroupThread leader = null!;
        foreach (RcuData data in _data)
        {
            if (data.Cpu.Id >= nextLeader)
            {
                nextLeader = (data.Cpu.Id + stride) / stride * stride;
                leader = new RcuGroupThread(_kernel, this, data.Cpu.Id);
                _kernel.AddTask(leader, _kernel.Cpus[0]);
            }
            data.GroupThread = leader;
            if (data.IsOffloaded) leader.Add(data);
            _kernel.AddTask(data.CallbackThread = new RcuCallbackThread(_kernel, this, data), _kernel.Cpus[0]);
        }
    }
}
