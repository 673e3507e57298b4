using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Programs;
using Tophalf.Userland.Shell.Expansion;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>
/// Runs commands in one shell environment. Pipes run from left to right, each command to its end before the next begins:
/// the same text flows, and no scheduler decides the order.
/// </summary>
internal sealed class Interpreter
{
    private readonly IUserlandHost _host;
    private readonly RunBudget _budget;
    private readonly Expander _expander;
    private readonly ControlFlow _flow = new();

    /// <summary>Null in a pipe's commands and in <c>$( )</c>: their failure is judged by the command around them.</summary>
    private readonly FailureRecorder? _failures;

    /// <summary>Above zero where a failing command is an answer, not an error: conditions, the left of &amp;&amp; and ||, under <c>!</c>.</summary>
    private int _tested;

    /// <summary>What the variables a function made local held before; null outside functions.</summary>
    private List<(string Name, string? Value)>? _locals;
    private int _substitutionStatus;

    public Interpreter(IUserlandHost host, FileView files, ShellState state, RunBudget budget, FailureRecorder? failures)
    {
        (_host, Files, State, _budget, _failures) = (host, files, state, budget, failures);
        _expander = new Expander(state, files, Substitute);
    }

    public FileView Files { get; }

    public ShellState State { get; }

    public ControlFlow Flow => _flow;

    public bool Exited => _flow.Jump == Jump.Exit;

    /// <summary>Where the command now running reads and writes.</summary>
    public StandardStreams CurrentStreams { get; private set; }

    /// <summary>Line of the simple command that runs.</summary>
    public int Line { get; private set; }

    /// <summary>Runs a command and returns its status, which is also <c>$?</c> from here on.</summary>
    public int Execute(Command command, StandardStreams streams)
    {
        _budget.Enter();
        State.Status = command switch
        {
            SimpleCommand simple => ExecuteSimple(simple, streams),
            CommandList list => ExecuteList(list, streams),
            AndOr andOr => ExecuteAndOr(andOr, streams),
            Pipeline pipeline => ExecutePipeline(pipeline, streams),
            Redirected redirected => ExecuteRedirected(redirected, streams),
            Subshell subshell => ExecuteSubshell(subshell, streams),
            If branch => ExecuteIf(branch, streams),
            Loop loop => ExecuteLoop(loop, streams),
            For loop => ExecuteFor(loop, streams),
            Case choice => ExecuteCase(choice, streams),
            FunctionDefinition function => Define(function),
            _ => throw new InvalidOperationException(command.GetType().Name),
        };
        _budget.Leave();
        return State.Status;
    }

    /// <summary>Runs commands one unit after the other, as a shell reads its input.</summary>
    public int ExecuteScript(SourceReader script, StandardStreams streams)
    {
        var parser = new Parser(script);
        int status = 0;
        while (_flow.Jump == Jump.None && parser.ParseNext() is { } command)
            status = Execute(command, streams);
        return Exited ? State.Status : status;
    }

    private int ExecuteList(CommandList list, StandardStreams streams)
    {
        int status = 0;
        foreach (var command in list.Commands)
        {
            status = Execute(command, streams);
            if (_flow.Jump != Jump.None)
                break;
        }
        return status;
    }

    private int ExecuteAndOr(AndOr andOr, StandardStreams streams)
    {
        int status = Test(andOr.Left, streams);
        bool goesOn = _flow.Jump == Jump.None && status == 0 == andOr.OnSuccess;
        return goesOn ? Execute(andOr.Right, streams) : status;
    }

    private int Test(Command condition, StandardStreams streams)
    {
        _tested++;
        int status = Execute(condition, streams);
        _tested--;
        return status;
    }

    private int ExecutePipeline(Pipeline pipeline, StandardStreams streams)
    {
        if (pipeline.Commands is [var only])
            return Test(only, streams) == 0 ? 1 : 0;
        int mark = _failures?.Mark ?? 0;
        int status = 0;
        var input = streams.Input;
        for (int i = 0; i < pipeline.Commands.Count; i++)
        {
            bool last = i + 1 == pipeline.Commands.Count;
            var pipe = new BufferTarget();
            int own = RunForked(pipeline.Commands[i], streams with { Input = input, Output = last ? streams.Output : pipe }, failures: null);
            status = own == 0 && State.PipeFail ? status : own;
            input = new TextInput(pipe.ToString());
        }
        if (pipeline.Negated)
            return status == 0 ? 1 : 0;
        return Judge(pipeline, status, mark);
    }

    /// <summary>Applies <c>set -e</c> to a command that has ended with <paramref name="status"/>.</summary>
    private int Judge(Command command, int status, int mark)
    {
        if (status == 0 || _tested > 0)
            return status;
        bool stops = State.ExitOnError || _flow.Jump == Jump.Exit;
        if (stops)
            _failures?.Record(command, status, mark);
        if (stops && _flow.Jump != Jump.Exit)
            _flow.Start(Jump.Exit);
        return status;
    }

    private int ExecuteSubshell(Subshell subshell, StandardStreams streams)
    {
        int mark = _failures?.Mark ?? 0;
        int status = RunForked(subshell.Body, streams, _tested > 0 ? null : _failures);
        return Judge(subshell, status, mark);
    }

    /// <summary>A child shell: it inherits everything and gives back its status alone.</summary>
    private int RunForked(Command command, StandardStreams streams, FailureRecorder? failures)
    {
        var child = new Interpreter(_host, Files, State.Fork(), _budget, failures) { _tested = _tested, Line = Line };
        child._flow.FunctionDepth = _flow.FunctionDepth;
        int depth = _budget.Depth;
        try
        {
            child.Execute(command, streams);
            return child.State.Status;
        }
        catch (ShellAbortException abort)
        {
            _budget.Depth = depth;
            streams.Error.Write($"sh: {abort.Message}\n");
            return 2;
        }
    }

    /// <summary>A script in a shell of its own, which reads and writes where the present command does. Its errors end it, and not this one.</summary>
    public int RunChild(string script, ShellState state)
    {
        StandardStreams streams = CurrentStreams;
        var child = new Interpreter(_host, Files, state, _budget, failures: null);
        int depth = _budget.Depth;
        _budget.Enter();
        string complaint;
        try
        {
            int status = child.ExecuteScript(new SourceReader(script), streams);
            _budget.Leave();
            return status;
        }
        catch (SyntaxErrorException error)
        {
            complaint = $"line {error.Line}: syntax error: {error.Message}";
        }
        catch (ShellAbortException abort)
        {
            complaint = abort.Message;
        }
        _budget.Depth = depth;
        streams.Error.Write($"sh: {complaint}\n");
        return 2;
    }

    private string Substitute(Command? command)
    {
        var output = new BufferTarget();
        _substitutionStatus = command is null ? 0 : RunForked(command, CurrentStreams with { Output = output }, failures: null);
        return output.ToString();
    }

    private int ExecuteRedirected(Redirected redirected, StandardStreams streams)
    {
        int mark = _failures?.Mark ?? 0;
        CurrentStreams = streams;
        var inner = streams;
        if (!Redirector.TryApply(redirected.Redirections, _expander, Files, State.WorkingDirectory, ref inner, out string error))
        {
            streams.Error.Write($"sh: {error}\n");
            return Judge(redirected, 1, mark);
        }
        return Execute(redirected.Body, inner);
    }

    private int ExecuteIf(If branch, StandardStreams streams)
    {
        bool holds = Test(branch.Condition, streams) == 0;
        if (_flow.Jump != Jump.None)
            return State.Status;
        var chosen = holds ? branch.Then : branch.Else;
        return chosen is null ? 0 : Execute(chosen, streams);
    }

    private int ExecuteLoop(Loop loop, StandardStreams streams)
    {
        int status = 0;
        _flow.LoopDepth++;
        while (true)
        {
            _budget.LoopTurn();
            bool holds = Test(loop.Condition, streams) == 0 != loop.Until;
            if (_flow.Jump != Jump.None ? _flow.LeavesLoop() : !holds)
                break;
            status = Execute(loop.Body, streams);
            if (_flow.LeavesLoop())
                break;
        }
        _flow.LoopDepth--;
        return Exited ? State.Status : status;
    }

    private int ExecuteFor(For loop, StandardStreams streams)
    {
        CurrentStreams = streams;
        IReadOnlyList<string> words = loop.Words is null ? State.Positional : _expander.ExpandFields(loop.Words);
        int status = 0;
        _flow.LoopDepth++;
        foreach (string word in words)
        {
            _budget.LoopTurn();
            State.Set(loop.Variable, word);
            status = Execute(loop.Body, streams);
            if (_flow.LeavesLoop())
                break;
        }
        _flow.LoopDepth--;
        return status;
    }

    private int ExecuteCase(Case choice, StandardStreams streams)
    {
        CurrentStreams = streams;
        string subject = _expander.ExpandText(choice.Subject);
        foreach (var arm in choice.Arms)
            foreach (var pattern in arm.Patterns)
                if (Pattern.Matches(_expander.ExpandPattern(pattern), subject))
                    return arm.Body is null ? 0 : Execute(arm.Body, streams);
        return 0;
    }

    private int Define(FunctionDefinition function)
    {
        State.Functions = State.Functions.SetItem(function.Name, function);
        return 0;
    }

    private int ExecuteSimple(SimpleCommand command, StandardStreams streams)
    {
        _budget.Command();
        Line = command.Line;
        int mark = _failures?.Mark ?? 0;
        try
        {
            return Judge(command, RunSimple(command, streams), mark);
        }
        catch (Exception e) when (e is ShellAbortException or RunLimitException && _failures is not null)
        {
            _failures.Record(command.Line, command.Text, 2, mark, $"sh: {e.Message}");
            throw;
        }
    }

    private int RunSimple(SimpleCommand command, StandardStreams streams)
    {
        CurrentStreams = streams;
        _substitutionStatus = 0;
        var arguments = _expander.ExpandFields(command.Words);
        var inner = streams;
        if (!Redirector.TryApply(command.Redirections, _expander, Files, State.WorkingDirectory, ref inner, out string error))
        {
            streams.Error.Write($"sh: {error}\n");
            return 1;
        }
        if (arguments.Count == 0)
        {
            var assigned = new List<string>();
            foreach (var assignment in command.Assignments)
            {
                string value = _expander.ExpandText(assignment.Value);
                assigned.Add($"{assignment.Name}={value}");
                State.Set(assignment.Name, value);
            }
            if (assigned.Count > 0)
                Trace(inner, assigned);
            return _substitutionStatus;
        }
        var values = command.Assignments.Select(a => (a.Name, Value: _expander.ExpandText(a.Value))).ToList();
        Trace(inner, [.. values.Select(v => $"{v.Name}={v.Value}"), .. arguments]);
        return Dispatch(arguments, values, inner);
    }

    /// <summary>set -x: the words as they would have to be written again.</summary>
    private void Trace(StandardStreams streams, IEnumerable<string> words)
    {
        if (State.Trace)
            streams.Error.Write($"+ {string.Join(' ', words.Select(Quoting.IfNeeded))}\n");
    }

    private int Dispatch(List<string> arguments, List<(string Name, string Value)> assignments, StandardStreams streams)
    {
        string name = arguments[0];
        if (State.Functions.TryGetValue(name, out var function))
            return WithAssignments(assignments, () => Call(function, arguments, streams));
        if (Builtins.Find(name) is { } builtin)
        {
            int Run()
            {
                CurrentStreams = streams;
                var context = new ProgramContext("sh", _host, Files, State.WorkingDirectory, streams);
                return builtin.Run(this, context, arguments.GetRange(1, arguments.Count - 1));
            }

            if (!builtin.Special)
                return WithAssignments(assignments, Run);
            // What is assigned before a special builtin stays (POSIX.1-2017, Shell Command Language 2.14).
            foreach (var (variable, value) in assignments)
                State.Set(variable, value);
            return Run();
        }
        if (ProgramTable.Find(name) is { } program)
        {
            string baseName = name[(name.LastIndexOf('/') + 1)..];
            var context = new ProgramContext(baseName, _host, Files, State.WorkingDirectory, streams);
            return context.Run(program, arguments.GetRange(1, arguments.Count - 1));
        }
        bool exists = name.Contains('/') && Files.Kind(FileView.Resolve(State.WorkingDirectory, name)) != FileKind.Missing;
        streams.Error.Write(exists ? $"sh: {name}: {Errno.EACCES.Text()}\n" : $"sh: {name}: not found\n");
        return exists ? 126 : 127;
    }

    private int WithAssignments(List<(string Name, string Value)> assignments, Func<int> run)
    {
        var before = assignments.ConvertAll(a => (a.Name, Value: State.Get(a.Name)));
        foreach (var (name, value) in assignments)
            State.Set(name, value);
        int status = run();
        for (int i = before.Count - 1; i >= 0; i--)
            Restore(before[i].Name, before[i].Value);
        return status;
    }

    private void Restore(string name, string? value)
    {
        if (value is null)
            State.Unset(name);
        else
            State.Set(name, value);
    }

    /// <summary>Gives a variable back its value when the function ends.</summary>
    public void SaveLocal(string name) => _locals?.Add((name, State.Get(name)));

    private int Call(FunctionDefinition function, List<string> arguments, StandardStreams streams)
    {
        var positional = State.Positional;
        int loopDepth = _flow.LoopDepth;
        State.Positional = [.. arguments.Skip(1)];
        _flow.LoopDepth = 0;
        _flow.FunctionDepth++;
        var outerLocals = _locals;
        _locals = [];
        Execute(function.Body, streams);
        for (int i = _locals.Count - 1; i >= 0; i--)
            Restore(_locals[i].Name, _locals[i].Value);
        _locals = outerLocals;
        _flow.EndFunction();
        _flow.FunctionDepth--;
        _flow.LoopDepth = loopDepth;
        State.Positional = positional;
        return State.Status;
    }
}
