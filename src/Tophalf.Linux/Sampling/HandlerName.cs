namespace Tophalf.Linux.Sampling;

/// <summary>Names of handlers, which drivers make of a device and a queue: eth0-TxRx-3, nvme0q5, virtio3-input.0, mlx5_comp3@pci:0000:01:00.0.</summary>
public static class HandlerName
{
    /// <summary>What stands between the device and the queue's number, and the queue's own name; longer ones first.</summary>
    private static readonly (string Joint, string Word)[] s_joints =
    [
        ("-TxRx-", "TxRx"), ("-Tx-Rx-", "TxRx"), ("-rx-", "rx"), ("-tx-", "tx"), ("-fp-", "fp"), ("-input.", "input"), ("-output.", "output"), ("-req.", "req"),
        ("_comp", "comp"), ("-rx", "rx"), ("-tx", "tx"), ("q", ""), ("-", ""),
    ];

    /// <summary>The device's part and the queue's; the latter null where the name has none.</summary>
    public static (string Device, string? Queue) Split(string handler)
    {
        string name = handler.Split('@')[0];
        int digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1]))
            digits--;
        ReadOnlySpan<char> before = name.AsSpan(0, digits);
        string number = name[digits..];
        foreach ((string joint, string word) in s_joints)
        {
            if (before.Length > joint.Length && before.EndsWith(joint) && (number.Length > 0 || joint is "-rx" or "-tx"))
                return (before[..^joint.Length].ToString(), Join(word, number));
        }
        return (name, null);
    }

    private static string Join(string word, string number) => word.Length == 0 || number.Length == 0 ? word + number : $"{word}-{number}";
}
