using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>The primitive costs the kernel spends on a processor, in picoseconds, picked once from a cost set.</summary>
public sealed class KernelCosts(CostSet set)
{
    public CostSet Set { get; } = set;

    // delivery, on the interrupted processor
    public long InstructionBoundary { get; } = set.Ps("instruction_boundary");
    public long Vectoring { get; } = set.Ps("vectoring");
    public long KernelEntry { get; } = set.Ps("kernel_entry");
    public long FlowHandler { get; } = set.Ps("flow_handler");
    public long IrqReturn { get; } = set.Ps("irq_return");
    public long IdleExit { get; } = set.Ps("idle_exit");

    // interrupt controllers and devices
    public long Eoi { get; } = set.Ps("eoi");
    public long EoiIoApic { get; } = set.Ps("eoi_ioapic");
    public long IpiSend { get; } = set.Ps("ipi_send");
    public long DeviceWrite { get; } = set.Ps("device_write");
    public long DeviceRead { get; } = set.Ps("device_read");
    public long TimerProgram { get; } = set.Ps("timer_program");
    public long Tick { get; } = set.Ps("tick");
    public long TopHalf { get; } = set.Ps("top_half");
    public long LineHandler { get; } = set.Ps("line_handler");
    public long UartHandler { get; } = set.Ps("uart_handler");

    public long BalanceCpu { get; } = set.Ps("balance_cpu");

    // bottom halves
    public long SpinLock { get; } = set.Ps("spin_lock");
    public long SoftirqRaise { get; } = set.Ps("softirq_raise");
    public long SoftirqEntry { get; } = set.Ps("softirq_entry");
    public long NapiPoll { get; } = set.Ps("napi_poll");
    public long BusyTurn { get; } = set.Ps("busy_turn");
    public long NapiComplete { get; } = set.Ps("napi_complete");
    public long HrTimer { get; } = set.Ps("hrtimer");
    public long SmpCall { get; } = set.Ps("smp_call");
    public long TaskletRun { get; } = set.Ps("tasklet_run");
    public long ModTimer { get; } = set.Ps("mod_timer");
    public long TimerExpire { get; } = set.Ps("timer_expire");
    public long QueueWork { get; } = set.Ps("queue_work");
    public long WorkerCreate { get; } = set.Ps("worker_create");
    public long ProcessWork { get; } = set.Ps("process_work");

    // grace periods
    public long CallRcu { get; } = set.Ps("call_rcu");
    public long RcuCore { get; } = set.Ps("rcu_core");
    public long RcuCallback { get; } = set.Ps("rcu_callback");
    public long RcuGracePeriod { get; } = set.Ps("rcu_grace_period");

    // disks
    public long BlockSubmit { get; } = set.Ps("block_submit");
    public long BlockHandler { get; } = set.Ps("block_handler");
    public long BlockEntry { get; } = set.Ps("block_entry");
    public long BlockComplete { get; } = set.Ps("block_complete");

    // packets
    public long ReceiveInDriver { get; } = set.Ps("rx_driver") + set.Ps("rx_skb") + set.Ps("rx_gro");
    public long ReceiveWithoutGro { get; } = set.Ps("rx_driver") + set.Ps("rx_skb");
    public long SkBuff { get; } = set.Ps("rx_skb");
    public long GroReceive { get; } = set.Ps("rx_gro");
    public long ReceiveBare { get; } = set.Ps("rx_driver");
    public long FlowFilter { get; } = set.Ps("flow_filter");
    public long ReceiveBuffer { get; } = set.Ps("rx_buffer");
    public long ReceiveCold { get; } = set.Ps("rx_cold");
    public long PollModeBurst { get; } = set.Ps("pmd_burst");
    public long PollModePacket { get; } = set.Ps("pmd_packet");
    public long CardLatency { get; } = set.Ps("card_latency");
    public long XdpRun { get; } = set.Ps("xdp_run");
    public long XdpTx { get; } = set.Ps("xdp_tx");
    public long XdpRedirect { get; } = set.Ps("xdp_redirect");
    public long XdpTransmit { get; } = set.Ps("xdp_xmit");
    public long CpuMapEnqueue { get; } = set.Ps("cpumap_enqueue");
    public long CpuMapFrame { get; } = set.Ps("cpumap_frame");
    public long XskReceive { get; } = set.Ps("xsk_receive");
    public long XskSend { get; } = set.Ps("xsk_send");
    public long XskSendSkb { get; } = set.Ps("xsk_send_skb");
    public long XskFrame { get; } = set.Ps("xsk_frame");
    public long XskTurn { get; } = set.Ps("xsk_turn");
    public long ReceiveInStack { get; } = set.Ps("rx_stack");
    public long VlanReceive { get; } = set.Ps("vlan_receive");
    public long VlanUntag { get; } = set.Ps("vlan_untag");
    public long VlanSend { get; } = set.Ps("vlan_send");
    public long VlanInsert { get; } = set.Ps("vlan_insert");
    public long IpForward { get; } = set.Ps("ip_forward");
    public long GroMerge { get; } = set.Ps("gro_merge");
    public long RpsEnqueue { get; } = set.Ps("rps_enqueue");
    public long UdpDeliver { get; } = set.Ps("udp_deliver");
    public long TcpReceive { get; } = set.Ps("tcp_receive");
    public long TcpAck { get; } = set.Ps("tcp_ack");
    public long UdpSend { get; } = set.Ps("udp_send");
    public long GsoSegment { get; } = set.Ps("gso_segment");
    public long TransmitInDriver { get; } = set.Ps("tx_driver");
    public long TransmitComplete { get; } = set.Ps("tx_complete");
    public long PktgenBuild { get; } = set.Ps("pktgen_build");
    public double CopyPsPerByte { get; } = set.PsPerByte("copy_per_byte");

    // tasks
    public long Syscall { get; } = set.Ps("syscall");
    public long EpollWait { get; } = set.Ps("epoll_wait");
    public long AppWork { get; } = set.Ps("app_work");
    public long ThreadWake { get; } = set.Ps("thread_wake");
    public long WakeLocal { get; } = set.Ps("wake_local");
    public long WakeRemote { get; } = set.Ps("wake_remote");
    /// <summary>What waking a task costs on the processor of who does it; nothing where it is awake, or being woken.</summary>
    public long Wake(KernelTask task, Cpu from) => !task.IsSleeping || task.IsWaking ? 0 : task.Cpu == from ? WakeLocal : WakeRemote;

    public long Migration { get; } = set.Ps("migration");
    public long ContextSwitch { get; } = set.Ps("context_switch");
}
