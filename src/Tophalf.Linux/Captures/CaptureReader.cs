using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Tophalf.Linux.Captures;

/// <summary>
/// Reads a capture that a stranger sent. Nothing is unpacked to disk; sizes and counts are bounded; links, devices and paths that lead outside are refused.
/// </summary>
public static class CaptureReader
{
    private const string Remedy = "give a file that tophalf capture made";
    private const int DeepestJson = 8;

    /// <summary>Throws <see cref="ReaderException"/> on anything but a capture; the line counts the archive's entries.</summary>
    public static CaptureContent Read(Stream stream)
    {
        using GZipStream gzip = new(stream, CompressionMode.Decompress, leaveOpen: true);
        return ReadTar(gzip);
    }

    /// <summary>As <see cref="Read"/>, of the archive without its compression.</summary>
    internal static CaptureContent ReadTar(Stream stream)
    {
        Dictionary<string, string> loose = [];
        SavedTree first = new(), second = new();
        int entries = 0;
        try
        {
            using BoundedStream bounded = new(stream, CaptureLimits.MaxTotal);
            using TarReader tar = new(bounded, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry)
            {
                if (++entries > CaptureLimits.MaxEntries)
                    throw new ReaderException(entries, 1, $"more than {CaptureLimits.MaxEntries} files", Remedy);
                Take(entry, entries, first, second, loose);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new ReaderException(entries + 1, 1, "the archive is damaged here", Remedy);
        }
        if (!loose.TryGetValue(CaptureArchive.Manifest, out string? manifest))
            throw new ReaderException(1, 1, $"the archive has no {CaptureArchive.Manifest}", Remedy);
        return Assemble(manifest, first, second, loose);
    }

    private static void Take(TarEntry entry, int number, SavedTree first, SavedTree second, Dictionary<string, string> loose)
    {
        string name = entry.Name;
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
            return;
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.Directory))
            throw new ReaderException(number, 1, $"{name} is a link or a device, which no capture holds", Remedy);
        if (!name.StartsWith(CaptureArchive.Root, StringComparison.Ordinal) || !SavedTree.IsPlain("/" + name.TrimEnd('/')))
            throw new ReaderException(number, 1, $"{name} lies outside of the capture", Remedy);
        if (entry.Length > CaptureLimits.MaxFile)
            throw new ReaderException(number, 1, $"{name} has more than {CaptureLimits.MaxFile} bytes", Remedy);
        string inside = name[CaptureArchive.Root.Length..];
        SavedTree? tree = inside.StartsWith("1/", StringComparison.Ordinal) ? first : inside.StartsWith("2/", StringComparison.Ordinal) ? second : null;
        if (entry.EntryType is TarEntryType.Directory)
        {
            if (tree is not null && inside.Length > 2)
                tree.AddDirectory(inside[1..].TrimEnd('/'));
            return;
        }
        string text = Text(entry.DataStream);
        if (tree is null)
            loose[name] = text;
        else
            tree.Add(inside[1..], text);
    }

    private static string Text(Stream? data)
    {
        if (data is null)
            return "";
        using MemoryStream bytes = new();
        data.CopyTo(bytes);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static CaptureContent Assemble(string manifest, SavedTree first, SavedTree second, Dictionary<string, string> loose)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(manifest, new JsonDocumentOptions { MaxDepth = DeepestJson });
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetString() != CaptureArchive.Format)
                throw new ReaderException(1, 1, "a capture of a format this version does not know", "use the tophalf that made it, or a newer one");
            List<CapturedCommand> commands = [];
            foreach (JsonElement command in root.GetProperty("commands").EnumerateArray())
            {
                string output = loose.GetValueOrDefault(CaptureArchive.OutputOf(commands.Count), "");
                string error = loose.GetValueOrDefault(CaptureArchive.ErrorOf(commands.Count), "");
                commands.Add(new CapturedCommand(Word(command, "line"), new CommandResult(output, error, command.GetProperty("status").GetInt32())));
            }
            List<MissingPart> missing = [.. root.GetProperty("missing").EnumerateArray().Select(part => new MissingPart(Word(part, "path"), Word(part, "why"), Word(part, "remedy")))];
            long apartNs = root.GetProperty("apart_ns").GetInt64();
            if (apartNs < 0)
                throw new ReaderException(1, 1, "the two moments are in the wrong order", Remedy);
            return new CaptureContent(first, second, apartNs, commands, loose.GetValueOrDefault(CaptureArchive.Trace), missing, root.GetProperty("redacted").GetBoolean());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ReaderException(1, 1, $"{CaptureArchive.Manifest} is not what a capture has", Remedy);
        }
    }

    private static string Word(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
