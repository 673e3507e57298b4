using System.Text;
using Tophalf.Linux;

namespace Tophalf.Tests.Linux.Sampling;

/// <summary>A machine with one file, which shows one text after the other; it hands the bytes over without a copy.</summary>
internal sealed class TextMachine(string path, params string[] texts) : ILinuxMachine
{
    private readonly byte[][] _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
    private int _reads;

    public string Read(string asked) => throw new LinuxException(Errno.ENOENT, asked);

    public int Read(string asked, ref byte[] buffer)
    {
        if (asked != path)
            throw new LinuxException(Errno.ENOENT, asked);
        buffer = _texts[_reads++ % _texts.Length];
        return buffer.Length;
    }

    public void Write(string asked, string text) => throw new LinuxException(Errno.EROFS, asked);
    public IReadOnlyList<string> List(string asked) => throw new LinuxException(Errno.ENOENT, asked);
    public CommandResult Run(string commandLine) => throw new LinuxException(Errno.EOPNOTSUPP, commandLine);
    public long NowNs => _reads * 1_000_000_000L;

    public void Sleep(long durationNs)
    {
    }
}
