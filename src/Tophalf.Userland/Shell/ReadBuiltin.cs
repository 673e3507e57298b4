using System.Text;
using Tophalf.Userland.Programs;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>read [-r] NAME...: a line of standard input, cut at IFS; the last name takes the rest (POSIX.1-2017, read utility).</summary>
internal static class ReadBuiltin
{
    public static int Run(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        bool raw = arguments is ["-r", ..];
        string[] names = [.. arguments.Skip(raw ? 1 : 0)];
        foreach (string name in names)
            if (!WordReader.IsName(name))
                throw Builtins.Error(shell, "read", $"{name}: bad variable name");
        string? line = context.Input.ReadLine(out bool terminated);
        while (!raw && terminated && line!.EndsWith('\\') && EndsInOddBackslashes(line))
            line = line[..^1] + context.Input.ReadLine(out terminated);
        Assign(shell.State, names.Length == 0 ? ["REPLY"] : names, line ?? "", raw);
        return terminated ? 0 : 1;
    }

    private static bool EndsInOddBackslashes(string line) => (line.Length - line.TrimEnd('\\').Length) % 2 == 1;

    private static void Assign(ShellState state, string[] names, string line, bool raw)
    {
        string separators = state.Get("IFS") ?? ShellState.DefaultFieldSeparators;
        int i = 0;
        for (int n = 0; n < names.Length; n++)
        {
            while (i < line.Length && IsBlankSeparator(separators, line[i]))
                i++;
            bool last = n == names.Length - 1;
            var value = new StringBuilder();
            int kept = 0;
            for (; i < line.Length && (last || !separators.Contains(line[i])); i++)
            {
                bool escaped = line[i] == '\\' && !raw && i + 1 < line.Length;
                if (escaped)
                    i++;
                value.Append(line[i]);
                if (escaped || !IsBlankSeparator(separators, line[i]))
                    kept = value.Length;
            }
            value.Length = last ? kept : value.Length;
            state.Set(names[n], value.ToString());
            // One separator that is no blank ends a field together with the blanks around it.
            while (i < line.Length && IsBlankSeparator(separators, line[i]))
                i++;
            if (i < line.Length && separators.Contains(line[i]))
                i++;
        }
    }

    private static bool IsBlankSeparator(string separators, char c) => c is ' ' or '\t' && separators.Contains(c);
}
