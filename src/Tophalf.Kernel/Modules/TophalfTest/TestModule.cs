using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>
/// Drives the interrupt core from a script: one command per write to /proc/tophalf_test; reading gives what that command brought about. It is the twin of
/// tests/oracle/module/tophalf_test.c, whose head lists the commands, and prints the same.
/// </summary>
public sealed class TestModule : LoadableModule
{
    public const string ModuleName = "tophalf_test";
    private const int FirstIrq = 48, Lines = 8, MostActions = 80, MostWords = 16, LongestCommand = 256;
    private const int MostRaises = 8, LoggedRaises = 8, RaisesBetweenReschedules = 1024, SettleMs = 30;

    private readonly List<TestAction> _actions = [];
    private Kernel _kernel = null!;
    private TestLog _log = null!;
    private TestChip _chip = null!;
    private EduDriver _edu = null!;
    private VectorPressure _pressure = null!;
    private PlaceProbe _places = null!;
    private SoftirqRounds _rounds = null!;
    private WheelProbe _wheel = null!;
    private RcuProbe _rcu = null!;

    public override string Name => ModuleName;

    public override Errno Init(Kernel kernel)
    {
        _kernel = kernel;
        _log = new TestLog(kernel);
        _chip = new TestChip(_log);
        _edu = new EduDriver(kernel, _log);
        _pressure = new VectorPressure(kernel, _log);
        _places = new PlaceProbe(kernel, _log);
        _rounds = new SoftirqRounds(kernel, _log);
        _wheel = new WheelProbe(kernel, _log);
        _rcu = new RcuProbe(kernel, _log);
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++)
        {
            if (kernel.Irqs.Find(irq) is not null) return Errno.EEXIST;
        }
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++) kernel.Irqs.AddLine(_chip, FlowKind.Level, number: irq);
        return kernel.ProcEntries.Create(ModuleName, new ProcEntry(_log.ToString, Command)) ? Errno.None : Errno.ENOMEM;
    }

    public override IEnumerable<Sleep> Exit()
    {
        _kernel.ProcEntries.Remove(ModuleName);
        foreach (TestAction action in _actions.ToArray())
        {
            foreach (Sleep sleep in Release(action)) yield return sleep;
        }
        _edu.Off();
        _wheel.Off();
        _pressure.Off();
        yield return _kernel.Rcu.Barrier();
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++) _kernel.Irqs.Remove(_kernel.Irqs.Find(irq)!);
    }

    private Errno Command(string text)
    {
        if (text.Length > LongestCommand) return Errno.EINVAL;
        return _kernel.RunProcess("sh", Run(text));
    }

    private IEnumerable<Sleep> Run(string text)
    {
        _log.Clear();
        string[] words = [.. text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Take(MostWords)];
        if (words.Length > 0)
        {
            foreach (Sleep sleep in Run(words)) yield return sleep;
        }
        // Threads, tasklets, work and timers that it started come to an end.
        yield return Sleep.Msleep(SettleMs);
    }

    private IEnumerable<Sleep> Run(string[] words)
    {
        if (RunOnMachine(words) is { } steps)
        {
            foreach (Sleep sleep in steps) yield return sleep;
        }
        else if (words.Length < 2 || !TestWords.TryNumber(words[1], out long irq)) _log.Note($"{words[0]} what");
        else if (words[0] is "request" or "any") Request((int)irq, words);
        else if (irq is < FirstIrq or >= FirstIrq + Lines) _log.Note($"{irq} is no line of this module");
        else
        {
            foreach (Sleep sleep in Run((int)irq, words)) yield return sleep;
        }
    }

    /// <summary>Commands that are not about one line; null for others.</summary>
    private IEnumerable<Sleep>? RunOnMachine(string[] words)
    {
        switch (words)
        {
            case ["edu", ..]:
                _edu.Run(words);
                return [];
            case ["chip", var word, ..]:
                SetChip(word, words.Length == 2);
                return [];
            case ["probe", "on", ..]: return _kernel.Irqs.ProbeIrqOn(_ => { });
            case ["probe", _, ..]:
                _log.Note($"probe: {_kernel.Irqs.ProbeIrqOff()}");
                return [];
            case ["place", ..]: return _places.Run(words[1..]);
            case ["rounds", var from, var count, ..] when TestWords.TryNumber(count, out long rounds) && rounds > 0: return _rounds.Run(from, rounds);
            case ["rcu", var number, ..] when TestWords.TryNumber(number, out long callbacks) && callbacks is > 0 and <= RcuProbe.MostCallbacks: return _rcu.Run(callbacks);
            case ["wheel", ..]: return _wheel.Arm(words[1..]);
            case ["fired", ..]:
                _wheel.Tell();
                return [];
            case ["pressure", _, _, ..]:
                _pressure.On(CountOf(words));
                return [];
            case ["pressure", _]:
                _pressure.Off();
                return [];
            default: return null;
        }
    }

    private void SetChip(string word, bool on)
    {
        switch (word)
        {
            case "refuse_type": _chip.RefusesTypes = on; break;
            case "refuse_resources": _chip.RefusesResources = on; break;
            case "wake": _chip.Wakes = on; break;
            default: _log.Note("chip what"); break;
        }
    }

    private IEnumerable<Sleep> Run(int irq, string[] words)
    {
        IrqManager irqs = _kernel.Irqs;
        switch (words)
        {
            case ["raise", ..]:
                for (long i = 0; i < Math.Min(CountOf(words), MostRaises); i++) Raise(irq);
                return [];
            case ["flood", ..]: return Flood(irq, CountOf(words));
            case ["free", _, var name, ..]: return Free(irq, name);
            case ["flow", _, var flow, ..]:
                SetFlow(irqs.Find(irq)!, flow);
                return [];
            case ["status", _, var status, ..]:
                var setting = TestWords.SettingOf(status);
                IrqManager.ModifyStatus(irqs.Find(irq)!, clear: words.Length == 3 ? default : setting, set: words.Length == 3 ? setting : default);
                return [];
            case ["crowd", _, _, ..]:
                Crowd(irq, CountOf(words), words[3..]);
                return [];
            case ["disperse", ..]: return Disperse(irq);
            case ["percpu", ..]:
                _log.Note($"percpu {irq}: {irqs.RequestPerCpuIrq(irq, (_, _) => IrqReturn.Handled, IrqFlags.None, "percpu", _kernel.Cpus)}");
                return [];
            case ["nested", ..]:
                irqs.HandleNestedIrq(irq);
                return [];
            case ["sync", ..]: return Synchronize(irq);
            case ["hard", ..]:
                _log.Note($"hard {irq}: {(irqs.DisableHardirq(irq) ? 1 : 0)}");
                return [];
            case ["enable", ..]:
                irqs.EnableIrq(irq);
                return [];
            case ["disable", ..]: return Disable(irq);
            case ["nosync", ..]:
                irqs.DisableIrqNosync(irq);
                return [];
            case ["inject", ..]:
                _log.Note($"inject {irq}: {-(int)irqs.InjectInterrupt(irq)}");
                return [];
            case ["type", _, var type, ..]:
                _log.Note($"type {irq}: {-(int)irqs.SetIrqType(irq, TestWords.TypeOf(type))}");
                return [];
            case ["wake", _, var on, ..]:
                _log.Note($"wake {irq}: {-(int)irqs.SetIrqWake(irq, on is [_, 'n', ..])}");
                return [];
            case ["state", ..]:
                State(irqs.Find(irq)!);
                return [];
            default:
                _log.Note($"no such command: {words[0]}");
                return [];
        }
    }

    private static uint CountOf(string[] words) => words.Length > 2 && TestWords.TryNumber(words[2], out long count) && count >= 0 ? (uint)count : 1;

    private void Request(int irq, string[] words)
    {
        if (_actions.Count == MostActions || words.Length < 3)
        {
            _log.Note("request what");
            return;
        }
        var action = new TestAction(_kernel, _log, _places, irq, words[2], words[3..]);
        _log.Note($"{words[0]} {irq} {action.Name}: {Request(action, any: words[0] == "any")}");
    }

    private int Request(TestAction action, bool any)
    {
        IrqManager irqs = _kernel.Irqs;
        int result = any ? irqs.RequestAnyContextIrq(action.Irq, action.Hard!, action.Flags, action.Name, action)
            : action.IsSlow ? irqs.RequestThreadedIrqSleeping(action.Irq, action.Hard, action.SlowThread, action.Flags, action.Name, action.DevId)
            : irqs.RequestThreadedIrq(action.Irq, action.Hard, action.Threaded, action.Flags, action.Name, action.DevId);
        if (result >= 0) _actions.Add(action);
        return result;
    }

    private void Crowd(int irq, uint most, string[] words)
    {
        int count = 0, error = 0;
        for (; count < most && error == 0 && _actions.Count < MostActions; count += error == 0 ? 1 : 0)
            error = Request(new TestAction(_kernel, _log, _places, irq, $"c{count}", words), any: false);
        _log.Note($"crowd {irq}: {count} requested, error {error}");
    }

    private IEnumerable<Sleep> Disperse(int irq) => _actions.Where(action => action.Irq == irq).ToArray().SelectMany(Release);

    private IEnumerable<Sleep> Release(TestAction action)
    {
        yield return Sleep.During(through => _kernel.Irqs.FreeIrq(action.Irq, action.DevId, through));
        foreach (Sleep sleep in action.StopBottomHalves()) yield return sleep;
        _actions.Remove(action);
    }

    private IEnumerable<Sleep> Synchronize(int irq)
    {
        yield return Sleep.During(quiet => _kernel.Irqs.SynchronizeIrq(irq, quiet));
        _log.Note($"sync {irq}");
    }

    private void SetFlow(IrqDesc desc, string name)
    {
        if (name == "none") IrqManager.SetChipAndHandler(desc, IrqChip.None, FlowKind.Bad);
        else if (name == "chained") _kernel.Irqs.SetChainedHandler(desc, Demultiplex);
        else if (TestWords.FlowOf(name) is { } flow) IrqManager.SetChipAndHandler(desc, _chip, flow);
    }

    private void Demultiplex(IrqDesc desc, Cpu cpu)
    {
        _log.Note($"demultiplexer of {desc.Irq} in {_log.Context}");
        _kernel.Irqs.GenericHandleIrq(desc.Irq + 1);
    }

    private IEnumerable<Sleep> Free(int irq, string name)
    {
        TestAction? action = _actions.Find(candidate => candidate.Irq == irq && candidate.Name == name);
        if (action is null)
        {
            _log.Note($"free {irq} {name}: no such action");
            yield break;
        }
        foreach (Sleep sleep in Release(action)) yield return sleep;
        _log.Note($"free {irq} {name}");
    }

    private IEnumerable<Sleep> Disable(int irq)
    {
        yield return Sleep.During(quiet => _kernel.Irqs.DisableIrq(irq, quiet));
    }

    /// <summary>The flow handler, with interrupts off, as an entry from hardware calls it.</summary>
    private void Raise(int irq)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        cpu.EnterHardirqRaw();
        _kernel.Irqs.GenericHandleIrq(irq);
        cpu.ExitHardirqRaw();
    }

    private IEnumerable<Sleep> Flood(int irq, uint most)
    {
        IrqDesc desc = _kernel.Irqs.Find(irq)!;
        uint raised = 0;
        for (; raised < most && !desc.IsDisabled; raised++)
        {
            Raise(irq);
            _log.IsOff |= raised == LoggedRaises - 1;
            if (raised % RaisesBetweenReschedules == 0) yield return Sleep.CondResched;
        }
        _log.IsOff = false;
        _log.Note($"flood {irq}: {raised}, {(desc.IsDisabled ? "disabled" : "enabled")}");
    }

    private void State(IrqDesc desc)
    {
        string Word(bool holds, string word) => holds ? " " + word : "";
        _log.Note($"state {desc.Irq}:{Word(desc.IsDisabled, "disabled")}{Word(desc.IsMasked, "masked")}{Word(desc.IsStarted, "started")}"
            + $"{Word(desc.IsActivated, "activated")}{Word(desc.WakeDepth > 0, "wakeup")} type {(uint)desc.TriggerType}");
    }
}
