using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Nmi;

/// <summary>The pictures of docs/nmi.md are what the twin draws.</summary>
public class NmiPageTests
{
    [Fact]
    public void The_page_shows_the_stack_as_it_is()
    {
        string page = File.ReadAllText(TwinRuns.Shipped("docs/nmi.md"));
        var naive = new NmiWalk(isNaive: true);
        naive.Nmi();
        naive.StepUntil(() => naive.IsInHandler);
        Assert.Contains(naive.Picture(isNaive: true), page);
        LetAnotherIn(naive);
        Assert.Contains(naive.Picture(isNaive: true), page);

        var proper = new NmiWalk(isNaive: false);
        proper.Nmi();
        proper.StepUntil(() => proper.IsInHandler);
        LetAnotherIn(proper);
        Assert.Contains(proper.Picture(isNaive: false), page);
    }

    private static void LetAnotherIn(NmiWalk walk)
    {
        walk.HitBreakpoint();
        walk.Nmi();
        walk.StepUntil(() => walk.IsInHandler);
    }
}
