using System.Text.RegularExpressions;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>grep [-EFHchilnoqsvwx] [-m N] PATTERN [FILE]... Status: 0 found, 1 not found, 2 trouble.</summary>
internal sealed class Grep
{
    private const string Usage = "[-EFHchilnoqsvwx] [-m N] { PATTERN | -e PATTERN... } [FILE]...";

    private readonly ProgramContext _context;
    private readonly OptionParser _options;
    private readonly List<Regex> _patterns;
    private readonly bool _withNames;
    private readonly int _most;

    private Grep(ProgramContext context, OptionParser options, List<Regex> patterns, IReadOnlyList<string> files)
    {
        (_context, _options, _patterns) = (context, options, patterns);
        _withNames = (files.Count > 1 || options.Has('H')) && !options.Has('h');
        _most = options.Value('m') is { } most ? TextLines.ParseCount(most) : int.MaxValue;
    }

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "EFHchilnoqsvwx", "em", Usage, errorStatus: 2);
        List<string> sources = [.. options.Values('e')];
        int firstFile = sources.Count == 0 ? 1 : 0;
        if (options.Operands.Count < firstFile)
            throw new UsageException("", Usage, 2);
        if (firstFile == 1)
            sources.Add(options.Operands[0]);
        var patterns = new List<Regex>();
        // A pattern of several lines is several patterns.
        foreach (string source in sources.SelectMany(s => s.Split('\n')))
        {
            if (!PosixRegex.TryCompile(source, options.Has('E'), options.Has('F'), options.Has('i'), out var regex))
            {
                context.Complain($"bad regex '{source}'");
                return 2;
            }
            patterns.Add(regex);
        }
        string[] files = [.. options.Operands.Skip(firstFile)];
        return new Grep(context, options, patterns, files).Search(files);
    }

    private int Search(string[] files)
    {
        bool found = false, trouble = false;
        foreach (string file in files.DefaultIfEmpty("-"))
        {
            string text = "";
            var errno = file == "-" ? Errno.None : _context.ReadFile(file, out text);
            if (errno == Errno.EISDIR)
                continue;
            if (errno != Errno.None)
            {
                trouble = true;
                if (!_options.Has('s'))
                    _context.Complain($"{file}: {errno.Text()}");
                continue;
            }
            found |= SearchText(file == "-" ? "(standard input)" : file, file == "-" ? _context.Input.ReadToEnd() : text);
            if (found && _options.Has('q'))
                return 0;
        }
        return trouble ? 2 : found ? 0 : 1;
    }

    private bool SearchText(string name, string text)
    {
        bool printsLines = !_options.Has('q') && !_options.Has('c') && !_options.Has('l');
        string prefix = _withNames ? name + ":" : "";
        int count = 0, number = 0;
        foreach (string line in TextLines.Split(text))
        {
            if (count >= _most)
                break;
            number++;
            var matches = Matches(line);
            if (matches.Count > 0 == _options.Has('v'))
                continue;
            count++;
            if (!printsLines)
                continue;
            string place = prefix + (_options.Has('n') ? $"{number}:" : "");
            if (!_options.Has('o'))
                _context.WriteLine(place + line);
            else
                foreach (var (start, length) in matches.Where(m => m.Length > 0))
                    _context.WriteLine(place + line.Substring(start, length));
        }
        if (_options.Has('l') && !_options.Has('q') && count > 0)
            _context.WriteLine(name);
        else if (_options.Has('c') && !_options.Has('q') && !_options.Has('l'))
            _context.WriteLine($"{prefix}{count}");
        return count > 0;
    }

    /// <summary>Where the patterns match: all places when they are printed (-o), else at most one.</summary>
    private List<(int Start, int Length)> Matches(string line)
    {
        var found = new List<(int Start, int Length)>();
        foreach (var pattern in _patterns)
            for (var match = pattern.Match(line); match.Success; match = match.NextMatch())
            {
                if (!IsWanted(line, match))
                    continue;
                found.Add((match.Index, match.Length));
                if (!_options.Has('o'))
                    return found;
            }
        if (_patterns.Count > 1)
            found.Sort();
        return found;
    }

    private bool IsWanted(string line, Match match)
    {
        if (_options.Has('x'))
            return match.Length == line.Length;
        if (!_options.Has('w'))
            return true;
        int end = match.Index + match.Length;
        return (match.Index == 0 || !IsWordCharacter(line[match.Index - 1])) && (end == line.Length || !IsWordCharacter(line[end]));
    }

    private static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
