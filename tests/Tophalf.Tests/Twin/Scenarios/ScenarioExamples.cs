namespace Tophalf.Tests.Twin.Scenarios;

/// <summary>Scenarios that are good as they stand, with every key in one of them.</summary>
internal static class ScenarioExamples
{
    public const string Flood = """
        machine: {sockets: 1, cores: 8, threads: 1, costs: server-3ghz, kernel: {hz: 250}}
        devices:
          eth0: {model: ixgbe, link: 10Gb/s, queues: 8, ring: 512}
        workloads:
          - packets: {to: eth0, rate: 1Mpps, size: 64, flows: 64, arrivals: poisson}
        tuning: |
          ethtool -C eth0 rx-usecs 50
          echo 2 > /proc/irq/29/smp_affinity
        run: 2s

        """;

    public const string EveryKey = """
        machine:
          sockets: 2
          cores: 4
          threads: 2
          costs: laptop
          kernel: {hz: 1000, release: 6.12.9-rt, cmdline: threadirqs isolcpus=4-7}
        devices:
          eth0:
            model: mlx5
            link: 2.5Gb/s
            queues: 4
            ring: 2048
            bus: 0000:3B:00.1
            rx-usecs: 8
            rx-frames: 128
            tx-usecs: 16
            tx-frames: 32
            rss-key: microsoft
          ttyS0: {model: uart, irq: 4, trigger: edge, baud: 9600}
          usb: {model: line, irq: 16, chip: ioapic, trigger: level, bus: "0000:00:1a.0", actions: [ehci_hcd, i801_smbus]}
          accel: {model: line, chip: msix, vectors: 4}
        workloads:
          - packets: {to: eth0, rate: line, size: 1518, flows: 1000, arrivals: lognormal, sigma: 1.5, start: 10ms, stop: 1.5s,
                      app: {threads: 2, cpus: "0-1,4", work: 500ns, policy: "fifo:50", spread: cpu, socket: 64}}
          - packets: {to: eth0, rate: 2.5pps, arrivals: onoff, on: 1ms, off: 9ms, app: none}
          - uart: {to: ttyS0, rate: 9600 B/s, arrivals: poisson}
          - interrupts: {to: accel, rate: 1000/s, vector: 3}
          - task: {name: backup, cpus: 2-3, busy: 30%, class: system}
          - task: {name: control, cpus: 7, compute: 300us, sleep: 700us, policy: "fifo:80"}
        tuning: |
          # the queues' interrupts
          for irq in 29 30; do

            echo 2 > /proc/irq/$irq/smp_affinity
          done
        run: 500ms
        seed: 18446744073709551615

        """;
}
