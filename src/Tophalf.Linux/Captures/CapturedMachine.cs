namespace Tophalf.Linux.Captures;

/// <summary>
/// The machine a capture was taken of, frozen at its two moments: any sleep goes to the second. It answers the commands that were run then, and
/// with the same errors; it takes no writes.
/// </summary>
public sealed class CapturedMachine(CaptureContent content) : ILinuxMachine
{
    private readonly Dictionary<string, CommandResult> _commands =
        content.Commands.GroupBy(command => command.Line).ToDictionary(group => group.Key, group => group.First().Result);

    private bool _isSecond;

    public CaptureContent Content => content;

    public string Read(string path)
    {
        if (_isSecond && content.Second.Contains(path))
            return content.Second.Read(path);
        bool wasRefused = !content.First.Contains(path) && content.Missing.Any(part => part.Path == path && part.Why == Errno.EACCES.Text());
        return wasRefused ? throw new LinuxException(Errno.EACCES, path) : content.First.Read(path);
    }

    public IReadOnlyList<string> List(string path) => content.First.List(path);

    public void Write(string path, string text) => throw new LinuxException(Errno.EROFS, path);

    /// <summary>The output of then. A command that was not run is not found, status 127.</summary>
    public CommandResult Run(string commandLine) =>
        _commands.TryGetValue(commandLine.Trim(), out CommandResult result) ? result : new CommandResult("", $"sh: {commandLine.Trim().Split(' ')[0]}: not found\n", 127);

    public long NowNs => _isSecond ? content.ApartNs : 0;

    public void Sleep(long durationNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(durationNs);
        _isSecond |= durationNs > 0;
    }
}
