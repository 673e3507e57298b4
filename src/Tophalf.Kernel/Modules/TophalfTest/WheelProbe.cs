using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>Timers of given expiries, armed at a known place of the wheel, and the jiffies at which they fired.</summary>
internal sealed class WheelProbe(Kernel kernel, TestLog log)
{
    private const int MostTimers = 12, Phases = 512;

    private readonly List<(long Delta, TimerList Timer)> _timers = [];
    private readonly Dictionary<TimerList, long> _fired = [];
    private long _begin;

    public IEnumerable<Sleep> Arm(string[] words)
    {
        Off();
        if (words.Length < 1 || !TestWords.TryNumber(words[0], out long phase) || phase is < 0 or >= Phases)
        {
            log.Note("wheel what");
            yield break;
        }
        while ((kernel.JiffiesNow & Phases - 1) != phase) yield return Sleep.Usleep(1000);
        _begin = kernel.JiffiesNow;
        foreach (string word in words.Skip(1).Take(MostTimers))
        {
            if (!TestWords.TryNumber(word, out long delta) || delta < 0) break;
            var timer = new TimerList(fired => _fired[fired] = kernel.JiffiesNow);
            _timers.Add((delta, timer));
            kernel.Timers.ModTimer(timer, _begin + delta);
        }
        log.Note($"wheel: {_timers.Count} timers");
    }

    public void Tell()
    {
        foreach ((long delta, TimerList timer) in _timers)
            log.Note($"wheel {delta}: {(_fired.TryGetValue(timer, out long jiffies) ? $"after {jiffies - _begin}" : "not yet")}");
    }

    public void Off()
    {
        foreach ((_, TimerList timer) in _timers) kernel.Timers.DelTimer(timer);
        _timers.Clear();
        _fired.Clear();
    }
}
