using System.Text;

namespace Tophalf.Twin.Scenarios;

/// <summary>Reads scenario files. They come from strangers: every size is bounded, and anything wrong is a <see cref="ScenarioException"/>.</summary>
public static class ScenarioFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads a file, UTF-8 YAML of at most 1 MiB.</summary>
    /// <exception cref="ScenarioException">The file is not there, is not text or is no good scenario.</exception>
    public static Scenario Load(string path)
    {
        byte[] bytes = ReadAtMost(path, MaxBytes + 1);
        var problems = new ProblemList(path);
        if (bytes.Length > MaxBytes)
            throw TooLarge(problems);
        if (TextEnd(bytes) is var end && end < bytes.Length)
        {
            string wrong = bytes[end] == 0 ? "a NUL byte: this is not text" : $"byte 0x{bytes[end]:x2} is not UTF-8: this is not text";
            throw problems.Fatal(PositionOf(bytes.AsSpan(0, end)), wrong, "write the scenario as YAML in UTF-8");
        }

        return Parse(Encoding.UTF8.GetString(bytes), path);
    }

    /// <summary>Reads the text of a scenario.</summary>
    /// <param name="path">Where the text is from, for messages, and for the paths in it, which are relative to its folder.</param>
    /// <exception cref="ScenarioException">The text is no good scenario.</exception>
    public static Scenario Parse(string text, string path)
    {
        var problems = new ProblemList(path);
        if (text.Length > MaxBytes)
            throw TooLarge(problems);
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        if (text.IndexOf('\0') is var nul and >= 0)
        {
            throw problems.Fatal(PositionOf(Encoding.UTF8.GetBytes(text[..nul])), "a NUL byte: this is not text",
                "write the scenario as YAML in UTF-8");
        }

        YamlNode? root = YamlTree.Read(text, problems, ScenarioReader.WordDuplicate);
        return new ScenarioReader(path, problems).Read(root);
    }

    private static ScenarioException TooLarge(ProblemList problems) =>
        problems.Fatal(SourcePosition.Start, "the file is larger than 1 MiB", "write a shorter scenario");

    private static byte[] ReadAtMost(string path, int count)
    {
        string reason;
        try
        {
            using FileStream file = File.OpenRead(path);
            var bytes = new byte[count];
            int read = file.ReadAtLeast(bytes, count, throwOnEndOfStream: false);
            return bytes[..read];
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            reason = "no such file";
        }
        catch (UnauthorizedAccessException)
        {
            reason = Directory.Exists(path) ? "this is a folder" : "the file may not be read";
        }
        catch (IOException)
        {
            reason = "the file cannot be read";
        }

        throw new ProblemList(path).Fatal(SourcePosition.Start, reason, "give the path of a scenario file");
    }

    /// <summary>Index of the first byte that is no text, or the length.</summary>
    private static int TextEnd(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            if (bytes[at] == 0 || Rune.DecodeFromUtf8(bytes[at..], out _, out int taken) != System.Buffers.OperationStatus.Done)
                return at;
            at += taken;
        }

        return at;
    }

    /// <summary>The position after some valid UTF-8.</summary>
    private static SourcePosition PositionOf(ReadOnlySpan<byte> before)
    {
        int column = 1;
        foreach (byte unit in before[(before.LastIndexOf((byte)'\n') + 1)..])
        {
            // Bytes 10xxxxxx go on with a character that has begun.
            if ((unit & 0xC0) != 0x80)
                column++;
        }

        return new SourcePosition(1 + before.Count((byte)'\n'), column);
    }
}
