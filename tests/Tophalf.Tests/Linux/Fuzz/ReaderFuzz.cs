using System.Text;
using Tophalf.Cli.Show;
using Tophalf.Hardware.Firmware;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Linux.Sampling;
using Tophalf.Simulation;
using Tophalf.Tests.Linux.Sampling;

namespace Tophalf.Tests.Linux.Fuzz;

/// <summary>What a run over mutated files came to.</summary>
internal sealed record FuzzOutcome(long Inputs, long Refused, long MostBytesPerInput, string? Failure);

/// <summary>
/// Feeds damaged files to every reader. Each must answer with a value or a <see cref="ReaderException"/> with a place, in memory bounded by the
/// input's size. A hang shows as a run that does not end.
/// </summary>
internal static class ReaderFuzz
{
    /// <summary>A reader may make this many bytes of one byte of input: strings have two bytes a character, and records some more.</summary>
    private const long BytesPerByte = 512, BytesAlways = 4 << 20;

    /// <summary>Every reader, by name. All take any text.</summary>
    private static readonly (string Name, Action<byte[]> Read)[] s_readers =
    [
        ("show", bytes => KernelFile.Read(bytes)),
        ("show packed", bytes => SavedBytes.Unpack(bytes)),
        ("capture", bytes => CaptureReader.ReadTar(new MemoryStream(bytes))),
        ("interrupts", OfText(ProcInterrupts.ParseAll)),
        ("softirqs", OfText(ProcSoftirqs.Parse)),
        ("stat", OfText(ProcStat.Parse)),
        ("softnet_stat", OfText(SoftnetStat.Parse)),
        ("net_dev", OfText(ProcNetDev.Parse)),
        ("spurious", OfText(text => SpuriousCounts.Parse(text))),
        ("osrelease", OfText(KernelInfo.Parse)),
        ("smp_affinity", OfText(text => IrqDirectory.HexMask(text))),
        ("smp_affinity_list", OfText(text => IrqDirectory.ListMask(text))),
        ("ethtool", OfText(EthtoolText.Parse)),
        ("lscpu", OfText(LscpuText.Parse)),
        ("lspci", OfText(LspciText.Parse)),
        ("trace", OfText(text => TraceSummary.Of(TraceText.Parse(text)))),
        ("kernel log", OfText(KernelLog.Parse)),
        ("listing", OfText(text => new ShownIrqTree(PathListing.Parse(text)))),
        ("schedstat", OfText(ProcSchedstat.Parse)),
        ("pressure", OfText(ProcPressure.Parse)),
        ("cmdline", OfText(KernelCommandLine.Parse)),
        ("modules", OfText(ProcModules.Parse)),
        ("thread", OfText(text => KernelThreads.Parse(1, text))),
        ("task", OfText(text => ProcTask.Parse(1, 1, text))),
        ("snmp", OfText(ProcNetSnmp.Parse)),
        ("top's tables", OfText(Watched)),
        ("queue names", OfText(text => text.Split('\n').Count(line => QueueName.Parse(line) is not null | QueueName.Owner(line).Length > 0))),
        ("redactor", OfText(text => new Redactor(["db7.example.org", .. Redactor.HostsIn(text)]).Redact(text))),
        ("madt", bytes => ShownMadt.Of([(1, bytes)])),
        ("acpi text", OfText(text => ShownMadt.Of(AcpiText.FindMadts(text)))),
    ];

    /// <summary>Reads <paramref name="count"/> damaged files: each by show, which picks the reader, and by one reader more in turn.</summary>
    public static FuzzOutcome Run(long count, ulong seed, IReadOnlyList<byte[]> files)
    {
        RandomStream random = new(seed, "reader-fuzz");
        TextMutator mutator = new(random);
        long refused = 0, most = 0;
        for (long i = 0; i < count; i++)
        {
            byte[] input = mutator.Mutate(files[random.NextInt(files.Count)], files[random.NextInt(files.Count)]);
            (string name, Action<byte[]> read) = random.NextInt(2) == 0 ? s_readers[0] : s_readers[random.NextInt(s_readers.Length)];
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(input);
            }
            catch (ReaderException exception) when (exception.Line >= 1 && exception.Column >= 1)
            {
                refused++;
            }
            catch (Exception exception)
            {
                return new FuzzOutcome(i + 1, refused, most, Describe(name, input, exception.ToString()));
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            if (allocated > BytesAlways + BytesPerByte * input.Length)
                return new FuzzOutcome(i + 1, refused, most, Describe(name, input, $"{allocated} bytes for an input of {input.Length}"));
        }
        return new FuzzOutcome(count, refused, most, null);
    }

    private static Action<byte[]> OfText(Func<string, object?> read) => bytes => read(Encoding.UTF8.GetString(bytes));

    /// <summary>As top reads a file again and again: what was read before, then this.</summary>
    private static object Watched(string text)
    {
        TextMachine machine = new(ProcInterrupts.Path, "  CPU0 CPU1\n 1: 4 5 XT-PIC eth0\n", text);
        CounterTable table = new(ProcInterrupts.Path);
        table.Refresh(machine);
        table.Refresh(machine);
        SavedTree tree = new SavedTree().Add(ProcStat.Path, text).Add(SoftnetStat.Path, text);
        MachineSample sample = new(tree);
        sample.Refresh();
        return table;
    }

    private static string Describe(string reader, byte[] input, string what) => $"{reader}: {what}\ninput (base64): {Convert.ToBase64String(input)}";
}
