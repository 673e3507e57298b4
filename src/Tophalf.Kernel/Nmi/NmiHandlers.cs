using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Nmi;

/// <summary>
/// Who handles a non-maskable interrupt (arch/x86/kernel/nmi.c, default_do_nmi). It carries no number, so everybody is asked: first the sources a processor has
/// for itself, then port 0x61, and what is left is unknown.
/// </summary>
public sealed class NmiHandlers
{
    private const byte ReasonMask = SystemControlPort.Serr | SystemControlPort.IoCheck, ClearMask = 0x0F;
    private const long IoCheckPausePs = 2 * SimTime.Second;

    private readonly Kernel _kernel;
    private readonly List<NmiAction>[] _lists = [[], [], [], []];
    private readonly RateLimit _tooLong;

    internal NmiHandlers(Kernel kernel)
    {
        _kernel = kernel;
        _tooLong = new RateLimit(intervalPs: 5 * SimTime.Second, burst: 10);
        PanicsOnUnknown = kernel.Options.Parameters.Any(parameter => parameter.Name == "unknown_nmi_panic");
    }

    /// <summary>kernel.unknown_nmi_panic.</summary>
    public bool PanicsOnUnknown { get; set; }

    /// <summary>kernel.panic_on_unrecovered_nmi.</summary>
    public bool PanicsOnUnrecovered { get; set; }

    /// <summary>kernel.panic_on_io_nmi.</summary>
    public bool PanicsOnIoCheck { get; set; }

    /// <summary>x86/nmi_longest_ns of debugfs: a handler that takes longer is told of.</summary>
    public long LongestPs { get; set; } = SimTime.Millisecond;

    /// <summary>Port 0x61; null on a board without one.</summary>
    public SystemControlPort? ReasonPort { get; set; }

    /// <summary>register_nmi_handler. EINVAL without a handler.</summary>
    public int Register(NmiType type, NmiHandler? handler, NmiFlags flags, string name)
    {
        if (handler is null) return -(int)Errno.EINVAL;
        List<NmiAction> list = _lists[(int)type];
        if (type is NmiType.Serr or NmiType.IoCheck && list.Count > 0) _kernel.LogOnce(NowPs, $"WARNING: a second handler of NMI_{(type == NmiType.Serr ? "SERR" : "IO_CHECK")}: {name}");
        list.Insert((flags & NmiFlags.First) != 0 ? 0 : list.Count, new NmiAction { Handler = handler, Name = name });
        return 0;
    }

    /// <summary>unregister_nmi_handler: the first of that name; one that is not there is nothing to say about.</summary>
    public void Unregister(NmiType type, string name)
    {
        List<NmiAction> list = _lists[(int)type];
        int at = list.FindIndex(action => action.Name == name);
        if (at < 0) return;
        if (_kernel.CurrentCpu is { InNmi: true }) _kernel.Log(NowPs, $"Trying to free NMI ({name}) from NMI context!");
        list.RemoveAt(at);
    }

    private long NowPs => _kernel.CurrentCpu?.LocalPs ?? _kernel.Events.NowPs;

    /// <summary>default_do_nmi.</summary>
    internal void Handle(Cpu cpu, in InterruptFrame regs)
    {
        CpuNmi nmi = cpu.Nmi;
        bool backToBack = regs.Rip == nmi.LastRip;
        if (!backToBack) nmi.Swallows = false;
        nmi.LastRip = regs.Rip;

        int handled = Run(NmiType.Local, cpu, regs);
        nmi.Normal += handled;
        if (handled > 0)
        {
            // One of several events handled now may be latched as an NMI of its own, which will then find nothing to do.
            if (handled > 1) nmi.Swallows = true;
            return;
        }
        byte reason = ReasonPort?.Read() ?? 0;
        if ((reason & ReasonMask) != 0)
        {
            if ((reason & SystemControlPort.Serr) != 0) Serr(cpu, reason, regs);
            else IoCheck(cpu, reason, regs);
            nmi.External++;
        }
        else if (backToBack && nmi.Swallows) nmi.Swallowed++;
        else Unknown(cpu, reason, regs);
    }

    /// <summary>nmi_handle: all of a list, whoever claims the interrupt; returns how many events they handled.</summary>
    private int Run(NmiType type, Cpu cpu, in InterruptFrame regs)
    {
        int handled = 0;
        List<NmiAction> list = _lists[(int)type];
        for (int i = 0; i < list.Count; i++)
        {
            NmiAction action = list[i];
            long startPs = cpu.LocalPs;
            int here = action.Handler(type, regs);
            handled += here;
            long tookPs = cpu.LocalPs - startPs;
            Tracing.Tracepoint traced = _kernel.Tracer.Events.NmiHandler;
            if (traced.IsEnabled) _kernel.Tracer.Record(traced, cpu, cpu.LocalPs, irqsOff: true, 0, _kernel.Symbols.NameOf(action.Handler), 0, tookPs / SimTime.Nanosecond, here);
            CheckDuration(action, tookPs, cpu);
        }
        return handled;
    }

    private void CheckDuration(NmiAction action, long tookPs, Cpu cpu)
    {
        if (tookPs < LongestPs || tookPs < action.LongestPs) return;
        action.LongestPs = tookPs;
        if (!_tooLong.Allows(cpu.LocalPs)) return;
        long us = tookPs / SimTime.Microsecond;
        _kernel.Log(cpu.LocalPs, $"INFO: NMI handler ({_kernel.Symbols.NameOf(action.Handler)}) took too long to run: {us / 1000}.{us % 1000:d3} msecs");
    }

    /// <summary>pci_serr_error.</summary>
    private void Serr(Cpu cpu, byte reason, in InterruptFrame regs)
    {
        if (Run(NmiType.Serr, cpu, regs) > 0) return;
        _kernel.Log(cpu.LocalPs, $"NMI: PCI system error (SERR) for reason {reason:x2} on CPU {cpu.Id}.");
        if (PanicsOnUnrecovered) _kernel.Panic("NMI: Not continuing");
        _kernel.Log(cpu.LocalPs, "Dazed and confused, but trying to continue");
        ReasonPort!.Write((byte)(reason & ClearMask | SystemControlPort.DisableSerr), cpu.LocalPs);
    }

    /// <summary>io_check_error: the line is pulsed shut for two seconds, spent in the handler.</summary>
    private void IoCheck(Cpu cpu, byte reason, in InterruptFrame regs)
    {
        if (Run(NmiType.IoCheck, cpu, regs) > 0) return;
        _kernel.Log(cpu.LocalPs, $"NMI: IOCK error (debug interrupt?) for reason {reason:x2} on CPU {cpu.Id}.");
        CallTrace.ShowRegisters(_kernel, cpu);
        if (PanicsOnIoCheck) _kernel.Panic("NMI IOCK error: Not continuing");
        byte shut = (byte)(reason & ClearMask | SystemControlPort.DisableIoCheck);
        ReasonPort!.Write(shut, cpu.LocalPs);
        cpu.Spend(IoCheckPausePs);
        _kernel.Lockups.TouchAll();
        ReasonPort.Write((byte)(shut & ~SystemControlPort.DisableIoCheck), cpu.LocalPs);
    }

    /// <summary>unknown_nmi_error.</summary>
    private void Unknown(Cpu cpu, byte reason, in InterruptFrame regs)
    {
        int handled = Run(NmiType.Unknown, cpu, regs);
        cpu.Nmi.Unknown += Math.Max(handled, 1);
        if (handled > 0) return;
        _kernel.Log(cpu.LocalPs, $"Uhhuh. NMI received for unknown reason {reason:x2} on CPU {cpu.Id}.");
        if (new Procfs.KernelProfile(_kernel.Options.Release).AsksAboutPowerSaving) _kernel.Log(cpu.LocalPs, "Do you have a strange power saving mode enabled?");
        if (PanicsOnUnknown || PanicsOnUnrecovered) _kernel.Panic("NMI: Not continuing");
        _kernel.Log(cpu.LocalPs, "Dazed and confused, but trying to continue");
    }
}
