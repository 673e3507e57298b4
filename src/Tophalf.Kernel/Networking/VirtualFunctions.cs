using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>The virtual functions of a device, as sriov_numvfs makes and takes them (drivers/pci/iov.c, sriov_numvfs_store).</summary>
public sealed class VirtualFunctions
{
    private readonly Kernel _kernel;
    private readonly NetDevice _physical;
    private readonly Func<int, NetDevice> _make;
    private readonly List<NetDevice> _made = [];

    /// <param name="kernel">The kernel both kinds belong to.</param>
    /// <param name="physical">The device they are functions of.</param>
    /// <param name="make">Makes the device of so-manyeth function; it is kept while the function is away.</param>
    public VirtualFunctions(Kernel kernel, NetDevice physical, Func<int, NetDevice> make)
    {
        _kernel = kernel;
        _physical = physical;
        _make = make;
    }

    public int Total => _physical.Model.Sriov!.TotalVfs;

    /// <summary>sriov_numvfs.</summary>
    public int Count { get; private set; }

    /// <summary>Those that are there.</summary>
    public IEnumerable<NetDevice> Devices => _made.Take(Count);

    private readonly Dictionary<int, int> _limits = [];

    /// <summary>max_tx_rate of a function in Mb/s; 0: none.</summary>
    public int LimitOf(int number) => _limits.GetValueOrDefault(number);

    /// <summary>
    /// ndo_set_vf_rate() of ixgbe_sriov.c, i40e_virtchnl_pf.c, ice_sriov.c, mlx5 and bnxt: 0 takes the limit away. igb has it for the 82576 alone, and the twin's is an I350.
    /// </summary>
    public Errno SetLimit(int number, int megabits)
    {
        SriovSupport support = _physical.Model.Sriov!;
        if (support.RateAbove is not { } above) return Errno.EOPNOTSUPP;
        long most = _physical.Controller.TransmitLink.BitsPerSecond / Megabit;
        if (number >= Count || megabits != 0 && (megabits <= above || megabits > most)) return Errno.EINVAL;
        _kernel.Sync();
        int set = megabits == 0 ? 0 : Math.Max(support.RateStep, megabits / support.RateStep * support.RateStep);
        _limits[number] = set;
        _made[number].Controller.SetTransmitLimit(set == 0 ? null : set * Megabit);
        return Errno.None;
    }

    private const long Megabit = 1_000_000;

    public Errno Set(int count)
    {
        if (count > Total) return Errno.ERANGE;
        if (count == Count) return Errno.None;
        if (count > 0 && Count > 0)
        {
            _kernel.Log(_kernel.Events.NowPs, $"{_physical.Model.Driver} {_physical.Controller.Function.Address}: {Count} VFs already enabled. Disable before enabling {count} VFs");
            return Errno.EBUSY;
        }
        _kernel.Sync();
        if (count == 0) return TakeAway();
        try
        {
            for (; Count < count; Count++)
            {
                if (_made.Count == Count) _made.Add(_make(Count));
                else _made[Count].BringBack();
                _made[Count].Open();
            }
        }
        catch (DriverException noVectors)
        {
            _made[Count].TakeAway();
            TakeAway();
            return noVectors.Errno;
        }
        return Errno.None;
    }

    private Errno TakeAway()
    {
        foreach (NetDevice device in Devices)
        {
            device.TakeAway();
            device.Controller.SetTransmitLimit(null);
        }
        _limits.Clear();
        Count = 0;
        return Errno.None;
    }
}
