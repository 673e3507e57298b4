using System.Text;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;
using Tophalf.Userland.Files;
using Tophalf.Userland.Shell;

namespace Tophalf.Userland.Programs;

/// <summary>A program's main: arguments without the program's own name, exit status back.</summary>
internal delegate int ProgramEntry(ProgramContext context, IReadOnlyList<string> arguments);

/// <summary>
/// What a process is given. Output is held back and goes out in one write(2) at the end, as stdio does with a file;
/// so a write handler of the kernel sees the whole text, and its refusal is reported once.
/// </summary>
internal sealed class ProgramContext(string name, IUserlandHost host, FileView files, string workingDirectory, StandardStreams streams)
{
    private readonly StringBuilder _output = new();

    public IUserlandHost Host => host;

    /// <summary>Where its output cannot be written the program says nothing about it and just fails.</summary>
    public bool FailsSilently { get; set; }

    public TextInput Input => streams.Input;

    /// <summary>Runs a program in this process and closes its output.</summary>
    public int Run(ProgramEntry program, IReadOnlyList<string> arguments)
    {
        int status;
        try
        {
            status = program(this, arguments);
        }
        catch (UsageException usage)
        {
            streams.Error.Write(usage.Text(name));
            status = usage.Status;
        }
        var errno = Flush();
        if (errno == Errno.None)
            return status;
        if (!FailsSilently)
            Complain($"write error: {errno.Text()}");
        return status == 0 ? 1 : status;
    }

    public void Write(string text)
    {
        RunLimitException.CheckOutput(_output.Length + (long)text.Length);
        _output.Append(text);
    }

    public void WriteLine(string line)
    {
        Write(line);
        Write("\n");
    }

    public Errno Flush()
    {
        if (_output.Length == 0)
            return Errno.None;
        string text = _output.ToString();
        _output.Clear();
        return streams.Output.Write(text);
    }

    /// <summary>A line on standard error that begins with the program's name.</summary>
    public void Complain(string message) => WriteError($"{name}: {message}\n");

    public void WriteError(string text) => streams.Error.Write(text);

    public Errno ReadFile(string path, out string text) => files.Read(Resolve(path), out text);

    public Errno ListDirectory(string path, out IReadOnlyList<string> names) => files.List(Resolve(path), out names);

    /// <summary>open(2) with O_CREAT.</summary>
    public Errno CreateFile(string path) => files.OpenForWriting(Resolve(path), append: true);

    /// <summary>open(2) for writing: with O_TRUNC, or O_APPEND.</summary>
    public Errno OpenFile(string path, bool append = false) => files.OpenForWriting(Resolve(path), append);

    /// <summary>One write(2) to a file that was opened.</summary>
    public Errno WriteFile(string path, string text) => files.Write(Resolve(path), text);

    /// <summary>unlink(2).</summary>
    public Errno RemoveFile(string path) => files.Remove(Resolve(path));

    public Errno Stat(string path, out FileStatus status) => files.Stat(Resolve(path), out status);

    public FileKind KindOf(string path) => path.Length == 0 ? FileKind.Missing : files.Kind(Resolve(path));

    /// <summary>
    /// Texts of the named files, <c>-</c> and no name at all being standard input. What cannot be read is reported
    /// in the form most programs use, and <paramref name="failed"/> is called.
    /// </summary>
    public IEnumerable<(string Name, string Text)> ReadAll(IReadOnlyList<string> names, Action failed)
    {
        if (names.Count == 0)
            yield return ("-", Input.ReadToEnd());
        foreach (string file in names)
        {
            string text = "";
            var errno = file == "-" ? Errno.None : ReadFile(file, out text);
            if (errno == Errno.None)
            {
                yield return (file, file == "-" ? Input.ReadToEnd() : text);
                continue;
            }
            Complain($"{file}: {errno.Text()}");
            failed();
        }
    }

    private string Resolve(string path) => FileView.Resolve(workingDirectory, path);
}
