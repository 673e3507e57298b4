using System.Globalization;
using System.Text;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Bench;

/// <summary>
/// What top does with /proc/interrupts of a large machine once the kernel has handed it over: 23 MB, of which one counter in a hundred has changed.
/// </summary>
internal static class TopRefresh
{
    private const int Cpus = 512, Rows = 4000, Every = 100;
    private const int Readings = 20;

    private static readonly TwoTexts s_machine = new(Text(0), Text(1000));

    private static readonly CounterTable s_table = new(ProcInterrupts.Path);

    public static Sample Run()
    {
        // The first readings find room for what follows.
        for (int i = 0; i < 4; i++) s_table.Refresh(s_machine);
        return Sample.Of(() =>
        {
            for (int i = 0; i < Readings; i++) s_table.Refresh(s_machine);
            return Readings;
        });
    }

    private static byte[] Text(int more)
    {
        var text = new StringBuilder("     ");
        for (int cpu = 0; cpu < Cpus; cpu++) text.Append(CultureInfo.InvariantCulture, $"CPU{cpu,-8}");
        for (int row = 0; row < Rows; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{row,4}:");
            for (int cpu = 0; cpu < Cpus; cpu++)
                text.Append(CultureInfo.InvariantCulture, $"{((row + cpu) % Every == 0 ? row + cpu + more : 0),10} ");
            text.Append(CultureInfo.InvariantCulture, $" IR-PCI-MSIX-0000:81:00.0 {row}-edge      eth0-TxRx-{row}");
        }
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    /// <summary>Hands over two texts in turn without a copy, so that reading them from the kernel is not measured.</summary>
    private sealed class TwoTexts(params byte[][] texts) : ILinuxMachine
    {
        private int _reads;

        public int Read(string path, ref byte[] buffer) => (buffer = texts[_reads++ % texts.Length]).Length;
        public string Read(string path) => throw new LinuxException(Errno.ENOENT, path);
        public void Write(string path, string text) => throw new LinuxException(Errno.EROFS, path);
        public IReadOnlyList<string> List(string path) => throw new LinuxException(Errno.ENOENT, path);
        public CommandResult Run(string commandLine) => throw new LinuxException(Errno.EOPNOTSUPP, commandLine);
        public long NowNs => _reads;

        public void Sleep(long durationNs)
        {
        }
    }
}
