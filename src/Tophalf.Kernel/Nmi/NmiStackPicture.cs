using System.Text;
using Tophalf.Hardware.Memory;

namespace Tophalf.Kernel.Nmi;

/// <summary>The words at the top of an NMI stack, with what the entry code keeps there and what is in it now.</summary>
public static class NmiStackPicture
{
    private const int WordsNaive = 5, Words = 17;
    private static readonly string[] Frame = ["ss", "rsp", "rflags", "cs", "rip"];

    /// <param name="memory">The machine's RAM.</param>
    /// <param name="top">The stack's top, as the TSS has it.</param>
    /// <param name="isNaive">Only the frame hardware pushed.</param>
    /// <param name="nameOf">Says what an address in RIP is; null for a number.</param>
    public static string Draw(PhysicalMemory memory, ulong top, bool isNaive, Func<ulong, string?> nameOf)
    {
        var text = new StringBuilder();
        for (int word = 1; word <= (isNaive ? WordsNaive : Words); word++)
        {
            ulong value = memory.Read64(top - (ulong)word * sizeof(ulong));
            string name = NameOf(word);
            string shown = name.EndsWith("rip", StringComparison.Ordinal) && nameOf(value) is { } known ? known : $"{value:x}";
            text.Append($"{$"top-{word * sizeof(ulong)}",-8} {name,-17} {shown}\n");
        }
        return text.ToString();
    }

    private static string NameOf(int word) => word switch
    {
        <= 5 => $"original {Frame[word - 1]}",
        6 => "saved rdx",
        7 => "executing",
        <= 12 => $"iret {Frame[word - 8]}",
        _ => $"outermost {Frame[word - 13]}",
    };
}
