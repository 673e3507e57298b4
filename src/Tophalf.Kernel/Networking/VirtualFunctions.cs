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
        foreach (NetDevice device in Devices) device.TakeAway();
        Count = 0;
        return Errno.None;
    }
}
