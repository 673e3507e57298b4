namespace Tophalf.Twin.Scenarios;

/// <summary>The law by which events follow one another.</summary>
public enum ArrivalLaw
{
    /// <summary>Evenly spaced.</summary>
    Constant,

    /// <summary>Independent: the gaps are exponential.</summary>
    Poisson,

    /// <summary>Clustered: the gaps are lognormal.</summary>
    Lognormal,

    /// <summary>In bursts: independent events for a while, then silence, both of random length.</summary>
    OnOff,
}

/// <summary>When events come: how many, spread how, from when until when.</summary>
public sealed record ArrivalSpec
{
    /// <summary>Mean rate in millionths of an event per second, silences included; null: as fast as the link carries them.</summary>
    public long? RateMicroHz { get; init; }

    public ArrivalLaw Law { get; init; }

    /// <summary>Standard deviation of the logarithm of the gap, without unit. Lognormal only.</summary>
    public double Sigma { get; init; }

    /// <summary>Mean length of a burst. On-off only.</summary>
    public long OnPs { get; init; }

    /// <summary>Mean length of the silence after a burst. On-off only.</summary>
    public long OffPs { get; init; }

    /// <summary>Virtual time of the beginning.</summary>
    public long StartPs { get; init; }

    /// <summary>Virtual time of the end, later than the beginning; null: to the end of the run.</summary>
    public long? StopPs { get; init; }
}
