using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Kernel.Storage;
using Tophalf.Simulation;
using Tophalf.Twin.Workloads;

namespace Tophalf.Twin.Checkers;

/// <summary>A machine's books do not balance: the simulator is wrong, whatever the scenario was.</summary>
public sealed class AuditException(IReadOnlyList<string> violations) : Exception(string.Join("\n", violations))
{
    public IReadOnlyList<string> Violations { get; } = violations;
}

/// <summary>
/// The checkers: what must hold at any moment of any run, worked out from accounts kept by parts that know nothing of each other.
/// Each takes plain numbers, so that a wrong account can be put before it.
/// </summary>
public static class Audit
{
    /// <summary>Throws <see cref="AuditException"/> if any book of the machine is wrong now.</summary>
    public static void Check(TwinMachine machine)
    {
        machine.Kernel.Sync();
        string[] violations = [.. Violations(machine)];
        if (violations.Length > 0) throw new AuditException(violations);
    }

    private static IEnumerable<string> Violations(TwinMachine machine)
    {
        var found = new List<string?>();
        foreach (NetDevice device in machine.NetDevices)
        {
            int sockets = device.Receivers.Sum(receiver => receiver.Socket.Count);
            found.AddRange(Rings(device.Controller));
            found.Add(PacketsAboveTheDriver(device.Name, device.RxTaken, device.Delivered + device.XdpReturned + device.RedirectedOn, device.SocketDropped + device.BacklogDropped + device.XdpDropped + device.RedirectLost + device.GroFreed + device.OtherHostDropped + device.VlanDownDropped, sockets + device.InBacklog + device.InGro + device.InRedirect));
        }
        foreach (XskSocket socket in machine.NetDevices.SelectMany(device => device.Sockets))
        {
            string name = $"AF_XDP socket of {socket.DeviceName} queue {socket.Queue}";
            found.Add(EachFrameHasItsPlace(name, socket.Frames, socket.Fill + socket.Pool + socket.InCard + socket.Received + socket.Reserved + socket.ToSend + socket.Sending + socket.Completed + socket.Free));
            found.Add(TheCardHasWhatItWasGiven(name, socket.InCard, socket.FramesOfTheCard));
        }
        foreach (NetDevice device in machine.NetDevices)
        {
            if (device.Peer is { } peer) found.Add(FramesArriveAtTheOtherEnd(device.Name, device.TxSent, peer.Offered));
        }
        foreach (PollModePort port in machine.PollModePorts)
        {
            found.AddRange(Rings(port.Controller));
            found.Add(PacketsAboveTheDriver(port.Name, port.RxTaken, port.Forwarded, port.Dropped + port.NoRoom, 0));
        }
        foreach (RequestClients clients in machine.Clients) found.Add(EachRequestHasItsAnswer(clients.To, clients.Requests, clients.Answers, clients.Waiting));
        foreach (NetDevice device in machine.NetDevices)
        {
            RequestClients[] clients = [.. machine.Clients.Where(clients => clients.To == device.Name)];
            BulkStreams[] streams = [.. machine.Streams.Where(streams => streams.To == device.Name)];
            if (clients.Length + streams.Length == 0) continue;
            found.Add(AnswersAreFramesSent(device.Name, clients.Sum(one => one.Answers + one.LateAnswers) + streams.Sum(one => one.Acks + one.Returned), device.TxMessages - device.SentForOthers));
            found.Add(RequestsAreFramesOffered(device.Name, clients.Sum(one => one.Requests + one.Repeats + one.Acks) + streams.Sum(one => one.Segments), device.Controller.Port.Offered));
            found.Add(SegmentsLeaveGroOnce(device.Name, device.GroReceived, device.GroLeft, device.InGro));
            found.Add(StreamsAreAcknowledgedAsReceived(device.Name, streams.Sum(one => one.Acknowledged), device.StreamSegments, streams.Sum(one => one.Acks), device.StreamAcks));
        }
        foreach (BlockDevice disk in machine.Kernel.BlockDevices)
            found.Add(EachReadIsFinishedOnce(disk.Name, disk.Submitted, disk.Completed, disk.InFlight));
        foreach (Cpu cpu in machine.Kernel.Cpus)
        {
            LocalApic apic = cpu.Apic;
            found.Add(RequestsBalance(cpu.Id, apic.Accepted, apic.Acknowledged, apic.Merged, apic.Pending));
            found.Add(NoEoiWithoutService(cpu.Id, apic.EoiWithoutService));
            found.Add(EveryPicosecondOnce(cpu.Id, cpu.Time.TotalPs, cpu.AccountedUntilPs));
            found.Add(NoSoftirqWhileDisabled(cpu.Id, cpu.Softirqs.RanWhileDisabled));
            found.Add(NmisBalance(cpu.Id, cpu.Processor.NmisSignalled, cpu.Nmi.Delivered, cpu.Processor.NmisMerged, cpu.Processor.IsNmiPending ? 1 : 0));
            found.Add(EveryNmiRoundHasItsNmi(cpu.Id, cpu.Nmi.Rounds, cpu.Nmi.Delivered));
            // A kernel that has reported a bug of somebody's, or panicked, has lost count.
            if (cpu.IsIdle && machine.Kernel.Taint == Taint.None && machine.Kernel.PanicReason is null)
            {
                found.Add(NothingDisabledAtIdle(cpu.Id, cpu.PreemptCount));
                found.Add(NoStackInUseAtIdle(cpu.Id, cpu.Stacks.IrqBytes));
            }
            found.Add(NoSoftirqForgotten(cpu.Id, cpu.IsIdle && !cpu.AreBottomHalvesBlocked && machine.Kernel.OnlineMask.Contains(cpu.Id), cpu.Softirqs.Pending));
        }
        foreach (Delay delay in machine.Kernel.Delays.Wakeups.Concat(machine.Kernel.Delays.Interrupts))
            found.Add(PartsMakeTheWhole(delay.Who, delay.TotalPs, delay.Parts.Sum(part => part.Ps)));
        found.Add(PrioritiesAreLentAsLocksAsk(machine.Kernel.WrongPriorities));
        found.AddRange(WakeUpsAndQueues(machine.Kernel));
        found.Add(NoTaskletTwice(machine.Kernel.Tasklets.RanTwice));
        found.Add(WorkBalances(machine.Kernel.Workqueues.Queued, machine.Kernel.Workqueues.Through, machine.Kernel.Workqueues.Cancelled, machine.Kernel.Workqueues.InFlight));
        found.Add(CallbacksBalance(machine.Kernel.Rcu.Queued, machine.Kernel.Rcu.Invoked, machine.Kernel.Rcu.Waiting));
        found.Add(GracePeriodsAreWhole(machine.Kernel.Rcu.CalledEarly, machine.Kernel.Rcu.EndedEarly));
        found.Add(NobodyOversleeps(machine.Kernel.Broadcast.Overslept));
        found.Add(NoUndefinedAccess(machine.HardwareLog.Count, machine.HardwareLog.Events.FirstOrDefault().ToString()));
        foreach (IrqDesc desc in machine.Kernel.Irqs.All) found.Add(HandlersInsideTheMask(desc.Irq, desc.StrayDeliveries));
        return found.OfType<string>();
    }

    private static IEnumerable<string?> Rings(NetworkController controller)
    {
        foreach (QueueVector vector in controller.Vectors)
        {
            RxQueue rx = vector.Rx;
            yield return PacketsInTheRing($"{controller.Name} queue {rx.Index}", rx.Arrived, rx.Taken, rx.Dropped, rx.Count);
            yield return FramesInTheTransmitRing($"{controller.Name} queue {rx.Index}", vector.Tx.Sent, vector.Tx.Cleaned, vector.Tx.Waiting);
            if (vector.HasXdpTx) yield return FramesInTheTransmitRing($"{controller.Name} queue {rx.Index}, XDP", vector.XdpTx.Sent, vector.XdpTx.Cleaned, vector.XdpTx.Waiting);
            yield return RingWithinItsSize($"{controller.Name} queue {rx.Index}", rx.MostWaiting, rx.LargestRing);
        }
    }

    /// <summary>Packets in = taken by the driver + dropped + waiting in the ring.</summary>
    public static string? PacketsInTheRing(string queue, long arrived, long taken, long dropped, int waiting) =>
        arrived == taken + dropped + waiting ? null : $"{queue}: {arrived} packets arrived, but {taken} taken + {dropped} dropped + {waiting} waiting";

    /// <summary>Taken by the driver = delivered, sent back or sent on + dropped by a program, in a map, at a socket or a backlog + waiting in one.</summary>
    public static string? PacketsAboveTheDriver(string device, long taken, long delivered, long dropped, long waiting) =>
        taken == delivered + dropped + waiting ? null : $"{device}: the driver took {taken} packets, but {delivered} delivered + {dropped} dropped above it + {waiting} waiting there";

    /// <summary>Each frame of a UMEM is in one ring, with the card, or with the process.</summary>
    public static string? EachFrameHasItsPlace(string socket, int frames, int found) =>
        frames == found ? null : $"{socket}: {frames} frames, but {found} in its rings, its pool and the card";

    /// <summary>Frames that a card was given are free there, or have a packet in them.</summary>
    public static string? TheCardHasWhatItWasGiven(string socket, int given, int there) =>
        given == there ? null : $"{socket}: {given} frames with the card, but {there} in its ring";

    /// <summary>Requests = answered + clients that wait: each has one on its way at most.</summary>
    public static string? EachRequestHasItsAnswer(string device, long requests, long answers, int waiting) =>
        requests == answers + waiting ? null : $"{device}: {requests} requests sent, but {answers} answered + {waiting} clients waiting";

    /// <summary>Requests = finished + somewhere between doorbell and completion, as those say who wait.</summary>
    public static string? EachReadIsFinishedOnce(string disk, long submitted, long completed, int inFlight) =>
        submitted == completed + inFlight ? null : $"{disk}: {submitted} requests submitted, but {completed} finished + {inFlight} in flight";

    /// <summary>What a card of clients sends are answers, and each reaches a client; what it forwards does not count.</summary>
    public static string? AnswersAreFramesSent(string device, long answers, long sent) =>
        answers == sent ? null : $"{device}: {sent} frames sent, but clients got {answers}";

    /// <summary>What a card of clients is offered are requests, their repetitions, and acknowledgements.</summary>
    public static string? RequestsAreFramesOffered(string device, long sent, long offered) =>
        sent == offered ? null : $"{device}: clients sent {sent} requests, but {offered} frames were offered";

    /// <summary>What one card of a cable sends is offered to the other, and nothing else.</summary>
    public static string? FramesArriveAtTheOtherEnd(string device, long sent, long offered) =>
        sent == offered ? null : $"{device}: {sent} frames sent, but {offered} offered at the other end of its cable";

    /// <summary>Segments that came to GRO = those that left it, merged or not + those it holds.</summary>
    public static string? SegmentsLeaveGroOnce(string device, long received, long left, long held) =>
        received == left + held ? null : $"{device}: GRO received {received} segments, but {left} left it + {held} held";

    /// <summary>Nothing is acknowledged that TCP did not take for new, and every acknowledgement is for a stream.</summary>
    public static string? StreamsAreAcknowledgedAsReceived(string device, long acknowledged, long taken, long heard, long sent) =>
        acknowledged <= taken && heard == sent ? null : $"{device}: streams heard {heard} acknowledgements for {acknowledged} segments, but TCP took {taken} and sent {sent}";

    /// <summary>Frames handed to the controller = cleaned up + still in the ring.</summary>
    public static string? FramesInTheTransmitRing(string queue, long sent, long cleaned, int waiting) =>
        sent == cleaned + waiting ? null : $"{queue}: {sent} frames sent, but {cleaned} cleaned + {waiting} waiting";

    public static string? RingWithinItsSize(string queue, int mostWaiting, int size) =>
        mostWaiting <= size ? null : $"{queue}: {mostWaiting} packets stood in a ring of {size}";

    /// <summary>Every IRR bit ever set was delivered, merged into one already set, or is still pending.</summary>
    public static string? RequestsBalance(int cpu, long accepted, long acknowledged, long merged, int pending) =>
        accepted == acknowledged + merged + pending
            ? null
            : $"local APIC {cpu}: {accepted} requests accepted, but {acknowledged} acknowledged + {merged} merged + {pending} pending";

    public static string? NoEoiWithoutService(int cpu, long count) => count == 0 ? null : $"local APIC {cpu}: {count} EOI(s) with nothing in service";

    public static string? EveryPicosecondOnce(int cpu, long accountedPs, long clockPs) =>
        accountedPs == clockPs ? null : $"CPU {cpu}: {accountedPs} ps accounted of {clockPs} ps ({SimTime.Format(Math.Abs(clockPs - accountedPs))} off)";

    public static string? HandlersInsideTheMask(int irq, long strays) => strays == 0 ? null : $"irq {irq}: its handler ran {strays} time(s) on a CPU outside the effective mask";

    /// <summary>A delay that is explained is explained to the last picosecond.</summary>
    public static string? PartsMakeTheWhole(string who, long totalPs, long partsPs) =>
        totalPs == partsPs ? null : $"{who} was delayed by {totalPs} ps, but its causes add up to {partsPs} ps";

    /// <summary>local_bh_disable keeps softirqs away, and a softirq is not interrupted by another.</summary>
    public static string? NoSoftirqWhileDisabled(int cpu, long count) => count == 0 ? null : $"CPU {cpu}: softirqs ran {count} time(s) while bottom halves were disabled";

    /// <summary>A processor goes idle only when nothing is left to do (NOHZ tick-stop error: local softirq work is pending).</summary>
    public static string? NoSoftirqForgotten(int cpu, bool idle, uint pending) => !idle || pending == 0 ? null : $"CPU {cpu}: idle with softirqs pending, mask 0x{pending:x}";

    /// <summary>Every NMI was delivered, merged into one that was latched, or is latched.</summary>
    public static string? NmisBalance(int cpu, long signalled, long delivered, long merged, int latched) =>
        signalled == delivered + merged + latched ? null : $"CPU {cpu}: {signalled} NMIs came, but {delivered} delivered + {merged} merged + {latched} latched";

    /// <summary>Handlers run once more for NMIs that came meanwhile, and never for none.</summary>
    public static string? EveryNmiRoundHasItsNmi(int cpu, long rounds, long delivered) =>
        rounds <= delivered ? null : $"CPU {cpu}: {rounds} rounds of NMI handlers for {delivered} NMIs";

    /// <summary>Whatever disabled preemption or bottom halves, or entered an interrupt, has undone it before the processor idles.</summary>
    public static string? NothingDisabledAtIdle(int cpu, uint preemptCount) => preemptCount == 0 ? null : $"CPU {cpu}: idle with preempt_count 0x{preemptCount:x8}";

    public static string? NoStackInUseAtIdle(int cpu, int bytes) => bytes == 0 ? null : $"CPU {cpu}: idle with {bytes} bytes in use on its interrupt stack";

    /// <summary>Whoever holds a lock that sleeps has the priority of the first who waits for it, and nobody else has one that is not its own.</summary>
    public static string? PrioritiesAreLentAsLocksAsk(int wrong) => wrong == 0 ? null : $"{wrong} task(s) with a priority that neither is theirs nor comes from a lock";

    public static string? NoTaskletTwice(long count) => count == 0 ? null : $"tasklets ran {count} time(s) on two processors at once";

    /// <summary>Where each wake-up ended, and in which queues each task stands.</summary>
    public static IEnumerable<string?> WakeUpsAndQueues(Kernel.Kernel kernel)
    {
        yield return WakeUpsBalance(kernel.WakeUpsBegun, kernel.Cpus.Sum(cpu => cpu.Runqueue.Woken), kernel.Tasks.Count(task => task.IsWaking), kernel.WakeUpsParked);
        var places = kernel.Cpus.SelectMany(cpu => cpu.Runqueue.Tasks).CountBy(task => task).ToDictionary();
        foreach (KernelTask task in kernel.Tasks)
            yield return InOneQueueIfRunnable(task.Comm, !task.IsSleeping && !task.IsThrottled, places.GetValueOrDefault(task));
    }

    /// <summary>Each wake-up makes its task runnable, is still on its way, or found it parked; what finds its task awake or on its way is none.</summary>
    public static string? WakeUpsBalance(long begun, long ended, long under, long parked) =>
        begun == ended + under + parked ? null : $"{begun} wake-ups begun, but {ended} made a task runnable + {under} under way + {parked} found it parked";

    /// <summary>A task that runs or wants to stands in one run queue, and one that sleeps in none.</summary>
    public static string? InOneQueueIfRunnable(string task, bool isRunnable, int queues) =>
        queues == (isRunnable ? 1 : 0) ? null : $"{task} is {(isRunnable ? "runnable" : "not runnable")} and stands in {queues} run queues";

    /// <summary>Work queued = done + cancelled + waiting or running.</summary>
    public static string? WorkBalances(long queued, long through, long cancelled, long inFlight) =>
        queued == through + cancelled + inFlight ? null : $"{queued} work items queued, but {through} through + {cancelled} cancelled + {inFlight} in flight";

    /// <summary>Callbacks of RCU queued = called + waiting.</summary>
    public static string? CallbacksBalance(long queued, long invoked, long waiting) =>
        queued == invoked + waiting ? null : $"{queued} RCU callbacks queued, but {invoked} called + {waiting} waiting";

    /// <summary>No callback is called before a grace period is over that began behind it, and none ends before each processor has switched, idled or been found preemptible.</summary>
    public static string? GracePeriodsAreWhole(long calledEarly, long endedEarly) =>
        calledEarly + endedEarly == 0 ? null : $"{calledEarly} RCU callbacks called early, {endedEarly} times a processor was not waited for";

    /// <summary>A processor whose timer has stopped is woken by the broadcast device no later than its timer would have woken it.</summary>
    public static string? NobodyOversleeps(int processors) => processors == 0 ? null : $"{processors} processors sleep past their timers, and the broadcast device is set for later";

    /// <summary>The twin's own kernel and drivers never touch what the manuals leave undefined.</summary>
    public static string? NoUndefinedAccess(long count, string first) => count == 0 ? null : $"{count} undefined access(es) to interrupt hardware, first: {first}";

    /// <summary>Virtual time as somebody saw it must never go back.</summary>
    public static string? TimeNeverGoesBack(long beforePs, long nowPs) => nowPs >= beforePs ? null : $"time went back from {beforePs} ps to {nowPs} ps";
}
