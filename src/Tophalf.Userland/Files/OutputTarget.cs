using System.Text;
using Tophalf.Linux;
using Tophalf.Userland.Shell;

namespace Tophalf.Userland.Files;

/// <summary>Where a file descriptor opened for writing leads.</summary>
internal abstract class OutputTarget
{
    /// <summary>One write(2).</summary>
    public abstract Errno Write(string text);
}

/// <summary>Text kept in memory: what the caller sees, one side of a pipe, or the value of <c>$(…)</c>.</summary>
/// <param name="heard">Told of every write as it is made; null for nobody.</param>
internal sealed class BufferTarget(Action<string>? heard = null) : OutputTarget
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public override Errno Write(string text)
    {
        RunLimitException.CheckOutput(_text.Length + (long)text.Length);
        _text.Append(text);
        heard?.Invoke(text);
        return Errno.None;
    }

    public override string ToString() => _text.ToString();

    public string From(int start) => _text.ToString(start, _text.Length - start);
}

internal sealed class FileTarget(FileView files, string path) : OutputTarget
{
    public override Errno Write(string text) => files.Write(path, text);
}
