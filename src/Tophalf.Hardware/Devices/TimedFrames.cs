namespace Tophalf.Hardware.Devices;

/// <summary>Frames that come to nothing in a card, counted when they arrive: the wire is read ahead of the clock, and nobody may see a frame before its time.</summary>
internal sealed class TimedFrames
{
    private readonly PacketFifo _ahead = new(16);
    private long _count;

    public void Add(in Packet frame) => _ahead.Push(frame);

    /// <summary>How many there were by <paramref name="nowPs"/>, which is never earlier than the last time it was asked.</summary>
    public long CountBy(long nowPs)
    {
        for (; _ahead.Count > 0 && _ahead[0].AtPs <= nowPs; _count++) _ahead.Pop();
        return _count;
    }

    /// <summary>Takes back what comes after <paramref name="nowPs"/>.</summary>
    public void GiveUp(List<Packet> future, long nowPs)
    {
        CountBy(nowPs);
        for (int i = 0; i < _ahead.Count; i++) future.Add(_ahead[i]);
        _ahead.Clear();
    }

    /// <summary>Takes back the newest.</summary>
    public void DropNewest(int frames)
    {
        for (; frames > 0; frames--) _ahead.DropNewest();
    }

    /// <summary>Those that come after <paramref name="nowPs"/>.</summary>
    public int CountAfter(long nowPs)
    {
        CountBy(nowPs);
        return _ahead.Count;
    }

    /// <summary>The newest, where it is still to come; else 0.</summary>
    public long LastPs => _ahead.Count > 0 ? _ahead[_ahead.Count - 1].AtPs : 0;
}
