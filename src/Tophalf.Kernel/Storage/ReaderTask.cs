using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Storage;

/// <summary>
/// A program that reads a block, works on it, and reads the next. The read is a system call: down to the doorbell, asleep in io_schedule() until the
/// request is done, and back.
/// </summary>
public sealed class ReaderTask : KernelTask
{
    private enum Phase { Thinking, Submitting, Waiting, Returning }

    private readonly Kernel _kernel;
    private readonly BlockDevice _device;
    private readonly BlockRequest _request;
    private readonly RandomStream _random;
    private readonly long _latencyPs, _thinkPs;
    private Phase _phase = Phase.Thinking;
    private long _leftPs, _submittedPs;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="device">What it reads from.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="allowed">The processors it may run on.</param>
    /// <param name="latencyPs">What the device takes for a read.</param>
    /// <param name="thinkPs">Mean of its work on a block, exponential; 0 for none.</param>
    /// <param name="random">Where that is drawn from.</param>
    public ReaderTask(Kernel kernel, BlockDevice device, string comm, CpuMask allowed, long latencyPs, long thinkPs, RandomStream random) : base(comm, allowed)
    {
        _kernel = kernel;
        _device = device;
        _request = new BlockRequest(this);
        (_latencyPs, _thinkPs, _random) = (latencyPs, thinkPs, random);
        IsUserTask = true;
    }

    /// <summary>From the doorbell to the task's next instruction.</summary>
    public Histogram ReadPs { get; } = new();

    /// <summary>Reads that came back.</summary>
    public long Reads { get; private set; }

    protected override bool BodyIsInUserMode => _phase == Phase.Thinking;
    protected override long UntilUserModePs => _phase == Phase.Returning ? _leftPs : SimTime.Never;

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(_phase == Phase.Thinking ? UserClass : CpuClass.System, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_leftPs > 0)
        {
            cpu.Continue(nowPs);
            return;
        }
        switch (_phase)
        {
            case Phase.Thinking:
                Go(Phase.Submitting, _kernel.Costs.Syscall + _kernel.Costs.BlockSubmit);
                break;
            case Phase.Submitting:
                _phase = Phase.Waiting;
                _submittedPs = nowPs;
                _device.Submit(_request, cpu, _latencyPs, nowPs);
                InIoWait = true;
                Block(cpu, nowPs);
                return;
            case Phase.Waiting:
                Reads++;
                ReadPs.Record(nowPs - _submittedPs);
                Go(Phase.Returning, _kernel.Costs.Syscall);
                break;
            case Phase.Returning:
                Go(Phase.Thinking, _thinkPs == 0 ? 0 : (long)(_thinkPs * _random.NextExponential()));
                break;
        }
        cpu.Continue(nowPs);
    }

    private void Go(Phase phase, long ps) => (_phase, _leftPs) = (phase, ps);
}
