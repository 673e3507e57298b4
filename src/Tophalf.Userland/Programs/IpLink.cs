using System.Globalization;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>
/// ip(8) of iproute2 6.1, its object link: <c>ip [-d] [-s [-s]] link [show [dev DEVICE]]</c>, <c>ip link add … type vlan</c>, <c>ip link delete</c>, and of <c>ip link set</c> <c>up</c>, <c>down</c>,
/// <c>mtu</c>, <c>xdp obj FILE [sec NAME]</c> and <c>xdp off</c>, with <c>xdpdrv</c> and <c>xdpgeneric</c> for the mode and <c>-force</c> to replace a program. No other object of ip is here.
/// </summary>
internal static class IpLink
{
    public const int BadArgument = 255;

    private const string Form =
        "this machine's ip knows only: ip [-d] [-s [-s]] link [show [dev DEVICE]], ip link add link DEVICE name NAME type vlan id N, ip link delete DEVICE, "
        + "ip [-force] link set dev DEVICE { up | down | mtu N | vf N max_tx_rate MBPS | { xdp | xdpdrv | xdpgeneric } { off | obj FILE [sec NAME] } }";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        var words = new Queue<string>(arguments);
        bool replace = false, details = false;
        int statistics = 0;
        for (; words.TryPeek(out string? option) && option.StartsWith('-'); words.Dequeue())
        {
            if (option is "-force" or "-f")
                replace = true;
            else if (option is "-s" or "-stats" or "-statistics")
                statistics++;
            else if (option is "-d" or "-details")
                details = true;
            else
                return Complain(context, $"Option \"{option}\" is unknown, try \"ip -help\".", BadArgument);
        }
        if (!Take(words, "link"))
            return Complain(context, Form, BadArgument);
        if (words.Count == 0 || Take(words, "show") || Take(words, "list") || Take(words, "ls"))
            return Show(context, words, statistics, details);
        if (Take(words, "set"))
            return Set(context, words, replace);
        if (Take(words, "add"))
            return IpLinkAdd.Run(context, words);
        return Take(words, "delete") || Take(words, "del") ? Delete(context, words) : Complain(context, Form, BadArgument);
    }

    private static int Show(ProgramContext context, Queue<string> words, int statistics, bool details)
    {
        Take(words, "dev");
        if (!words.TryDequeue(out string? device))
        {
            context.Write(string.Concat(context.Host.Links.Select(link => IpLinkText.Of(link, statistics, details))));
            return 0;
        }
        if (words.Count > 0)
            return Complain(context, $"Error: either \"dev\" is duplicate, or \"{words.Peek()}\" is a garbage.", BadArgument);
        if (context.Host.Links.FirstOrDefault(link => link.Name == device) is not { } found)
            return Complain(context, $"Device \"{device}\" does not exist.", 1);
        context.Write(IpLinkText.Of(found, statistics, details));
        return 0;
    }

    private static int Delete(ProgramContext context, Queue<string> words)
    {
        Take(words, "dev");
        if (!words.TryDequeue(out string? device))
            return Complain(context, "Not enough information: \"dev\" argument is required.", BadArgument);
        if (words.Count > 0)
            return Complain(context, Form, BadArgument);
        return context.Host.Interfaces.Contains(device) ? Answer(context, context.Host.RemoveLink(device)) : Complain(context, $"Cannot find device \"{device}\"", 1);
    }

    private static int Set(ProgramContext context, Queue<string> words, bool replace)
    {
        Take(words, "dev");
        if (!words.TryDequeue(out string? device))
            return Complain(context, "Not enough information: \"dev\" argument is required.", BadArgument);
        if (!context.Host.Interfaces.Contains(device))
            return Complain(context, $"Cannot find device \"{device}\"", 1);
        return words.TryDequeue(out string? keyword) ? keyword switch
        {
            "up" or "down" when words.Count == 0 => Answer(context, context.Host.SetLinkUp(device, keyword == "up")),
            "mtu" => SetMtu(context, device, words),
            "vf" => SetFunction(context, device, words),
            "xdp" or "xdpdrv" or "xdpgeneric" => SetXdp(context, device, keyword, words, replace),
            _ => Complain(context, Form, BadArgument),
        } : Complain(context, Form, BadArgument);
    }

    private static int SetFunction(ProgramContext context, string device, Queue<string> words)
    {
        if (!words.TryDequeue(out string? number))
            return Complain(context, "Command line is not complete. Try option \"help\"", BadArgument);
        if (!int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int function))
            return Complain(context, $"Error: argument \"{number}\" is wrong: Invalid \"vf\" value\n", BadArgument);
        if (!(Take(words, "max_tx_rate") || Take(words, "rate")) || !words.TryDequeue(out string? rate) || words.Count > 0)
            return Complain(context, Form, BadArgument);
        if (!uint.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out uint megabits))
            return Complain(context, $"Error: argument \"{rate}\" is wrong: Invalid \"max tx rate\" value\n", BadArgument);
        return Answer(context, context.Host.SetFunctionLimit(device, function < 0 ? int.MaxValue : function, (int)Math.Min(megabits, int.MaxValue)));
    }

    private static int SetMtu(ProgramContext context, string device, Queue<string> words)
    {
        if (!words.TryDequeue(out string? text))
            return Complain(context, "Command line is not complete. Try option \"help\"", BadArgument);
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint mtu))
            return Complain(context, $"Error: argument \"{text}\" is wrong: Invalid \"mtu\" value\n", BadArgument);
        return words.Count > 0 ? Complain(context, $"Error: either \"dev\" is duplicate, or \"{words.Peek()}\" is a garbage.", BadArgument)
            : Answer(context, context.Host.SetMtu(device, (int)Math.Min(mtu, int.MaxValue)));
    }

    private static int SetXdp(ProgramContext context, string device, string keyword, Queue<string> words, bool replace)
    {
        XdpMode? mode = keyword switch { "xdpdrv" => XdpMode.Native, "xdpgeneric" => XdpMode.Generic, _ => null };
        XdpProgram? program = null;
        if (!Take(words, "off") && !TryReadObject(words, out program, out string problem))
            return Complain(context, problem, BadArgument);
        if (words.Count > 0)
            return Complain(context, $"Error: either \"dev\" is duplicate, or \"{words.Peek()}\" is a garbage.", BadArgument);
        return Answer(context, context.Host.AttachXdp(device, program, mode, replace));
    }

    /// <summary>What rtnetlink answered.</summary>
    public static int Answer(ProgramContext context, EthtoolResult result)
    {
        if (result.Errno == Errno.None)
            return 0;
        return Complain(context, result.Message is { } said ? $"Error: {said}." : $"RTNETLINK answers: {result.Errno.Text()}", 2);
    }

    private static bool TryReadObject(Queue<string> words, out XdpProgram? program, out string problem)
    {
        program = null;
        problem = Form;
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

    public static bool Take(Queue<string> words, string word)
    {
        if (!words.TryPeek(out string? next) || next != word)
            return false;
        words.Dequeue();
        return true;
    }

    public static int Complain(ProgramContext context, string text, int status)
    {
        context.WriteError(text + "\n");
        return status;
    }
}
