using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Tests.Corpus;
using Xunit;
using Xunit.Abstractions;

namespace Tophalf.Tests.Linux.Fuzz;

/// <summary>
/// Damaged files against all readers. <c>TOPHALF_FUZZ_COUNT=5000000 ./test --filter FullyQualifiedName~ReaderFuzz</c> makes a long run of it;
/// <c>TOPHALF_FUZZ_SEED</c> begins it elsewhere.
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private const long CountInEveryTest = 20_000;
    private const int LargestFile = 4096;

    [Fact]
    public void Damaged_files_never_crash_a_reader_nor_fill_the_memory()
    {
        long count = Setting("TOPHALF_FUZZ_COUNT", CountInEveryTest);
        ulong seed = (ulong)Setting("TOPHALF_FUZZ_SEED", 1);
        Stopwatch watch = Stopwatch.StartNew();
        FuzzOutcome outcome = ReaderFuzz.Run(count, seed, [.. OwnFiles(), .. CorpusFiles()]);
        output.WriteLine(
            $"{outcome.Inputs:N0} inputs, seed {seed}: {outcome.Refused:N0} refused with a place, at most {outcome.MostBytesPerInput:N0} bytes for one, {watch.Elapsed.TotalSeconds:F0} s");
        Assert.True(outcome.Failure is null, outcome.Failure);
        Assert.InRange(outcome.Refused, 1, count - 1);
    }

    private static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : otherwise;

    /// <summary>One small file of each kind, so that there is something to damage where the corpus is absent.</summary>
    private static IEnumerable<byte[]> OwnFiles()
    {
        string[] texts =
        [
            "           CPU0       CPU1\n  1:         10          0   IO-APIC   1-edge      i8042\n 24:          0      10000   PCI-MSI 1048576-edge      nvme0q1\nLOC:       5000       6000   Local timer interrupts\nERR:          3\n",
            "                    CPU0       CPU1\n          HI:          0          0\n      NET_RX:        300        100\n",
            "cpu  200 50 100 300 50 100 200 0 0 0\ncpu0 200 50 100 300 50 100 200 0 0 0\nintr 1234 0 5\nctxt 99\nbtime 86400\nsoftirq 5 1 1 1 1 1 0 0 0 0 0\n",
            "000003e8 00000002 00000005 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n",
            "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n  eth0: 6400 100 0 25 20 0 0 0 0 0 0 0 0 0 0 0\n",
            "count 12\nunhandled 5\nlast_unhandled 4294668424 ms\n",
            "6.18.44-generic\n", "ff,00000001\n", "0-3,8,16-31:2/4\n",
            "[ { \"ifname\": \"eth0\", \"rx-usecs\": 3, \"adaptive-rx\": false, \"rx\": { \"a\": [1, null] } } ]\n",
            "version 17\ntimestamp 4295000000\ncpu0 0 0 100 50 40 30 1000000 2000000 60\ndomain0 3 1 2 3\n",
            "some avg10=0.12 avg60=0.05 avg300=0.01 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
            "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet isolcpus=\"1,2 3\" nohz_full=2-7 threadirqs\n",
            "ixgbe 339968 0 - Live 0x0000000000000000\nmdio 16384 1 ixgbe, Live 0x0000000000000000\n",
            "33 (irq/29-eth0 rx)) S 2 0 0 0 -1 2129984 0 0 0 0 7 12 0 0 -51 0 1 0 20 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 3 50 1 0 0 0\n",
        ];
        foreach (string text in texts)
            yield return Encoding.UTF8.GetBytes(text);
        SavedTree tree = new SavedTree().Add(ProcInterrupts.Path, texts[0]);
        using MemoryStream packed = new(), bare = new();
        CaptureArchive.Write(new CaptureContent(tree, tree, 1000, [new CapturedCommand("uname", new CommandResult("Linux\n", "", 0))], "trace", [], false), packed);
        yield return packed.ToArray();
        packed.Position = 0;
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Decompress))
            gzip.CopyTo(bare);
        yield return bare.ToArray();
    }

    private static IEnumerable<byte[]> CorpusFiles()
    {
        if (CorpusFolder.Path is null)
            yield break;
        foreach (string path in Directory.EnumerateFiles(CorpusFolder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (Path.GetExtension(path) is ".pcap" or ".bz2" || Path.GetFileName(path) == "INDEX.md")
                continue;
            byte[] bytes = File.ReadAllBytes(path);
            yield return bytes.Length <= LargestFile ? bytes : bytes[..LargestFile];
        }
    }
}
