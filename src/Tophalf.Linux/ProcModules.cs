using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>A loaded module.</summary>
/// <param name="Bytes">Memory it takes.</param>
/// <param name="References">How often it is in use; −1 where it cannot be unloaded.</param>
/// <param name="UsedBy">Modules that need it.</param>
public sealed record KernelModule(string Name, long Bytes, int References, ImmutableArray<string> UsedBy, string State);

/// <summary>/proc/modules (kernel/module/procfs.c).</summary>
public sealed record ProcModules(ImmutableArray<KernelModule> Modules)
{
    public const string Path = "/proc/modules";

    private const int FewestColumns = 6;

    public static ProcModules Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    public static ProcModules Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        ImmutableArray<KernelModule>.Builder modules = ImmutableArray.CreateBuilder<KernelModule>();
        foreach (TextLine line in new TextLines(text))
        {
            if (line.Text.IsWhiteSpace())
                continue;
            string[] fields = line.Text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < FewestColumns || !Fields.TryCounter(fields[1], out long bytes))
                throw ReaderException.WrongFile(Path, line.Number, line.FirstColumn, $"not the {FewestColumns} columns of a module");
            // A kernel without CONFIG_MODULE_UNLOAD prints "-" for the count.
            int references = int.TryParse(fields[2], out int count) ? count : -1;
            ImmutableArray<string> usedBy = fields[3] == "-" ? [] : [.. fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries)];
            modules.Add(new KernelModule(fields[0], bytes, references, usedBy, fields[4]));
            ReaderLimits.CheckRows(modules.Count, line.Number);
        }
        return new ProcModules(modules.DrainToImmutable());
    }
}
