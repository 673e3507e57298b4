using System.Globalization;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary><c>ip link add link DEVICE [name] NAME type vlan id N</c> (ip/iplink.c and ip/iplink_vlan.c of iproute2 6.1); no other type is here.</summary>
internal static class IpLinkAdd
{
    private const int LongestName = 15;

    public static int Run(ProgramContext context, Queue<string> words)
    {
        string? link = null, name = null, type = null;
        while (type is null && words.TryDequeue(out string? word))
        {
            bool isValue = word is "link" or "name" or "dev" or "type";
            string? value = word;
            if (isValue && !words.TryDequeue(out value))
                return Incomplete(context);
            if (word is "type")
                type = value;
            else if (word is "link")
                link = value;
            else if (name is not null)
                return IpLink.Complain(context, $"Error: either \"dev\" is duplicate, or \"{value}\" is a garbage.", IpLink.BadArgument);
            else if (!IsName(value))
                return IpLink.Complain(context, $"Error: argument \"{value}\" is wrong: {(isValue ? $"\"{word}\"" : "\"dev\"")} not a valid ifname", IpLink.BadArgument);
            else
                name = value;
        }
        if (type is not (null or "vlan"))
            return IpLink.Complain(context, $"{type}: this machine's ip makes devices of type vlan alone", IpLink.BadArgument);
        int? id = null;
        while (words.TryDequeue(out string? word))
        {
            if (word != "id")
                return IpLink.Complain(context, $"vlan: \"{word}\" is not known to this machine's ip; write id N", IpLink.BadArgument);
            if (!words.TryDequeue(out string? text))
                return Incomplete(context);
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
                return IpLink.Complain(context, $"Error: argument \"{text}\" is wrong: id is invalid", IpLink.BadArgument);
            id = number;
        }
        if (name is null)
            return IpLink.Complain(context, "Not enough information: \"dev\" argument is required.", IpLink.BadArgument);
        if (type is null)
            return IpLink.Answer(context, new(Errno.EOPNOTSUPP));
        return link is not null && !context.Host.Interfaces.Contains(link)
            ? IpLink.Complain(context, $"Cannot find device \"{link}\"", 1)
            : IpLink.Answer(context, context.Host.AddVlan(link, name, id));
    }

    private static int Incomplete(ProgramContext context) => IpLink.Complain(context, "Command line is not complete. Try option \"help\"", IpLink.BadArgument);

    /// <summary>check_ifname of lib/utils.c.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && !name.Any(letter => letter is '/' || char.IsWhiteSpace(letter));
}
