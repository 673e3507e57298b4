using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>
/// Drives the interrupt core from a script: one command per write to /proc/tophalf_test; reading gives what that command brought about. It is the twin of
/// tests/oracle/module/tophalf_test.c, whose head lists the commands, and prints the same.
/// </summary>
public sealed class TestModule : KernelModule
{
    public const string ModuleName = "tophalf_test";
    private const int FirstIrq = 48, Lines = 8, MostActions = 16, MostWords = 16, LongestCommand = 256;
    private const int MostRaises = 8, LoggedRaises = 8, RaisesBetweenReschedules = 1024, SettleMs = 30;

    private readonly List<TestAction> _actions = [];
    private Kernel _kernel = null!;
    private TestLog _log = null!;
    private TestChip _chip = null!;
    private EduDriver _edu = null!;

    public override string Name => ModuleName;

    public override Errno Init(Kernel kernel)
    {
        _kernel = kernel;
        _log = new TestLog(kernel);
        _chip = new TestChip(_log);
        _edu = new EduDriver(kernel, _log);
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++)
        {
            if (kernel.Irqs.Find(irq) is not null) return Errno.EEXIST;
        }
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++) kernel.Irqs.AddLine(_chip, FlowKind.Level, number: irq);
        return kernel.ProcEntries.Create(ModuleName, new ProcEntry(_log.ToString, Command)) ? Errno.None : Errno.ENOMEM;
    }

    public override IEnumerable<Wait> Exit()
    {
        _kernel.ProcEntries.Remove(ModuleName);
        foreach (TestAction action in _actions.ToArray())
        {
            foreach (Wait wait in Free(action.Irq, action.Name)) yield return wait;
        }
        _edu.Off();
        for (int irq = FirstIrq; irq < FirstIrq + Lines; irq++) _kernel.Irqs.Remove(_kernel.Irqs.Find(irq)!);
    }

    private Errno Command(string text)
    {
        if (text.Length > LongestCommand) return Errno.EINVAL;
        return _kernel.RunProcess("sh", Run(text));
    }

    private IEnumerable<Wait> Run(string text)
    {
        _log.Clear();
        string[] words = [.. text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Take(MostWords)];
        if (words.Length > 0)
        {
            foreach (Wait wait in Run(words)) yield return wait;
        }
        // Threads, tasklets, work and timers that it started come to an end.
        yield return Wait.Msleep(SettleMs);
    }

    private IEnumerable<Wait> Run(string[] words)
    {
        if (words[0] == "edu") _edu.Run(words);
        else if (words.Length < 2 || !TestWords.TryNumber(words[1], out long irq)) _log.Note($"{words[0]} what");
        else if (words[0] == "request") Request((int)irq, words);
        else if (irq is < FirstIrq or >= FirstIrq + Lines) _log.Note($"{irq} is no line of this module");
        else
        {
            foreach (Wait wait in Run((int)irq, words)) yield return wait;
        }
    }

    private IEnumerable<Wait> Run(int irq, string[] words)
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
                IrqManager.SetChipAndHandler(irqs.Find(irq)!, _chip, TestWords.FlowOf(flow));
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
        var action = new TestAction(_kernel, _log, irq, words[2], words[3..]);
        int error = _kernel.Irqs.RequestThreadedIrq(irq, action.Hard, action.Threaded, action.Flags, action.Name, action.DevId);
        if (error == 0) _actions.Add(action);
        _log.Note($"request {irq} {action.Name}: {error}");
    }

    private IEnumerable<Wait> Free(int irq, string name)
    {
        TestAction? action = _actions.Find(candidate => candidate.Irq == irq && candidate.Name == name);
        if (action is null)
        {
            _log.Note($"free {irq} {name}: no such action");
            yield break;
        }
        var freed = new Completion(_kernel);
        _kernel.Irqs.FreeIrq(irq, action.DevId, freed.Complete);
        yield return Wait.For(freed);
        _actions.Remove(action);
        _log.Note($"free {irq} {name}");
    }

    private IEnumerable<Wait> Disable(int irq)
    {
        var quiet = new Completion(_kernel);
        _kernel.Irqs.DisableIrq(irq, quiet.Complete);
        yield return Wait.For(quiet);
    }

    /// <summary>The flow handler, with interrupts off, as an entry from hardware calls it.</summary>
    private void Raise(int irq)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        cpu.EnterHardirqRaw();
        _kernel.Irqs.GenericHandleIrq(irq);
        cpu.ExitHardirqRaw();
    }

    private IEnumerable<Wait> Flood(int irq, uint most)
    {
        IrqDesc desc = _kernel.Irqs.Find(irq)!;
        uint raised = 0;
        for (; raised < most && !desc.IsDisabled; raised++)
        {
            Raise(irq);
            _log.IsOff |= raised == LoggedRaises - 1;
            if (raised % RaisesBetweenReschedules == 0) yield return Wait.Reschedule;
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
