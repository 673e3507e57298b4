using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tophalf.Tests.Linux.WakeUps;
using Xunit;

namespace Tophalf.Tests.Linux.Network;

/// <summary>A test that sends packets between two network namespaces of the kernel it runs on: wants root, ip(8), ethtool(8) and two processors.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VethFactAttribute : FactAttribute
{
    public VethFactAttribute() => Skip = s_whyNot.Value;

    private static readonly Lazy<string?> s_whyNot = new(() =>
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return "a veth pair wants root on Linux";
        if (Environment.ProcessorCount < 2) return "one processor tells nothing of steering";
        try
        {
            using var pair = new VethPair();
            return null;
        }
        catch (Exception refused)
        {
            return "no veth pair to be had: " + refused.Message;
        }
    });
}

/// <summary>Two network namespaces joined by veth devices, <c>out</c> in the first and <c>in</c> in the second; gone when disposed.</summary>
internal sealed class VethPair : IDisposable
{
    private const int CloneNewNet = 0x4000_0000;
    private static readonly IPAddress s_from = IPAddress.Parse("198.18.0.1"), s_to = IPAddress.Parse("198.18.0.2");

    private readonly string _from = $"tophalf-{Environment.ProcessId}-out", _to = $"tophalf-{Environment.ProcessId}-in";

    public VethPair()
    {
        try
        {
            Command($"ip netns add {_from}");
            Command($"ip netns add {_to}");
            Command($"ip -n {_from} link add out type veth peer name in netns {_to}");
            // Nobody else is to send: no neighbour is asked for, and IPv6 is off.
            foreach ((string space, string device, IPAddress own, IPAddress other) in new[] { (_from, "out", s_from, s_to), (_to, "in", s_to, s_from) })
            {
                In(space, $"echo 1 > /proc/sys/net/ipv6/conf/{device}/disable_ipv6 2>/dev/null; ip addr add {own}/24 dev {device} && ip link set {device} up");
                string address = Command($"ip -n {(space == _from ? _to : _from)} -o link show {(device == "out" ? "in" : "out")}").Split("link/ether ")[1][..17];
                In(space, $"ip neigh replace {other} lladdr {address} dev {device} nud permanent");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A shell command where the receiving end is.</summary>
    public void AtReceiver(string command) => In(_to, command);

    public void AtSender(string command) => In(_from, command);

    private static void In(string space, string command) => Command($"ip netns exec {space} sh -c \"{command}\"");

    /// <summary>
    /// Sends datagrams one after the other from one processor to a socket whose thread is on another, and returns how long the sender took, and how many were received.
    /// A busy-poll time is set for the receiving socket alone; 0 for none.
    /// </summary>
    public (TimeSpan Took, int Received) Send(int count, int fromCpu, int toCpu, int busyPollUs)
    {
        using var ready = new ManualResetEventSlim();
        TimeSpan took = default;
        int received = 0;
        bool isOver = false;
        Func<bool> receiver = InSpace(_to, toCpu, () =>
        {
            using Socket socket = Udp();
            const int sockets = 1, busyPoll = 46, receiveBufferForce = 33;
            socket.SetRawSocketOption(sockets, receiveBufferForce, BitConverter.GetBytes(64 << 20));
            if (busyPollUs > 0) socket.SetRawSocketOption(sockets, busyPoll, BitConverter.GetBytes(busyPollUs));
            socket.Bind(new IPEndPoint(s_to, 9));
            socket.ReceiveTimeout = 300;
            ready.Set();
            Span<byte> datagram = stackalloc byte[64];
            while (received < count)
            {
                try
                {
                    socket.Receive(datagram);
                    received++;
                }
                catch (SocketException silence) when (silence.SocketErrorCode == SocketError.TimedOut)
                {
                    if (Volatile.Read(ref isOver)) return;
                }
            }
        });
        if (!ready.Wait(TimeSpan.FromSeconds(10))) throw new InvalidOperationException("the receiver does not start");
        Func<bool> sender = InSpace(_from, fromCpu, () =>
        {
            using Socket socket = Udp();
            socket.Connect(new IPEndPoint(s_to, 9));
            byte[] datagram = new byte[18];
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++) socket.Send(datagram);
            took = Stopwatch.GetElapsedTime(began);
        });
        sender();
        Volatile.Write(ref isOver, true);
        receiver();
        return (took, received);
    }

    private static Socket Udp() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>A thread of its own, since a namespace and a processor are a thread's; of a real-time class, so that the machine's other work does not count.</summary>
    private static Func<bool> InSpace(string space, int cpu, Action body) => RealTimeThread.Start(space, cpu, 10, () =>
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle($"/run/netns/{space}");
        if (SetNamespace(file.DangerousGetHandle().ToInt32(), CloneNewNet) != 0) throw new InvalidOperationException($"setns: error {Marshal.GetLastPInvokeError()}");
        body();
        return true;
    });

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int file, int type);

    private static string Command(string command)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{command}: status {process.ExitCode}: {error.Trim()}"));
    }

    public void Dispose()
    {
        foreach (string space in new[] { _from, _to })
        {
            if (File.Exists($"/run/netns/{space}")) Command($"ip netns del {space}");
        }
    }
}
