using System.Globalization;
using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Programs;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>A command the shell carries itself. Special ones keep the assignments written before them.</summary>
internal sealed record Builtin(bool Special, Func<Interpreter, ProgramContext, IReadOnlyList<string>, int> Entry)
{
    public int Run(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments) =>
        context.Run((own, rest) => Entry(shell, own, rest), arguments);
}

/// <summary>The builtins of POSIX.1-2017, Shell Command Language 2.14, that a single process without jobs can have, and cd, pwd, read, local; and sh, which no program could be.</summary>
internal static class Builtins
{
    private static readonly Dictionary<string, Builtin> Table = new(StringComparer.Ordinal)
    {
        [":"] = new(true, (_, _, _) => 0),
        ["break"] = new(true, (shell, context, arguments) => LeaveLoop(shell, context, arguments, Jump.Break)),
        ["cd"] = new(false, ChangeDirectory),
        ["continue"] = new(true, (shell, context, arguments) => LeaveLoop(shell, context, arguments, Jump.Continue)),
        ["eval"] = new(true, Evaluate),
        ["exit"] = new(true, (shell, _, arguments) => Leave(shell, "exit", arguments, Jump.Exit)),
        ["export"] = new(true, (shell, _, arguments) => Declare(shell, "export", arguments, _ => { })),
        ["local"] = new(false, Local),
        ["pwd"] = new(false, PrintDirectory),
        ["read"] = new(false, ReadBuiltin.Run),
        ["readonly"] = new(true, (shell, _, arguments) => Declare(shell, "readonly", arguments, shell.State.MakeReadOnly)),
        ["return"] = new(true, Return),
        ["set"] = new(true, SetBuiltin.Run),
        ["sh"] = new(false, NestedShell.Run),
        ["shift"] = new(true, Shift),
        ["unset"] = new(true, Unset),
        // Programs that ash has built in: the same code, but complaints come from the shell.
        ["["] = FromProgram("["),
        ["echo"] = FromProgram("echo"),
        ["printf"] = FromProgram("printf"),
        ["test"] = FromProgram("test"),
    };

    public static Builtin? Find(string name) => Table.GetValueOrDefault(name);

    private static Builtin FromProgram(string name)
    {
        var program = ProgramTable.Find(name)!;
        return new Builtin(false, (_, context, arguments) => program(context, arguments));
    }

    /// <summary>An error of a special builtin ends the shell.</summary>
    public static ShellAbortException Error(Interpreter shell, string name, string message) => new($"{name}: line {shell.Line}: {message}");

    private static int ParseNumber(Interpreter shell, string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Error(shell, name, $"Illegal number: {text}");

    private static int LeaveLoop(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments, Jump jump)
    {
        int levels = arguments.Count > 0 ? ParseNumber(shell, jump == Jump.Break ? "break" : "continue", arguments[0]) : 1;
        if (shell.Flow.LoopDepth > 0 && levels > 0)
            shell.Flow.Start(jump, Math.Min(levels, shell.Flow.LoopDepth));
        return 0;
    }

    private static int Leave(Interpreter shell, string name, IReadOnlyList<string> arguments, Jump jump)
    {
        int status = arguments.Count > 0 ? ParseNumber(shell, name, arguments[0]) & 0xff : shell.State.Status;
        shell.Flow.Start(jump);
        return status;
    }

    /// <summary>Outside a function ash ends the script.</summary>
    private static int Return(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments) =>
        Leave(shell, "return", arguments, shell.Flow.FunctionDepth > 0 ? Jump.Return : Jump.Exit);

    private static int ChangeDirectory(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        var state = shell.State;
        string target = arguments.Count == 0 ? state.Get("HOME") ?? "/" : arguments[0];
        bool back = target == "-";
        if (back)
            target = state.Get("OLDPWD") ?? state.WorkingDirectory;
        var kind = context.KindOf(target.Length == 0 ? "." : target);
        if (kind != FileKind.Directory)
        {
            var errno = kind == FileKind.Missing ? Errno.ENOENT : Errno.ENOTDIR;
            context.WriteError($"sh: cd: line {shell.Line}: can't cd to {target}: {errno.Text()}\n");
            return 2;
        }
        state.Set("OLDPWD", state.WorkingDirectory);
        state.WorkingDirectory = FileView.Resolve(state.WorkingDirectory, target);
        state.Set("PWD", state.WorkingDirectory);
        if (back)
            context.WriteLine(state.WorkingDirectory);
        return 0;
    }

    private static int PrintDirectory(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        context.WriteLine(shell.State.WorkingDirectory);
        return 0;
    }

    private static int Evaluate(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        try
        {
            return shell.ExecuteScript(new SourceReader(string.Join(' ', arguments), shell.Line), shell.CurrentStreams);
        }
        catch (SyntaxErrorException error)
        {
            throw new ShellAbortException($"line {error.Line}: syntax error: {error.Message}");
        }
    }

    /// <summary>NAME or NAME=VALUE each; there is no environment to export to, as programs here read none.</summary>
    private static int Declare(Interpreter shell, string name, IReadOnlyList<string> arguments, Action<string> declare)
    {
        foreach (string argument in arguments)
        {
            int equals = argument.IndexOf('=');
            string variable = equals < 0 ? argument : argument[..equals];
            if (!WordReader.IsName(variable))
                throw Error(shell, name, $"{variable}: bad variable name");
            if (equals >= 0)
                shell.State.Set(variable, argument[(equals + 1)..]);
            declare(variable);
        }
        return 0;
    }

    private static int Local(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (shell.Flow.FunctionDepth == 0)
            throw Error(shell, "local", "not in a function");
        return Declare(shell, "local", arguments.Select(a => { shell.SaveLocal(a.Split('=')[0]); return a; }).ToList(), _ => { });
    }

    private static int Shift(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        int count = arguments.Count > 0 ? ParseNumber(shell, "shift", arguments[0]) : 1;
        if (count > shell.State.Positional.Length)
            return 1;
        shell.State.Positional = shell.State.Positional[count..];
        return 0;
    }

    private static int Unset(Interpreter shell, ProgramContext context, IReadOnlyList<string> arguments)
    {
        bool functions = arguments is ["-f", ..];
        foreach (string name in arguments.Skip(arguments is ["-f" or "-v", ..] ? 1 : 0))
        {
            if (!WordReader.IsName(name))
                throw Error(shell, "unset", $"{name}: bad variable name");
            if (functions)
                shell.State.Functions = shell.State.Functions.Remove(name);
            else
                shell.State.Unset(name);
        }
        return 0;
    }
}
