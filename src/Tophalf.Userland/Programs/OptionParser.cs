namespace Tophalf.Userland.Programs;

/// <summary>Short options as getopt(3) reads them: clustered, values attached or following, operands in between, <c>--</c> ends.</summary>
internal sealed class OptionParser
{
    private readonly List<(char Option, string Value)> _options = [];
    private readonly List<string> _operands = [];

    /// <param name="arguments">What the program was called with.</param>
    /// <param name="letters">Letters without a value.</param>
    /// <param name="valued">Letters with one.</param>
    /// <param name="usage">What follows the name in the usage line.</param>
    /// <param name="errorStatus">Exit status of a wrong call.</param>
    public OptionParser(IReadOnlyList<string> arguments, string letters, string valued, string usage, int errorStatus = 1)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
            {
                _operands.AddRange(arguments.Skip(i + 1));
                break;
            }
            if (argument.Length < 2 || argument[0] != '-')
            {
                _operands.Add(argument);
                continue;
            }
            for (int j = 1; j < argument.Length; j++)
            {
                char letter = argument[j];
                if (letters.Contains(letter))
                    _options.Add((letter, ""));
                else if (!valued.Contains(letter))
                    throw new UsageException($"invalid option -- '{letter}'", usage, errorStatus);
                else if (j + 1 < argument.Length || i + 1 < arguments.Count)
                {
                    _options.Add((letter, j + 1 < argument.Length ? argument[(j + 1)..] : arguments[++i]));
                    break;
                }
                else
                    throw new UsageException($"option requires an argument -- '{letter}'", usage, errorStatus);
            }
        }
    }

    public IReadOnlyList<string> Operands => _operands;

    public bool Has(char letter) => _options.Exists(o => o.Option == letter);

    /// <summary>The last value given; null without the option.</summary>
    public string? Value(char letter) => _options.FindLast(o => o.Option == letter) is { Option: not '\0' } found ? found.Value : null;

    public IEnumerable<string> Values(char letter) => _options.Where(o => o.Option == letter).Select(o => o.Value);
}
