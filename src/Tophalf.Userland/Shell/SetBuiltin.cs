using Tophalf.Userland.Programs;

namespace Tophalf.Userland.Shell;

/// <summary>set [-eux] [+eux] [-o pipefail] [--] [ARGUMENT]...</summary>
internal static class SetBuiltin
{
    public static int Run(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        int i = 0;
        for (; i < arguments.Count && arguments[i] is ['-' or '+', _, ..] option; i++)
        {
            if (option == "--")
            {
                shell.State.Positional = [.. arguments.Skip(i + 1)];
                return 0;
            }
            bool on = option[0] == '-';
            foreach (char letter in option[1..])
            {
                string name = letter == 'o' && ++i < arguments.Count ? arguments[i] : "";
                if (!TryApply(shell.State, letter, on, name))
                    throw Builtins.Error(shell, "set", $"illegal option {(on ? '-' : '+')}{letter}{(name.Length > 0 ? " " + name : "")}");
            }
        }
        if (i < arguments.Count)
            shell.State.Positional = [.. arguments.Skip(i)];
        return 0;
    }

    /// <summary>False for an option nobody knows; <paramref name="name"/> is that of -o.</summary>
    public static bool TryApply(ShellState state, char letter, bool on, string name = "")
    {
        switch (letter, name)
        {
            case ('e', _) or ('o', "errexit"):
                state.ExitOnError = on;
                return true;
            case ('u', _) or ('o', "nounset"):
                state.UnsetIsError = on;
                return true;
            case ('x', _) or ('o', "xtrace"):
                state.Trace = on;
                return true;
            case ('o', "pipefail"):
                state.PipeFail = on;
                return true;
            default:
                return false;
        }
    }
}
