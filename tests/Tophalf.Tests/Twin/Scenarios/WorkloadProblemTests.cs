using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

/// <summary>What the author of a wrong workload is told, word for word.</summary>
public sealed class WorkloadProblemTests
{
    [Theory]
    [InlineData("packets: {to: eth1, rate: 1Mpps}", "s.yaml:4:17: to 'eth1' is not a device of this scenario; write eth0")]
    [InlineData("packets: {to: nic, rate: 1Mpps}", "s.yaml:4:17: to 'nic' is not a device of this scenario; write eth0")]
    [InlineData("packets: {to: ttyS0, rate: 1Mpps}", "s.yaml:4:17: to 'ttyS0' is of model uart, which does not take this workload; write eth0")]
    [InlineData("interrupts: {to: dma, rate: 1/s, vector: 2}",
        "s.yaml:4:44: vector 2 is out of range for dma; write a whole number from 0 to 1")]
    [InlineData("interrupts: {rate: 1/s}", "s.yaml:4:15: interrupts has no to; write to: dev0")]
    public void A_workload_goes_to_a_device_that_takes_it(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("poll-mode: {ports: eth0}", "s.yaml:4:22: ports is a single value; write a list, such as ports: [eth0, eth1]")]
    [InlineData("poll-mode: {ports: []}", "s.yaml:4:22: ports is empty; write ports: [eth0]")]
    public void One_mistake_is_told_once(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("packets: {to: eth0, rate: 1MPPS}",
        "s.yaml:4:29: rate '1MPPS' is not a packet rate; write a number with pps, kpps, Mpps or Gpps, such as 1Mpps")]
    [InlineData("uart: {to: ttyS0, rate: 11520 baud}",
        "s.yaml:4:27: rate '11520 baud' is not a rate of characters; write a number with /s, k/s, B/s or kB/s, such as 11520/s")]
    [InlineData("packets: {to: eth0}", "s.yaml:4:12: packets has no rate; write rate: 1Mpps")]
    public void Rates_have_the_unit_of_what_arrives(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("packets: {to: eth0, rate: 1Mpps, size: 63}", "s.yaml:4:42: size '63' is out of range; write 64 to 9018")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, size: 10KiB}", "s.yaml:4:42: size '10KiB' is out of range; write 64 to 9018")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, flows: 1000001}",
        "s.yaml:4:43: flows 1000001 is out of range; write a whole number from 1 to 1000000")]
    public void Packets_have_the_bounds_of_ethernet(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("packets: {to: eth0, rate: 1Mpps, arrivals: bursty}",
        "s.yaml:4:46: arrivals 'bursty' is not known; write constant, poisson, lognormal or onoff")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, arrivals: onoff, on: 1ms}", "s.yaml:4:12: packets has no off; write off: 9ms")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, sigma: 2}",
        "s.yaml:4:36: sigma is for lognormal arrivals; write arrivals: lognormal or leave it out")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, start: 2s, stop: 1s}", "s.yaml:4:53: stop is not after start; write more than 2s")]
    public void Arrivals_have_the_keys_of_their_law(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("packets: {to: eth0, rate: 1Mpps, app: some}",
        "s.yaml:4:41: app is a single value; write a map, such as app: {threads: 4}, or app: none")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, app: {cpus: 4-8}}",
        "s.yaml:4:48: cpus '4-8' names CPU 8 on a machine of 8 CPUs; write CPUs from 0 to 7")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, app: {cpus: 3-1}}", "s.yaml:4:48: cpus '3-1' has a range that runs backwards; write 1-3")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, app: {cpus: all}}",
        "s.yaml:4:48: cpus 'all' is not a list of CPUs; write numbers and ranges, such as 0-3,8")]
    [InlineData("packets: {to: eth0, rate: 1Mpps, app: {policy: 'fifo:100'}}",
        "s.yaml:4:50: policy 'fifo:100' is not a scheduling policy; write fair, fair:5 (nice), batch, idle, fifo:50, rr:50 (priority, 1 to 99), or deadline:10ms/100ms (runtime, period)")]
    public void An_application_runs_on_cpus_of_the_machine(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("pcap: {to: eth0, file: gone.pcap}",
        "s.yaml:4:26: file 'gone.pcap' is not there; write the path of a recording, from the scenario's folder")]
    [InlineData("pcap: {to: eth0}", "s.yaml:4:9: pcap has no file; write file: trace.pcap")]
    public void A_recording_must_be_there(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("task: {name: a, busy: 30}", "s.yaml:4:25: busy '30' is not a percentage; write a number with %, such as 30%")]
    [InlineData("task: {name: a, busy: 101%}", "s.yaml:4:25: busy '101%' is out of range; write 1% to 100%")]
    [InlineData("task: {name: a, busy: 30%, sleep: 1ms}", "s.yaml:4:30: sleep stands beside busy; write busy, or compute and sleep")]
    [InlineData("task: {name: a, sleep: 1ms}", "s.yaml:4:9: task has no compute; write compute: 300us")]
    [InlineData("task: {}", "s.yaml:4:9: task has no name; write name: backup\ns.yaml:4:9: task has no busy; write busy: 30%")]
    public void A_task_is_busy_for_a_share_or_computes_and_sleeps(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("packet: {to: eth0}", "s.yaml:4:3: unknown workload 'packet'; write packets")]
    [InlineData("packets", "s.yaml:4:3: the workload is a single value; write a map, such as packets: {to: eth0, rate: 1Mpps}")]
    [InlineData("packets:\n    to: eth0\n", "s.yaml:5:5: packets has no rate; write rate: 1Mpps")]
    [InlineData("packets:\n  to: eth0", "s.yaml:5:3: key 'to' stands beside 'packets'; indent it further than the workload's kind")]
    [InlineData("task: {name: a, busy: 1%}\n  task: {name: b, busy: 1%}",
        "s.yaml:5:3: key 'task' is there twice, first on line 4; keep one of them")]
    public void A_workload_is_one_kind_and_its_keys(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    private static string Problems(string workload) => Assert.Throws<ScenarioException>(() => ScenarioFile.Parse($$$"""
        machine: {cores: 8}
        devices: {eth0: {model: igb}, ttyS0: {model: uart}, dma: {model: line, chip: msix, vectors: 2}}
        workloads:
        - {{{workload}}}
        """, "s.yaml")).Message;
}
