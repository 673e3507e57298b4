using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Userland.Programs;

namespace Tophalf.Userland.Ethtool;

/// <summary>One invocation: the device and what follows it on the command line.</summary>
internal sealed class EthtoolCall(ProgramContext context, string device, IReadOnlyList<string> parameters)
{
    public string Device => device;

    public IReadOnlyList<string> Parameters => parameters;

    /// <summary>Null: no such device, or one without ethtool operations; <see cref="Missing"/> tells which.</summary>
    public IEthtoolOps? Ops { get; } = context.Host.FindInterface(device);

    /// <summary>What the kernel answers where the device or its operation is not there.</summary>
    public EthtoolResult Missing => Ops is null && !context.Host.Interfaces.Contains(device)
        ? new EthtoolResult(Errno.ENODEV, NetlinkRequest.NoDevice)
        : new EthtoolResult(Errno.EOPNOTSUPP);

    public void Write(string text) => context.Write(text);

    public int Fail(string message, int status = 1)
    {
        context.WriteError(message + "\n");
        return status;
    }

    /// <summary>A refused ioctl: perror(3) under <paramref name="what"/>.</summary>
    public int FailIoctl(string what, Errno errno, int status = 1) => Fail($"{what}: {errno.Text()}", status);

    /// <summary>A refused netlink request: the extended acknowledgement with the offset of the attribute it is about, then the error number.</summary>
    public int FailNetlink(EthtoolResult result, int? offset = null, int status = 1)
    {
        if (result.Message == NetlinkRequest.NoDevice)
            offset = NetlinkRequest.DeviceNameOffset;
        if (result.Message is { } message)
            context.WriteError($"netlink error: {message}{(offset is { } at ? $" (offset {at})" : "")}\n");
        context.WriteError($"netlink error: {result.Errno.Text()}\n");
        return status;
    }

    /// <summary>The same of <c>ethtool --json</c>, which prints its array all the same.</summary>
    public int FailJson(EthtoolResult result)
    {
        Write(JsonPage.Empty);
        return FailNetlink(result);
    }

    /// <summary>The complaint of an option that takes no parameters; null when it got none.</summary>
    public int? ShowOnly() => parameters.Count == 0 ? null : Fail($"ethtool: unexpected parameter '{parameters[0]}'");
}
