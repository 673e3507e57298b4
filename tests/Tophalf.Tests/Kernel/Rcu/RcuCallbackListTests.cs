using FsCheck;
using FsCheck.Fluent;
using Tophalf.Kernel.Rcu;
using Xunit;

namespace Tophalf.Tests.Kernel.Rcu;

/// <summary>The segments of a processor's callbacks against a plain list in which each callback knows what it waits for.</summary>
public class RcuCallbackListTests
{
    /// <summary>0: add, 1: ask for the end of the next grace period, 2: one is over.</summary>
    [Fact]
    public void Callbacks_are_ready_in_order_and_never_before_the_grace_period_that_was_asked_for_is_over() => Prop.ForAll(
        Gen.Choose(0, 2).ListOf().ToArbitrary(), steps =>
        {
            var list = new RcuCallbackList();
            List<(int Number, long NeededBy)> model = [];
            List<int> called = [];
            int added = 0;
            long sequence = 0;
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0:
                        int number = added++;
                        list.Add(new RcuHead(() => called.Add(number)));
                        model.Add((number, sequence + 2));
                        break;
                    case 1:
                        list.Accelerate(sequence + 2);
                        break;
                    default:
                        sequence += 2;
                        list.Advance(sequence);
                        break;
                }
                while (list.TryTakeReady(out RcuHead? head)) head.Run();
                if (called.Any(number => model[number].NeededBy > sequence)) return false;
            }
            // Asked for once more, everything is ready when two more are over.
            for (int i = 0; i < 4; i++)
            {
                list.Accelerate(sequence + 2);
                list.Advance(sequence += 2);
                while (list.TryTakeReady(out RcuHead? head)) head.Run();
            }
            return called.SequenceEqual(Enumerable.Range(0, added)) && list.Count == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_entrained_is_called_with_the_last_and_nowhere_without_one()
    {
        var list = new RcuCallbackList();
        List<string> called = [];
        Assert.False(list.TryEntrain(new RcuHead(() => called.Add("nothing"))));
        list.Add(new RcuHead(() => called.Add("first")));
        list.Accelerate(2);
        Assert.True(list.TryEntrain(new RcuHead(() => called.Add("entrained"))));
        list.Add(new RcuHead(() => called.Add("later")));
        list.Advance(2);
        while (list.TryTakeReady(out RcuHead? head)) head.Run();
        Assert.Equal(["first", "entrained"], called);
        Assert.Equal(1, list.Count);
    }
}
