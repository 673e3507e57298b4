using System.Globalization;
using System.Text.RegularExpressions;

namespace Tophalf.Linux.Captures;

/// <summary>
/// Replaces hardware and network addresses and host names by others that stand for them: the same by the same everywhere, so that what belongs together
/// still does. MACs become 02:00:00:00:00:01, IPv4 addresses 198.18.0.1 (RFC 2544), IPv6 addresses 2001:db8::1 (RFC 3849), host names host-1.
/// </summary>
public sealed partial class Redactor
{
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Regex? _hosts;
    private int _macs, _ipv4, _ipv6;

    /// <param name="hostNames">Names to replace wherever they stand alone, the longest first.</param>
    public Redactor(IEnumerable<string> hostNames)
    {
        string[] names = [.. hostNames.Select(name => name.Trim()).Where(name => name.Length > 1 && name != "localhost").Distinct().OrderByDescending(name => name.Length)];
        for (int i = 0; i < names.Length; i++)
            _names[names[i]] = $"host-{i + 1}";
        if (names.Length > 0)
            _hosts = new Regex($@"(?<![\w.-])({string.Join('|', names.Select(Regex.Escape))})(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    /// <summary>The whole of a machine, every text of it redacted.</summary>
    public static CaptureContent Redact(CaptureContent content)
    {
        string host = content.First.Contains("/proc/sys/kernel/hostname") ? content.First.Read("/proc/sys/kernel/hostname").Trim() : "";
        Redactor redactor = new([host, host.Split('.')[0]]);
        return content with
        {
            First = redactor.Redact(content.First),
            Second = redactor.Redact(content.Second),
            Commands = [.. content.Commands.Select(command => new CapturedCommand(
                redactor.Redact(command.Line),
                new CommandResult(redactor.Redact(command.Result.Output), redactor.Redact(command.Result.Error), command.Result.Status)))],
            Trace = content.Trace is { } trace ? redactor.Redact(trace) : null,
            Missing = [.. content.Missing.Select(part => part with { Path = redactor.Redact(part.Path), Why = redactor.Redact(part.Why) })],
            IsRedacted = true,
        };
    }

    public string Redact(string text)
    {
        text = Mac().Replace(text, match => Name(match.Value, () => Numbered("02:00:00", ++_macs)));
        text = Ipv4().Replace(text, match => IsKept(match.Value) ? match.Value : Name(match.Value, () =>
        {
            _ipv4++;
            return string.Create(CultureInfo.InvariantCulture, $"198.18.{_ipv4 >> 8 & 0xFF}.{_ipv4 & 0xFF}");
        }));
        text = Ipv6().Replace(text, match => IsIpv6(match.Value) ? Name(match.Value, () => string.Create(CultureInfo.InvariantCulture, $"2001:db8::{++_ipv6:x}")) : match.Value);
        return _hosts?.Replace(text, match => _names[match.Value]) ?? text;
    }

    private SavedTree Redact(SavedTree tree)
    {
        SavedTree redacted = new();
        foreach (string path in tree.Files)
            redacted.Add(path, Redact(tree.Read(path)));
        foreach (string directory in tree.Directories.Where(directory => !redacted.Contains(directory)))
            redacted.AddDirectory(directory);
        return redacted;
    }

    private string Name(string original, Func<string> invent)
    {
        if (!_names.TryGetValue(original, out string? name))
            _names[original] = name = invent();
        return name;
    }

    private static string Numbered(string prefix, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}:{number >> 16 & 0xFF:x2}:{number >> 8 & 0xFF:x2}:{number & 0xFF:x2}");

    /// <summary>Addresses that say nothing of a machine: this host, everybody, nobody.</summary>
    private static bool IsKept(string ipv4) => ipv4.StartsWith("127.", StringComparison.Ordinal) || ipv4 is "0.0.0.0" or "255.255.255.255" || ipv4.StartsWith("198.18.", StringComparison.Ordinal);

    /// <summary>PCI addresses, times and handler names have colons too: an IPv6 address has a double one, or all eight groups.</summary>
    private static bool IsIpv6(string text) =>
        text is not ("::" or "::1") && !text.StartsWith("2001:db8::", StringComparison.OrdinalIgnoreCase) && (text.Contains("::", StringComparison.Ordinal) || text.Count(c => c == ':') == 7)
        && System.Net.IPAddress.TryParse(text, out _);

    [GeneratedRegex(@"(?<![0-9A-Fa-f:])(?!02:00:00:)[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])", RegexOptions.CultureInvariant)]
    private static partial Regex Mac();

    [GeneratedRegex(@"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])", RegexOptions.CultureInvariant)]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:.])", RegexOptions.CultureInvariant)]
    private static partial Regex Ipv6();
}
