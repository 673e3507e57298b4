using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>
/// <c>ip link set dev DEVICE xdp obj FILE [sec NAME]</c> and <c>xdp off</c>, as ip(8) of iproute2 takes them, with <c>xdpdrv</c> and <c>xdpgeneric</c> for the mode and
/// <c>-force</c> to replace a program. No other object of ip is here.
/// </summary>
internal static class IpLink
{
    private const string Form = "ip [-force] link set dev DEVICE { xdp | xdpdrv | xdpgeneric } { off | obj FILE [sec NAME] }";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var words = new Queue<string>(arguments);
        bool replace = Take(words, "-force") || Take(words, "-f");
        if (!Take(words, "link") || !Take(words, "set"))
            return Complain(context, $"this machine's ip knows only: {Form}", 255);
        Take(words, "dev");
        if (!words.TryDequeue(out string? device))
            return Complain(context, "Not enough information: \"dev\" argument is required.", 255);
        if (!context.Host.Interfaces.Contains(device))
            return Complain(context, $"Cannot find device \"{device}\"", 1);
        if (!words.TryDequeue(out string? keyword) || keyword is not ("xdp" or "xdpdrv" or "xdpgeneric"))
            return Complain(context, $"this machine's ip knows only: {Form}", 255);
        XdpMode? mode = keyword switch { "xdpdrv" => XdpMode.Native, "xdpgeneric" => XdpMode.Generic, _ => null };
        XdpProgram? program = null;
        if (!Take(words, "off") && !TryReadObject(words, out program, out string problem))
            return Complain(context, problem, 255);
        if (words.Count > 0)
            return Complain(context, $"Error: either \"dev\" is duplicate, or \"{words.Peek()}\" is a garbage.", 255);
        EthtoolResult result = context.Host.AttachXdp(device, program, mode, replace);
        if (result.Errno == Errno.None)
            return 0;
        return Complain(context, result.Message is { } said ? $"Error: {said}." : $"RTNETLINK answers: {result.Errno.Text()}", 2);
    }

    private static bool TryReadObject(Queue<string> words, out XdpProgram? program, out string problem)
    {
        program = null;
        problem = $"this machine's ip knows only: {Form}";
        if (!(Take(words, "obj") || Take(words, "object")) || !words.TryDequeue(out string? file))
            return false;
        string name = file[(file.LastIndexOf('/') + 1)..];
        if (!XdpProgram.ByObject.TryGetValue(name, out IReadOnlyList<XdpProgram>? programs))
        {
            problem = $"{file}: no such program here; write one of {string.Join(", ", XdpProgram.ByObject.Keys)}";
            return false;
        }
        program = programs[0];
        if (!(Take(words, "sec") || Take(words, "section")))
            return true;
        problem = programs.Count == 1
            ? $"{file}: its section is \"{program.Section}\""
            : $"{file}: its sections are {string.Join(", ", programs.Select(one => one.Section))}";
        program = words.TryDequeue(out string? section) ? programs.FirstOrDefault(one => one.Section == section) : null;
        return program is not null;
    }

    private static bool Take(Queue<string> words, string word)
    {
        if (!words.TryPeek(out string? next) || next != word)
            return false;
        words.Dequeue();
        return true;
    }

    private static int Complain(ProgramContext context, string text, int status)
    {
        context.WriteError(text + "\n");
        return status;
    }
}
