using FsCheck;
using FsCheck.Fluent;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>The timer wheel: which jiffy a timer really fires at (kernel/time/timer.c, calc_wheel_index).</summary>
public class TimerWheelTests
{
    /// <summary>The table for a wheel that stands at jiffy 100000, or at one like it for all levels in question.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(62, 63)]
    [InlineData(63, 64)]
    [InlineData(64, 72)]
    [InlineData(250, 256)]
    [InlineData(503, 504)]
    [InlineData(504, 544)]
    [InlineData(1000, 1056)]
    [InlineData(4031, 4064)]
    [InlineData(4032, 4448)]
    public void The_longer_the_delay_the_coarser_the_moment(int delay, int fires)
    {
        var bench = new KernelBench();
        long start = bench.Kernel.Jiffies(0);
        long at = start + ((100_000 - start) % 4096 + 4096) % 4096;
        bench.RunUntil(bench.Kernel.JiffyPs(at) + SimTime.Microsecond);
        long firedAt = 0;
        bench.Kernel.Timers.ModTimer(new TimerList(_ => firedAt = bench.Kernel.JiffiesNow), at + delay);
        bench.RunFor(20 * SimTime.Second);
        Assert.Equal(fires, firedAt - at);
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(250, 9)]
    [InlineData(300, 9)]
    [InlineData(1000, 9)]
    public void What_no_level_can_hold_fires_when_the_last_one_ends(int hz, int depth)
    {
        var bench = new KernelBench(hz: hz);
        long firedAt = 0, start = bench.Kernel.JiffiesNow;
        long last = 63L << 3 * (depth - 1), granule = 1L << 3 * (depth - 1);
        bench.Kernel.Timers.ModTimer(new TimerList(_ => firedAt = bench.Kernel.JiffiesNow), start + (1L << 40));
        bench.RunUntil(bench.Kernel.JiffyPs(start + last + granule));
        Assert.InRange(firedAt - start, last - granule, last);
    }

    [Fact]
    public void Timers_due_together_fire_coarse_levels_first_and_the_last_armed_first()
    {
        var bench = new KernelBench();
        long at = bench.Kernel.Jiffies(0) / 64 * 64 + 128;
        List<string> fired = [];
        void Arm(string name) => bench.Kernel.Timers.ModTimer(new TimerList(_ => fired.Add(name)), at - 1);
        bench.RunUntil(bench.Kernel.JiffyPs(at - 80) + 1);
        Arm("coarse, first");
        Arm("coarse, second");
        bench.RunUntil(bench.Kernel.JiffyPs(at - 10) + 1);
        Arm("fine, first");
        Arm("fine, second");
        bench.RunFor(SimTime.Second);
        Assert.Equal(["coarse, second", "coarse, first", "fine, second", "fine, first"], fired);
    }

    /// <summary>Arms, moves and deletes timers at random moments, and wants each to fire at the jiffy a plain formula gives, on an idle processor.</summary>
    [Fact]
    public void Random_schedules_fire_when_the_reference_says()
    {
        Gen<(int Timer, int Delay, int WaitMs, bool Delete)> step =
            from timer in Gen.Choose(0, 7)
            from magnitude in Gen.Choose(0, 14)
            from delay in Gen.Choose(0, 1 << magnitude)
            from wait in Gen.Choose(0, 300)
            from delete in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
            select (timer, delay, wait, delete);
        Prop.ForAll(Arb.From(step.ListOf()), steps => Matches([.. steps])).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(60));
    }

    private static bool Matches((int Timer, int Delay, int WaitMs, bool Delete)[] steps)
    {
        var bench = new KernelBench();
        Tophalf.Kernel.Kernel kernel = bench.Kernel;
        var due = new long?[8];
        bool right = true;
        TimerList[] timers = [.. Enumerable.Range(0, 8).Select(i => new TimerList(_ =>
        {
            right &= due[i] == kernel.JiffiesNow;
            due[i] = null;
        }))];
        bench.RunFor(SimTime.Millisecond); // between two jiffies
        foreach (var (timer, delay, waitMs, delete) in steps)
        {
            if (delete)
            {
                right &= kernel.Timers.DelTimer(timers[timer]) == due[timer] is not null;
                due[timer] = null;
            }
            else
            {
                long expires = kernel.JiffiesNow + delay;
                if (!(timers[timer].IsPending && timers[timer].Expires == expires)) due[timer] = Due(expires, kernel.JiffiesNow);
                kernel.Timers.ModTimer(timers[timer], expires);
            }
            bench.RunFor(waitMs * SimTime.Millisecond);
        }
        bench.RunFor(200 * SimTime.Second);
        return right && due.All(each => each is null);
    }

    private static long Due(long expires, long now)
    {
        long granule = 1, reach = 63;
        while (expires - now >= reach)
        {
            granule *= 8;
            reach *= 8;
        }
        return (expires / granule + 1) * granule;
    }
}
