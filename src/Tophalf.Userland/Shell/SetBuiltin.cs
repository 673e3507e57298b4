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
                Apply(shell, letter, on, letter == 'o' && ++i < arguments.Count ? arguments[i] : "");
        }
        if (i < arguments.Count)
            shell.State.Positional = [.. arguments.Skip(i)];
        return 0;
    }

    private static void Apply(Interpreter shell, char letter, bool on, string name)
    {
        var state = shell.State;
        switch (letter, name)
        {
            case ('e', _) or ('o', "errexit"):
                state.ExitOnError = on;
                break;
            case ('u', _) or ('o', "nounset"):
                state.UnsetIsError = on;
                break;
            case ('x', _) or ('o', "xtrace"):
                state.Trace = on;
                break;
            case ('o', "pipefail"):
                state.PipeFail = on;
                break;
            default:
                throw Builtins.Error(shell, "set", $"illegal option {(on ? '-' : '+')}{letter}{(name.Length > 0 ? " " + name : "")}");
        }
    }
}
