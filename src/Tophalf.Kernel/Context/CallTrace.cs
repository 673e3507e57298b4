using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Context;

/// <summary>
/// dump_stack() and show_regs() (lib/dump_stack.c, arch/x86/kernel/dumpstack.c): who runs, and by what calls it got there. The functions are the kernel's own names for
/// the way the twin went; they carry no offsets, since the twin executes no instructions.
/// </summary>
internal static class CallTrace
{
    /// <summary>dump_stack, called by <paramref name="callers"/>, innermost first.</summary>
    public static void DumpStack(Kernel kernel, Cpu cpu, params ReadOnlySpan<string> callers)
    {
        ShowTask(kernel, cpu);
        Show(kernel, cpu, ["dump_stack_lvl", .. callers]);
    }

    /// <summary>show_regs of what an interrupt or NMI interrupted.</summary>
    public static void ShowRegisters(Kernel kernel, Cpu cpu)
    {
        ShowTask(kernel, cpu);
        Show(kernel, cpu, []);
    }

    /// <summary>print_modules.</summary>
    public static void ShowModules(Kernel kernel) =>
        kernel.Log(kernel.LocalNowPs, "Modules linked in:" + string.Concat(kernel.Modules.Loaded.Select(name => " " + name)));

    /// <summary>dump_stack_print_info.</summary>
    private static void ShowTask(Kernel kernel, Cpu cpu)
    {
        string uid = new Procfs.KernelProfile(kernel.Options.Release).ShowsUidInTraces ? " UID: 0" : "";
        kernel.Log(kernel.LocalNowPs, $"CPU: {cpu.Id}{uid} PID: {cpu.CurrentPid} Comm: {cpu.CurrentComm} {kernel.Taint.Text()} {kernel.Options.Release} #1");
    }

    private static void Show(Kernel kernel, Cpu cpu, IReadOnlyList<string> innermost)
    {
        long atPs = kernel.LocalNowPs;
        kernel.Log(atPs, "Call Trace:");
        IReadOnlyList<string> frames = innermost;
        if (cpu.StandsInNmi)
        {
            Section(kernel, atPs, "NMI", [.. frames, "nmi_handle", "default_do_nmi", "exc_nmi", "end_repeat_nmi"]);
            frames = [];
        }
        bool isInterrupt = cpu.StandsInHardirq;
        if (isInterrupt || cpu.IsSoftirqOnIrqStack)
        {
            List<string> stack = [.. frames];
            if (isInterrupt) stack.AddRange(InterruptFrames(kernel, cpu));
            if (cpu.IsSoftirqOnIrqStack) stack.AddRange(["handle_softirqs", "__irq_exit_rcu"]);
            Section(kernel, atPs, "IRQ", stack);
            frames = [];
        }
        if (isInterrupt) frames = [.. frames, $"asm_{EntryName(cpu.LastVector)}"];
        Section(kernel, atPs, "TASK", [.. frames, .. TaskFrames(cpu)]);
    }

    private static void Section(Kernel kernel, long atPs, string name, IReadOnlyList<string> frames)
    {
        kernel.Log(atPs, $" <{name}>");
        foreach (string frame in frames) kernel.Log(atPs, $" {frame}");
        kernel.Log(atPs, $" </{name}>");
    }

    private static IEnumerable<string> InterruptFrames(Kernel kernel, Cpu cpu)
    {
        string entry = EntryName(cpu.LastVector);
        if (kernel.Vectors[cpu.Id, cpu.LastVector] is not { } desc) return [entry];
        List<string> frames = [];
        if (desc.InProgress && cpu.LastAction < desc.Chain.Length) frames.Add(kernel.Symbols.NameOf(desc.Chain[cpu.LastAction].Handler));
        frames.AddRange(["__handle_irq_event_percpu", "handle_irq_event", $"handle_{desc.FlowName}_irq", $"__{entry}", entry]);
        return frames;
    }

    private static string EntryName(int vector) => vector switch
    {
        Tick.LocalTimerVector => "sysvec_apic_timer_interrupt",
        KernelEntry.RescheduleVector => "sysvec_reschedule_ipi",
        KernelEntry.CallFunctionSingleVector => "sysvec_call_function_single",
        KernelEntry.CallFunctionVector => "sysvec_call_function",
        KernelEntry.IrqWorkVector => "sysvec_irq_work",
        _ => "common_interrupt",
    };

    private static IEnumerable<string> TaskFrames(Cpu cpu) =>
        cpu.Runqueue.Current is { } task ? task.CallPath
        : ["pv_native_safe_halt", "default_idle", "default_idle_call", "do_idle", "cpu_startup_entry", .. cpu.Id == 0 ? (string[])["rest_init", "start_kernel"] : ["start_secondary"]];
}
