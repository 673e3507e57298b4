using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>An application thread that sends datagrams one after the other, each by a system call at whose end bottom halves run that the sending has raised.</summary>
public sealed class SenderTask : KernelTask
{
    private enum State { Working, Calling, Handing, Returned }

    private readonly NetDevice _device;
    private readonly int _flow, _bytes;
    private readonly long _workPs, _callPs, _count;
    private State _state = State.Working;
    private long _leftPs;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="device">What it sends on.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="allowed">The processors it may run on.</param>
    /// <param name="flow">The flow its frames belong to.</param>
    /// <param name="bytes">Length of a frame with FCS.</param>
    /// <param name="workPs">What it computes before each.</param>
    /// <param name="count">Datagrams; 0: without end.</param>
    public SenderTask(Kernel kernel, NetDevice device, string comm, CpuMask allowed, int flow, int bytes, long workPs, long count) : base(comm, allowed)
    {
        _device = device;
        _flow = flow;
        _bytes = bytes;
        _leftPs = _workPs = workPs;
        _count = count;
        _callPs = kernel.Costs.Syscall + kernel.Costs.UdpSend + (long)(bytes * kernel.Costs.CopyPsPerByte) + (device.Model.IsVirtual ? kernel.Costs.RpsEnqueue : 0);
        IsUserTask = true;
    }

    /// <summary>Datagrams handed to the device, those it had no room for included.</summary>
    public long Sent { get; private set; }
    public long Dropped { get; private set; }

    protected override bool BodyIsInUserMode => _state == State.Working;
    protected override long UntilUserModePs => _leftPs;

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(_state == State.Working ? UserClass : CpuClass.System, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        switch (_state)
        {
            case State.Working:
                Enter(State.Calling, _callPs + _device.SendChecksumPs(_bytes));
                break;
            case State.Calling or State.Handing:
                if (!cpu.TryLocalBhDisable(this))
                {
                    _state = State.Handing;
                    Block(cpu, nowPs);
                    return;
                }
                Sent++;
                if (!_device.TryPost(cpu, new Packet(nowPs, _bytes, _flow))) Dropped++;
                cpu.LocalBhEnable();
                // The softirqs come first.
                Enter(State.Returned, 0);
                break;
            default:
                Enter(State.Working, _workPs);
                if (Sent == _count)
                {
                    Block(cpu, nowPs);
                    return;
                }
                break;
        }
        cpu.Continue(nowPs);
    }

    private void Enter(State state, long ps)
    {
        _state = state;
        _leftPs = ps;
    }
}
