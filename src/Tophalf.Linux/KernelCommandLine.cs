using System.Collections.Immutable;
using System.Text;

namespace Tophalf.Linux;

/// <summary>/proc/cmdline: the parameters the kernel was booted with, in order (init/main.c; quoting of lib/cmdline.c, next_arg).</summary>
/// <param name="Parameters">Name and value; the value is null for one without "=".</param>
public sealed record KernelCommandLine(ImmutableArray<(string Name, string? Value)> Parameters)
{
    public const string Path = "/proc/cmdline";

    public static KernelCommandLine Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    public static KernelCommandLine Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        ImmutableArray<(string, string?)>.Builder parameters = ImmutableArray.CreateBuilder<(string, string?)>();
        StringBuilder word = new();
        bool isQuoted = false;
        foreach (char character in text + " ")
        {
            if (character == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (isQuoted || !char.IsWhiteSpace(character))
            {
                word.Append(character);
            }
            else if (word.Length > 0)
            {
                string[] parts = word.ToString().Split('=', 2);
                parameters.Add((parts[0], parts.Length > 1 ? parts[1] : null));
                word.Clear();
                ReaderLimits.CheckRows(parameters.Count, 1);
            }
        }
        return isQuoted ? throw new ReaderException(1, 1, "a quote that is not closed", $"give the text of {Path}") : new KernelCommandLine(parameters.DrainToImmutable());
    }

    public bool Has(string name) => Parameters.Any(parameter => parameter.Name == name);

    /// <summary>The value of the last parameter of that name, or null.</summary>
    public string? this[string name] => Parameters.LastOrDefault(parameter => parameter.Name == name).Value;
}
