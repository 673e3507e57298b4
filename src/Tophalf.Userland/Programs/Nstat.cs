using System.Globalization;
using Tophalf.Linux;
using Tophalf.Userland.Shell.Expansion;

namespace Tophalf.Userland.Programs;

/// <summary>
/// nstat(8) of iproute2 (misc/nstat.c): the counters of /proc/net/snmp and /proc/net/netstat by name, what they have grown since it was last asked: <c>nstat [-a] [-z] [-s] [-n] [-r] [PATTERN…]</c>.
/// Its daemon, and so rates, are not here.
/// </summary>
internal static class Nstat
{
    /// <summary>Where it keeps what it saw, for root.</summary>
    private const string History = "/tmp/.nstat.u0";

    private const string Header = "#kernel\n";

    /// <summary>Settings and gauges, which are no counters (useless_numbers).</summary>
    private static readonly string[] Settings = ["IpForwarding", "IpDefaultTTL", "TcpRtoAlgorithm", "TcpRtoMin", "TcpRtoMax", "TcpMaxConn", "TcpCurrEstab"];

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        bool absolute = false, zeros = false, keeps = false, silent = false, forgets = false;
        var patterns = new List<string>();
        foreach (string argument in arguments)
        {
            if (!argument.StartsWith('-'))
            {
                patterns.Add(argument.ToLowerInvariant());
                continue;
            }
            foreach (string option in argument.StartsWith("--", StringComparison.Ordinal) ? [argument[2..]] : argument[1..].Select(letter => letter.ToString()))
            {
                absolute |= option is "a" or "ignore";
                zeros |= option is "z" or "zeros";
                keeps |= option is "s" or "noupdate";
                silent |= option is "n" or "nooutput";
                forgets |= option is "r" or "reset";
                if (option is not ("a" or "ignore" or "z" or "zeros" or "s" or "noupdate" or "n" or "nooutput" or "r" or "reset"))
                    throw new UsageException($"'{option}' is not known here", "[-a] [-z] [-s] [-n] [-r] [PATTERN...]", 255);
            }
        }
        (string Name, long Value)[] now = [.. Counters(context, "/proc/net/snmp"), .. Counters(context, "/proc/net/netstat")];
        Dictionary<string, long> before = absolute || forgets ? [] : Read(context);
        if (!silent)
        {
            context.Write(Header);
            foreach ((string name, long value) in now)
            {
                long grown = value - before.GetValueOrDefault(name);
                if ((zeros || grown != 0) && (patterns.Count == 0 || patterns.Exists(pattern => Pattern.Matches(pattern, name.ToLowerInvariant()))))
                    context.Write(Row(name, grown));
            }
        }
        if (!keeps && context.OpenFile(History) == Errno.None)
            _ = context.WriteFile(History, Header + string.Concat(now.Select(row => Row(row.Name, row.Value))));
        return 0;
    }

    private static string Row(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"{name,-32}{value,-16}{0.0,6:f1}\n");

    /// <summary>A line of names and a line of values, each behind its protocol.</summary>
    private static IEnumerable<(string Name, long Value)> Counters(ProgramContext context, string path)
    {
        _ = context.ReadFile(path, out string text);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i + 1 < lines.Length; i += 2)
        {
            string[] names = lines[i].Split(' '), values = lines[i + 1].Split(' ');
            for (int at = 1; at < Math.Min(names.Length, values.Length); at++)
            {
                string name = names[0].TrimEnd(':') + names[at];
                if (!Settings.Contains(name) && long.TryParse(values[at], CultureInfo.InvariantCulture, out long value))
                    yield return (name, value);
            }
        }
    }

    private static Dictionary<string, long> Read(ProgramContext context)
    {
        var values = new Dictionary<string, long>();
        if (context.ReadFile(History, out string text) != Errno.None)
            return values;
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 3 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long value))
                values[words[0]] = value;
        }
        return values;
    }
}
