using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Hardware.Firmware;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>The firmware's tables of interrupt controllers, from bytes or from what acpidump and iasl print.</summary>
internal sealed class ShownMadt(IReadOnlyList<Madt> tables, IReadOnlyList<ReaderProblem> problems) : Shown
{
    public override string Kind => "madt";
    public override IReadOnlyList<ReaderProblem> Problems => problems;

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: {Figures.Plural(tables.Count, "MADT")}, the firmware's table of interrupt controllers", Look.Heading);
        foreach (Madt madt in tables)
        {
            page.Line();
            page.Line($"  revision {madt.Signature.Revision}, {Clean(madt.Signature.OemId)} {Clean(madt.Signature.OemTableId)}, local APICs at 0x{madt.EffectiveLocalApicAddress:x}, "
                + $"{(madt.HasDual8259 ? "with" : "without")} a pair of 8259s");
            page.Items(madt.Entries.CountBy(entry => entry.Type).OrderBy(pair => pair.Key).Select(pair => (pair.Key.ToString(), Figures.Count(pair.Value))));
            Grid columns = ColumnText.Of("", "").WrapLast();
            foreach (MadtEntry entry in madt.Entries.Where(entry => entry is not LocalApicEntry and not LocalX2ApicEntry and not OtherMadtEntry))
                columns.Add(entry.Type.ToString(), Says(entry));
            page.Write(columns);
        }
    }

    public override void Write(Utf8JsonWriter json) => json.Array("tables", tables, madt =>
    {
        json.WriteStartObject();
        json.WriteNumber("revision", madt.Signature.Revision);
        json.WriteNumber("local_apic_address", madt.EffectiveLocalApicAddress);
        json.WriteBoolean("has_8259", madt.HasDual8259);
        json.Objects("entries", madt.Entries, entry =>
        {
            json.WriteString("type", entry.Type.ToString());
            json.WriteString("says", Says(entry));
        });
        json.WriteEndObject();
    });

    /// <summary>Reads every table of the text; one that is wrong becomes a problem as long as another can be read.</summary>
    public static ShownMadt Of(IReadOnlyList<(int Line, byte[] Table)> found)
    {
        List<Madt> tables = [];
        List<ReaderProblem> problems = [];
        foreach ((int line, byte[] table) in found)
        {
            try
            {
                tables.Add(Madt.Parse(table));
            }
            catch (MadtException exception)
            {
                problems.Add(new ReaderProblem(line, 1, exception.Message));
            }
        }
        if (tables.Count > 0)
            return new ShownMadt(tables, problems);
        string says = problems.Count > 0 ? problems[0].Says : "no table of signature APIC; give the bytes of /sys/firmware/acpi/tables/APIC";
        string[] parts = says.Split("; ", 2);
        throw new ReaderException(problems.Count > 0 ? problems[0].Line : 1, 1, parts[0], parts[^1]);
    }

    private static string Says(MadtEntry entry) => entry switch
    {
        LocalApicEntry cpu => $"processor {cpu.ProcessorUid}: APIC id {cpu.ApicId}{Enabled(cpu.IsEnabled, cpu.IsOnlineCapable)}",
        LocalX2ApicEntry cpu => $"processor {cpu.ProcessorUid}: x2APIC id {cpu.X2ApicId}{Enabled(cpu.IsEnabled, cpu.IsOnlineCapable)}",
        IoApicEntry chip => $"id {chip.Id} at 0x{chip.Address:x}, interrupts from GSI {chip.GsiBase}",
        InterruptSourceOverrideEntry isa => $"ISA interrupt {isa.SourceIrq} is GSI {isa.Gsi}, {Says(isa.Flags)}",
        NmiSourceEntry nmi => $"GSI {nmi.Gsi} is an NMI, {Says(nmi.Flags)}",
        LocalApicNmiEntry nmi => $"NMI at LINT{nmi.Lint} of {(nmi.ProcessorUid == 0xFF ? "every processor" : $"processor {nmi.ProcessorUid}")}, {Says(nmi.Flags)}",
        LocalX2ApicNmiEntry nmi => $"NMI at LINT{nmi.Lint} of {(nmi.ProcessorUid == uint.MaxValue ? "every processor" : $"processor {nmi.ProcessorUid}")}, {Says(nmi.Flags)}",
        LocalApicAddressOverrideEntry address => $"local APICs at 0x{address.Address:x}",
        MultiprocessorWakeupEntry wakeup => $"mailbox at 0x{wakeup.MailboxAddress:x}",
        OtherMadtEntry other => $"{other.Body.Length} bytes: {Convert.ToHexString(other.Body.Span)}",
        _ => "",
    };

    private static string Says(MpsInti flags) => string.Create(CultureInfo.InvariantCulture, $"{flags.Polarity}, {flags.Trigger}");

    private static string Enabled(bool isEnabled, bool isOnlineCapable) => isEnabled ? "" : isOnlineCapable ? ", can be plugged in" : ", not there";

    private static string Clean(string text) => text.TrimEnd('\0', ' ');
}
