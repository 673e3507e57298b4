namespace Tophalf.Tests.Oracle.Linux;

/// <summary>A board QEMU makes and the scenario that describes the same board to the twin.</summary>
/// <param name="Name">As scripts name it.</param>
/// <param name="Scenario">The twin of the board.</param>
/// <param name="Devices">QEMU's arguments.</param>
internal sealed record OracleBoard(string Name, string Scenario, string[] Devices)
{
    /// <summary>Kernel parameters that both machines are booted with.</summary>
    public string Parameters { get; private init; } = "";

    public int Cpus { get; private init; } = 2;

    /// <summary>
    /// The machine's clock counts its instructions, one a nanosecond, and does not know how busy the host is: what happens in which tick is the same every time.
    /// QEMU does this with one processor at a time only.
    /// </summary>
    public bool CountsInstructions { get; private init; }

    /// <summary>The kernel on it, the twin's too.</summary>
    public OracleKernel Kernel { get; private init; } = OracleKernel.Ordinary;

    // The two Intel cards hang on one hub, so that one hears the other. Slots are fixed: interrupt numbers and hwirqs follow from them.
    public static OracleBoard Q35 { get; } = new("q35", "scenarios/oracle-q35.yaml",
    [
        "-M", "q35",
        "-device", "e1000,addr=3,netdev=n0", "-netdev", "hubport,id=n0,hubid=0",
        "-device", "e1000e,addr=4,netdev=n1", "-netdev", "hubport,id=n1,hubid=0",
        "-device", "virtio-net-pci,addr=5,netdev=n2", "-netdev", "hubport,id=n2,hubid=1",
        "-drive", "if=none,id=d0,driver=null-co,size=16M", "-device", "virtio-blk-pci,addr=6,drive=d0",
        "-drive", "if=none,id=d1,driver=null-co,size=16M", "-device", "nvme,addr=7,drive=d1,serial=nvme0",
        "-device", "edu,addr=8",
    ]);

    // Slots 5 and 9 of this board share a line.
    public static OracleBoard Pc { get; } = new("pc", "scenarios/oracle-pc.yaml",
    [
        "-M", "pc",
        "-device", "e1000-82545em,addr=5,netdev=n0", "-netdev", "hubport,id=n0,hubid=0",
        "-device", "e1000e,addr=6,netdev=n1", "-netdev", "hubport,id=n1,hubid=0",
        "-device", "edu,addr=9",
    ]);

    /// <summary>The same, booted with what changes how the kernel treats its interrupts.</summary>
    public static OracleBoard PcOptions { get; } = Pc with { Name = "pc-options", Parameters = "threadirqs irqaffinity=0 noirqdebug hpet=disable" };

    /// <summary>The same with one processor and a clock of its own, for scripts that a busy host would disturb.</summary>
    public static OracleBoard PcCounted { get; } = Pc with { Name = "pc-counted", Cpus = 1, CountsInstructions = true };

    /// <summary>The same with the kernel that is built with PREEMPT_RT.</summary>
    public static OracleBoard PcRt { get; } = PcCounted with { Name = "pc-rt", Kernel = OracleKernel.Rt };

    /// <summary>The one with a clock of its own, its processor relieved of RCU callbacks.</summary>
    public static OracleBoard PcNocbs { get; } = PcCounted with { Name = "pc-nocbs", Parameters = "rcu_nocbs=0" };

    // Two pairs of cards, each on a hub. IPv6 would send packets of its own while interfaces come up.
    /// <summary>Cards that hear each other, for the packet generator; with one processor and a clock of its own.</summary>
    public static OracleBoard Wired { get; } = new("wired", "scenarios/oracle-wired.yaml",
    [
        "-M", "q35",
        "-device", "e1000,addr=3,netdev=n0", "-netdev", "hubport,id=n0,hubid=0",
        "-device", "e1000e,addr=4,netdev=n1", "-netdev", "hubport,id=n1,hubid=0",
        "-device", "virtio-net-pci,addr=5,netdev=n2", "-netdev", "hubport,id=n2,hubid=1",
        "-device", "virtio-net-pci,addr=6,netdev=n3", "-netdev", "hubport,id=n3,hubid=1",
    ])
    {
        Parameters = "ipv6.disable=1",
        Cpus = 1,
        CountsInstructions = true,
    };

    /// <summary>The same with two processors, for what one does for the other.</summary>
    public static OracleBoard WiredTwo { get; } = Wired with { Name = "wired-2", Cpus = 2, CountsInstructions = false };

    private static readonly OracleBoard[] All = [Q35, Pc, PcOptions, PcCounted, PcRt, PcNocbs, Wired, WiredTwo];

    public static OracleBoard Find(string name) => Array.Find(All, board => board.Name == name) ?? throw new ArgumentOutOfRangeException(nameof(name), name, "no such board");
}
