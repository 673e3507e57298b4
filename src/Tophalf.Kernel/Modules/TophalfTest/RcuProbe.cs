using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Rcu;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>Callbacks of call_rcu, and who waits for them.</summary>
internal sealed class RcuProbe(Kernel kernel, TestLog log)
{
    public const int MostCallbacks = 32;

    public IEnumerable<Sleep> Run(long count)
    {
        for (long i = 0; i < count; i++)
        {
            long number = i;
            kernel.Rcu.Call(new RcuHead(() => log.Note($"callback {number} in {log.Context}")));
        }
        log.Note($"{count} called");
        yield return kernel.Rcu.Synchronize();
        log.Note($"synchronize_rcu in {log.Context}");
        yield return kernel.Rcu.Barrier();
        log.Note("rcu_barrier");
    }
}
