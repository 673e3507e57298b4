using System.Globalization;
using System.Text.RegularExpressions;

namespace Tophalf.Linux;

/// <summary>
/// The queue a handler's name tells of. No file says which line serves which queue; drivers name their handlers, each in its way.
/// </summary>
/// <param name="Device">Interface or disk, else the PCI slot the name has, else what stands before the queue: eth0, nvme0, 0000:01:00.0, virtio1.</param>
/// <param name="Kind">As the driver writes it: TxRx, rx, comp; empty where the number stands alone.</param>
/// <param name="Number">From 0; null where the name has none, as in virtio3-rx.</param>
public sealed partial record QueueName(string Device, string Kind, int? Number)
{
    private static readonly Regex[] s_forms = [Xen(), Slot(), Named(), Virtio(), Disk(), Adapter(), Numbered()];

    /// <summary>Receives, alone or along with transmitting; queues of disks count as such, those that only transmit and virtio's output do not.</summary>
    public bool IsReceive => !IsTransmit;

    private bool IsTransmit => Kind.Equals("output", StringComparison.Ordinal)
        || Kind.StartsWith("tx", StringComparison.OrdinalIgnoreCase) && !Kind.Contains("rx", StringComparison.OrdinalIgnoreCase) && Kind != "TxR";

    /// <summary>"TxRx-3", "rx", or the number alone.</summary>
    public string Label => Number is not { } number ? Kind : Kind.Length == 0 ? number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Kind}-{number}");

    /// <summary>null for a name that is no queue's: eth0, virtio0-config, nvme0q0 (which takes commands), i40e-0000:01:00.0:misc.</summary>
    public static QueueName? Parse(string handler)
    {
        foreach (Regex form in s_forms)
        {
            if (form.Match(handler) is not { Success: true } match)
                continue;
            int? number = int.TryParse(match.Groups["n"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int found) ? found : null;
            return new QueueName(match.Groups["slot"] is { Success: true } slot ? slot.Value : match.Groups["dev"].Value, match.Groups["kind"].Value, number);
        }
        return null;
    }

    /// <summary>Whose handler it is: the queue's device, else the PCI slot in the name, else the name without what stands behind "@".</summary>
    public static string Owner(string handler) =>
        Parse(handler)?.Device ?? (PciSlot().Match(handler) is { Success: true } slot ? slot.Value : handler.Split('@')[0]);

    /// <summary>eth0-TxRx-3 (igb, ixgbe, bnxt_en), i40e-eth0-TxRx-3, ice-…, iavf-…, idpf-…, eth0-Tx-Rx-3 (ena), eth0-rx-0, eth0-tx-0, eth0-rxtx-1 (vmxnet3, nfp), eth0-txrx-1 (tg3), eth0-TxR-0 (alx), eth0-fp-3 (bnx2x, qede), eth0-Rx3 (cxgb4), eth0:rx-3 (stmmac), eth0-q2 (be2net).</summary>
    [GeneratedRegex(@"^(?:(?:i40e|ice|iavf|i40evf|idpf|fm10k|ionic)-)?(?<dev>[^\s-][^\s]{0,40}?)[-:](?<kind>TxRx|Tx-Rx|rxtx|TxR|rx|tx|fp|q)-?(?<n>\d{1,5})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    /// <summary>mlx5_comp3@pci:0000:01:00.0, mlx5_comp3, mlx4-3@0000:01:00.0, mana_q2@pci:…, gve-ntfy-blk4@pci:…, gve-ntfy-block.4, hns3-0000:7d:00.0-TxRx-3.</summary>
    [GeneratedRegex(
        @"^(?:(?<dev>mlx5)_(?<kind>comp)(?<n>\d{1,5})|(?<dev>mlx4)-(?<kind>)(?<n>\d{1,5})|(?<dev>mana)_(?<kind>q)(?<n>\d{1,5})|(?<dev>[^\s]{1,20})-(?<kind>ntfy)-(?:blk|block\.)(?<n>\d{1,5}))(?:@(?:pci:)?(?<slot>[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]))?$|^hns3-(?<slot>[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])-(?<kind>TxRx|Tx|Rx)-(?<n>\d{1,5})$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Slot();

    /// <summary>virtio0-input.1, virtio0-output.1, virtio1-req.3, virtio3-rx; the twin's virtio-eth0-input.1.</summary>
    [GeneratedRegex(@"^(?<dev>virtio[^\s]{0,30})-(?:(?<kind>input|output|req|request)(?:\.(?<n>\d{1,5}))?|(?<kind>rx|tx))$", RegexOptions.CultureInvariant)]
    private static partial Regex Virtio();

    /// <summary>nvme0q3; queue 0 takes commands, not data.</summary>
    [GeneratedRegex(@"^(?<dev>nvme\d{1,4})(?<kind>)q(?<n>[1-9]\d{0,4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Disk();

    /// <summary>hpsa0-msix3, megasas0-msix3, mpt3sas0-msix3.</summary>
    [GeneratedRegex(@"^(?<dev>[a-z][a-z0-9]{1,20}\d)-(?<kind>msix)(?<n>\d{1,5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Adapter();

    /// <summary>Xen's eth0-q1-rx and eth0-q1-tx.</summary>
    [GeneratedRegex(@"^(?<dev>[^\s-]{1,30})-q(?<n>\d{1,5})-(?<kind>rx|tx)$", RegexOptions.CultureInvariant)]
    private static partial Regex Xen();

    /// <summary>eth0-3 (sfc, bnx2).</summary>
    [GeneratedRegex(@"^(?<dev>(?:eth|en|p\d)[^\s-]{0,30})-(?<kind>)(?<n>\d{1,5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"(?<![0-9a-f])[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex PciSlot();
}
