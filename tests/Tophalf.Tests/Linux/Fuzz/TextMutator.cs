using System.Text;
using Tophalf.Simulation;

namespace Tophalf.Tests.Linux.Fuzz;

/// <summary>Damages a file the way mail programs, editors and enemies do. The same stream of chance gives the same damage.</summary>
internal sealed class TextMutator(RandomStream random)
{
    private const int Largest = 1 << 14;

    private static readonly byte[][] s_words =
    [
        .. new[]
        {
            "CPU0", "CPU7", "CPU99999999999", "18446744073709551616", "9223372036854775807", "-1", "0", ":", ": ", "\n", "\r\n", "\0", "  ", "\t", "IPI0:", "NET_RX:", "-edge",
            "cpu ", "cpu9999 ", "intr ", "version 15\n", "some avg10=", "Pre-set maximums:", "NIC statistics:\n", "[{\"ifname\":", "}}]", "/* ", " */", "[000]", "1e309", "NaN",
            "proc/irq/24/../../x: 1", "sys/kernel/irq/1: 1", "irq 7: nobody cared", "handlers:\n", "[<0>] f", "0000:00:00.0 ", "# tracer: nop\n", "\u00AD", "\uFFFD", "^M", "> ",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public byte[] Mutate(byte[] original, byte[] other)
    {
        List<byte> bytes = [.. original];
        for (int steps = 1 + random.NextInt(6); steps > 0; steps--)
            Step(bytes, other);
        return bytes.Count <= Largest ? [.. bytes] : [.. bytes.Take(Largest)];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        int at = random.NextInt(bytes.Count + 1);
        int length = Math.Min(random.NextInt(64), bytes.Count - at);
        switch (random.NextInt(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] = (byte)random.NextInt(256);
                break;
            case 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.NextInt(8));
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(at, s_words[random.NextInt(s_words.Length)]);
                break;
            case 5:
                int from = random.NextInt(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.NextInt(256), other.Length - from)).ToArray());
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                for (int i = at; i < at + length; i++)
                    bytes[i] = (byte)('0' + random.NextInt(10));
                break;
        }
    }
}
