using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Procfs;
using Tophalf.Linux;

namespace Tophalf.Userland;

/// <summary>What the programs of a machine can reach: its kernel's files, its network interfaces, its clock.</summary>
public interface IUserlandHost
{
    /// <summary>The files the kernel shows; <c>/tmp</c> and <c>/dev/null</c> are the shell's own.</summary>
    IFileTree Files { get; }

    /// <summary>What the driver of that interface offers to ethtool; null where no device matches, or the device (lo) offers nothing.</summary>
    IEthtoolOps? FindInterface(string name);

    /// <summary>
    /// Puts a program on an interface, or takes it off (null); null as mode is the driver's own where it has one. Answers ENODEV where no device matches.
    /// </summary>
    EthtoolResult AttachXdp(string name, XdpProgram? program, XdpMode? mode, bool replace);

    /// <summary>All interfaces but the loopback one, as netlink lists them.</summary>
    IReadOnlyList<LinkState> Links => [];

    /// <summary>Answers ENODEV where no device matches.</summary>
    EthtoolResult SetMtu(string name, int mtu) => new(Errno.ENODEV);

    /// <summary>ip link add … type vlan; null where no link, or no number, was given.</summary>
    EthtoolResult AddVlan(string? link, string name, int? id) => new(Errno.EOPNOTSUPP);

    /// <summary>ip link delete. Answers ENODEV where no device matches.</summary>
    EthtoolResult RemoveLink(string name) => new(Errno.ENODEV);

    /// <summary>ip link set DEVICE vf N max_tx_rate M.</summary>
    EthtoolResult SetFunctionLimit(string name, int function, int megabits) => new(Errno.EOPNOTSUPP);

    /// <summary>ip link set up and down.</summary>
    EthtoolResult SetLinkUp(string name, bool isUp) => new(Errno.ENODEV);

    /// <summary>The maps of loaded programs.</summary>
    IReadOnlyList<BpfMap> BpfMaps => [];

    /// <summary>The NAPI contexts of all interfaces that are up, the last first, as netlink lists them.</summary>
    IReadOnlyList<NapiState> Napis => [];

    /// <summary>ENOENT where there is none of that number.</summary>
    Errno SetNapi(NapiChange change) => Errno.ENOENT;

    /// <summary>Names of all network devices, also of those without ethtool operations.</summary>
    IReadOnlyList<string> Interfaces { get; }

    /// <summary>Nanoseconds since boot; moves only by <see cref="Sleep"/>.</summary>
    long NowNs { get; }

    /// <summary>Lets the machine run for <paramref name="durationNs"/>, as a process in nanosleep(2) does.</summary>
    void Sleep(long durationNs);

    int OnlineCpus { get; }

    /// <summary>The kernel's ring buffer, a message a line, as dmesg prints it.</summary>
    IReadOnlyList<string> KernelLog { get; }

    /// <summary>What is in the ring buffer now is not shown again.</summary>
    void ClearKernelLog();

    /// <summary>init_module(2) of the module with that name.</summary>
    Errno InsertModule(string name);

    /// <summary>delete_module(2).</summary>
    Errno RemoveModule(string name);

    /// <summary>Kernel release as <c>uname -r</c> prints it.</summary>
    string Release { get; }

    /// <summary>Kernel version as <c>uname -v</c> prints it.</summary>
    string Version { get; }
}
