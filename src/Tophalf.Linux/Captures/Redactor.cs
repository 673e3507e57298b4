using System.Globalization;
using System.Text.RegularExpressions;

namespace Tophalf.Linux.Captures;

/// <summary>
/// Replaces what tells one machine from another by others that stand for it: the same by the same everywhere, however it is spelt, so that what belongs together still
/// does. MACs become 02:00:00:00:00:01 (in names of interfaces too), IPv4 addresses 198.18.0.1 (RFC 2544), IPv6 addresses 2001:db8::1 (RFC 3849), host names host-1, UUIDs
/// 00000000-0000-4000-8000-000000000001, iSCSI names iqn.2000-01.example:1, serial numbers and world wide names serial-1.
/// </summary>
public sealed partial class Redactor
{
    private const int OctetsOfMac = 6;

    /// <summary>Of Ethernet, of a pxelinux BOOTIF with the medium's number before it, of EUI-64 and of InfiniBand.</summary>
    private static readonly int[] s_octets = [OctetsOfMac, OctetsOfMac + 1, 8, 20];

    /// <summary>By kind and by what stands for one thing, whatever its spelling.</summary>
    private readonly Dictionary<(string Kind, string Original), string> _names = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly Regex? _hosts;

    /// <param name="hostNames">Names to replace wherever they stand alone, and all of the domains they are in.</param>
    public Redactor(IEnumerable<string> hostNames)
    {
        string[] names = [.. hostNames.Select(name => name.Trim()).Where(name => name.Length > 1).SelectMany(name => (string[])[name, name.Split('.')[0]]).Where(SaysSomething).Distinct().OrderByDescending(name => name.Length)];
        string[] domains = [.. names.Where(name => name.Count(character => character == '.') > 1).Select(name => name[(name.IndexOf('.') + 1)..]).Distinct()];
        string[] forms = [.. domains.Select(domain => $@"[\w-]+(?:\.[\w-]+)*\.{Regex.Escape(domain)}"), .. names.Select(Regex.Escape)];
        if (forms.Length > 0)
            _hosts = new Regex($@"(?<![\w.-])({string.Join('|', forms)})(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        foreach (string name in names)
            Host(name);
    }

    /// <summary>The whole of a machine, every text of it redacted, and names of files too.</summary>
    public static CaptureContent Redact(CaptureContent content)
    {
        string Read(string path) => content.First.Contains(path) ? content.First.Read(path) : "";
        string log = content.Commands.FirstOrDefault(command => command.Line == "dmesg")?.Result.Output ?? "";
        Redactor redactor = new([Read("/proc/sys/kernel/hostname"), .. HostsIn(Read(KernelCommandLine.Path)), .. HostsIn(log)]);
        // Whole addresses first, so that a thread's name, cut short, finds the one it begins.
        foreach (string path in content.First.Files.Where(path => path.StartsWith(NetQueues.Path, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            redactor.Redact(path);
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

    /// <summary>Names of hosts a command line or log gives away: servers of NFS, CIFS and iSCSI, the name systemd or ip= sets, the machine a kernel was built on.</summary>
    public static IEnumerable<string> HostsIn(string text) =>
        HostPlaces().Matches(text).Select(match => match.Groups["host"].Value).Where(name => name.Any(char.IsAsciiLetter)).Distinct();

    public string Redact(string text)
    {
        text = Iscsi().Replace(text, match => Name("iqn", match.Value, n => $"iqn.2000-01.example:{n}"));
        text = Uuid().Replace(text, match => Name("uuid", match.Value.ToLowerInvariant(), n => $"00000000-0000-4000-8000-{n:x12}"));
        text = ShortUuid().Replace(text, match => Name("disk", match.Value, n => $"{n:x8}"));
        text = Serial().Replace(text, match => match.Groups["key"].Value + Name("serial", match.Groups["id"].Value, n => $"serial-{n}"));
        text = WorldWide().Replace(text, match => Name("serial", match.Value, n => $"serial-{n}"));
        text = Octets().Replace(text, match => HardwareAddress(match.Value, match.Groups["sep"].Value));
        text = DottedMac().Replace(text, match => Mac(match.Value.Replace(".", "", StringComparison.Ordinal)) is var mac ? $"{mac[..4]}.{mac[4..8]}.{mac[8..]}" : "");
        text = MacInName().Replace(text, match => match.Groups["kind"].Value + MacOfName(match.Groups["mac"].Value));
        text = Ipv4().Replace(text, match => IsKept(match.Value) ? match.Value : Name("ipv4", match.Value, n => $"198.{18 + (n >> 16 & 1)}.{n >> 8 & 0xFF}.{n & 0xFF}"));
        text = Ipv6().Replace(text, match => Ipv6Of(match.Value) is { } address ? Name("ipv6", address, n => $"2001:db8::{n:x}") : match.Value);
        text = Builder().Replace(text, match => $"(user@{Host(match.Groups["host"].Value)})");
        return _hosts?.Replace(text, match => Host(match.Value)) ?? text;
    }

    private SavedTree Redact(SavedTree tree)
    {
        SavedTree redacted = new();
        foreach (string path in tree.Files.Order(StringComparer.Ordinal))
            redacted.Add(Redact(path), Redact(tree.Read(path)));
        foreach (string directory in tree.Directories.Order(StringComparer.Ordinal).Select(Redact).Where(directory => !redacted.Contains(directory)))
            redacted.AddDirectory(directory);
        return redacted;
    }

    private string Name(string kind, string original, Func<int, FormattableString> invent)
    {
        if (!_names.TryGetValue((kind, original), out string? name))
            _names[(kind, original)] = name = FormattableString.Invariant(invent(_counts[kind] = _counts.GetValueOrDefault(kind) + 1));
        return name;
    }

    private string Host(string name) => IsSubstitute(name) ? name : Name("host", name.ToLowerInvariant(), n => $"host-{n}");

    private static bool IsSubstitute(string name) => name.StartsWith("host-", StringComparison.Ordinal) && name.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Names that many machines have, and one that stands in every kernel's banner.</summary>
    private static bool SaysSomething(string name) => name.Length > 1 && !name.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !name.Equals("linux", StringComparison.OrdinalIgnoreCase) && !IsSubstitute(name);

    // ---- hardware addresses ----------------------------------------------------------------------------------------------------

    private string HardwareAddress(string text, string separator)
    {
        string[] octets = text.Split(separator);
        if (!s_octets.Contains(octets.Length) || octets.Length == OctetsOfMac + 1 && octets[0] != "01")
            return text;
        if (octets.Length == OctetsOfMac + 1)
            return $"{octets[0]}{separator}{HardwareAddress(string.Join(separator, octets[1..]), separator)}";
        string hex = string.Concat(octets);
        string fresh = octets.Length == OctetsOfMac ? Mac(hex) : IsBlank(hex) || hex.StartsWith("020000", StringComparison.Ordinal) ? hex : Name("eui", hex.ToLowerInvariant(), n => $"020000{n.ToString("x", CultureInfo.InvariantCulture).PadLeft(octets.Length * 2 - 6, '0')}");
        return string.Join(separator, fresh.Chunk(2).Select(octet => new string(octet)));
    }

    /// <summary>Twelve digits for twelve.</summary>
    private string Mac(string hex) => IsBlank(hex) || hex.StartsWith("020000", StringComparison.Ordinal) ? hex : Name("mac", hex.ToLowerInvariant(), n => $"020000{n & 0xFFFFFF:x6}");

    /// <summary>An interface named after its address, as a whole, or as far as a thread's name has room for it.</summary>
    private string MacOfName(string digits)
    {
        if (digits.Length == OctetsOfMac * 2)
            return Mac(digits);
        string? known = _names.Where(pair => pair.Key.Kind == "mac" && pair.Key.Original.StartsWith(digits, StringComparison.Ordinal)).Select(pair => pair.Value).Order(StringComparer.Ordinal).FirstOrDefault();
        return (known ?? new string('0', OctetsOfMac * 2))[..digits.Length];
    }

    /// <summary>No address, and everybody's.</summary>
    private static bool IsBlank(string hex) => hex.All(digit => digit == '0') || hex.All(digit => digit is 'f' or 'F');

    // ---- network addresses -----------------------------------------------------------------------------------------------------

    /// <summary>Addresses that say nothing of a machine: this host, everybody, nobody, and masks of networks.</summary>
    private static bool IsKept(string ipv4) =>
        ipv4.StartsWith("127.", StringComparison.Ordinal) || ipv4.StartsWith("255.", StringComparison.Ordinal) || ipv4 == "0.0.0.0"
        || ipv4.StartsWith("198.18.", StringComparison.Ordinal) || ipv4.StartsWith("198.19.", StringComparison.Ordinal);

    /// <summary>The address as everybody spells it. PCI addresses, times and handler names have colons too: an IPv6 address has a double one, or all eight groups.</summary>
    private static string? Ipv6Of(string text) =>
        text is not ("::" or "::1") && !text.StartsWith("2001:db8::", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("02:00:00:", StringComparison.Ordinal)
        && (text.Contains("::", StringComparison.Ordinal) || text.Count(c => c == ':') == 7) && System.Net.IPAddress.TryParse(text, out System.Net.IPAddress? address)
            ? address.ToString() : null;

    [GeneratedRegex(@"(?<![0-9A-Fa-f])(?<![0-9A-Fa-f][:-])[0-9A-Fa-f]{2}(?<sep>[:-])(?:[0-9A-Fa-f]{2}\k<sep>){4,18}[0-9A-Fa-f]{2}(?!\k<sep>?[0-9A-Fa-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Octets();

    [GeneratedRegex(@"(?<![\w.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DottedMac();

    /// <summary>systemd's names for cards without a place: enx0123456789ab (systemd.net-naming-scheme).</summary>
    [GeneratedRegex(@"(?<![\w])(?<kind>enx|wlx|wwx)(?<mac>[0-9a-f]{4,12})(?![0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex MacInName();

    [GeneratedRegex(@"(?<!\d)(?<!\d\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d|\.\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:]|\.\w)", RegexOptions.CultureInvariant)]
    private static partial Regex Ipv6();

    [GeneratedRegex(@"(?<![\w-])(?!00000000-0000-4000-8000-)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    /// <summary>Of DOS partition tables (PARTUUID=1234abcd-01) and of FAT (UUID=1234-ABCD).</summary>
    [GeneratedRegex(@"(?<=UUID=)(?:(?!00000)[0-9a-f]{8}(?=-[0-9a-f]{2}\b)|[0-9a-f]{4}-[0-9a-f]{4}\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ShortUuid();

    [GeneratedRegex(@"(?<key>\b(?:Device )?Serial[ -]?(?:Number|No\.?)(?:: *| +)|\bserial=|\bS/N:? )(?<id>(?!serial-\d)[\w.-]{4,64})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Serial();

    /// <summary>NAA names of disks and adapters, and EUI-64 names of NVMe.</summary>
    [GeneratedRegex(@"(?<![\w])(?:wwn-)?(?:0x|naa\.|eui\.)[1-9a-f][0-9a-f]{15}(?:[0-9a-f]{16})?(?=[^0-9a-zA-Z]|$)(?<=(?:wwn-0x|naa\.|eui\.|0x[1256c])[0-9a-f]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WorldWide();

    [GeneratedRegex(@"(?<![\w.])iqn\.\d{4}-\d{2}\.(?!example:)[\w.-]+(?::[\w.:-]*\w)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Iscsi();

    [GeneratedRegex(@"(?<=Linux version \S+ )\([^\s()@]+@(?<host>[\w.-]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Builder();

    [GeneratedRegex(
        @"(?:\bnfs: server |\bnfsroot=|\bnfs4?://|\bsmb://|\bCIFS: .*?\\\\|[Ss]et hostname to <|\bhostname=|\bnetroot=(?:nfs4?|iscsi|nbd):(?:@?)|\bip=[^\s:]*:[^\s:]*:[^\s:]*:[^\s:]*:)(?<host>[A-Za-z0-9][\w.-]{0,254})",
        RegexOptions.CultureInvariant)]
    private static partial Regex HostPlaces();
}
