using System.Text;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>What one command brought about, line by line, in a buffer of the C module's size.</summary>
internal sealed class TestLog(Kernel kernel)
{
    private const int Capacity = 8192 - 1;

    private readonly StringBuilder _text = new();

    /// <summary>A flood keeps the first lines only.</summary>
    public bool IsOff { get; set; }

    public void Clear() => _text.Clear();

    public void Note(string line)
    {
        if (IsOff) return;
        int room = Capacity - _text.Length;
        _text.Append(line.Length < room ? line + "\n" : line[..Math.Max(0, room)]);
    }

    /// <summary>The context a line is written in.</summary>
    public string Context => kernel.CurrentCpu switch
    {
        Cpu { InHardirq: true } => "hardirq",
        Cpu { InServingSoftirq: true } => "softirq",
        _ => "task",
    };

    public override string ToString() => _text.ToString();
}
