using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Tophalf.Linux.Captures;

/// <summary>
/// The file a capture is kept in: a tar.gz with <c>tophalf-capture/manifest.json</c>, the files of the two moments below <c>1/</c> and <c>2/</c>, outputs of
/// commands below <c>commands/</c>, the trace as <c>trace.txt</c>. Any tar opens it.
/// </summary>
public static class CaptureArchive
{
    internal const string Root = "tophalf-capture/", Manifest = Root + "manifest.json", Trace = Root + "trace.txt", Format = "tophalf-capture-1";

    /// <summary>The archive; the same contents give the same bytes.</summary>
    public static void Write(CaptureContent content, Stream stream)
    {
        using GZipStream gzip = new(stream, CompressionLevel.Optimal, leaveOpen: true);
        using TarWriter tar = new(gzip, TarEntryFormat.Pax, leaveOpen: true);
        Add(tar, Manifest, ManifestOf(content));
        for (int i = 0; i < content.Commands.Count; i++)
        {
            Add(tar, OutputOf(i), content.Commands[i].Result.Output);
            if (content.Commands[i].Result.Error.Length > 0)
                Add(tar, ErrorOf(i), content.Commands[i].Result.Error);
        }
        if (content.Trace is { } trace)
            Add(tar, Trace, trace);
        AddTree(tar, "1", content.First);
        AddTree(tar, "2", content.Second);
    }

    internal static string OutputOf(int command) => string.Create(CultureInfo.InvariantCulture, $"{Root}commands/{command + 1}.out");

    internal static string ErrorOf(int command) => string.Create(CultureInfo.InvariantCulture, $"{Root}commands/{command + 1}.err");

    private static void AddTree(TarWriter tar, string moment, SavedTree tree)
    {
        foreach (string directory in tree.Directories.Order(StringComparer.Ordinal).Where(directory => directory != "/"))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, $"{Root}{moment}{directory}/") { ModificationTime = DateTimeOffset.UnixEpoch });
        foreach (string path in tree.Files.Order(StringComparer.Ordinal))
            Add(tar, $"{Root}{moment}{path}", tree.Read(path));
    }

    private static void Add(TarWriter tar, string name, string text) => tar.WriteEntry(
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), ModificationTime = DateTimeOffset.UnixEpoch });

    private static string ManifestOf(CaptureContent content)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("apart_ns", content.ApartNs);
            json.WriteBoolean("redacted", content.IsRedacted);
            json.WriteStartArray("commands");
            foreach (CapturedCommand command in content.Commands)
            {
                json.WriteStartObject();
                json.WriteString("line", command.Line);
                json.WriteNumber("status", command.Result.Status);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("missing");
            foreach (MissingPart part in content.Missing)
            {
                json.WriteStartObject();
                json.WriteString("path", part.Path);
                json.WriteString("why", part.Why);
                json.WriteString("remedy", part.Remedy);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
