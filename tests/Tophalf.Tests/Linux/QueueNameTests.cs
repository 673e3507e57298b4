using Tophalf.Linux;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>Handlers as drivers name them, and the device and queue behind each name.</summary>
public sealed class QueueNameTests
{
    [Theory]
    [InlineData("eth2-TxRx-10", "eth2", "TxRx-10", true)]
    [InlineData("enp1s0f1-rx-3", "enp1s0f1", "rx-3", true)]
    [InlineData("enp1s0f1-tx-3", "enp1s0f1", "tx-3", false)]
    [InlineData("i40e-eth0-TxRx-0", "eth0", "TxRx-0", true)]
    [InlineData("ice-ens801f0-TxRx-63", "ens801f0", "TxRx-63", true)]
    [InlineData("iavf-eth0-TxRx-0", "eth0", "TxRx-0", true)]
    [InlineData("i40e-0000:81:00.0:fdir-TxRx-0", "0000:81:00.0:fdir", "TxRx-0", true)]
    [InlineData("eth0-Tx-Rx-7", "eth0", "Tx-Rx-7", true)] // ena
    [InlineData("eth0-rxtx-1", "eth0", "rxtx-1", true)] // vmxnet3
    [InlineData("eth0-txrx-1", "eth0", "txrx-1", true)] // tg3
    [InlineData("eth0-fp-3", "eth0", "fp-3", true)] // bnx2x
    [InlineData("eth0-Rx12", "eth0", "Rx-12", true)] // cxgb4
    [InlineData("eth0:tx-2", "eth0", "tx-2", false)] // stmmac
    [InlineData("eth0-q1-tx", "eth0", "tx-1", false)] // xen-netfront
    [InlineData("eth4-2", "eth4", "2", true)] // sfc
    [InlineData("mlx5_comp3@pci:0000:01:00.0", "0000:01:00.0", "comp-3", true)]
    [InlineData("mlx5_comp3", "mlx5", "comp-3", true)]
    [InlineData("mlx4-5@0000:02:00.0", "0000:02:00.0", "5", true)]
    [InlineData("hns3-0000:7d:00.0-TxRx-3", "0000:7d:00.0", "TxRx-3", true)]
    [InlineData("mana_q2@pci:7870:00:00.0", "7870:00:00.0", "q-2", true)]
    [InlineData("gve-ntfy-blk4@pci:0000:00:04.0", "0000:00:04.0", "ntfy-4", true)]
    [InlineData("eth0-ntfy-block.4", "eth0", "ntfy-4", true)] // gve before 6.1
    [InlineData("virtio1-req.0", "virtio1", "req-0", true)]
    [InlineData("virtio1-input.0", "virtio1", "input-0", true)]
    [InlineData("virtio1-output.0", "virtio1", "output-0", false)]
    [InlineData("virtio3-rx", "virtio3", "rx", true)]
    [InlineData("nvme0q3", "nvme0", "3", true)]
    [InlineData("hpsa0-msix3", "hpsa0", "msix-3", true)]
    public void A_queues_handler_tells_device_and_queue(string handler, string device, string label, bool receives)
    {
        QueueName queue = QueueName.Parse(handler)!;
        Assert.Equal((device, label, receives), (queue.Device, queue.Label, queue.IsReceive));
    }

    [Theory]
    [InlineData("eth0", "eth0")]
    [InlineData("i8042", "i8042")]
    [InlineData("", "")]
    [InlineData("virtio0-config", "virtio0-config")]
    [InlineData("nvme0q0", "nvme0q0")]
    [InlineData("ena-mgmnt@pci:0000:00:05.0", "0000:00:05.0")]
    [InlineData("mlx5_async0@pci:0000:01:00.0", "0000:01:00.0")]
    [InlineData("i40e-0000:81:00.0:misc", "0000:81:00.0")]
    [InlineData("ahci[0000:00:1f.2]", "0000:00:1f.2")]
    [InlineData("dwc2_hsotg:usb1", "dwc2_hsotg:usb1")]
    public void Other_handlers_serve_no_queue_but_have_an_owner(string handler, string owner)
    {
        Assert.Null(QueueName.Parse(handler));
        Assert.Equal(owner, QueueName.Owner(handler));
    }

    /// <summary>What has a queue's number in other people's dumps and is none: timers, IPIs of Xen, serial ports.</summary>
    [CorpusFact]
    public void In_the_corpus_queues_are_those_of_cards_and_disks()
    {
        HashSet<string> kinds = [];
        int queues = 0;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, "interrupts"), "*.txt"))
        {
            foreach (string action in ProcInterrupts.ParseAll(File.ReadAllText(path)).SelectMany(dump => dump.Numbered).SelectMany(row => row.Actions))
            {
                if (QueueName.Parse(action) is not { } queue)
                    continue;
                queues++;
                kinds.Add(queue.Kind);
            }
        }
        Assert.InRange(queues, 300, int.MaxValue);
        Assert.Equal(["", "Tx-Rx", "TxRx", "comp", "input", "msix", "output", "req", "rx", "tx"], kinds.Order(StringComparer.Ordinal));
    }
}
