namespace Tophalf.Twin.Scenarios;

/// <summary>Interrupts between processors, and of a processor to itself, that a twin of a real machine replays at the rates seen there.</summary>
public enum SystemVector { RES, CAL, TLB, IWI }

/// <summary>One summary row of /proc/interrupts on one CPU, Poisson at the rate given. Not written in scenario files: it comes from an observed host.</summary>
public sealed record SystemVectorWorkload(SourcePosition At, SystemVector Vector, int Cpu, double PerSecond) : WorkloadSpec(At);

/// <summary>
/// What a CPU of an observed host did besides interrupts: parts of its time in user and system mode, cut into as many pieces as its timer
/// interrupted. Not written in scenario files.
/// </summary>
public sealed record BackgroundWorkload(SourcePosition At, int Cpu, double User, double System, double TimerPerSecond) : WorkloadSpec(At);
