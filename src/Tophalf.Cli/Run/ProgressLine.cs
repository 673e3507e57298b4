namespace Tophalf.Cli.Run;

/// <summary>How far a run is, on a line of stderr that overwrites itself and is gone in the end.</summary>
internal sealed class ProgressLine(Terminal terminal, string doing) : IDisposable
{
    private const int StepPercent = 5;
    private int _shown = -1;

    /// <param name="done">0 to 1.</param>
    public void Report(double done)
    {
        int percent = (int)(done * 100) / StepPercent * StepPercent;
        if (!terminal.ShowsProgress || percent == _shown)
            return;
        _shown = percent;
        terminal.Error.Write($"\r{doing}: {percent} %");
    }

    public void Dispose()
    {
        if (_shown >= 0)
            terminal.Error.Write("\r\x1b[K");
    }
}
