namespace Tophalf.Linux.Captures;

/// <summary>Reads a machine twice for a capture. Nothing it cannot read stops it: the capture says what is missing.</summary>
public sealed class CaptureTaker
{
    private readonly ILinuxMachine _machine;
    private readonly List<MissingPart> _missing = [];
    private readonly List<CapturedCommand> _commands = [];
    private readonly HashSet<string> _missed = [];
    private long _bytes;
    private int _files;

    private CaptureTaker(ILinuxMachine machine) => _machine = machine;

    /// <param name="machine">Any machine; a live one had better have a limit for its commands.</param>
    /// <param name="apartNs">Time between the two readings, in which interrupts are traced too.</param>
    /// <param name="stop">Ends that time early; the capture is then of the time that passed.</param>
    public static CaptureContent Take(ILinuxMachine machine, long apartNs, CancellationToken stop = default) => new CaptureTaker(machine).Take(apartNs, stop);

    private CaptureContent Take(long apartNs, CancellationToken stop)
    {
        SavedTree first = new(), second = new();
        foreach (string pattern in CapturePlan.Settings)
            Read(pattern, first);
        ReadThreads(first);
        foreach (string command in CapturePlan.Commands)
            Run(command);
        foreach (string name in OptionalFile.List(_machine, NetQueues.Path).Where(IsPlainWord))
        {
            if (first.Contains($"{NetQueues.Path}/{name}/device"))
            {
                foreach (string command in CapturePlan.InterfaceCommands)
                    Run($"{command} {name}");
            }
        }
        using InterruptTrace trace = new(_machine);
        long startedNs = _machine.NowNs;
        foreach (string pattern in CapturePlan.Counters)
            Read(pattern, first);
        Wait(apartNs, stop);
        string? traced = trace.End();
        long endedNs = _machine.NowNs;
        foreach (string pattern in CapturePlan.Counters)
            Read(pattern, second);
        if (trace.WhyNot is { } why)
            _missing.Add(why);
        return new CaptureContent(first, second, endedNs - startedNs, _commands, traced, _missing, IsRedacted: false);
    }

    /// <summary>In short steps, so that who wants it to end need not wait.</summary>
    private void Wait(long durationNs, CancellationToken stop)
    {
        const long StepNs = 50_000_000;
        for (long leftNs = durationNs; leftNs > 0 && !stop.IsCancellationRequested; leftNs -= StepNs)
            _machine.Sleep(Math.Min(leftNs, StepNs));
    }

    private void Read(string pattern, SavedTree tree)
    {
        bool wantsName = pattern.EndsWith('/');
        foreach (string path in CapturePlan.Expand(_machine, pattern, Miss))
        {
            if (tree.Contains(path))
                continue;
            if (wantsName)
                AddDirectory(path, tree);
            else
                AddFile(path, tree, isNamed: !pattern.Contains('*'));
        }
    }

    private void AddDirectory(string path, SavedTree tree)
    {
        try
        {
            _ = _machine.List(path);
            tree.AddDirectory(path);
        }
        catch (LinuxException)
        {
            // A file of that name, or gone meanwhile.
        }
    }

    /// <param name="isNamed">Whether the plan names this very file: then its absence is worth telling.</param>
    private void AddFile(string path, SavedTree tree, bool isNamed)
    {
        if (_files == CaptureLimits.MaxFilesTaken || _bytes > CaptureLimits.MaxTotal)
            return;
        try
        {
            string text = _machine.Read(path);
            if (text.Length > CaptureLimits.MaxFile || text.Contains('\0'))
            {
                Tell(path, "too large, or no text", "look at it on the machine");
                return;
            }
            tree.Add(path, text);
            _files++;
            _bytes += text.Length;
        }
        catch (LinuxException exception) when (exception.Errno is Errno.EACCES or Errno.EPERM || isNamed)
        {
            Miss(path, exception.Errno);
        }
        catch (LinuxException)
        {
            // A directory, or a file that this device answers with an error: nothing was there to be read.
        }
    }

    private void ReadThreads(SavedTree tree)
    {
        int threads = 0;
        foreach (KernelThread thread in KernelThreads.Read(_machine))
        {
            AddFile($"/proc/{thread.Pid}/stat", tree, isNamed: false);
            AddFile($"/proc/{thread.Pid}/status", tree, isNamed: false);
            threads++;
        }
        if (threads == 0)
            Tell("/proc/PID of kernel threads", "none is to be seen; a container shows its own processes alone", "capture on the host");
    }

    private void Run(string line)
    {
        try
        {
            CommandResult result = _machine.Run(line);
            const int NotFound = 127;
            if (result.Status == NotFound)
                Tell(line, "the program is not there", $"install the package {PackageOf(line.Split(' ')[0])}");
            else if (result.Status != 0)
                Tell(line, FirstLine(result.Error) is { Length: > 0 } error ? error : $"exit status {result.Status}", "run it as root, or leave it");
            if (result.Output.Length is > 0 and <= CaptureLimits.MaxFile)
                _commands.Add(new CapturedCommand(line, result));
        }
        catch (LinuxException exception)
        {
            Tell(line, exception.Errno.Text(), "run it on the machine itself");
        }
    }

    private void Miss(string path, Errno errno)
    {
        string remedy = errno is Errno.EACCES or Errno.EPERM ? "capture as root" : "this kernel does not have it, or a container hides it";
        Tell(path, errno.Text(), remedy);
    }

    private void Tell(string path, string why, string remedy)
    {
        const int MostTold = 1000;
        if (_missing.Count < MostTold && _missed.Add(path))
            _missing.Add(new MissingPart(path, why, remedy));
    }

    private static string PackageOf(string program) => program switch
    {
        "lspci" => "pciutils",
        "lscpu" or "dmesg" => "util-linux",
        "uname" or "ls" or "od" => "coreutils",
        _ => program,
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    /// <summary>Interface names go into a command line.</summary>
    private static bool IsPlainWord(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '@') && name[0] != '-';
}
