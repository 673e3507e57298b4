using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>
/// The kernel's packet generator (net/core/pktgen.c; Documentation/networking/pktgen.rst): a thread on each processor online, given interfaces and set running by the files
/// of /proc/net/pktgen.
/// </summary>
public sealed class PktgenModule(ulong seed) : LoadableModule
{
    public const string ModuleName = "pktgen";
    private const string Folder = "net/pktgen/", Version = "Packet Generator for packet performance testing. Version: 2.75";

    /// <summary>IFNAMSIZ.</summary>
    private const int LongestInterface = 16;
    private const int LongestCommand = 127, LongestWord = 39, LongestDevice = 31;

    /// <summary>How long a thread may take to see what it was asked for, and how often whoever waits for the end looks.</summary>
    private const long PropagateMs = 125, LookMs = 100;

    private readonly List<PktgenThread> _threads = [];
    private Kernel _kernel = null!;

    public override string Name => ModuleName;

    public override Errno Init(Kernel kernel)
    {
        _kernel = kernel;
        kernel.Log(kernel.LocalNowPs, $"pktgen: {Version}");
        if (!kernel.ProcEntries.Create(Folder + "pgctrl", new ProcEntry(() => Version + "\n", WriteControl))) return Errno.EINVAL;
        foreach (Scheduling.Cpu cpu in kernel.OnlineCpus)
        {
            var thread = new PktgenThread(kernel, cpu.Id);
            kernel.AddTask(thread, cpu);
            _threads.Add(thread);
            kernel.ProcEntries.Create(Folder + thread.Comm, new ProcEntry(() => Show(thread), text => Write(thread, text)));
            kernel.Wake(thread, kernel.ThisCpu, kernel.LocalNowPs);
        }
        return Errno.None;
    }

    public override IEnumerable<Sleep> Exit()
    {
        foreach (PktgenThread thread in _threads)
        {
            string[] devices = [.. thread.Devices.Select(device => device.Name)];
            thread.Exit();
            while (!thread.HasExited || !thread.IsSleeping) yield return Sleep.ScheduleTimeout(1);
            foreach (string device in devices) _kernel.ProcEntries.Remove(Folder + device);
            _kernel.ProcEntries.Remove(Folder + thread.Comm);
            _kernel.ExitThread(thread);
        }
        _kernel.ProcEntries.Remove(Folder + "pgctrl");
    }

    // ---- pgctrl --------------------------------------------------------------------------------------------------------------------

    /// <summary>pgctrl_write(): the last byte is taken for a newline.</summary>
    private Errno WriteControl(string text)
    {
        if (text.Length == 0) return Errno.EINVAL;
        switch (text[..Math.Min(text.Length - 1, LongestCommand)])
        {
            case "start": return RunAll(PktgenControl.Run);
            case "stop": return RunAll(PktgenControl.Stop);
            case "reset": return _kernel.RunProcess("sh", Reset());
            default: return Errno.EINVAL;
        }
    }

    /// <summary>pktgen_run_all_threads(). Who gives up waiting stops what runs.</summary>
    private Errno RunAll(PktgenControl control)
    {
        Errno error = _kernel.RunProcess("sh", UntilNoneRuns(control));
        if (error != Errno.None) Ask(PktgenControl.Stop);
        return error;
    }

    private void Ask(PktgenControl control)
    {
        foreach (PktgenThread thread in _threads) thread.Ask(control);
    }

    /// <summary>Begins on every thread, and does not wait for the end.</summary>
    public void Start() => Ask(PktgenControl.Run);

    private IEnumerable<Sleep> UntilNoneRuns(PktgenControl control)
    {
        Ask(control);
        if (control == PktgenControl.Run) yield return Sleep.ScheduleTimeout(_kernel.MsecsToJiffies(PropagateMs));
        foreach (PktgenThread thread in _threads)
        {
            while (thread.IsSending) yield return Sleep.Msleep(LookMs);
        }
    }

    /// <summary>pktgen_reset_all_threads().</summary>
    private IEnumerable<Sleep> Reset()
    {
        string[] devices = [.. _threads.SelectMany(thread => thread.Devices).Select(device => device.Name)];
        Ask(PktgenControl.RemoveAll);
        yield return Sleep.ScheduleTimeout(_kernel.MsecsToJiffies(PropagateMs));
        foreach (string device in devices) _kernel.ProcEntries.Remove(Folder + device);
    }

    // ---- a thread's file -----------------------------------------------------------------------------------------------------------------

    /// <summary>pktgen_thread_show().</summary>
    private static string Show(PktgenThread thread)
    {
        string Names(bool running) => string.Concat(thread.Devices.Where(device => device.IsRunning == running).Select(device => device.Name + " "));
        return $"Running: {Names(true)}\nStopped: {Names(false)}\nResult: {(thread.Result.Length > 0 ? thread.Result : "NA")}\n";
    }

    /// <summary>pktgen_thread_write().</summary>
    private Errno Write(PktgenThread thread, string text)
    {
        if (text.Length == 0) return Errno.EINVAL;
        var words = new PktgenWords(text);
        switch (words.Word(LongestWord))
        {
            case "add_device":
                string name = words.Rest(LongestDevice);
                Errno error = TryAdd(thread, name);
                thread.Result = error == Errno.None ? $"OK: add_device={name}" : $"ERROR: can not add device {name}";
                return error;
            case "rem_device_all":
                error = _kernel.RunProcess("sh", RemoveAll(thread));
                thread.Result = "OK: rem_device_all";
                return error;
            case "max_before_softirq":
                thread.Result = "OK: Note! max_before_softirq is obsoleted -- Do not use";
                return Errno.None;
            default: return Errno.EINVAL;
        }
    }

    private IEnumerable<Sleep> RemoveAll(PktgenThread thread)
    {
        string[] devices = [.. thread.Devices.Select(device => device.Name)];
        thread.Ask(PktgenControl.RemoveAll);
        yield return Sleep.ScheduleTimeout(_kernel.MsecsToJiffies(PropagateMs));
        foreach (string device in devices) _kernel.ProcEntries.Remove(Folder + device);
    }

    /// <summary>pktgen_add_device(): a name may go on after '@', so that a device has several sets of parameters.</summary>
    private Errno TryAdd(PktgenThread thread, string name)
    {
        if (_threads.Exists(other => other.Devices.Any(device => device.Name == name)))
        {
            _kernel.Log(_kernel.LocalNowPs, "pktgen: ERROR: interface already used");
            return Errno.EBUSY;
        }
        string interfaceName = name.Split('@')[0];
        if (interfaceName.Length > LongestInterface) interfaceName = interfaceName[..LongestInterface];
        if (_kernel.NetDevices.Find(device => device.Name == interfaceName) is not { } outgoing)
        {
            _kernel.Log(_kernel.LocalNowPs, $"pktgen: no such netdevice: \"{name}\"");
            return Errno.ENODEV;
        }
        var device = new PktgenDevice(_kernel, outgoing, name, new PktgenHeaders(new RandomStream(seed, $"pktgen/{name}")));
        var entry = new ProcEntry(() => device.Show(_kernel.Events.NowPs), text => PktgenParameters.Write(device, text, _kernel.Layout.Nodes.Count));
        if (!_kernel.ProcEntries.Create(Folder + name, entry)) return Errno.EINVAL;
        thread.Add(device);
        return Errno.None;
    }
}
