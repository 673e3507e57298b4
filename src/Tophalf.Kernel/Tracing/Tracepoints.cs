using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Networking.Xdp;

namespace Tophalf.Kernel.Tracing;

/// <summary>
/// The tracepoints of the interrupt subsystem, by name: include/trace/events/irq.h, irq_matrix.h, napi.h, nmi.h, sched.h and xdp.h, arch/x86/include/asm/trace/irq_vectors.h.
/// Names, fields and formats are Linux's.
/// </summary>
public sealed class Tracepoints
{
    private const string Vec = "\"vec=%u [action=%s]\", REC->vec, __print_symbolic(REC->vec, { 0, \"HI\" }, { 1, \"TIMER\" }, { 2, \"NET_TX\" }, { 3, \"NET_RX\" }, "
        + "{ 4, \"BLOCK\" }, { 5, \"IRQ_POLL\" }, { 6, \"TASKLET\" }, { 7, \"SCHED\" }, { 8, \"HRTIMER\" }, { 9, \"RCU\" })";

    private const string GlobalFields = "unsigned int online_maps; unsigned int global_available; unsigned int global_reserved; unsigned int total_allocated";
    private const string GlobalFormat = "global_avl=%u, global_rsvd=%u, total_alloc=%u";
    private const string GlobalArguments = "REC->online_maps, REC->global_available, REC->global_reserved, REC->total_allocated";

    private readonly List<Tracepoint> _all = [];
    private int _nextId = 40;

    internal Tracepoints()
    {
        (VectorFreeMoved, VectorSetup, VectorTeardown) = (
            Add("irq_vectors", "vector_free_moved", "unsigned int irq; unsigned int cpu; unsigned int vector; bool is_managed",
                "\"irq=%u cpu=%u vector=%u is_managed=%d\", REC->irq, REC->cpu, REC->vector, REC->is_managed",
                static (in TraceRecord r) => $"irq={r[0]} cpu={r[1]} vector={r[2]} is_managed={r[3]}"),
            Add("irq_vectors", "vector_setup", "unsigned int irq; bool is_legacy; int ret", "\"irq=%u is_legacy=%d ret=%d\", REC->irq, REC->is_legacy, REC->ret",
                static (in TraceRecord r) => $"irq={r[0]} is_legacy={r[1]} ret={r[2]}"),
            Add("irq_vectors", "vector_teardown", "unsigned int irq; bool is_managed; bool has_reserved",
                "\"irq=%u is_managed=%d has_reserved=%d\", REC->irq, REC->is_managed, REC->has_reserved",
                static (in TraceRecord r) => $"irq={r[0]} is_managed={r[1]} has_reserved={r[2]}"));
        (VectorDeactivate, VectorActivate) = (Activation("vector_deactivate"), Activation("vector_activate"));
        (VectorAllocManaged, VectorAlloc) = (
            Add("irq_vectors", "vector_alloc_managed", "unsigned int irq; unsigned int vector; int ret", "\"irq=%u vector=%u ret=%d\", REC->irq, REC->vector, REC->ret",
                static (in TraceRecord r) => $"irq={r[0]} vector={r[1]} ret={r[2]}"),
            Add("irq_vectors", "vector_alloc", "unsigned int irq; unsigned int vector; bool reserved; int ret",
                "\"irq=%u vector=%u reserved=%d ret=%d\", REC->irq, REC->vector, REC->reserved, REC->ret",
                static (in TraceRecord r) => $"irq={r[0]} vector={r[1]} reserved={r[2]} ret={r[3]}"));
        (VectorReserve, VectorReserveManaged) = (Reservation("vector_reserve"), Reservation("vector_reserve_managed"));
        (VectorClear, VectorUpdate) = (Assignment("vector_clear"), Assignment("vector_update"));
        VectorConfig = Add("irq_vectors", "vector_config", "unsigned int irq; unsigned int vector; unsigned int cpu; unsigned int apicdest",
            "\"irq=%u vector=%u cpu=%u apicdest=0x%08x\", REC->irq, REC->vector, REC->cpu, REC->apicdest",
            static (in TraceRecord r) => $"irq={r[0]} vector={r[1]} cpu={r[2]} apicdest=0x{r[3]:x8}");
        Thermal = System("thermal_apic");
        DeferredError = System("deferred_error_apic");
        Threshold = System("threshold_apic");
        CallFunctionSingle = System("call_function_single");
        CallFunction = System("call_function");
        Reschedule = System("reschedule");
        IrqWork = System("irq_work");
        PlatformIpi = System("x86_platform_ipi");
        ErrorApic = System("error_apic");
        SpuriousApic = System("spurious_apic");
        LocalTimer = System("local_timer");
        NmiHandler = Add("nmi", "nmi_handler", "void * handler; s64 delta_ns; int handled", "\"%ps() delta_ns: %lld handled: %d\", REC->handler, REC->delta_ns, REC->handled",
            static (in TraceRecord r) => $"{r.String}() delta_ns: {r[1]} handled: {r[2]}");
        (TaskletExit, TaskletEntry) = (Tasklet("tasklet_exit"), Tasklet("tasklet_entry"));
        (SoftirqRaise, SoftirqExit, SoftirqEntry) = (Softirq("softirq_raise"), Softirq("softirq_exit"), Softirq("softirq_entry"));
        IrqHandlerExit = Add("irq", "irq_handler_exit", "int irq; int ret", "\"irq=%d ret=%s\", REC->irq, REC->ret ? \"handled\" : \"unhandled\"",
            static (in TraceRecord r) => $"irq={r[0]} ret={(r[1] != 0 ? "handled" : "unhandled")}");
        IrqHandlerEntry = Add("irq", "irq_handler_entry", "int irq; __data_loc char[] name", "\"irq=%d name=%s\", REC->irq, __get_str(name)",
            static (in TraceRecord r) => $"irq={r[0]} name={r.String}");
        SchedSwitch = Add("sched", "sched_switch",
            "char prev_comm[16]; pid_t prev_pid; int prev_prio; long prev_state; char next_comm[16]; pid_t next_pid; int next_prio", SwitchFormat,
            static (in TraceRecord r) => $"prev_comm={r.String} prev_pid={r[0]} prev_prio={r[1]} prev_state={(r[2] == 0 ? "R" : r[2] == 1 ? "S" : "R+")} ==> next_comm={r.SecondString} next_pid={r[3]} next_prio={r[4]}");
        (SchedWakeup, SchedWaking) = (Wakeup("sched_wakeup"), Wakeup("sched_waking"));
        (MatrixFree, MatrixAlloc, MatrixAssign) = (Matrix("irq_matrix_free"), Matrix("irq_matrix_alloc"), Matrix("irq_matrix_assign"));
        (MatrixAllocManaged, MatrixRemoveManaged, MatrixReserveManaged) = (Matrix("irq_matrix_alloc_managed"), Matrix("irq_matrix_remove_managed"), Matrix("irq_matrix_reserve_managed"));
        MatrixAssignSystem = Add("irq_matrix", "irq_matrix_assign_system", $"int bit; {GlobalFields}", $"\"bit=%d online_maps=%d {GlobalFormat}\", REC->bit, {GlobalArguments}",
            static (in TraceRecord r) => $"bit={r[0]} online_maps={r[1]} global_avl={r[2]}, global_rsvd={r[3]}, total_alloc={r[4]}");
        (MatrixRemoveReserved, MatrixReserve) = (MatrixGlobal("irq_matrix_remove_reserved"), MatrixGlobal("irq_matrix_reserve"));
        (MatrixOffline, MatrixOnline) = (MatrixGlobal("irq_matrix_offline"), MatrixGlobal("irq_matrix_online"));
        NapiPoll = Add("napi", "napi_poll", "struct napi_struct * napi; __data_loc char[] dev_name; int work; int budget",
            "\"napi poll on napi struct %p for device %s work %d budget %d\", REC->napi, __get_str(dev_name), REC->work, REC->budget",
            static (in TraceRecord r) => $"napi poll on napi struct {r[0]:x16} for device {r.String} work {r[1]} budget {r[2]}");
        XdpDevmapXmit = Add("xdp", "xdp_devmap_xmit", "int from_ifindex; u32 act; int to_ifindex; int drops; int sent; int err",
            $"\"ndo_xdp_xmit from_ifindex=%d to_ifindex=%d action=%s sent=%d drops=%d err=%d\", REC->from_ifindex, REC->to_ifindex, {XdpActions}, REC->sent, REC->drops, REC->err",
            static (in TraceRecord r) => $"ndo_xdp_xmit from_ifindex={r[0]} to_ifindex={r[2]} action={XdpActionOf(r[1])} sent={r[4]} drops={r[3]} err={r[5]}");
        XdpCpumapEnqueue = Add("xdp", "xdp_cpumap_enqueue", "int map_id; u32 act; int cpu; unsigned int drops; unsigned int processed; int to_cpu",
            $"\"enqueue cpu=%d map_id=%d action=%s processed=%u drops=%u to_cpu=%d\", REC->cpu, REC->map_id, {XdpActions}, REC->processed, REC->drops, REC->to_cpu",
            static (in TraceRecord r) => $"enqueue cpu={r[2]} map_id={r[0]} action={XdpActionOf(r[1])} processed={r[4]} drops={r[3]} to_cpu={r[5]}");
        XdpCpumapKthread = Add("xdp", "xdp_cpumap_kthread",
            "int map_id; u32 act; int cpu; unsigned int drops; unsigned int processed; int sched; unsigned int xdp_pass; unsigned int xdp_drop; unsigned int xdp_redirect",
            $"\"kthread cpu=%d map_id=%d action=%s processed=%u drops=%u sched=%d xdp_pass=%u xdp_drop=%u xdp_redirect=%u\", REC->cpu, REC->map_id, {XdpActions}, REC->processed, "
            + "REC->drops, REC->sched, REC->xdp_pass, REC->xdp_drop, REC->xdp_redirect",
            static (in TraceRecord r) =>
                $"kthread cpu={r[2]} map_id={r[0]} action={XdpActionOf(r[1])} processed={r[4]} drops={r[3]} sched={r[5]} xdp_pass={r[6]} xdp_drop={r[7]} xdp_redirect={r[8]}");
        (XdpRedirectErr, XdpRedirect) = (Redirection("xdp_redirect_err"), Redirection("xdp_redirect"));
        XdpException = Add("xdp", "xdp_exception", "int prog_id; u32 act; int ifindex",
            $"\"prog_id=%d action=%s ifindex=%d\", REC->prog_id, {XdpActions}, REC->ifindex",
            static (in TraceRecord r) => $"prog_id={r[0]} action={XdpActionOf(r[1])} ifindex={r[2]}");
    }

    /// <summary>All, in the order of available_events.</summary>
    public IReadOnlyList<Tracepoint> All => _all;

    public Tracepoint IrqHandlerEntry { get; }
    public Tracepoint IrqHandlerExit { get; }
    public Tracepoint SoftirqRaise { get; }
    public Tracepoint SoftirqEntry { get; }
    public Tracepoint SoftirqExit { get; }
    public Tracepoint TaskletEntry { get; }
    public Tracepoint TaskletExit { get; }
    public Tracepoint NmiHandler { get; }
    public Tracepoint NapiPoll { get; }
    public Tracepoint XdpRedirect { get; }
    public Tracepoint XdpRedirectErr { get; }
    public Tracepoint XdpDevmapXmit { get; }
    public Tracepoint XdpCpumapEnqueue { get; }
    public Tracepoint XdpCpumapKthread { get; }
    public Tracepoint XdpException { get; }
    public Tracepoint SchedWaking { get; }
    public Tracepoint SchedWakeup { get; }
    public Tracepoint SchedSwitch { get; }

    /// <summary>Entry and exit of the system vectors.</summary>
    public (Tracepoint Entry, Tracepoint Exit) LocalTimer { get; }
    public (Tracepoint Entry, Tracepoint Exit) Reschedule { get; }
    public (Tracepoint Entry, Tracepoint Exit) CallFunction { get; }
    public (Tracepoint Entry, Tracepoint Exit) CallFunctionSingle { get; }
    public (Tracepoint Entry, Tracepoint Exit) IrqWork { get; }
    public (Tracepoint Entry, Tracepoint Exit) SpuriousApic { get; }
    public (Tracepoint Entry, Tracepoint Exit) ErrorApic { get; }
    public (Tracepoint Entry, Tracepoint Exit) PlatformIpi { get; }
    public (Tracepoint Entry, Tracepoint Exit) Thermal { get; }
    public (Tracepoint Entry, Tracepoint Exit) Threshold { get; }
    public (Tracepoint Entry, Tracepoint Exit) DeferredError { get; }

    public Tracepoint VectorAlloc { get; }
    public Tracepoint VectorAllocManaged { get; }
    public Tracepoint VectorActivate { get; }
    public Tracepoint VectorDeactivate { get; }
    public Tracepoint VectorUpdate { get; }
    public Tracepoint VectorClear { get; }
    public Tracepoint VectorConfig { get; }
    public Tracepoint VectorReserve { get; }
    public Tracepoint VectorReserveManaged { get; }
    public Tracepoint VectorFreeMoved { get; }
    public Tracepoint VectorSetup { get; }
    public Tracepoint VectorTeardown { get; }

    public Tracepoint MatrixAlloc { get; }
    public Tracepoint MatrixAllocManaged { get; }
    public Tracepoint MatrixAssign { get; }
    public Tracepoint MatrixAssignSystem { get; }
    public Tracepoint MatrixFree { get; }
    public Tracepoint MatrixOnline { get; }
    public Tracepoint MatrixOffline { get; }
    public Tracepoint MatrixReserve { get; }
    public Tracepoint MatrixRemoveReserved { get; }
    public Tracepoint MatrixReserveManaged { get; }
    public Tracepoint MatrixRemoveManaged { get; }

    // ---- classes of events that share a record ---------------------------------------------------------------------------------

    private const string States = "(((0x00000000 | 0x00000001 | 0x00000002 | 0x00000004 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1)";

    private const string SwitchFormat = "\"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s next_pid=%d next_prio=%d\", REC->prev_comm, REC->prev_pid, "
        + "REC->prev_prio, (REC->prev_state & (" + States + " - 1)) ? __print_flags(REC->prev_state & (" + States + " - 1), \"|\", { 0x00000001, \"S\" }, { 0x00000002, \"D\" }, "
        + "{ 0x00000004, \"T\" }, { 0x00000008, \"t\" }, { 0x00000010, \"X\" }, { 0x00000020, \"Z\" }, { 0x00000040, \"P\" }, { 0x00000080, \"I\" }) : \"R\", "
        + "REC->prev_state & " + States + " ? \"+\" : \"\", REC->next_comm, REC->next_pid, REC->next_prio";

    private const string XdpActions = "__print_symbolic(REC->act, { 0, \"ABORTED\" }, { 1, \"DROP\" }, { 2, \"PASS\" }, { 3, \"TX\" }, { 4, \"REDIRECT\" }, { -1, ((void *)0) })";

    private static string XdpActionOf(long action) => ((XdpAction)action).ToString().ToUpperInvariant();

    private Tracepoint Add(string system, string name, string fields, string format, TraceText text)
    {
        var added = new Tracepoint(system, name, fields, format, text) { Id = _nextId++ };
        _all.Add(added);
        return added;
    }

    private (Tracepoint Entry, Tracepoint Exit) System(string vector)
    {
        Tracepoint One(string name) => Add("irq_vectors", name, "int vector", "\"vector=%d\", REC->vector", static (in TraceRecord r) => $"vector={r[0]}");
        Tracepoint exit = One(vector + "_exit");
        return (One(vector + "_entry"), exit);
    }

    private Tracepoint Softirq(string name) =>
        Add("irq", name, "unsigned int vec", Vec, static (in TraceRecord r) => $"vec={r[0]} [action={(SoftirqVector)r[0]}]");

    private Tracepoint Tasklet(string name) => Add("irq", name, "void * tasklet; void * func", "\"tasklet=%ps function=%ps\", REC->tasklet, REC->func",
        static (in TraceRecord r) => $"tasklet=0x{r[0]:x} function={r.String}");

    private Tracepoint Redirection(string name) => Add("xdp", name, "int prog_id; u32 act; int ifindex; int err; int to_ifindex; u32 map_id; int map_index",
        $"\"prog_id=%d action=%s ifindex=%d to_ifindex=%d err=%d map_id=%d map_index=%d\", REC->prog_id, {XdpActions}, REC->ifindex, REC->to_ifindex, REC->err, REC->map_id, REC->map_index",
        static (in TraceRecord r) => $"prog_id={r[0]} action={XdpActionOf(r[1])} ifindex={r[2]} to_ifindex={r[4]} err={r[3]} map_id={r[5]} map_index={r[6]}");

    private Tracepoint Wakeup(string name) => Add("sched", name, "char comm[16]; pid_t pid; int prio; int target_cpu",
        "\"comm=%s pid=%d prio=%d target_cpu=%03d\", REC->comm, REC->pid, REC->prio, REC->target_cpu",
        static (in TraceRecord r) => $"comm={r.String} pid={r[0]} prio={r[1]} target_cpu={r[2]:d3}");

    private Tracepoint Activation(string name) => Add("irq_vectors", name, "unsigned int irq; bool is_managed; bool can_reserve; bool reserve",
        "\"irq=%u is_managed=%d can_reserve=%d reserve=%d\", REC->irq, REC->is_managed, REC->can_reserve, REC->reserve",
        static (in TraceRecord r) => $"irq={r[0]} is_managed={r[1]} can_reserve={r[2]} reserve={r[3]}");

    private Tracepoint Reservation(string name) =>
        Add("irq_vectors", name, "unsigned int irq; int ret", "\"irq=%u ret=%d\", REC->irq, REC->ret", static (in TraceRecord r) => $"irq={r[0]} ret={r[1]}");

    private Tracepoint Assignment(string name) =>
        Add("irq_vectors", name, "unsigned int irq; unsigned int vector; unsigned int cpu; unsigned int prev_vector; unsigned int prev_cpu",
            "\"irq=%u vector=%u cpu=%u prev_vector=%u prev_cpu=%u\", REC->irq, REC->vector, REC->cpu, REC->prev_vector, REC->prev_cpu",
            static (in TraceRecord r) => $"irq={r[0]} vector={r[1]} cpu={r[2]} prev_vector={r[3]} prev_cpu={r[4]}");

    private Tracepoint Matrix(string name) =>
        Add("irq_matrix", name, $"int bit; unsigned int cpu; bool online; unsigned int available; unsigned int allocated; unsigned int managed; {GlobalFields}",
            $"\"bit=%d cpu=%u online=%d avl=%u alloc=%u managed=%u online_maps=%u {GlobalFormat}\", REC->bit, REC->cpu, REC->online, REC->available, REC->allocated, REC->managed, {GlobalArguments}",
            static (in TraceRecord r) =>
                $"bit={r[0]} cpu={r[1]} online={r[2]} avl={r[3]} alloc={r[4]} managed={r[5]} online_maps={r[6]} global_avl={r[7]}, global_rsvd={r[8]}, total_alloc={r[9]}");

    private Tracepoint MatrixGlobal(string name) => Add("irq_matrix", name, GlobalFields, $"\"online_maps=%d {GlobalFormat}\", {GlobalArguments}",
        static (in TraceRecord r) => $"online_maps={r[0]} global_avl={r[1]}, global_rsvd={r[2]}, total_alloc={r[3]}");
}
