using Tophalf.Simulation;

namespace Tophalf.Bench;

/// <summary>The hold model on the library's heap: take the first, put it back later. The order number makes it stable, as a simulator needs.</summary>
internal static class HeapBaseline
{
    public const int Waiting = 1000;
    public const long Operations = 1_000_000;

    public static Sample Run()
    {
        var random = new RandomStream(1, "hold");
        var heap = new PriorityQueue<int, (long, long)>();
        long order = 0;
        for (int i = 0; i < Waiting; i++) heap.Enqueue(i, (random.NextInt(1_000_000), order++));
        return Sample.Of(() =>
        {
            for (long i = 0; i < Operations; i++)
            {
                heap.TryDequeue(out int item, out (long At, long) key);
                heap.Enqueue(item, (key.At + random.NextInt(1_000_000), order++));
            }
            return Operations;
        });
    }
}

/// <summary>The same on the twin's event queue.</summary>
internal static class EventQueueHold
{
    public static Sample Run()
    {
        var queue = new EventQueue();
        var random = new RandomStream(1, "hold");
        for (int i = 0; i < HeapBaseline.Waiting; i++) queue.Schedule(new Again(queue, random), random.NextInt(1_000_000));
        return Sample.Of(() =>
        {
            for (long i = 0; i < HeapBaseline.Operations; i++) queue.RunOne();
            return HeapBaseline.Operations;
        });
    }

    private sealed class Again(EventQueue queue, RandomStream random) : SimEvent
    {
        protected override void Fire(long nowPs) => queue.Schedule(this, nowPs + random.NextInt(1_000_000));
    }
}
