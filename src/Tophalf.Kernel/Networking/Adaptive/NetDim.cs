using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>One level of moderation: a timer in microseconds and a count of packets, whichever comes first (struct dim_cq_moder).</summary>
public readonly record struct DimProfile(int Usecs, int Packets);

/// <summary>What a queue has counted by some moment (struct dim_sample). The event counter has 16 bits in the kernel and the others 32; differences wrap alike.</summary>
public readonly record struct DimSample(long AtPs, uint Packets, uint Bytes, ushort Events);

/// <summary>Rates between two samples, rounded up (struct dim_stats): bytes, packets and events a millisecond.</summary>
public readonly record struct DimStats(int BytesPerMs, int PacketsPerMs, int EventsPerMs);

/// <summary>enum dim_tune_state.</summary>
public enum DimTune { ParkingOnTop, ParkingTired, GoingRight, GoingLeft }

/// <summary>
/// Dynamic interrupt moderation (lib/dim/net_dim.c, lib/dim/dim.c): every 64 events it compares the rates with those before, and walks through five profiles, to the
/// right for longer delays, as long as that makes things better.
/// </summary>
public sealed class NetDim(int profile)
{
    /// <summary>DIM_NEVENTS: events between two decisions.</summary>
    public const int Events = 64;

    /// <summary>NET_DIM_PARAMS_NUM_PROFILES.</summary>
    public const int Profiles = 5;

    /// <summary>NET_DIM_DEF_PROFILE_EQE and _CQE: where drivers begin.</summary>
    public const int DefaultProfile = 1;

    private const int TooTired = 2 * Profiles;
    private const int SignificantPercent = 10;

    private enum State { StartMeasure, MeasureInProgress, ApplyNewProfile }

    private enum Step { Stepped, TooTired, OnEdge }

    private State _state;
    private DimSample _start;
    private DimStats _previous;

    public int Profile { get; private set; } = profile;
    public DimTune Tune { get; private set; }
    public int StepsRight { get; private set; }
    public int StepsLeft { get; private set; }
    public int Tired { get; private set; }

    /// <summary>Decisions taken so far.</summary>
    public long Decisions { get; private set; }

    /// <summary>
    /// net_dim(): a driver's report at the end of a poll. True when a profile is to be applied; until <see cref="Applied"/> says that it was, nothing is measured.
    /// </summary>
    public bool Update(in DimSample now)
    {
        if (_state == State.ApplyNewProfile) return false;
        if (_state == State.MeasureInProgress)
        {
            if ((ushort)(now.Events - _start.Events) < Events) return false;
            if (!TryRate(_start, now, out DimStats rates)) return false;
            if (Decide(rates))
            {
                _state = State.ApplyNewProfile;
                return true;
            }
        }
        _start = now;
        _state = State.MeasureInProgress;
        return false;
    }

    /// <summary>The driver's work has written the profile to the device.</summary>
    public void Applied() => _state = State.StartMeasure;

    /// <summary>dim_calc_stats(); false where no microsecond has passed.</summary>
    public static bool TryRate(in DimSample from, in DimSample to, out DimStats rates)
    {
        long us = (to.AtPs - from.AtPs) / SimTime.Microsecond;
        rates = default;
        if (us == 0) return false;
        rates = new DimStats(PerMs(to.Bytes - from.Bytes, us), PerMs(to.Packets - from.Packets, us), PerMs(Events, us));
        return true;
    }

    private static int PerMs(long count, long us) => (int)((count * 1000 + us - 1) / us);

    /// <summary>net_dim_decision(): true when the profile changed.</summary>
    public bool Decide(in DimStats now)
    {
        DimTune before = Tune;
        int profile = Profile;
        Decisions++;
        switch (Tune)
        {
            case DimTune.ParkingOnTop:
                if (Compare(now, _previous) != 0) ExitParking();
                break;
            case DimTune.ParkingTired:
                if (--Tired == 0) ExitParking();
                break;
            default:
                if (Compare(now, _previous) <= 0) Turn();
                if (IsOnTop) ParkOnTop();
                else Walk();
                break;
        }
        if (before != DimTune.ParkingOnTop || Tune != DimTune.ParkingOnTop) _previous = now;
        return Profile != profile;
    }

    /// <summary>net_dim_stats_compare(): 1 better, -1 worse, 0 the same; bytes first, then packets, then events, of which fewer are better.</summary>
    private static int Compare(in DimStats now, in DimStats before)
    {
        if (before.BytesPerMs == 0) return now.BytesPerMs != 0 ? 1 : 0;
        if (IsSignificant(now.BytesPerMs, before.BytesPerMs)) return now.BytesPerMs > before.BytesPerMs ? 1 : -1;
        if (before.PacketsPerMs == 0) return now.PacketsPerMs != 0 ? 1 : 0;
        if (IsSignificant(now.PacketsPerMs, before.PacketsPerMs)) return now.PacketsPerMs > before.PacketsPerMs ? 1 : -1;
        if (before.EventsPerMs == 0) return 0;
        if (IsSignificant(now.EventsPerMs, before.EventsPerMs)) return now.EventsPerMs < before.EventsPerMs ? 1 : -1;
        return 0;
    }

    private static bool IsSignificant(long value, long reference) => 100 * Math.Abs(value - reference) / reference > SignificantPercent;

    private void ExitParking()
    {
        Tune = Profile != 0 ? DimTune.GoingLeft : DimTune.GoingRight;
        TryStep();
    }

    private void Walk()
    {
        Step step = TryStep();
        if (step == Step.OnEdge) ParkOnTop();
        else if (step == Step.TooTired) Park(DimTune.ParkingTired);
    }

    /// <summary>net_dim_step().</summary>
    private Step TryStep()
    {
        if (Tired == TooTired) return Step.TooTired;
        if (Tune == DimTune.GoingRight)
        {
            if (Profile == Profiles - 1) return Step.OnEdge;
            Profile++;
            StepsRight++;
        }
        else
        {
            if (Profile == 0) return Step.OnEdge;
            Profile--;
            StepsLeft++;
        }
        Tired++;
        return Step.Stepped;
    }

    private bool IsOnTop => Tune == DimTune.GoingRight ? StepsLeft > 1 && StepsRight == 1 : StepsRight > 1 && StepsLeft == 1;

    private void Turn()
    {
        if (Tune == DimTune.GoingRight)
        {
            Tune = DimTune.GoingLeft;
            StepsLeft = 0;
        }
        else
        {
            Tune = DimTune.GoingRight;
            StepsRight = 0;
        }
    }

    private void ParkOnTop()
    {
        Park(DimTune.ParkingOnTop);
        Tired = 0;
    }

    private void Park(DimTune where)
    {
        StepsRight = StepsLeft = 0;
        Tune = where;
    }
}
