using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

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

/// <summary>
/// An application thread: receive a datagram, work on it, receive the next; sleep when there is none. The receive call is system time and
/// ends with the datagram in the application's hands; the work is user time.
/// </summary>
public sealed class ReceiverTask(Kernel kernel, NetDevice device, string comm, CpuMask allowed, int socketCapacity, long workPs) : KernelTask(comm, allowed)
{
    private int _planned;
    private long _systemPs, _userPs;
    private bool _inMessage, _received;

    public Socket Socket { get; } = new(socketCapacity);

    private long ReceivePs(in Packet packet) => kernel.Costs.Syscall + (long)(packet.Bytes * kernel.Costs.CopyPsPerByte);

    protected override long PlanBody(long nowPs)
    {
        long atPs = nowPs;
        _planned = 0;
        int at = 0;
        if (_inMessage)
        {
            atPs += _systemPs + _userPs;
            _planned = 1;
            at = _received ? 0 : 1;
            if (device.Exact) return atPs;
        }
        for (; at < Socket.Count; at++)
        {
            atPs += ReceivePs(Socket[at]) + workPs;
            _planned++;
            if (device.Exact) break;
        }
        return atPs;
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        while (_planned > 0)
        {
            if (!_inMessage)
            {
                _inMessage = true;
                _received = false;
                _systemPs = ReceivePs(Socket[0]);
                _userPs = workPs;
            }
            if (!_received)
            {
                long spentPs = Math.Min(_systemPs, toPs - fromPs);
                time.Add(CpuClass.System, spentPs);
                fromPs += spentPs;
                _systemPs -= spentPs;
                if (_systemPs > 0) return;
                device.ReachedTask(Socket[0], fromPs);
                Socket.Pop();
                _received = true;
            }
            long workedPs = Math.Min(_userPs, toPs - fromPs);
            time.Add(CpuClass.User, workedPs);
            fromPs += workedPs;
            _userPs -= workedPs;
            if (_userPs > 0) return;
            _inMessage = false;
            _planned--;
        }
        if (toPs > fromPs) throw new InvalidOperationException($"{Comm}: {SimTime.Format(toPs - fromPs)} granted beyond the plan");
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        AdvanceBody(nowPs, nowPs, cpu.Time);
        if (Socket.Count > 0 || _inMessage) cpu.Continue(nowPs);
        else Block(cpu, nowPs);
    }
}
