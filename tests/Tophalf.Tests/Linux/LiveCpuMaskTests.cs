using FsCheck;
using FsCheck.Fluent;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>The kernel below as the judge of mask parsing: the same text is written to an idle interrupt and given to the parser.</summary>
public class LiveCpuMaskTests
{
    /// <summary>Texts near the edge: pieces of masks and lists, well and badly put together.</summary>
    private static readonly Arbitrary<string> Texts = Arb.From(
        from pieces in Gen.ArrayOf(Gen.Elements(
            "0", "1", "2", "3", "f", "A", "00000003", "00000000", "4294967295", "4294967296", "N", "n", "all", "ALL",
            "-", ",", ":", "/", "0-1", ":1/2", " ", "\n", "\t", "\0", "x", "g", "\u00A0", "\u00E9"))
        select string.Concat(pieces));

    private static readonly Config ManyTexts = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(8);

    [MovableIrqFact]
    public void Kernel_and_parser_agree_on_every_mask()
    {
        LiveMachine machine = new();
        CpuTopology topology = CpuTopology.Read(machine);
        string directory = MovableIrqFactAttribute.IdleIrqDirectory()!;
        string before = machine.Read($"{directory}/smp_affinity");
        try
        {
            Check.One(ManyTexts, Prop.ForAll(Texts, text => Agrees("smp_affinity", text, CpuMask.ParseHex(text, topology.NrCpuIds, out CpuMask mask), mask)));
            Check.One(ManyTexts, Prop.ForAll(Texts, text => Agrees("smp_affinity_list", text, CpuMask.ParseList(text, topology.NrCpuIds, out CpuMask mask), mask)));
        }
        finally
        {
            machine.Write($"{directory}/smp_affinity", before);
        }

        bool Agrees(string file, string text, Errno parsed, CpuMask mask)
        {
            Errno expected = parsed == Errno.None && !mask.Intersects(topology.Online) ? Errno.EINVAL : parsed;
            Errno written = Errno.None;
            try
            {
                machine.Write($"{directory}/{file}", text);
            }
            catch (LinuxException exception)
            {
                written = exception.Errno;
            }
            if (written != expected)
                return false;
            return written != Errno.None
                || (machine.Read($"{directory}/smp_affinity").TrimEnd() == mask.ToHex(topology.NrCpuIds)
                    && machine.Read($"{directory}/smp_affinity_list").TrimEnd() == mask.ToList());
        }
    }
}
