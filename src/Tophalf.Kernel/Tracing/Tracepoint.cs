using System.Text;
using Tophalf.Kernel.Procfs;

namespace Tophalf.Kernel.Tracing;

/// <summary>A field of an event's record, laid out as the C structure of it is.</summary>
/// <param name="Type">The C type.</param>
/// <param name="Name">Its name; the length in brackets belongs to the declaration.</param>
/// <param name="Offset">Bytes from the record's beginning.</param>
/// <param name="Size">Its bytes.</param>
public readonly record struct TraceField(string Type, string Name, int Offset, int Size);

/// <summary>Writes what stands behind the event's name in a line of the trace.</summary>
public delegate string TraceText(in TraceRecord record);

/// <summary>One tracepoint (include/trace/events, arch/x86/include/asm/trace): what it is called, what its record holds, how a record is printed, and whether it is on.</summary>
public sealed class Tracepoint
{
    /// <summary>Behind the four common fields: type, flags, preempt count, pid.</summary>
    private const int FirstOffset = 8;

    private readonly string _printFormat;
    private readonly TraceText _text;

    /// <param name="system">The folder it is in.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fields">"TYPE NAME; TYPE NAME …" in the record's order.</param>
    /// <param name="printFormat">As the format file has it behind "print fmt: ".</param>
    /// <param name="text">The same, as code.</param>
    internal Tracepoint(string system, string name, string fields, string printFormat, TraceText text)
    {
        System = system;
        Name = name;
        _printFormat = printFormat;
        _text = text;
        var laidOut = new List<TraceField>();
        int offset = FirstOffset;
        foreach (string declaration in fields.Split("; "))
        {
            int blank = declaration.LastIndexOf(' ');
            string type = declaration[..blank], field = declaration[(blank + 1)..];
            int size = SizeOf(type, field), alignment = field.Contains('[') ? 1 : size;
            offset = (offset + alignment - 1) / alignment * alignment;
            laidOut.Add(new TraceField(type, field, offset, size));
            offset += size;
        }
        Fields = laidOut;
        Size = (offset + 3) / 4 * 4;
    }

    public string System { get; }
    public string Name { get; }

    /// <summary>The number in the records and in the file id; given by the order of registration.</summary>
    public int Id { get; internal set; }

    public IReadOnlyList<TraceField> Fields { get; }

    /// <summary>Bytes of a record without its strings.</summary>
    public int Size { get; }

    /// <summary>The one question on the way of an interrupt.</summary>
    public bool IsEnabled { get; internal set; }

    public string Text(in TraceRecord record) => _text(record);

    /// <summary>The file format (kernel/trace/trace_events.c f_show).</summary>
    internal string Format(KernelProfile profile)
    {
        var text = new StringBuilder($"name: {Name}\nID: {Id}\nformat:\n");
        text.Append("\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n");
        text.Append("\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n");
        foreach (TraceField field in Fields)
            text.Append($"\tfield:{field.Type} {field.Name};\toffset:{field.Offset};\tsize:{field.Size};\tsigned:{(IsSigned(field.Type, profile) ? 1 : 0)};\n");
        return text.Append($"\nprint fmt: {_printFormat}\n").ToString();
    }

    private static int SizeOf(string type, string field) => type switch
    {
        "bool" => 1,
        "char" => int.Parse(field.AsSpan(field.IndexOf('[') + 1).TrimEnd(']')),
        "void *" or "struct napi_struct *" or "s64" or "long" or "unsigned long" => 8,
        _ => 4, // int, unsigned int, pid_t, and the place of a string
    };

    private static bool IsSigned(string type, KernelProfile profile) =>
        type is "int" or "pid_t" or "s64" or "long" || type.Contains("char", StringComparison.Ordinal) && !profile.HasUnsignedChar;
}
