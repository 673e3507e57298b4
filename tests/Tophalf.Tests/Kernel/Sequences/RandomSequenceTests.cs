using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Kernel.Sequences;

/// <summary>
/// Random sequences of request, free, enable, disable, affinity, hotplug and raise on the twin, idle or at work, and on a reference model; a sequence that
/// fails is shrunk before it is reported.
/// </summary>
public class RandomSequenceTests
{
    private const int Sequences = 50_000;

    [Fact]
    public void Fifty_thousand_random_sequences_do_what_the_reference_does()
    {
        for (int seed = 0; seed < Sequences; seed++)
        {
            List<LineOperation> operations = LineOperation.Draw(new RandomStream((ulong)seed, "sequence"));
            bool isLoaded = seed % 2 != 0;
            if (SequenceRun.Difference(operations, isLoaded) is null) continue;
            List<LineOperation> least = Shrink(operations, candidate => SequenceRun.Difference(candidate, isLoaded) is not null);
            Assert.Fail($"seed {seed}, {(isLoaded ? "loaded" : "idle")}, {least.Count} of {operations.Count} operations:\n{string.Join('\n', least)}\n{SequenceRun.Difference(least, isLoaded)}");
        }
    }

    [Fact]
    public void A_failing_sequence_is_shrunk_to_what_makes_it_fail()
    {
        List<LineOperation> operations = LineOperation.Draw(new RandomStream(1, "shrink"));
        operations.AddRange(LineOperation.Draw(new RandomStream(2, "shrink")));
        var first = new LineOperation(OperationKind.Offline, 0, 1);
        var second = new LineOperation(OperationKind.Raise, 7, 0);
        operations.Insert(3, first);
        operations.Insert(9, second);
        Assert.Equal([first, second], Shrink(operations, candidate => candidate.Contains(second) && candidate.IndexOf(first) is >= 0 and var at && at < candidate.IndexOf(second)));
    }

    /// <summary>Delta debugging: leaves out ever smaller pieces as long as the rest still fails.</summary>
    private static List<LineOperation> Shrink(List<LineOperation> failing, Func<List<LineOperation>, bool> fails)
    {
        for (int piece = failing.Count / 2; piece > 0;)
        {
            bool shorter = false;
            for (int at = 0; at < failing.Count; at += piece)
            {
                List<LineOperation> candidate = [.. failing.Take(at), .. failing.Skip(at + piece)];
                if (!fails(candidate)) continue;
                failing = candidate;
                shorter = true;
                break;
            }
            if (!shorter) piece /= 2;
        }
        return failing;
    }
}
