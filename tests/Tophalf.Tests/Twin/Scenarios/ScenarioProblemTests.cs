using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

/// <summary>What the author of a wrong scenario is told, word for word.</summary>
public sealed class ScenarioProblemTests
{
    [Theory]
    [InlineData("devices: {eth0: {model: ixgbe, quees: 8}}", "s.yaml:1:32: unknown key 'quees' in device 'eth0'; write queues")]
    [InlineData("devices: {eth0: {model: ixgbe, colour: red}}",
        "s.yaml:1:32: unknown key 'colour' in device 'eth0'; write model, irq, link, queues, ring, bus, rx-usecs, rx-frames, tx-usecs, tx-frames, rss-key, vfs, pcie, driver, weight, policy, feedback or cable")]
    [InlineData("machin: {cores: 4}", "s.yaml:1:1: unknown key 'machin' in the scenario; write machine")]
    public void An_unknown_key_is_answered_with_the_nearest_known_one(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Fact]
    public void A_release_begins_with_two_numbers() =>
        Assert.Equal("s.yaml:1:29: release 'new' is not a kernel release; write one as uname -r prints it, such as 6.18", Problems("machine: {kernel: {release: new}}"));

    [Theory]
    [InlineData("devices: {eth0: {model: ixgbe, link: 10Gbs}}",
        "s.yaml:1:38: link '10Gbs' is not a bit rate; write a number with b/s, kb/s, Mb/s or Gb/s, such as 10Gb/s")]
    [InlineData("devices: {eth0: {model: ixgbe, link: 10}}",
        "s.yaml:1:38: link '10' is not a bit rate; write a number with b/s, kb/s, Mb/s or Gb/s, such as 10Gb/s")]
    [InlineData("run: 2 fortnights", "s.yaml:1:6: run '2 fortnights' is not a duration; write a number with ps, ns, us, ms or s, such as 50us")]
    [InlineData("run: 0s", "s.yaml:1:6: run '0s' is out of range; write 1ps to 86400s")]
    [InlineData("run: 0.0000000000001s", "s.yaml:1:6: run '0.0000000000001s' has too many decimals; write a multiple of 1ps")]
    public void A_wrong_unit_is_answered_with_the_units(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("devices: {eth0: {model: ixgbe, queues: 0}}",
        "s.yaml:1:40: queues 0 is out of range for ixgbe; write a whole number from 1 to 64")]
    [InlineData("devices: {eth0: {model: ixgbe, queues: 65}}",
        "s.yaml:1:40: queues 65 is out of range for ixgbe; write a whole number from 1 to 64")]
    [InlineData("devices: {eth0: {model: e1000e, queues: 2}}", "s.yaml:1:41: queues 2 is out of range for e1000e; write 1")]
    [InlineData("devices: {eth0: {model: ixgbe, queues: many}}",
        "s.yaml:1:40: queues 'many' is not a whole number; write a whole number from 1 to 64")]
    [InlineData("machine: {sockets: 8, cores: 64, threads: 2}",
        "s.yaml:1:10: 8 sockets of 64 cores of 2 threads are 1024 CPUs; write at most 512")]
    [InlineData("machine: {cores: -1}", "s.yaml:1:18: cores '-1' is not a whole number; write a whole number from 1 to 512")]
    [InlineData("seed: 18446744073709551616",
        "s.yaml:1:7: seed 18446744073709551616 is out of range; write a whole number from 0 to 18446744073709551615")]
    public void Counts_outside_the_limits_are_answered_with_the_limits(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("devices: {eth0: {model: ixgbe, ring: 500}}", "s.yaml:1:38: ring 500 is not a multiple of 8, as ixgbe needs; write 504")]
    [InlineData("devices: {eth0: {model: mlx5, ring: 1000}}", "s.yaml:1:37: ring 1000 is not a power of two, as mlx5 needs; write 1024")]
    [InlineData("devices: {eth0: {model: igb, rx-frames: 8}}", "s.yaml:1:30: rx-frames cannot be set on igb; leave it out")]
    [InlineData("devices: {eth0: {model: e1000e, rss-key: random}}", "s.yaml:1:33: rss-key cannot be set on e1000e; leave it out")]
    [InlineData("devices: {eth0: {model: igb, rss-key: '6d:5a'}}",
        "s.yaml:1:39: rss-key '6d:5a' is not a hash key for igb; write microsoft, random or 40 hex bytes with colons between")]
    public void A_network_card_is_held_to_what_its_driver_takes(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("devices: {eth0: {model: ixgb}}", "s.yaml:1:25: model 'ixgb' is not known; write ixgbe")]
    [InlineData("devices: {eth0: {link: 10Gb/s}}",
        "s.yaml:1:17: device 'eth0' has no model; write model: e1000, e1000e, igb, ixgbe, i40e, ice, mlx5, bnxt, virtio-net, ena, gve, lance, veth, uart, line, nvme, virtio-blk or edu")]
    [InlineData("devices: {eth0: ixgbe}", "s.yaml:1:17: device 'eth0' is a single value; write a map, such as {model: ixgbe}")]
    [InlineData("devices: {eth/0: {model: ixgbe}}",
        "s.yaml:1:11: 'eth/0' is no name for a device; write 1 to 15 letters, digits, dots, dashes and underscores, such as eth0")]
    [InlineData("devices: {\"a\\u202eb\\n\": {model: igb}}",
        "s.yaml:1:11: 'a\\u202eb\\u000a' is no name for a device; write 1 to 15 letters, digits, dots, dashes and underscores, such as eth0")]
    [InlineData("devices: {eth0: {model: ixgbe, bus: 1:0.0}}",
        "s.yaml:1:37: bus '1:0.0' is not a PCI address; write domain:bus:device.function in hex, such as 0000:01:00.0")]
    [InlineData("devices: {a: {model: igb, bus: '0000:01:00.0'}, b: {model: igb, bus: '0000:01:00.0'}}",
        "s.yaml:1:70: bus 0000:01:00.0 is the address of a already; write another address or leave it out")]
    public void A_device_needs_a_name_a_model_and_an_address_of_its_own(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("devices: {btn: {model: line}}", "s.yaml:1:16: device 'btn' has no irq; write irq: 9")]
    [InlineData("devices: {btn: {model: line, irq: 9, vectors: 2}}",
        "s.yaml:1:38: vectors is not for the I/O APIC, where a device has one pin; write chip: msix or leave it out")]
    [InlineData("devices: {dma: {model: line, chip: msix, irq: 9, trigger: level}}",
        "s.yaml:1:42: irq is not for MSI-X, where the kernel chooses the interrupt; leave it out\ns.yaml:1:59: trigger level is not for MSI-X, whose messages are edges; write edge or leave it out")]
    [InlineData("devices: {btn: {model: line, irq: 9, actions: [a b, [c]]}}",
        "s.yaml:1:48: an action is a name of 1 to 64 characters without blanks; write actions: [ehci_hcd, eth1]\ns.yaml:1:53: an action is a name of 1 to 64 characters without blanks; write actions: [ehci_hcd, eth1]")]
    [InlineData("devices: {ttyS0: {model: uart, trigger: rising}}", "s.yaml:1:41: trigger 'rising' is not known; write level or edge")]
    [InlineData("devices: {ttyS0: {model: uart, baud: 1000000}}",
        "s.yaml:1:38: baud 1000000 is out of range; write a whole number from 50 to 115200")]
    public void An_interrupt_is_a_pin_or_a_message(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("machine: {kernel: {hz: 200}}", "s.yaml:1:24: hz '200' is not known; write 100, 250, 300 or 1000")]
    [InlineData("machine: {kernel: {cmdline: ''}}",
        "s.yaml:1:29: cmdline '' is not printable text of 1 to 2047 characters; write cmdline: threadirqs")]
    public void A_kernel_has_a_tick_rate_and_parameters(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("devices:\n  eth0: {model: igb}\n  eth1: {model: igb}\n  eth0: {model: ice}",
        "s.yaml:4:3: a second device 'eth0', the first is on line 2; give one of them another name")]
    [InlineData("devices:\n  eth0: {model: igb,\n    ring: 64, ring: 128}",
        "s.yaml:3:15: key 'ring' is there twice, first on line 3; keep one of them")]
    [InlineData("machine: {cores: 4}\nmachine: {cores: 8}", "s.yaml:2:1: key 'machine' is there twice, first on line 1; keep one of them")]
    public void The_second_of_two_equal_names_is_reported_with_the_line_of_the_first(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("machine: [8]", "s.yaml:1:10: machine is a list; write a map, such as machine: {cores: 8}")]
    [InlineData("devices: [eth0]", "s.yaml:1:10: devices is a list; write a map, such as devices: {eth0: {model: ixgbe}}")]
    [InlineData("workloads: {packets: {to: eth0}}",
        "s.yaml:1:12: workloads is a map; write a list, such as workloads: [packets: {to: eth0, rate: 1Mpps}]")]
    [InlineData("run: [2s]", "s.yaml:1:6: run is a list; write a single value")]
    [InlineData("- machine", "s.yaml:1:1: the scenario is a list; write a map, such as machine: {cores: 8}")]
    [InlineData("machine", "s.yaml:1:1: the scenario is a single value; write a map, such as machine: {cores: 8}")]
    public void A_list_where_a_map_belongs_is_answered_with_an_example(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("", "s.yaml:1:1: the scenario is empty; write at least machine: {cores: 8}")]
    [InlineData("# nothing yet\n", "s.yaml:1:1: the scenario is empty; write at least machine: {cores: 8}")]
    [InlineData("---\n...\n", "s.yaml:1:1: the scenario is empty; write at least machine: {cores: 8}")]
    public void A_scenario_without_content_is_empty(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("machine: {cores: 8\nrun: 2s",
        "s.yaml:2:1: not YAML: this does not follow from what stands before; check brackets, quotes and indentation up to here")]
    [InlineData("machine:\n\tcores: 8",
        "s.yaml:1:1: not YAML: while scanning a mapping, found invalid tab as indentation; check brackets, quotes and indentation up to here")]
    [InlineData("run: 'a",
        "s.yaml:1:6: not YAML: while scanning a quoted scalar, found unexpected end of stream; check brackets, quotes and indentation up to here")]
    [InlineData("run: \0", "s.yaml:1:6: a NUL byte: this is not text; write the scenario as YAML in UTF-8")]
    public void What_is_not_yaml_is_reported_where_the_parser_stopped(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("a: &a [1]\nb: *a", "s.yaml:2:4: alias '*a' is not read; write the value out")]
    [InlineData("run: !!str 2s", "s.yaml:1:6: tag 'tag:yaml.org,2002:str' is not read; write the value without it")]
    [InlineData("run: 2s\n---\nrun: 3s", "s.yaml:2:1: a second document; write one scenario in one file")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[", "s.yaml:1:17: nested deeper than 16 levels; write a flatter scenario")]
    [InlineData("{a: b}: c", "s.yaml:1:1: the key is a map; write a word as the key")]
    public void Yaml_that_only_a_hostile_file_needs_is_refused(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Theory]
    [InlineData("tuning: >\n  a\n  b", "s.yaml:1:9: tuning runs its lines together; write tuning: | and the commands on the lines below it")]
    [InlineData("tuning: a\n  b", "s.yaml:1:9: tuning runs its lines together; write tuning: | and the commands on the lines below it")]
    [InlineData("tuning: [a, b]", "s.yaml:1:9: tuning is a list; write tuning: | and the commands on the lines below it")]
    public void Tuning_is_a_script_and_keeps_its_lines(string yaml, string says) => Assert.Equal(says, Problems(yaml));

    [Fact]
    public void Everything_wrong_is_told_at_once_in_the_order_of_the_file() => Assert.Equal("""
        s.yaml:1:18: cores 0 is out of range; write a whole number from 1 to 512
        s.yaml:2:25: model 'e1000f' is not known; write e1000
        s.yaml:4:13: run '2' is not a duration; write a number with ps, ns, us, ms or s, such as 50us
        """, Problems("""
        machine: {cores: 0}
        devices: {eth0: {model: e1000f}}
        workloads: [packets: {to: eth0, rate: 1Mpps, app: {cpus: 0-9}}]
        "run"     : 2
        """));

    [Fact]
    public void A_hundred_problems_are_enough()
    {
        string keys = string.Concat(Enumerable.Range(1, 150).Select(i => $"unheard{i}: 0\n"));

        string[] told = Problems(keys).Split('\n');

        Assert.Equal(101, told.Length);
        Assert.Equal("s.yaml:101:1: 50 more problems from here on; mend the ones above first", told[^1]);
    }

    [Fact]
    public void More_devices_than_a_machine_has_room_for_are_refused()
    {
        string devices = string.Concat(Enumerable.Range(0, 300).Select(i => $"  eth{i}: {{model: igb}}\n"));

        Assert.Equal("s.yaml:258:3: more than 256 devices; write at most 256", Problems("devices:\n" + devices));
    }

    private static string Problems(string yaml) =>
        Assert.Throws<ScenarioException>(() => ScenarioFile.Parse(yaml, "s.yaml")).Message;
}
