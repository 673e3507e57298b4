using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Watchdog;

/// <summary>
/// The lockup detectors (kernel/watchdog.c): their settings, and one <see cref="CpuWatchdog"/> for each processor. A soft lockup is a processor on which no task gets its turn,
/// found by a high-resolution timer; a hard lockup one on which not even that timer comes, found by an NMI after so many cycles.
/// </summary>
public sealed class LockupDetector
{
    private const int MaxThresholdSeconds = 60;

    private readonly Kernel _kernel;
    private readonly CpuWatchdog[] _watchdogs;
    private bool _isSoftWanted, _isHardWanted;

    internal LockupDetector(Kernel kernel)
    {
        _kernel = kernel;
        WatchdogParameters parameters = WatchdogParameters.Parse(kernel.Options.Parameters);
        ThresholdSeconds = parameters.ThresholdSeconds;
        SoftPanics = parameters.SoftPanics;
        HardPanics = parameters.HardPanics;
        _isSoftWanted = parameters.IsSoftEnabled;
        _isHardWanted = parameters.IsHardEnabled && kernel.Options.HasPmu;
        _watchdogs = [.. kernel.Cpus.Select(cpu => new CpuWatchdog(kernel, this, cpu))];
        if (!kernel.Options.HasPmu) kernel.Log(0, "NMI watchdog: Perf NMI watchdog permanently disabled");
        Reconfigure();
    }

    public CpuWatchdog this[Cpu cpu] => _watchdogs[cpu.Id];

    /// <summary>kernel.watchdog_thresh: a hard lockup after so long, a soft one after twice that. 0 switches both off.</summary>
    public int ThresholdSeconds { get; private set; }

    public bool IsSoftEnabled => _isSoftWanted && ThresholdSeconds > 0;
    public bool IsHardEnabled => _isHardWanted && ThresholdSeconds > 0;

    /// <summary>kernel.softlockup_panic and kernel.hardlockup_panic.</summary>
    public bool SoftPanics { get; set; }
    public bool HardPanics { get; set; }

    /// <summary>The timer looks five times within the soft threshold.</summary>
    internal long SamplePeriodPs => 2L * ThresholdSeconds * SimTime.Second / 5;

    internal long HardPeriodPs => ThresholdSeconds * SimTime.Second;

    /// <summary>kernel.soft_watchdog.</summary>
    public bool IsSoftWanted
    {
        get => _isSoftWanted;
        set
        {
            _isSoftWanted = value;
            Reconfigure();
        }
    }

    /// <summary>kernel.nmi_watchdog. ENOTSUPP without a counter.</summary>
    public bool IsHardWanted => _isHardWanted;

    public Errno SetHardWanted(bool wanted)
    {
        if (!_kernel.Options.HasPmu) return Errno.ENOTSUPP;
        _isHardWanted = wanted;
        Reconfigure();
        return Errno.None;
    }

    /// <summary>kernel.watchdog: either of them; written, both.</summary>
    public bool IsWanted
    {
        get => _isSoftWanted || _isHardWanted;
        set
        {
            _isSoftWanted = value;
            _isHardWanted = value && _kernel.Options.HasPmu;
            Reconfigure();
        }
    }

    /// <summary>EINVAL above a minute.</summary>
    public Errno SetThreshold(int seconds)
    {
        if (seconds is < 0 or > MaxThresholdSeconds) return Errno.EINVAL;
        ThresholdSeconds = seconds;
        Reconfigure();
        return Errno.None;
    }

    /// <summary>touch_nmi_watchdog, for code that knows it takes long.</summary>
    public void TouchAll()
    {
        foreach (CpuWatchdog watchdog in _watchdogs) watchdog.Touch();
    }

    /// <summary>lockup_detector_online_cpu.</summary>
    internal void CpuOnline(Cpu cpu, long nowPs)
    {
        if (_kernel.Options.HasLockupDetector) this[cpu].Start(nowPs);
    }

    /// <summary>lockup_detector_offline_cpu.</summary>
    internal void CpuOffline(Cpu cpu, long nowPs) => this[cpu].Stop(nowPs);

    /// <summary>lockup_detector_reconfigure: all stop, and start again as they are now wanted.</summary>
    private void Reconfigure()
    {
        if (!_kernel.Options.HasLockupDetector) return;
        long nowPs = _kernel.Events.NowPs;
        foreach (CpuWatchdog watchdog in _watchdogs)
        {
            watchdog.Stop(nowPs);
            if (_kernel.OnlineMask.Contains(watchdog.Cpu.Id)) watchdog.Start(nowPs);
        }
        if (IsHardEnabled) _kernel.LogOnce(nowPs, "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.");
    }
}
