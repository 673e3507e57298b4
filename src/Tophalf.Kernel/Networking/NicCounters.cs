namespace Tophalf.Kernel.Networking;

/// <summary>
/// The rows of a driver's <c>ethtool -S</c>, and where the statistics of the link (/proc/net/dev, /sys/class/net/DEVICE/statistics, ip -s link) have them. Those of e1000, e1000e, igb, ixgbe, ena and virtio_net
/// are whole, as a real kernel or the driver's source has them; of the others those rows that the twin has something to say of.
/// </summary>
public sealed record NicCounters
{
    public required IReadOnlyList<(string Name, NicCounter Counts)> Device { get; init; }

    /// <summary>Rows of each queue, all of one queue before the next; {0} queue.</summary>
    public IReadOnlyList<(string Name, QueueCounter Counts)> Queue { get; init; } = [];

    /// <summary>Further rows of each queue, behind those of all queues.</summary>
    public IReadOnlyList<(string Name, QueueCounter Counts)> Queue2 { get; init; } = [];

    /// <summary>Rows behind those of the queues.</summary>
    public IReadOnlyList<(string Name, NicCounter Counts)> Last { get; init; } = [];

    /// <summary>Queues that have rows, in use or not; 0: those in use.</summary>
    public int QueuesShown { get; init; }

    /// <summary>The rows of the queues as kernels before 6.10 call them; null: the same.</summary>
    public NicCounters? Before610 { get; init; }

    /// <summary>Its rows of queues tell of XDP too.</summary>
    public bool TellsOfXdp { get; init; }

    public LinkCounter RingDropsAs { get; init; } = LinkCounter.Missed;
    public LinkCounter PortDropsAs { get; init; } = LinkCounter.Missed;

    /// <summary>Frames that are too long are errors of the link's length; else the driver does not hear of them.</summary>
    public bool TooLongIsAnError { get; init; } = true;

    /// <summary>What Intel's drivers call the same thing.</summary>
    private static readonly Dictionary<string, NicCounter> s_common = new()
    {
        ["rx_packets"] = NicCounter.RxPackets,
        ["tx_packets"] = NicCounter.TxPackets,
        ["rx_bytes"] = NicCounter.RxBytes,
        ["tx_bytes"] = NicCounter.TxBytes,
        ["rx_errors"] = NicCounter.TooLong,
        ["rx_length_errors"] = NicCounter.TooLong,
        ["rx_long_length_errors"] = NicCounter.TooLong,
        ["rx_missed_errors"] = NicCounter.Missed,
        ["tx_dropped"] = NicCounter.TxFull,
        ["tx_flow_control_xon"] = NicCounter.XonSent,
        ["tx_flow_control_xoff"] = NicCounter.XoffSent,
    };

    private static (string Name, NicCounter Counts)[] Named(string names, params (string Name, NicCounter Counts)[] own) =>
        [.. names.Split(' ').Select(name => own.FirstOrDefault(row => row.Name == name) is { Name: not null } row ? row : (name, s_common.GetValueOrDefault(name)))];

    /// <summary>Rows of a queue of which the twin has only some to tell of.</summary>
    private static (string, QueueCounter)[] Rows(string prefix, string names, params (string Name, QueueCounter Counts)[] known) =>
        [.. names.Split(' ').Select(name => (prefix + name, known.FirstOrDefault(row => row.Name == name) is { Name: not null } row ? row.Counts : QueueCounter.Nothing))];

    private static readonly (string, QueueCounter)[] s_intelQueue =
        [("tx_queue_{0}_packets", QueueCounter.TxPackets), ("tx_queue_{0}_bytes", QueueCounter.TxBytes), ("rx_queue_{0}_packets", QueueCounter.RxPackets), ("rx_queue_{0}_bytes", QueueCounter.RxBytes)];

    private const string E1000Rows =
        "rx_packets tx_packets rx_bytes tx_bytes rx_broadcast tx_broadcast rx_multicast tx_multicast rx_errors tx_errors tx_dropped multicast collisions rx_length_errors rx_over_errors "
        + "rx_crc_errors rx_frame_errors rx_no_buffer_count rx_missed_errors tx_aborted_errors tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors tx_abort_late_coll "
        + "tx_deferred_ok tx_single_coll_ok tx_multi_coll_ok tx_timeout_count tx_restart_queue rx_long_length_errors rx_short_length_errors rx_align_errors tx_tcp_seg_good "
        + "tx_tcp_seg_failed rx_flow_control_xon rx_flow_control_xoff tx_flow_control_xon tx_flow_control_xoff ";

    /// <summary>e1000_ethtool.c.</summary>
    public static NicCounters E1000 { get; } = new()
    {
        Device = Named(E1000Rows + "rx_long_byte_count rx_csum_offload_good rx_csum_offload_errors alloc_rx_buff_failed tx_smbus rx_smbus dropped_smbus", ("rx_no_buffer_count", NicCounter.RingDrops), ("rx_long_byte_count", NicCounter.RxBytes)),
    };

    /// <summary>e1000e/ethtool.c.</summary>
    public static NicCounters E1000e { get; } = new()
    {
        Device = Named(
            E1000Rows + "rx_csum_offload_good rx_csum_offload_errors rx_header_split alloc_rx_buff_failed tx_smbus rx_smbus dropped_smbus rx_dma_failed tx_dma_failed rx_hwtstamp_cleared "
            + "uncorr_ecc_errors corr_ecc_errors tx_hwtstamp_timeouts tx_hwtstamp_skipped", ("rx_no_buffer_count", NicCounter.RingDrops)),
    };

    /// <summary>igb_ethtool.c.</summary>
    public static NicCounters Igb { get; } = new()
    {
        Device = Named(
            "rx_packets tx_packets rx_bytes tx_bytes rx_broadcast tx_broadcast rx_multicast tx_multicast multicast collisions rx_crc_errors rx_no_buffer_count rx_missed_errors tx_aborted_errors "
            + "tx_carrier_errors tx_window_errors tx_abort_late_coll tx_deferred_ok tx_single_coll_ok tx_multi_coll_ok tx_timeout_count rx_long_length_errors rx_short_length_errors rx_align_errors "
            + "tx_tcp_seg_good tx_tcp_seg_failed rx_flow_control_xon rx_flow_control_xoff tx_flow_control_xon tx_flow_control_xoff rx_long_byte_count tx_dma_out_of_sync tx_smbus rx_smbus dropped_smbus "
            + "os2bmc_rx_by_bmc os2bmc_tx_by_bmc os2bmc_tx_by_host os2bmc_rx_by_host tx_hwtstamp_timeouts tx_hwtstamp_skipped rx_hwtstamp_cleared "
            + "rx_errors tx_errors tx_dropped rx_length_errors rx_over_errors rx_frame_errors rx_fifo_errors tx_fifo_errors tx_heartbeat_errors",
            ("rx_no_buffer_count", NicCounter.RingDrops), ("rx_fifo_errors", NicCounter.Missed), ("rx_long_byte_count", NicCounter.RxBytes)),
        Queue = [("tx_queue_{0}_packets", QueueCounter.TxPackets), ("tx_queue_{0}_bytes", QueueCounter.TxBytes), ("tx_queue_{0}_restart", QueueCounter.Nothing)],
        Queue2 =
        [
            ("rx_queue_{0}_packets", QueueCounter.RxPackets), ("rx_queue_{0}_bytes", QueueCounter.RxBytes), ("rx_queue_{0}_drops", QueueCounter.RxDrops),
            ("rx_queue_{0}_csum_err", QueueCounter.Nothing), ("rx_queue_{0}_alloc_failed", QueueCounter.Nothing),
        ],
        RingDropsAs = LinkCounter.MissedAndFifo,
        PortDropsAs = LinkCounter.MissedAndFifo,
    };

    /// <summary>ixgbe_ethtool.c, of a kernel without FCoE. Each queue the driver could have has its rows, and each of eight packet buffers.</summary>
    public static NicCounters Ixgbe { get; } = new()
    {
        Device = Named(
            "rx_packets tx_packets rx_bytes tx_bytes rx_pkts_nic tx_pkts_nic rx_bytes_nic tx_bytes_nic lsc_int tx_busy non_eop_descs rx_errors tx_errors rx_dropped tx_dropped multicast broadcast "
            + "rx_no_buffer_count collisions rx_over_errors rx_crc_errors rx_frame_errors hw_rsc_aggregated hw_rsc_flushed fdir_match fdir_miss fdir_overflow rx_fifo_errors rx_missed_errors "
            + "tx_aborted_errors tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_timeout_count tx_restart_queue rx_length_errors rx_long_length_errors rx_short_length_errors "
            + "tx_flow_control_xon rx_flow_control_xon tx_flow_control_xoff rx_flow_control_xoff rx_csum_offload_errors alloc_rx_page alloc_rx_page_failed alloc_rx_buff_failed rx_no_dma_resources "
            + "os2bmc_rx_by_bmc os2bmc_tx_by_bmc os2bmc_tx_by_host os2bmc_rx_by_host tx_hwtstamp_timeouts tx_hwtstamp_skipped rx_hwtstamp_cleared tx_ipsec rx_ipsec",
            ("rx_pkts_nic", NicCounter.RxPackets), ("tx_pkts_nic", NicCounter.TxPackets), ("rx_bytes_nic", NicCounter.RxBytes), ("tx_bytes_nic", NicCounter.TxBytes)),
        Queue = [("tx_queue_{0}_packets", QueueCounter.TxPackets), ("tx_queue_{0}_bytes", QueueCounter.TxBytes)],
        Queue2 = [("rx_queue_{0}_packets", QueueCounter.RxPackets), ("rx_queue_{0}_bytes", QueueCounter.RxBytes)],
        QueuesShown = 64,
        Last = [.. new[] { "tx", "rx" }.SelectMany(way => Enumerable.Range(0, 8).SelectMany(buffer => new[] { ($"{way}_pb_{buffer}_pxon", NicCounter.Nothing), ($"{way}_pb_{buffer}_pxoff", NicCounter.Nothing) }))],
    };

    /// <summary>i40e_ethtool.c.</summary>
    public static NicCounters I40e { get; } = new()
    {
        Device = Named(
            "rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped rx_length_errors rx_crc_errors port.rx_dropped port.link_xon_rx port.link_xoff_rx port.link_xon_tx "
            + "port.link_xoff_tx port.rx_oversize", ("rx_dropped", NicCounter.RingDrops), ("port.rx_dropped", NicCounter.Missed), ("port.link_xon_tx", NicCounter.XonSent), ("port.link_xoff_tx", NicCounter.XoffSent), ("port.rx_oversize", NicCounter.TooLong)),
        Queue = [("tx-{0}.packets", QueueCounter.TxPackets), ("tx-{0}.bytes", QueueCounter.TxBytes), ("rx-{0}.packets", QueueCounter.RxPackets), ("rx-{0}.bytes", QueueCounter.RxBytes)],
        RingDropsAs = LinkCounter.Dropped,
        PortDropsAs = LinkCounter.None,
    };

    /// <summary>ice_ethtool.c.</summary>
    public static NicCounters Ice { get; } = new()
    {
        Device = Named(
            "rx_unicast tx_unicast rx_bytes tx_bytes rx_dropped tx_errors rx_dropped.nic link_xon_rx.nic link_xoff_rx.nic link_xon_tx.nic link_xoff_tx.nic rx_oversize.nic", ("rx_unicast", NicCounter.RxPackets),
            ("tx_unicast", NicCounter.TxPackets), ("rx_dropped", NicCounter.RingDrops), ("rx_dropped.nic", NicCounter.Missed), ("link_xon_tx.nic", NicCounter.XonSent), ("link_xoff_tx.nic", NicCounter.XoffSent), ("rx_oversize.nic", NicCounter.TooLong)),
        Queue = s_intelQueue,
        RingDropsAs = LinkCounter.Dropped,
    };

    /// <summary>mlx5/core/en_stats.c.</summary>
    public static NicCounters Mlx5 { get; } = new()
    {
        Device = Named(
            "rx_packets rx_bytes tx_packets tx_bytes rx_out_of_buffer rx_discards_phy rx_oversize_pkts_phy rx_pause_ctrl_phy tx_pause_ctrl_phy", ("rx_out_of_buffer", NicCounter.RingDrops),
            ("rx_discards_phy", NicCounter.PortDrops), ("rx_oversize_pkts_phy", NicCounter.TooLong), ("tx_pause_ctrl_phy", NicCounter.PauseSent)),
        Queue = [("rx{0}_packets", QueueCounter.RxPackets), ("rx{0}_bytes", QueueCounter.RxBytes), ("tx{0}_packets", QueueCounter.TxPackets), ("tx{0}_bytes", QueueCounter.TxBytes)],
        PortDropsAs = LinkCounter.None,
    };

    /// <summary>bnxt_ethtool.c.</summary>
    public static NicCounters Bnxt { get; } = new()
    {
        Device = Named(
            "rx_total_discard_pkts rx_pause_frames tx_pause_frames rx_ovrsz_frames rx_stat_discard", ("rx_total_discard_pkts", NicCounter.RingDrops), ("tx_pause_frames", NicCounter.PauseSent),
            ("rx_ovrsz_frames", NicCounter.TooLong), ("rx_stat_discard", NicCounter.PortDrops)),
        Queue =
        [
            ("[{0}]: rx_ucast_packets", QueueCounter.RxPackets), ("[{0}]: rx_discards", QueueCounter.RxDrops), ("[{0}]: rx_ucast_bytes", QueueCounter.RxBytes),
            ("[{0}]: tx_ucast_packets", QueueCounter.TxPackets), ("[{0}]: tx_ucast_bytes", QueueCounter.TxBytes),
        ],
        PortDropsAs = LinkCounter.None,
    };

    private const string VirtioRx = "packets bytes drops xdp_packets xdp_tx xdp_redirects xdp_drops kicks", VirtioTx = "packets bytes xdp_tx xdp_tx_drops kicks tx_timeouts";

    private static readonly (string, QueueCounter)[] s_virtioRx =
    [
        ("packets", QueueCounter.RxPackets), ("bytes", QueueCounter.RxBytes), ("xdp_packets", QueueCounter.XdpPackets), ("xdp_tx", QueueCounter.XdpTx), ("xdp_redirects", QueueCounter.XdpRedirects),
        ("xdp_drops", QueueCounter.XdpDrops),
    ];

    private static readonly (string, QueueCounter)[] s_virtioTx = [("packets", QueueCounter.TxPackets), ("bytes", QueueCounter.TxBytes), ("xdp_tx", QueueCounter.XdpTx)];

    /// <summary>virtio_net.c: what the device drops, the host counts.</summary>
    public static NicCounters VirtioNet { get; } = new()
    {
        Device = [],
        Queue = Rows("rx{0}_", VirtioRx, s_virtioRx),
        Queue2 = Rows("tx{0}_", VirtioTx, s_virtioTx),
        Before610 = new NicCounters { Device = [], Queue = Rows("rx_queue_{0}_", VirtioRx, s_virtioRx), Queue2 = Rows("tx_queue_{0}_", VirtioTx, s_virtioTx) },
        TellsOfXdp = true,
        RingDropsAs = LinkCounter.None,
        PortDropsAs = LinkCounter.None,
        TooLongIsAnError = false,
    };

    /// <summary>ena_ethtool.c, with the limits of an instance (ENI). Frames the card had no descriptor for are in no row of it, but in rx_dropped of the link.</summary>
    public static NicCounters Ena { get; } = new()
    {
        Device = Named(
            "tx_timeout suspend resume wd_expired interface_up interface_down admin_q_pause bw_in_allowance_exceeded bw_out_allowance_exceeded pps_allowance_exceeded conntrack_allowance_exceeded "
            + "linklocal_allowance_exceeded", ("interface_up", NicCounter.One)),
        Queue =
        [
            .. Rows("queue_{0}_tx_", "cnt bytes queue_stop queue_wakeup dma_mapping_err linearize linearize_failed napi_comp tx_poll doorbells prepare_ctx_err bad_req_id llq_buffer_copy missed_tx unmask_interrupt",
                ("cnt", QueueCounter.TxPackets), ("bytes", QueueCounter.TxBytes), ("napi_comp", QueueCounter.Interrupts), ("tx_poll", QueueCounter.Polls), ("doorbells", QueueCounter.TxPackets),
                ("unmask_interrupt", QueueCounter.Interrupts)),
            .. Rows("queue_{0}_rx_", "cnt bytes rx_copybreak_pkt csum_good refil_partial csum_bad page_alloc_fail skb_alloc_fail dma_mapping_err bad_desc_num bad_req_id empty_rx_ring csum_unchecked "
                + "xdp_aborted xdp_drop xdp_pass xdp_tx xdp_invalid xdp_redirect",
                ("cnt", QueueCounter.RxPackets), ("bytes", QueueCounter.RxBytes), ("csum_good", QueueCounter.RxPackets), ("xdp_drop", QueueCounter.XdpDrops), ("xdp_tx", QueueCounter.XdpTx),
                ("xdp_redirect", QueueCounter.XdpRedirects)),
        ],
        Last = Named("ena_admin_q_aborted_cmd ena_admin_q_submitted_cmd ena_admin_q_completed_cmd ena_admin_q_out_of_space ena_admin_q_no_completion"),
        TellsOfXdp = true,
        RingDropsAs = LinkCounter.Dropped,
        PortDropsAs = LinkCounter.Dropped,
        TooLongIsAnError = false,
    };

    /// <summary>gve_ethtool.c.</summary>
    public static NicCounters Gve { get; } = new()
    {
        Device = Named("rx_packets tx_packets rx_bytes tx_bytes"),
        Queue =
        [
            ("rx_completed_desc[{0}]", QueueCounter.RxPackets), ("rx_bytes[{0}]", QueueCounter.RxBytes), ("rx_no_buffers_posted[{0}]", QueueCounter.RxDrops),
            ("tx_completed_desc[{0}]", QueueCounter.TxPackets), ("tx_bytes[{0}]", QueueCounter.TxBytes),
        ],
        RingDropsAs = LinkCounter.None,
        PortDropsAs = LinkCounter.None,
        TooLongIsAnError = false,
    };

    /// <summary>amd/lance.c has none; a missed frame is an error of the link.</summary>
    public static NicCounters Lance { get; } = new() { Device = [], RingDropsAs = LinkCounter.Errors };
}
