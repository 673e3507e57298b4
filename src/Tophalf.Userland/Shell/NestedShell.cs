using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Programs;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>sh [-eux] [-c COMMANDS [NAME [ARGUMENT]...] | FILE [ARGUMENT]...]: a new shell that inherits the working directory alone; without commands it reads its input.</summary>
internal static class NestedShell
{
    public static int Run(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        var state = new ShellState { WorkingDirectory = shell.State.WorkingDirectory };
        bool isCommand = false;
        int i = 0;
        for (; i < arguments.Count && arguments[i] is ['-', _, ..] option && option != "--"; i++)
        {
            foreach (char letter in option[1..])
            {
                if (letter == 'c')
                    isCommand = true;
                else if (!SetBuiltin.TryApply(state, letter, on: true))
                    return Complain(context, $"illegal option -{letter}");
            }
        }
        if (isCommand && i == arguments.Count)
            return Complain(context, "-c requires an argument");
        if (i == arguments.Count)
            return shell.RunChild(context.Input.ReadToEnd(), state);
        // After -c the commands come first and then the name; a script is its own name.
        int name = isCommand ? i + 1 : i;
        if (name < arguments.Count)
            state.Name = arguments[name];
        state.Positional = [.. arguments.Skip(name + 1)];
        string script = arguments[i];
        if (!isCommand && context.ReadFile(arguments[i], out script) is var errno && errno != Errno.None)
            return Complain(context, $"can't open '{arguments[i]}': {errno.Text()}");
        return shell.RunChild(script, state);
    }

    private static int Complain(ProgramContext context, string message)
    {
        context.Complain(message);
        return 2;
    }
}
