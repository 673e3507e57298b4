using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>
/// A shell on a machine: a subset of POSIX sh that behaves and complains like busybox ash.
/// Variables, functions, the working directory and the files in <c>/tmp</c> last from one <see cref="Run"/> to the next. The same script on the same machine gives the same text.
/// </summary>
/// <remarks>
/// Outside the subset: here-documents, background jobs, traps, aliases, descriptors above 2.
/// The first two are syntax errors that say so.
/// </remarks>
public sealed class ShellSession
{
    private const int AbortStatus = 2;

    private readonly IUserlandHost _host;
    private readonly FileView _files;
    private readonly ShellState _state = new();

    public ShellSession(IUserlandHost host) => (_host, _files) = (host, new FileView(host.Files));

    /// <summary>The command that stopped the last run with <c>stopOnError</c>; null when none did.</summary>
    public CommandFailure? FirstFailure { get; private set; }

    /// <summary>The script ran <c>exit</c>; an interactive caller ends here.</summary>
    public bool Exited { get; private set; }

    public string WorkingDirectory => _state.WorkingDirectory;

    /// <summary>
    /// Runs a script. Nothing it holds makes this throw: a syntax error is <c>sh: line N: syntax error: …</c> with status 2,
    /// and so is a bound exceeded (16 MiB of output, 10⁶ loop turns, nesting).
    /// </summary>
    /// <param name="script">Any number of lines.</param>
    /// <param name="stopOnError">Stop at the first command that fails, as <c>set -e</c> does, and tell it in <see cref="FirstFailure"/>.</param>
    /// <param name="heard">Told of every write as it is made, with true for those to stderr: the result has both apart, and so not the order between them.</param>
    public CommandResult Run(string script, bool stopOnError = false, Action<string, bool>? heard = null)
    {
        var output = new BufferTarget(text => heard?.Invoke(text, false));
        var error = new BufferTarget(text => heard?.Invoke(text, true));
        FirstFailure = null;
        bool exitOnErrorBefore = _state.ExitOnError;
        _state.ExitOnError |= stopOnError;
        var failures = new FailureRecorder(error);
        var shell = new Interpreter(_host, _files, _state, new RunBudget(), stopOnError ? failures : null);
        int status;
        try
        {
            if (script.Length > ShellLimits.ScriptLength)
                throw new RunLimitException($"script longer than {ShellLimits.ScriptLength} characters");
            status = shell.ExecuteScript(new SourceReader(script), new StandardStreams(new TextInput(""), output, error));
        }
        catch (SyntaxErrorException syntax)
        {
            status = Abort(syntax.Line, $"line {syntax.Line}: syntax error: {syntax.Message}");
        }
        catch (ShellAbortException abort)
        {
            status = Abort(shell.Line, abort.Message);
        }
        catch (RunLimitException limit)
        {
            status = Abort(shell.Line, limit.Message);
        }
        if (stopOnError)
        {
            _state.ExitOnError = exitOnErrorBefore;
            FirstFailure = failures.First;
        }
        Exited = shell.Exited;
        _state.Status = status;
        return new CommandResult(output.ToString(), error.ToString(), status);

        int Abort(int line, string message)
        {
            int mark = failures.Mark;
            if (error.Length < ShellLimits.OutputLength - message.Length - 8)
                error.Write($"sh: {message}\n");
            failures.Record(line, "", AbortStatus, mark, "");
            return AbortStatus;
        }
    }
}
