using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>One handler requested by a command, with what it answers.</summary>
internal sealed class TestAction
{
    private const int LongestName = 23;
    private const IrqReturn Bogus = (IrqReturn)8;

    private readonly Kernel _kernel;
    private readonly TestLog _log;
    private readonly IrqReturn _result, _threadResult;

    /// <param name="kernel">Whose lines it is for.</param>
    /// <param name="log">Where it writes its runs.</param>
    /// <param name="irq">The line.</param>
    /// <param name="name">Cut to 23 characters.</param>
    /// <param name="words">What follows the name in the command.</param>
    public TestAction(Kernel kernel, TestLog log, int irq, string name, IReadOnlyList<string> words)
    {
        _kernel = kernel;
        _log = log;
        Irq = irq;
        Name = name.Length > LongestName ? name[..LongestName] : name;
        _result = words.Contains("bogus") ? Bogus : words.Contains("wake") ? IrqReturn.WakeThread : words.Contains("none") ? IrqReturn.None : IrqReturn.Handled;
        _threadResult = words.Contains("thread_none") ? IrqReturn.None : IrqReturn.Handled;
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

    private IrqReturn Handle(int irq, object? devId)
    {
        _log.Note($"handler {Name} in {_log.Context}: {TestWords.Of(_result)}");
        return _result;
    }

    private IrqReturn RunThread(int irq, object? devId)
    {
        KernelTask current = _kernel.CurrentCpu!.Runqueue.Current!;
        int policy = current.Policy == SchedulingPolicy.Fifo ? 1 : 0;
        _log.Note($"thread {Name} ({current.Comm}, policy {policy}, priority {current.RtPriority}) in {_log.Context}: {TestWords.Of(_threadResult)}");
        return _threadResult;
    }
}
