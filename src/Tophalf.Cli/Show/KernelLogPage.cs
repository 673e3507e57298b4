using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>Messages of the kernel about interrupts, and what they mean.</summary>
internal static class KernelLogPage
{
    private const int MostShown = 60;

    public static void WriteLines(Page page, KernelLog log)
    {
        page.Heading("kernel messages about interrupts");
        Grid columns = ColumnText.Of(">line", "", "").WrapLast();
        foreach (KernelLogLine line in log.Lines.Take(MostShown))
            columns.Add(Figures.Count(line.Line), line.Id, line.Text);
        page.Write(columns);
        if (log.Lines.Length > MostShown)
            page.Line($"  {Figures.Plural(log.Lines.Length - MostShown, "more message")}", Look.Faint);
        string[] ids = [.. log.Lines.Select(line => line.Id).Distinct().Where(id => Means(id).Length > 0)];
        page.Heading("what they mean");
        page.Items(ids.Select(id => (id, Means(id))));
        foreach (KernelLogLine line in log.Lines.Where(line => line.Handlers.Length > 0).Take(MostShown))
            page.Item("-", $"irq {line.Irq}: these handlers were asked and none knew the interrupt: {string.Join(", ", line.Handlers)}");
    }

    private static string Means(string id) => id switch
    {
        "nobody-cared" => "Of 100,000 interrupts on the line 99,900 were claimed by no handler, so the kernel turns the line off. A device raises it whose driver does not look, is not loaded, or left it raised.",
        "line-disabled" => "The line stays off until the machine restarts or the drivers are loaded again; the kernel polls it now and then where irqpoll or irqfixup was given.",
        "bogus-return" => "A handler returned something else than handled or not mine: a bug of its driver.",
        "no-handler-for-vector" => "A CPU got a vector that stands for no interrupt: a device still sends to where an interrupt was before it moved, or firmware left it armed.",
        "spurious-8259" => "The 8259 controller announced an interrupt that was gone when it was asked for. Harmless when rare.",
        "spurious-apic" => "The local APIC announced an interrupt that was gone. Harmless when rare.",
        "apic-error" => "The local APIC reported an error in sending or receiving interrupts; often a vector below 16 in a device's message.",
        "flags-mismatch" => "Two drivers wanted one line and did not agree to share it, or not on its trigger.",
        "affinity-broken" => "A CPU went offline, and its interrupts had to go to CPUs their masks do not name.",
        "affinity-failed" => "The interrupt controller refused to move an interrupt.",
        "transmit-timeout" => "A transmit queue stood still for seconds: its completion interrupt may be lost.",
        "softirq-pending-in-idle" => "A CPU was about to go idle with softirqs left to run.",
        "timer-interrupt-too-slow" => "A timer interrupt took longer than the time to the next: the machine stood still, as a guest without its CPU.",
        "nmi-too-slow" => "A handler of non-maskable interrupts ran long; perf takes fewer samples from now on.",
        "unknown-nmi" => "A non-maskable interrupt came and nobody knows why.",
        "soft-lockup" => "A CPU ran one thing for over 20 seconds without scheduling.",
        "hard-lockup" => "A CPU did not take its timer interrupt for over 10 seconds.",
        "rcu-stall" => "A CPU did not pass a quiescent state for over 21 seconds: interrupts or preemption were off, or softirqs never ended.",
        "remapping-fault" => "The remapping unit refused a device's interrupt message.",
        "no-vectors-left" => "CPUs have only so many interrupt vectors (203 on x86), and these are used up or reserved.",
        "lost-interrupt" => "A driver found its device finished although no interrupt had come.",
        "machine-check" => "The hardware corrected errors; mcelog or rasdaemon tell which.",
        _ => "",
    };
}
