using System.Buffers.Binary;
using System.Globalization;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>
/// <c>bpftool map { update | lookup | delete | dump } { id N | name NAME } [key BYTES] [value BYTES]</c>, as bpftool-map(8) takes it: bytes are decimal, 0x or 0, and hexadecimal
/// behind the word hex. No other object is here.
/// </summary>
internal static class BpfTool
{
    private const string Form = "bpftool map { update | lookup | delete | dump } { id N | name NAME } [key [hex] BYTES] [value [hex] BYTES]";

    /// <summary>What bpftool leaves with when something failed.</summary>
    private const int Failed = 255;

    private const int KeyBytes = sizeof(uint);

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var words = new Queue<string>(arguments);
        if (!Take(words, "map") || !words.TryDequeue(out string? verb) || verb is not ("update" or "lookup" or "delete" or "dump"))
            return Complain(context, $"this machine's bpftool knows only: {Form}");
        if (!TryFind(context, words, out BpfMap? map, out string problem))
            return problem.Length == 0 ? Failed : Complain(context, problem);
        if (verb == "dump")
            return words.Count == 0 ? Dump(context, map) : Complain(context, $"unknown keyword '{words.Peek()}'");
        Span<byte> keyBytes = stackalloc byte[KeyBytes];
        if (!TryBytes(words, "key", keyBytes, out problem))
            return Complain(context, problem);
        uint key = BinaryPrimitives.ReadUInt32LittleEndian(keyBytes);
        var value = new byte[map.ValueBytes];
        if (verb == "update" && !TryBytes(words, "value", value, out problem))
            return Complain(context, problem);
        if (words.Count > 0)
            return Complain(context, $"unknown keyword '{words.Peek()}'");
        switch (verb)
        {
            case "update":
                return Answer(context, "update", map.Update(key, value));
            case "delete":
                return Answer(context, "delete", map.Delete(key));
            default:
                Errno error = map.Lookup(key, value);
                if (error == Errno.ENOENT) context.WriteLine($"key:\n{Hex(keyBytes)}\n\nNot found");
                else if (error == Errno.None) context.WriteLine(Element(keyBytes, Hex(value)));
                else return Answer(context, "lookup", error);
                return 0;
        }
    }

    private static bool TryFind(ProgramContext context, Queue<string> words, out BpfMap map, out string problem)
    {
        map = null!;
        problem = $"expected 'id' or 'name', this machine's bpftool knows only: {Form}";
        if (!words.TryDequeue(out string? by) || by is not ("id" or "name") || !words.TryDequeue(out string? text))
            return false;
        if (by == "name")
        {
            BpfMap[] named = [.. context.Host.BpfMaps.Where(one => one.Name == text)];
            problem = named.Length > 1 ? "several maps match this handle" : "";
            if (named.Length == 1) map = named[0];
            return named.Length == 1;
        }
        problem = $"can't parse {text} as id";
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
            return false;
        problem = $"get map by id ({id}): {Errno.ENOENT.Text()}";
        map = context.Host.BpfMaps.FirstOrDefault(one => one.Id == id)!;
        return map is not null;
    }

    private static bool TryBytes(Queue<string> words, string name, Span<byte> bytes, out string problem)
    {
        problem = $"expected '{name}'";
        if (!Take(words, name))
            return false;
        bool isHex = Take(words, "hex");
        int count = 0;
        for (; count < bytes.Length && words.TryPeek(out string? word) && word != "value"; count++)
        {
            problem = $"error parsing byte: {word}";
            if (!TryByte(words.Dequeue(), isHex, out bytes[count]))
                return false;
        }
        problem = $"{name} expected {bytes.Length} bytes got {count}";
        return count == bytes.Length;
    }

    /// <summary>strtoul with base 16 or 0.</summary>
    private static bool TryByte(string word, bool isHex, out byte value)
    {
        bool hasPrefix = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (isHex || hasPrefix)
            return byte.TryParse(hasPrefix ? word[2..] : word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        return byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Every key of a map that is an array, present or not.</summary>
    private static int Dump(ProgramContext context, BpfMap map)
    {
        int found = 0;
        Span<byte> key = stackalloc byte[KeyBytes];
        var value = new byte[map.ValueBytes];
        for (uint at = 0; at < map.MaxEntries; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(key, at);
            bool isThere = map.Lookup(at, value) == Errno.None;
            if (isThere) found++;
            context.WriteLine(Element(key, isThere ? Hex(value) : "<no entry>"));
        }
        context.WriteLine($"Found {found} element{(found == 1 ? "" : "s")}");
        return 0;
    }

    private static string Element(ReadOnlySpan<byte> key, string value) => $"key: {Hex(key)}  value: {value}";

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var words = new string[bytes.Length];
        for (int i = 0; i < words.Length; i++) words[i] = bytes[i].ToString("x2", CultureInfo.InvariantCulture);
        return string.Join(' ', words);
    }

    private static int Answer(ProgramContext context, string verb, Errno error) => error == Errno.None ? 0 : Complain(context, $"{verb} failed: {error.Text()}");

    private static bool Take(Queue<string> words, string word)
    {
        if (!words.TryPeek(out string? next) || next != word)
            return false;
        words.Dequeue();
        return true;
    }

    private static int Complain(ProgramContext context, string text)
    {
        context.WriteError($"Error: {text}\n");
        return Failed;
    }
}
