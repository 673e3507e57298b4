using Tophalf.Linux;
using Tophalf.Linux.Sampling;
using Xunit;

namespace Tophalf.Tests.Linux.Sampling;

/// <summary>Handler times from a trace of our own, on kernels that let us and on those that do not.</summary>
[Collection(TracingTests.Collection)]
public sealed class HandlerTraceTests
{
    private const string Trace =
        """
        # tracer: nop
        #
        # entries-in-buffer/entries-written: 9/12   #P:2
        #
                  <idle>-0       [000] d.h1.   100.000010: irq_handler_entry: irq=36 name=virtio1-req.0
                  <idle>-0       [000] dNh1.   100.000012: softirq_raise: vec=4 [action=BLOCK]
                  <idle>-0       [001] dNs1.   100.000013: softirq_raise: vec=1 [action=TIMER]
                  <idle>-0       [000] dNh1.   100.000014: irq_handler_exit: irq=36 ret=handled
                  <idle>-0       [000] ..s1.   100.000017: softirq_entry: vec=4 [action=BLOCK]
                  <idle>-0       [000] ..s1.   100.000027: softirq_exit: vec=4 [action=BLOCK]
                  <idle>-0       [001] ..s1.   100.000033: softirq_entry: vec=1 [action=TIMER]
                  <idle>-0       [000] d.h1.   100.000040: irq_handler_entry: irq=36 name=virtio1-req.0
                  <idle>-0       [000] dNh1.   100.000046: irq_handler_exit: irq=36 ret=handled

        """;

    [Fact]
    public void A_handlers_time_and_the_delay_of_the_softirq_it_raised_stand_beside_its_line()
    {
        TracedMachine machine = new(Trace);
        using HandlerTrace trace = new(machine);
        trace.Begin();
        machine.Sleep(1_000_000_000);
        trace.Refresh();
        Assert.Null(trace.WhyNot);
        Assert.Equal(new HandlerTime(2, 5000, 6000, 5000), trace.OfIrq(36));
        Assert.Null(trace.OfIrq(37));
        Assert.Equal((12, 3), (trace.Events, trace.Lost));
        TraceRow timer = trace.Softirqs.Single(row => row.Name == "TIMER");
        Assert.Equal((20_000L, 0L), (timer.LongestDelayNs, timer.Timed));
    }

    [Fact]
    public void What_was_switched_on_is_gone_afterwards()
    {
        TracedMachine machine = new(Trace);
        using (HandlerTrace trace = new(machine))
            trace.Begin();
        Assert.Equal("rmdir /sys/kernel/tracing/instances/tophalf-top", machine.Commands[^1]);
    }

    [Theory]
    [InlineData("", "tracefs is not mounted", "as root: mount -t tracefs nodev /sys/kernel/tracing")]
    [InlineData("trace", "its tracefs has no instances, and its one buffer is in use", "as root, if nobody traces: echo > /sys/kernel/tracing/set_event")]
    [InlineData("instances instances/tophalf-top", "another tophalf is tracing, or one was killed while it did", "as root, if none runs: rmdir /sys/kernel/tracing/instances/tophalf-top")]
    public void Where_tracing_is_not_to_be_had_the_reason_and_the_remedy_are_told(string there, string why, string remedy)
    {
        SavedTree tree = new();
        tree.AddDirectory("/sys/kernel/tracing");
        foreach (string name in there.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            tree.AddDirectory($"/sys/kernel/tracing/{name}");
        Assert.Null(TraceInstance.Create(tree, "tophalf-top", ["irq"], out TraceRefusal refusal));
        Assert.Equal(new TraceRefusal(why, remedy), refusal);
    }

    /// <summary>The trace's own counts lie between those of /proc read within and around it. What bpftrace says of the times stands in HandlerTimeTests.</summary>
    [TracingFact]
    public void Under_load_the_traces_counts_are_those_of_proc()
    {
        const long WatchedNs = 500_000_000;
        LiveMachine machine = new();
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, new byte[4 << 20]);
            Task<CommandResult> load = Task.Run(() => machine.Run($"while dd if={file} of=/dev/null bs=4k iflag=direct 2>/dev/null; do :; done"));
            using HandlerTrace trace = new(machine);
            ProcInterrupts before = ProcInterrupts.Read(machine);
            trace.Begin();
            ProcInterrupts within = ProcInterrupts.Read(machine);
            machine.Sleep(WatchedNs);
            ProcInterrupts withinEnd = ProcInterrupts.Read(machine);
            trace.Refresh();
            ProcInterrupts after = ProcInterrupts.Read(machine);
            File.Delete(file);
            load.GetAwaiter().GetResult();
            Assert.Null(trace.WhyNot);
            Assert.Equal(0, trace.Lost);
            foreach (int irq in withinEnd.Numbered.Where(row => row.Total > within[row.Irq!.Value]!.Total).Select(row => row.Irq!.Value))
                Assert.InRange(trace.OfIrq(irq)!.Value.Count, withinEnd[irq]!.Total - within[irq]!.Total, after[irq]!.Total - before[irq]!.Total);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A machine with tracefs, whose instance always holds the same trace.</summary>
    private sealed class TracedMachine : ILinuxMachine
    {
        private readonly SavedTree _tree = new();
        private readonly string _trace;

        public TracedMachine(string trace)
        {
            _trace = trace;
            _tree.AddDirectory("/sys/kernel/tracing/instances");
        }

        public List<string> Commands { get; } = [];

        public string Read(string path) => path.EndsWith("/trace", StringComparison.Ordinal) ? _trace : _tree.Read(path);

        public void Write(string path, string text)
        {
        }

        public IReadOnlyList<string> List(string path) => path.Contains("/tophalf-top/") ? ["0"] : _tree.List(path);

        public CommandResult Run(string commandLine)
        {
            Commands.Add(commandLine);
            return new CommandResult("", "", 0);
        }

        public long NowNs { get; private set; }
        public void Sleep(long durationNs) => NowNs += durationNs;
    }
}
