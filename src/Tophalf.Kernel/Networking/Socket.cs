using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>A datagram socket: a bounded queue between the softirq that delivers and the task that receives.</summary>
public sealed class Socket(int capacity)
{
    private readonly PacketFifo _queue = new(capacity);

    public int Capacity { get; } = capacity;
    public int Count => _queue.Count;

    /// <summary>Datagrams that found the queue full (RcvbufErrors).</summary>
    public long Dropped { get; private set; }

    public long Delivered { get; private set; }

    public ref readonly Packet this[int index] => ref _queue[index];

    public bool TryPush(in Packet packet)
    {
        if (_queue.Count >= Capacity)
        {
            Dropped++;
            return false;
        }
        _queue.Push(packet);
        return true;
    }

    public void Pop()
    {
        _queue.Pop();
        Delivered++;
    }
}
