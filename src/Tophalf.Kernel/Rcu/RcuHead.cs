namespace Tophalf.Kernel.Rcu;

/// <summary>struct rcu_head: a function to be called when all who may have seen something old are through with it (include/linux/types.h).</summary>
public sealed class RcuHead(Action function)
{
    /// <summary>When call_rcu took it, for the checker.</summary>
    internal long QueuedPs { get; set; }

    internal void Run() => function();
}
