namespace Tophalf.Kernel.Rcu;

/// <summary>
/// struct rcu_segcblist (kernel/rcu/rcu_segcblist.c): the callbacks of one processor, in the order of calling, in four segments by the grace period that they wait for.
/// <code>
///   DONE  their grace period is over     WAIT, NEXT_READY  they wait for a certain one     NEXT  they have not been given one
/// </code>
/// </summary>
internal sealed class RcuCallbackList
{
    private const int Done = 0, Wait = 1, NextReady = 2, Next = 3;

    private readonly Queue<RcuHead>[] _segments = [new(), new(), new(), new()];

    /// <summary>The sequence number at which a segment's grace period is over.</summary>
    private readonly long[] _needed = new long[4];

    public int Count => _segments[Done].Count + Pending;
    public int Ready => _segments[Done].Count;
    public int Pending => _segments[Wait].Count + _segments[NextReady].Count + _segments[Next].Count;

    /// <summary>Callbacks that no grace period has been asked for.</summary>
    public bool HasUnassigned => _segments[Next].Count > 0;

    /// <summary>rcu_segcblist_enqueue.</summary>
    public void Add(RcuHead head) => _segments[Next].Enqueue(head);

    /// <summary>rcu_segcblist_entrain: behind the last callback there is, to be called with it; false where there is none.</summary>
    public bool TryEntrain(RcuHead head)
    {
        int last = Next;
        while (last >= Done && _segments[last].Count == 0) last--;
        if (last < Done) return false;
        _segments[last].Enqueue(head);
        return true;
    }

    /// <summary>rcu_segcblist_advance: what waited for grace periods up to this one is ready, and what waits for later ones moves up.</summary>
    public void Advance(long sequence)
    {
        int from = Wait;
        while (from < Next && _needed[from] <= sequence) Move(from++, Done);
        if (from == Wait) return;
        for (int to = Wait; from < Next; from++, to++)
        {
            if (_segments[from].Count == 0) continue;
            Move(from, to);
            _needed[to] = _needed[from];
        }
    }

    /// <summary>rcu_segcblist_accelerate: whatever would wait longer waits for the end at this number. False where nothing gains.</summary>
    public bool Accelerate(long sequence)
    {
        if (Pending == 0) return false;
        int at = NextReady;
        while (at > Done && (_segments[at].Count == 0 || _needed[at] >= sequence)) at--;
        int later = 0;
        for (int i = at + 1; i <= Next; i++) later += _segments[i].Count;
        if (later == 0 || ++at >= Next) return false;
        for (int i = at + 1; i <= Next; i++) Move(i, at);
        for (; at < Next; at++) _needed[at] = sequence;
        return true;
    }

    /// <summary>rcu_segcblist_extract_done_cbs.</summary>
    public void TakeReady(Queue<RcuHead> into)
    {
        while (_segments[Done].TryDequeue(out RcuHead? head)) into.Enqueue(head);
    }

    /// <summary>rcu_segcblist_insert_done_cbs: what was taken and not called goes before what became ready meanwhile.</summary>
    public void PutBack(Queue<RcuHead> rest)
    {
        while (_segments[Done].TryDequeue(out RcuHead? head)) rest.Enqueue(head);
        while (rest.TryDequeue(out RcuHead? head)) _segments[Done].Enqueue(head);
    }

    public bool TryTakeReady([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RcuHead? head) => _segments[Done].TryDequeue(out head);

    /// <summary>rcu_segcblist_merge: the callbacks of a processor that is gone; those that are not ready wait for another grace period.</summary>
    public void MoveTo(RcuCallbackList other)
    {
        while (_segments[Done].TryDequeue(out RcuHead? ready)) other._segments[Done].Enqueue(ready);
        for (int segment = Wait; segment <= Next; segment++)
        {
            while (_segments[segment].TryDequeue(out RcuHead? head)) other._segments[Next].Enqueue(head);
        }
    }

    private void Move(int from, int to)
    {
        if (from == to) return;
        while (_segments[from].TryDequeue(out RcuHead? head)) _segments[to].Enqueue(head);
    }
}
