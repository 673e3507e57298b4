using System.Text;
using Tophalf.Linux;

namespace Tophalf.Userland.Files;

/// <summary>Where a file descriptor opened for writing leads.</summary>
internal abstract class OutputTarget
{
    /// <summary>One write(2).</summary>
    public abstract Errno Write(string text);
}

/// <summary>Text kept in memory: what the caller sees, one side of a pipe, or the value of <c>$(…)</c>.</summary>
internal sealed class BufferTarget : OutputTarget
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public override Errno Write(string text)
    {
        OutputLimitException.Check(_text.Length + (long)text.Length);
        _text.Append(text);
        return Errno.None;
    }

    public override string ToString() => _text.ToString();

    public string From(int start) => _text.ToString(start, _text.Length - start);
}

internal sealed class FileTarget(FileView files, string path) : OutputTarget
{
    public override Errno Write(string text) => files.Write(path, text);
}

/// <summary>Ends a run whose output grows past what one script may hold in memory.</summary>
internal sealed class OutputLimitException : Exception
{
    /// <summary>Characters of one output stream.</summary>
    public const int Limit = 16 << 20;

    public static void Check(long length)
    {
        if (length > Limit)
            throw new OutputLimitException();
    }
}
