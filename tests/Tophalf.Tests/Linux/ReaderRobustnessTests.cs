using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>Whatever a stranger sends, a reader answers with a value or a <see cref="ReaderException"/> that names a place in the text.</summary>
public class ReaderRobustnessTests
{
    private static readonly Action<string>[] Readers =
    [
        text => ProcInterrupts.ParseAll(text),
        text => ProcInterrupts.Parse(text),
        text => ProcSoftirqs.Parse(text),
        text => ProcStat.Parse(text),
        text => SoftnetStat.Parse(text),
        text => ProcNetDev.Parse(text),
        text => SpuriousCounts.Parse(text),
        text => KernelInfo.Parse(text),
        text => IrqDirectory.HexMask(text),
        text => IrqDirectory.ListMask(text),
    ];

    /// <summary>Pieces of every file, so that random texts get past the first check of each reader.</summary>
    private static readonly Arbitrary<string> LikelyTexts = Arb.From(
        from pieces in Gen.ArrayOf(Gen.Elements(
            "CPU0", " CPU1", " CPU7\n", "\n", " ", "  ", "\t", "1:", " 24:", "NMI:", "IPI0:", "NET_RX:", "4", " 00000001", "9223372036854775807",
            "18446744073709551616", "-edge", "IO-APIC", " 5-edge  ", "-", "Level", "Edge", ", ", "eth0", "0/5", "/", "cpu ", "cpu1 ", "intr ", "ctxt ", "softirq ",
            "|", "eth0:", "count ", "unhandled ", "last_unhandled ", "6.18", ".", "^M", "\r", "> ", ">", "#", "\0", "\u00AD", "\uD800", new string('x', 80)))
        select string.Concat(pieces));

    private static readonly Config ManyTexts = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60);

    [Fact]
    public void Random_bytes_never_crash_a_reader() =>
        Check.One(ManyTexts, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => AnswersProperly(Encoding.Latin1.GetString(bytes))));

    [Fact]
    public void Likely_texts_never_crash_a_reader() => Check.One(ManyTexts, Prop.ForAll(LikelyTexts, AnswersProperly));

    private static bool AnswersProperly(string text)
    {
        string[] lines = text.Split('\n');
        foreach (Action<string> read in Readers)
        {
            try
            {
                read(text);
            }
            catch (ReaderException exception)
            {
                bool isEnd = exception.Line == lines.Length + 1;
                if (exception.Line < 1 || exception.Line > lines.Length && !isEnd || exception.Column < 1 || !isEnd && exception.Column > lines[exception.Line - 1].Length + 1)
                    return false;
            }
        }
        return true;
    }
}
