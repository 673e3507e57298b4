using System.Globalization;

namespace Tophalf.Userland.Ethtool;

/// <summary>How a parameter's value is written: a number, or on|off.</summary>
internal enum ParameterType { Number, Switch }

/// <summary>
/// A parameter of -C, -L or -G. <paramref name="Attribute"/> is its number in include/uapi/linux/ethtool_netlink.h:
/// the kernel checks in that order.
/// </summary>
internal sealed record NetlinkParameter(string Name, int Attribute, ParameterType Type = ParameterType.Number);

/// <summary>
/// The settings of one command line, laid out as the netlink message that carries them: the kernel names a bad one by its offset.
/// Headers of 20 bytes, the nest with the device name, then 8 bytes for each parameter in the order written.
/// </summary>
internal sealed class NetlinkRequest
{
    public const string NoDevice = "no device matches name";
    public const int DeviceNameOffset = 24;

    private readonly List<(NetlinkParameter Parameter, uint Value)> _values = [];
    private readonly int _firstOffset;

    private NetlinkRequest(string device)
    {
        // Attribute header, name, NUL; attributes are aligned to four bytes.
        int nameAttribute = 4 + System.Text.Encoding.UTF8.GetByteCount(device) + 1;
        _firstOffset = DeviceNameOffset + (nameAttribute + 3) / 4 * 4;
    }

    public bool IsEmpty => _values.Count == 0;

    /// <summary>Reads all parameters before anything is sent; null, with the complaint made, at the first that is wrong.</summary>
    public static NetlinkRequest? Parse(EthtoolCall call, string option, IReadOnlyList<NetlinkParameter> known)
    {
        var request = new NetlinkRequest(call.Device);
        for (int i = 0; i < call.Parameters.Count; i += 2)
        {
            string name = call.Parameters[i];
            var parameter = known.FirstOrDefault(p => p.Name == name);
            string? complaint = parameter is null ? $"unknown parameter '{name}'"
                : request._values.Exists(v => v.Parameter == parameter) ? $"duplicate parameter '{name}'"
                : i + 1 == call.Parameters.Count ? $"no value for parameter '{name}'"
                : TryParseValue(parameter.Type, call.Parameters[i + 1], out uint value) ? request.Add(parameter, value)
                : $"invalid value '{call.Parameters[i + 1]}' for parameter '{name}'";
            if (complaint is null)
                continue;
            call.Fail($"ethtool ({option}): {complaint}");
            return null;
        }
        return request;
    }

    public uint? Number(string name) => _values.Exists(v => v.Parameter.Name == name) ? _values.Find(v => v.Parameter.Name == name).Value : null;

    public bool? Switch(string name) => Number(name) is { } value ? value != 0 : null;

    /// <summary>A count; one that does not fit is above every maximum anyway.</summary>
    public int? Count(string name) => Number(name) is { } value ? (int)Math.Min(value, int.MaxValue) : null;

    /// <summary>Offset of the parameter that comes first in the kernel's order among those that <paramref name="offends"/>.</summary>
    public int? OffsetOf(Func<string, bool> offends)
    {
        var found = _values.Where(v => offends(v.Parameter.Name)).OrderBy(v => v.Parameter.Attribute).Select(v => v.Parameter).FirstOrDefault();
        return found is null ? null : _firstOffset + 8 * _values.FindIndex(v => v.Parameter == found);
    }

    private string? Add(NetlinkParameter parameter, uint value)
    {
        _values.Add((parameter, value));
        return null;
    }

    /// <summary>Numbers as strtoul(3) reads decimals, or hexadecimal behind 0x; 32 bits.</summary>
    private static bool TryParseValue(ParameterType type, string text, out uint value)
    {
        value = text == "on" ? 1u : 0u;
        if (type == ParameterType.Switch)
            return text is "on" or "off";
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : uint.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && !text.Contains('-');
    }
}
