using System.Text.RegularExpressions;

namespace Tophalf.Advisor.Observations;

/// <summary>The queue a handler's name tells of. There is no file that says which line serves which queue; drivers name their handlers.</summary>
/// <param name="Device">As the name has it: eth0, mlx5_comp@pci:0000:01:00.0, virtio0, nvme0.</param>
/// <param name="Number">From 0.</param>
/// <param name="IsReceive">Receives, alone or along with transmitting; storage queues count as such.</param>
public sealed partial record QueueName(string Device, int Number, bool IsReceive)
{
    /// <summary>null for a name that is no queue's.</summary>
    public static QueueName? Parse(string action)
    {
        foreach (Regex form in (Regex[])[Paired(), Numbered(), Mellanox(), Virtio(), Nvme()])
        {
            if (form.Match(action) is not { Success: true } match || !int.TryParse(match.Groups["n"].ValueSpan, out int number))
                continue;
            string kind = match.Groups["kind"].Value;
            return new QueueName(match.Groups["dev"].Value + match.Groups["at"].Value, number, !kind.StartsWith("tx", StringComparison.OrdinalIgnoreCase) && kind != "output"
                || kind.Contains("rx", StringComparison.OrdinalIgnoreCase));
        }
        return null;
    }

    /// <summary>eth0-TxRx-3, i40e-eth0-TxRx-3, eth0-Tx-Rx-3, eth0-rx-0, eth0-tx-0, eth0-rxtx-1.</summary>
    [GeneratedRegex(@"^(?:(?:i40e|ice|iavf|fm10k)-)?(?<dev>[^\s]{1,40}?)-(?<kind>TxRx|Tx-Rx|rxtx|rx|tx)-(?<n>\d{1,5})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Paired();

    /// <summary>eth0-3 (bnx2x eth0-fp-3).</summary>
    [GeneratedRegex(@"^(?<dev>(?:eth|en|p\d)[^\s-]{0,30})-(?:fp-)?(?<n>\d{1,5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();

    /// <summary>mlx5_comp3@pci:0000:01:00.0, mlx5_comp3, mlx4-3@0000:01:00.0.</summary>
    [GeneratedRegex(@"^(?<dev>mlx5_comp|mlx4-)(?<n>\d{1,5})(?<at>@.{1,30})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Mellanox();

    /// <summary>virtio0-input.1, virtio0-req.3; the twin's virtio-eth0-input.1.</summary>
    [GeneratedRegex(@"^(?<dev>virtio[^\s]{0,30})-(?<kind>input|output|req)\.(?<n>\d{1,5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Virtio();

    /// <summary>nvme0q3; queue 0 takes commands, not data.</summary>
    [GeneratedRegex(@"^(?<dev>nvme\d{1,4})q(?<n>[1-9]\d{0,4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Nvme();
}
