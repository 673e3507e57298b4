namespace Tophalf.Kernel.Scheduling;

/// <summary>What a task keeps off its processor while it computes.</summary>
public enum TaskSection
{
    Nothing,

    /// <summary>preempt_disable … preempt_enable: other tasks.</summary>
    Preemption,

    /// <summary>spin_lock_irqsave … spin_unlock_irqrestore: other tasks and interrupts.</summary>
    Interrupts,
}
