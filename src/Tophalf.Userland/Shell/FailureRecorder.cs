using Tophalf.Userland.Files;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>Remembers the first command that made a run stop. Standard error is read back from where the command began to write.</summary>
internal sealed class FailureRecorder(BufferTarget error)
{
    public CommandFailure? First { get; private set; }

    /// <summary>Where the standard error of the next command will begin.</summary>
    public int Mark => error.Length;

    public void Record(Command command, int status, int mark)
    {
        string text = command switch
        {
            SimpleCommand simple => simple.Text,
            Pipeline pipeline => pipeline.Text,
            _ => "",
        };
        Record(command.Line, text, status, mark, "");
    }

    /// <summary>For an error that is not written yet: <paramref name="message"/> follows what the command wrote.</summary>
    public void Record(int line, string text, int status, int mark, string message) =>
        First ??= new CommandFailure(line, text, status, (error.From(mark) + message).TrimEnd('\n'));
}
