using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>BPF_MAP_TYPE_DEVMAP (kernel/bpf/devmap.c): interfaces by index. The value is the interface's number.</summary>
internal sealed class DevMap(Kernel kernel, string name, int entries, Action<long> changing) : BpfMap(kernel, name, sizeof(uint), entries)
{
    private readonly NetDevice?[] _devices = new NetDevice?[entries];

    public NetDevice? this[int key] => _devices[key];

    private protected override Errno Store(uint key, ReadOnlySpan<byte> value)
    {
        if (key >= _devices.Length) return Errno.E2BIG;
        uint index = Word(value);
        NetDevice? device = Kernel.NetDevices.Find(device => device.InterfaceIndex == index);
        if (index != 0 && device is null) return Errno.EINVAL;
        return Set(key, device);
    }

    private protected override Errno Remove(uint key) => key >= _devices.Length ? Errno.EINVAL : Set(key, null);

    private Errno Set(uint key, NetDevice? device)
    {
        changing(Kernel.Events.NowPs);
        _devices[key] = device;
        return Errno.None;
    }

    private protected override Errno Load(uint key, Span<byte> value)
    {
        if (key >= _devices.Length || _devices[key] is not { } device) return Errno.ENOENT;
        Word(value, (uint)device.InterfaceIndex);
        return Errno.None;
    }
}
