using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>One handler requested by a command, with what it answers.</summary>
internal sealed class TestAction
{
    private const int LongestName = 23, SlowMs = 400;
    private const IrqReturn Bogus = (IrqReturn)8;

    private readonly Kernel _kernel;
    private readonly TestLog _log;
    private readonly PlaceProbe _places;
    private readonly bool _tellsPlace;
    private readonly IrqReturn _result, _threadResult;
    private readonly bool _schedulesTasklet, _schedulesWork, _armsTimer;
    private readonly Tasklet _tasklet;
    private readonly WorkStruct _work;
    private readonly TimerList _timer;

    /// <param name="kernel">Whose lines it is for.</param>
    /// <param name="log">Where it writes its runs.</param>
    /// <param name="places">Says where code runs, for a request with the word place.</param>
    /// <param name="irq">The line.</param>
    /// <param name="name">Cut to 23 characters.</param>
    /// <param name="words">What follows the name in the command.</param>
    public TestAction(Kernel kernel, TestLog log, PlaceProbe places, int irq, string name, IReadOnlyList<string> words)
    {
        _kernel = kernel;
        _log = log;
        _places = places;
        _tellsPlace = words.Contains("place");
        Irq = irq;
        Name = name.Length > LongestName ? name[..LongestName] : name;
        _result = words.Contains("bogus") ? Bogus : words.Contains("wake") ? IrqReturn.WakeThread : words.Contains("none") ? IrqReturn.None : IrqReturn.Handled;
        _threadResult = words.Contains("thread_none") ? IrqReturn.None : IrqReturn.Handled;
        IsSlow = words.Contains("slow");
        _schedulesTasklet = words.Contains("tasklet");
        _schedulesWork = words.Contains("work");
        _armsTimer = words.Contains("timer");
        _tasklet = new Tasklet(_ => log.Note($"tasklet {Name} in {log.Context}"));
        _work = new WorkStruct(_ => log.Note($"work {Name} in {log.Context}"));
        _timer = new TimerList(_ => log.Note($"timer {Name} in {log.Context}"));
        Flags = words.Aggregate(IrqFlags.None, (flags, word) => flags | TestWords.FlagOf(word));
        DevId = words.Contains("nodev") ? null : this;
        Hard = words.Contains("nohandler") ? null : Handle;
        Threaded = words.Any(word => word.StartsWith("thread", StringComparison.Ordinal)) ? RunThread : null;
        if (Hard is not null) kernel.Symbols.Add(Hard, $"handler [{TestModule.ModuleName}]");
        if (Threaded is not null) kernel.Symbols.Add(Threaded, $"thread [{TestModule.ModuleName}]");
    }

    public int Irq { get; }
    public string Name { get; }
    public IrqFlags Flags { get; }
    public object? DevId { get; }
    public IrqHandler? Hard { get; }
    public IrqHandler? Threaded { get; }

    /// <summary>The thread function sleeps.</summary>
    public bool IsSlow { get; }

    public SleepingIrqThread SlowThread => RunSlowThread;

    private IrqReturn Handle(int irq, object? devId)
    {
        if (_tellsPlace) _places.Note(Name);
        else _log.Note($"handler {Name} in {_log.Context}: {TestWords.Of(_result)}");
        if (_schedulesTasklet) _kernel.Tasklets.Schedule(_tasklet);
        if (_schedulesWork) _kernel.Workqueues.Schedule(_work);
        if (_armsTimer) _kernel.Timers.ModTimer(_timer, _kernel.JiffiesNow + 1);
        return _result;
    }

    /// <summary>tasklet_kill, cancel_work_sync and del_timer_sync.</summary>
    public IEnumerable<Sleep> StopBottomHalves()
    {
        yield return Sleep.Until(over => !_kernel.Tasklets.Kill(_tasklet, over));
        yield return Sleep.During(over => _kernel.Workqueues.CancelSync(_work, over));
        yield return Sleep.During(over => _kernel.Timers.DelTimerSync(_timer, over));
    }

    private IEnumerable<Sleep> RunSlowThread(int irq, object? devId)
    {
        RunThread(irq, devId);
        yield return Sleep.Msleep(SlowMs);
        _log.Note($"thread {Name} slept");
    }

    private IrqReturn RunThread(int irq, object? devId)
    {
        KernelTask current = _kernel.CurrentCpu!.Runqueue.Current!;
        if (_tellsPlace) _places.Note("thread");
        else _log.Note($"thread {Name} ({current.Comm}, policy {PlaceProbe.PolicyOf(current)}, priority {current.RtPriority}) in {_log.Context}: {TestWords.Of(_threadResult)}");
        return _threadResult;
    }
}
