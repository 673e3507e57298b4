using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;
using Tophalf.Userland;
using Tophalf.Userland.Shell;

namespace Tophalf.Tests.Userland;

/// <summary>A machine of files, network devices and a clock that only <c>sleep</c> moves.</summary>
internal sealed class TestHost : IUserlandHost
{
    public MemoryTree Tree { get; } = new();

    public List<IEthtoolOps> Devices { get; } = [];

    public IFileTree Files => Tree;

    /// <summary>lo is a device, and has no ethtool operations.</summary>
    public EthtoolResult AttachXdp(string name, XdpProgram? program, XdpMode? mode, bool replace) => new(Errno.EOPNOTSUPP);
    public IReadOnlyList<string> Interfaces => ["lo", .. Devices.Select(d => d.InterfaceName)];

    public long NowNs { get; private set; }

    public int OnlineCpus => 8;

    public string Release => "6.18.0";
    public string Version => "#1 SMP PREEMPT_DYNAMIC";

    public IReadOnlyList<string> KernelLog => [];

    public void ClearKernelLog()
    {
    }

    public Errno InsertModule(string name) => Errno.ENOENT;

    public Errno RemoveModule(string name) => Errno.ENOENT;

    public IEthtoolOps? FindInterface(string name) => Devices.Find(d => d.InterfaceName == name);

    public void Sleep(long durationNs) => NowNs += durationNs;

    /// <summary>Output, error and status of a script in a fresh shell, as one text for a golden comparison.</summary>
    public string Show(string script)
    {
        var result = new ShellSession(this).Run(script);
        return result.Output + result.Error + (result.Status == 0 ? "" : $"[{result.Status}]\n");
    }
}
