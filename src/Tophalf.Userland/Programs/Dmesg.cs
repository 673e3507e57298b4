namespace Tophalf.Userland.Programs;

/// <summary>dmesg [-c]: the kernel's ring buffer; with -c it is empty afterwards.</summary>
internal static class Dmesg
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var options = new OptionParser(arguments, "c", "", "[-c]");
        foreach (string line in context.Host.KernelLog)
            context.WriteLine(line);
        if (options.Has('c'))
            context.Host.ClearKernelLog();
        return 0;
    }
}
