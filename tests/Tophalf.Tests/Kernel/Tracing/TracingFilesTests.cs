using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Tracing;

/// <summary>tracefs on a machine whose one device interrupts a thousand times a second.</summary>
public class TracingFilesTests
{
    private const string Root = "/sys/kernel/tracing/";

    private readonly KernelBench _bench = new();

    public TracingFilesTests()
    {
        (PulseDevice device, IrqDesc line) = _bench.Message("eth0");
        _bench.Claim(line, device);
        device.Start(new ConstantArrivals(1000), new RandomStream(1, "device"), 0);
    }

    private string[] Events() => [.. _bench.Read(Root + "trace").Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    [Fact]
    public void Nothing_is_recorded_until_an_event_is_switched_on()
    {
        _bench.RunFor(5 * SimTime.Millisecond);
        Assert.Empty(Events());
        _bench.Write(Root + "events/irq/irq_handler_entry/enable", "1\n");
        _bench.RunFor(5 * SimTime.Millisecond);
        Assert.Equal(5, Events().Length);
        Assert.Matches(@"^          <idle>-0       \[000\] d\.h1\.     0\.0\d{5}: irq_handler_entry: irq=24 name=eth0$", Events()[0]);
    }

    [Fact]
    public void Tracing_off_keeps_what_was_recorded_and_adds_nothing()
    {
        _bench.Write(Root + "set_event", "irq:irq_handler_exit");
        _bench.RunFor(3 * SimTime.Millisecond);
        _bench.Write(Root + "tracing_on", "0");
        _bench.RunFor(3 * SimTime.Millisecond);
        Assert.Equal(2, Events().Length);
        Assert.EndsWith("irq_handler_exit: irq=24 ret=handled", Events()[1]);
    }

    [Fact]
    public void A_full_buffer_gives_up_its_oldest_page_and_says_how_much_was_written()
    {
        _bench.Write(Root + "buffer_size_kb", "8");
        _bench.Write(Root + "events/irq/enable", "1");
        _bench.RunFor(2 * SimTime.Second);
        string header = _bench.Read(Root + "trace").Split('\n')[2];
        // An entry takes 28 bytes with its name and an exit 20; so many do not fit into the four pages.
        Assert.Matches(@"^# entries-in-buffer/entries-written: \d{3}/\d{4}   #P:1$", header);
        string[] stats = _bench.Read(Root + "per_cpu/cpu0/stats").Split('\n');
        long entries = long.Parse(stats[0].Split(' ')[1]), overrun = long.Parse(stats[1].Split(' ')[1]);
        Assert.Equal(2 * 1999, entries + overrun);
        Assert.Contains($"{entries}/{entries + overrun} ", header);
        Assert.StartsWith($"CPU:0 [LOST {overrun} EVENTS]\n", _bench.Read(Root + "trace_pipe"));
        Assert.Equal("", _bench.Read(Root + "trace_pipe"));
    }

    [Fact]
    public void Without_overwrite_a_full_buffer_keeps_the_oldest()
    {
        _bench.Write(Root + "buffer_size_kb", "1");
        _bench.Write(Root + "options/overwrite", "0");
        _bench.Write(Root + "events/irq/irq_handler_entry/enable", "1");
        _bench.RunFor(2 * SimTime.Second);
        string first = Events()[0];
        _bench.RunFor(SimTime.Second);
        Assert.Equal(first, Events()[0]);
        Assert.Contains("overrun: 0\n", _bench.Read(Root + "per_cpu/cpu0/stats"));
        Assert.DoesNotContain("dropped events: 0\n", _bench.Read(Root + "per_cpu/cpu0/stats"));
    }

    [Fact]
    public void Opening_the_trace_for_writing_empties_it_and_opening_set_event_switches_all_off()
    {
        _bench.Write(Root + "set_event", "irq:irq_handler_entry irq:irq_handler_exit");
        _bench.RunFor(3 * SimTime.Millisecond);
        Assert.Equal(Errno.None, _bench.Files.OpenForWriting(Root + "trace", truncate: true));
        Assert.Empty(Events());
        Assert.Equal("X\n", _bench.Read(Root + "events/irq/enable"));
        Assert.Equal(Errno.None, _bench.Files.OpenForWriting(Root + "set_event", truncate: true));
        Assert.Equal("", _bench.Read(Root + "set_event"));
    }

    [Theory]
    [InlineData("set_event", "irq:nosuch", Errno.EINVAL)]
    [InlineData("set_event", "irq:irq_handler_*", Errno.EINVAL)] // no globs here
    [InlineData("events/irq/enable", "2", Errno.EINVAL)]
    [InlineData("current_tracer", "function", Errno.EINVAL)]
    [InlineData("buffer_size_kb", "0", Errno.EINVAL)]
    [InlineData("events/irq/nosuch/enable", "1", Errno.ENOENT)]
    public void What_is_refused(string file, string text, Errno error) => Assert.Equal(error, _bench.Write(Root + file, text));

    [Fact]
    public void A_format_file_is_the_kernels()
    {
        Assert.Equal(
            """
            name: vector_alloc
            ID: ID
            format:
            	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
            	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
            	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
            	field:int common_pid;	offset:4;	size:4;	signed:1;

            	field:unsigned int irq;	offset:8;	size:4;	signed:0;
            	field:unsigned int vector;	offset:12;	size:4;	signed:0;
            	field:bool reserved;	offset:16;	size:1;	signed:0;
            	field:int ret;	offset:20;	size:4;	signed:1;

            print fmt: "irq=%u vector=%u reserved=%d ret=%d", REC->irq, REC->vector, REC->reserved, REC->ret

            """,
            _bench.Read(Root + "events/irq_vectors/vector_alloc/format").Replace("ID: " + _bench.Read(Root + "events/irq_vectors/vector_alloc/id"), "ID: ID\n"));
    }

    [Fact]
    public void The_same_run_traced_and_untraced_counts_the_same()
    {
        var untraced = new TracingFilesTests();
        _bench.Write(Root + "events/enable", "1");
        _bench.RunFor(50 * SimTime.Millisecond);
        untraced._bench.RunFor(50 * SimTime.Millisecond);
        Assert.Equal(untraced._bench.Read("/proc/interrupts"), _bench.Read("/proc/interrupts"));
        Assert.Equal(untraced._bench.Read("/proc/stat"), _bench.Read("/proc/stat"));
    }
}
