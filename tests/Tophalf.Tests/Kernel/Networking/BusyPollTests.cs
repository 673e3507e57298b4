using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Tasks that poll for themselves (net/core/dev.c, __napi_busy_loop; fs/eventpoll.c), as their interrupts, waits and processor time show it.</summary>
public class BusyPollTests
{
    private const string Deferred = "echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs; echo 200000 > /sys/class/net/eth0/gro_flush_timeout";

    [Fact]
    public void A_card_on_a_wire_has_a_context_too()
    {
        TwinMachine machine = TwinRuns.Machine("devices: {eth0: {model: e1000, irq: 10}}");
        Assert.Equal("[{\"defer-hard-irqs\": 0, \"gro-flush-timeout\": 0, \"id\": 8193, \"ifindex\": 2, \"irq\": 10, \"irq-suspend-timeout\": 0}]\n",
            machine.Run("ynl --family netdev --dump napi-get --output-json").Output);
    }

    [Fact]
    public void A_task_that_polls_longer_than_requests_are_apart_never_sleeps_and_answers_sooner()
    {
        RunReport sleeps = Run("wait: recv"), polls = Run("wait: recv, busy: 200us");
        Assert.True(polls.Clients[0].Latency.Mean < sleeps.Clients[0].Latency.Mean - 1);
        Assert.InRange(100 - polls.Cpus[0].IdlePct, 99, 100);
        Assert.InRange(100 - sleeps.Cpus[0].IdlePct, 1, 50);
    }

    [Fact]
    public void The_system_wide_settings_reach_recv_and_epoll_each()
    {
        Assert.InRange(Busy(Run("wait: recv", "echo 200 > /proc/sys/net/core/busy_read")), 99, 100);
        Assert.InRange(Busy(Run("wait: recv", "echo 200 > /proc/sys/net/core/busy_poll")), 1, 50);
        Assert.InRange(Busy(Run("wait: epoll", "echo 200 > /proc/sys/net/core/busy_poll")), 99, 100);
        Assert.InRange(Busy(Run("wait: epoll", "echo 200 > /proc/sys/net/core/busy_read")), 1, 50);
    }

    [Fact]
    public void Each_loop_ends_with_the_interrupt_armed_unless_polling_is_preferred_and_a_timer_looks_after_the_queue()
    {
        long armed = Run("wait: epoll, busy: 20us").Devices[0].Interrupts;
        long preferred = Run("wait: epoll, busy: 20us, prefer: yes").Devices[0].Interrupts;
        long deferred = Run("wait: epoll, busy: 20us, prefer: yes", Deferred).Devices[0].Interrupts;
        Assert.InRange(armed, 100, long.MaxValue);
        Assert.InRange(preferred, 100, long.MaxValue);
        Assert.InRange(deferred, 0, 2);
    }

    /// <summary>With a suspend timeout a task that found something keeps the timer away, so that nothing interrupts its work.</summary>
    [Fact]
    public void While_interrupts_are_suspended_the_short_timer_does_not_run_under_a_busy_task()
    {
        const string every5us = "echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs; echo 5000 > /sys/class/net/eth0/gro_flush_timeout";
        const string suspend = "; ynl --family netdev --do napi-set --json '{\"id\": 8193, \"irq-suspend-timeout\": 20000000}'";
        const string app = "wait: epoll, busy: 0us, prefer: yes, work: 60us";
        RunReport deferred = Run(app, every5us), suspended = Run(app, every5us + suspend);
        Assert.True(Hardirq(suspended) < Hardirq(deferred) / 2, $"{Hardirq(suspended)} % in interrupts against {Hardirq(deferred)}");
        Assert.True(suspended.Clients[0].Answers >= deferred.Clients[0].Answers);
    }

    [Fact]
    public void What_is_set_for_one_context_shows_there_alone_and_falls_with_the_devices_own_setting()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("wait: recv"));
        Assert.Equal("None\n", machine.Run("ynl --family netdev --do napi-set --json '{\"id\": 8194, \"gro-flush-timeout\": 30000, \"defer-hard-irqs\": 7}'").Output);
        string dump = machine.Run("ynl --family netdev --dump napi-get --output-json").Output;
        Assert.Contains("\"defer-hard-irqs\": 7, \"gro-flush-timeout\": 30000, \"id\": 8194", dump);
        Assert.Contains("\"defer-hard-irqs\": 0, \"gro-flush-timeout\": 0, \"id\": 8193", dump);
        machine.Run("echo 1000 > /sys/class/net/eth0/gro_flush_timeout");
        Assert.Contains("\"defer-hard-irqs\": 7, \"gro-flush-timeout\": 1000, \"id\": 8194", machine.Run("ynl --family netdev --dump napi-get --output-json").Output);
        Assert.Equal("Netlink error: No such file or directory\n", machine.Run("ynl --family netdev --do napi-set --json '{\"id\": 1}'").Error);
    }

    private static double Busy(RunReport report) => 100 - report.Cpus[0].IdlePct;
    private static double Hardirq(RunReport report) => report.Cpus.Sum(cpu => cpu.HardirqPct);

    private static RunReport Run(string app, string? command = null) => TwinRuns.Run(Yaml(app), new RunOptions { Command = command, ForPs = 20 * SimTime.Millisecond });

    private static string Yaml(string app) => $$$"""
        machine: {cores: 2}
        devices:
          eth0: {model: mlx5, queues: 2, rx-usecs: 8, rss-key: microsoft}
        workloads:
          - requests: {to: eth0, clients: 4, delay: 100us, app: {threads: 1, cpus: "0", {{{app}}} } }
        tuning: ethtool -X eth0 equal 1
        """;
}
