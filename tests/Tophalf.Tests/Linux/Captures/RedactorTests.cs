using Tophalf.Linux;
using Tophalf.Linux.Captures;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Linux.Captures;

/// <summary>What tells one machine from another is replaced, the same by the same; what tells what it is made of stays.</summary>
public sealed class RedactorTests
{
    private const string Host = "db7.example.org";

    [Theory]
    // The same machine, card and address, however they are spelt.
    [InlineData("db7.example.org db7 DB7 db8.example.org", "host-1 host-2 host-2 host-3")]
    [InlineData("52:54:00:aa:bb:cc 52:54:00:AA:BB:CC 52-54-00-aa-bb-cc 5254.00aa.bbcc enx525400aabbcc", "02:00:00:00:00:01 02:00:00:00:00:01 02-00-00-00-00-01 0200.0000.0001 enx020000000001")]
    [InlineData("fe80::5054:ff:feaa:bbcc FE80:0:0:0:5054:00ff:feaa:bbcc fe80:0000:0000:0000:5054:00ff:feaa:bbcc%eth0 [fe80::5054:ff:feaa:bbcc]:22", "2001:db8::1 2001:db8::1 2001:db8::1%eth0 [2001:db8::1]:22")]
    [InlineData("10.1.2.3/24 via 10.1.2.1, ::ffff:10.1.2.3", "198.18.0.1/24 via 198.18.0.2, ::ffff:198.18.0.1")]
    [InlineData("to 10.1.2.3. From 2a00:1450::8.", "to 198.18.0.1. From 2001:db8::1.")]
    [InlineData("ip=10.0.0.2::10.0.0.1:255.255.255.0:web:eth0:off", "ip=198.18.0.1::198.18.0.2:255.255.255.0:web:eth0:off")]
    [InlineData("BOOTIF=01-52-54-00-aa-bb-cc 52:54:00:aa:bb:cc", "BOOTIF=01-02-00-00-00-00-01 02:00:00:00:00:01")]
    [InlineData("80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1", "02:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01")] // InfiniBand
    [InlineData("Capabilities: [140] Device Serial Number 3c-fd-fe-ff-ff-12-34-56", "Capabilities: [140] Device Serial Number serial-1")]
    [InlineData("root=UUID=1B4E28BA-2FA1-11D2-883F-B9A761BDE3FB resume=UUID=1b4e28ba-2fa1-11d2-883f-b9a761bde3fb", "root=UUID=00000000-0000-4000-8000-000000000001 resume=UUID=00000000-0000-4000-8000-000000000001")]
    [InlineData("root=PARTUUID=1234abcd-02 UUID=12AB-34CD", "root=PARTUUID=00000001-02 UUID=00000002")]
    [InlineData("usb 1-1: SerialNumber: 2006041234", "usb 1-1: SerialNumber: serial-1")]
    [InlineData("wwn-0x5000c500a1b2c3d4 naa.600508b1001c577e12345678abcdef01", "serial-1 serial-2")]
    [InlineData("iscsi_initiator=iqn.1993-08.org.debian:01:4c7c1f0e5a20 netroot=iscsi:@10.0.0.9::3260::iqn.2003-01.org.linux-iscsi:t1", "iscsi_initiator=iqn.2000-01.example:1 netroot=iscsi:@198.18.0.1::3260::iqn.2000-01.example:2")]
    [InlineData("Linux version 6.8.0-45-generic (buildd@lcy02-amd64-115) (gcc 13.2.0)", "Linux version 6.8.0-45-generic (user@host-3) (gcc 13.2.0)")]
    // What says nothing of a machine.
    [InlineData("0000:81:00.0 6.12.9-rc1 127.0.0.1 12:30:45 ::1 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff", null)]
    [InlineData("New USB device strings: Mfr=3, Product=2, SerialNumber=1", null)]
    [InlineData("mlx5_comp3@pci:0000:01:00.0 i40e-0000:81:00.0:misc IPI0:2768808080 [12d8:2404] (rev 05)", null)]
    [InlineData("ptrval 0xffffffff81000000 nmi 0x0000000000000000", null)]
    [InlineData("[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable", null)]
    public void Each_is_replaced_by_what_stands_for_it(string text, string? expected)
    {
        Redactor redactor = new([Host]);
        Assert.Equal(expected ?? text, redactor.Redact(text));
        Assert.Equal(expected ?? text, redactor.Redact(redactor.Redact(text)));
    }

    [Theory]
    [InlineData("nfsroot=filer:/srv", "filer")]
    [InlineData("[ 5.0] systemd[1]: Set hostname to <worker-12.dc3>.", "worker-12.dc3")]
    [InlineData("ip=10.0.0.2::10.0.0.1:255.255.255.0:web-4:eth0:off", "web-4")]
    [InlineData("systemd.hostname=build7 quiet", "build7")]
    [InlineData("nfs: server 10.0.0.3 not responding", "")]
    public void Logs_and_command_lines_give_hosts_away(string text, string host) => Assert.Equal(host, string.Join(' ', Redactor.HostsIn(text)));

    /// <summary>Other people's dumps hold addresses of cards and buses; readers have to find the same in them afterwards.</summary>
    [CorpusFact]
    public void Interrupts_and_traces_of_other_machines_read_the_same_afterwards()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, "interrupts"), "*.txt"))
        {
            string text = File.ReadAllText(path);
            string redacted = new Redactor([Host]).Redact(text);
            Assert.Equal(
                ProcInterrupts.ParseAll(text).SelectMany(dump => dump.Numbered.Select(row => (row.Irq, row.Total, row.Chip))),
                ProcInterrupts.ParseAll(redacted).SelectMany(dump => dump.Numbered.Select(row => (row.Irq, row.Total, row.Chip))));
        }
    }
}
