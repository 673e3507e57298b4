using Tophalf.Userland.Ethtool;

namespace Tophalf.Userland.Programs;

/// <summary>The programs this machine carries, by name.</summary>
internal static class ProgramTable
{
    private static readonly string[] Directories = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];

    private static readonly Dictionary<string, ProgramEntry> Entries = new(StringComparer.Ordinal)
    {
        ["["] = TestProgram.RunBracket,
        ["bpftool"] = BpfTool.Run,
        ["cat"] = Cat.Run,
        ["cut"] = Cut.Run,
        ["dmesg"] = Dmesg.Run,
        ["echo"] = Echo.Run,
        ["ethtool"] = EthtoolProgram.Run,
        ["false"] = (_, _) => 1,
        ["grep"] = Grep.Run,
        ["head"] = Head.Run,
        ["insmod"] = Modules.RunInsmod,
        ["ip"] = IpLink.Run,
        ["ls"] = Ls.Run,
        ["nproc"] = Nproc.Run,
        ["nstat"] = Nstat.Run,
        ["printf"] = Printf.Run,
        ["rm"] = TouchAndRemove.RunRemove,
        ["rmmod"] = Modules.RunRmmod,
        ["sed"] = Sed.Run,
        ["seq"] = Seq.Run,
        ["sleep"] = Sleep.Run,
        ["sort"] = Sort.Run,
        ["sysctl"] = Sysctl.Run,
        ["tail"] = Tail.Run,
        ["tee"] = Tee.Run,
        ["test"] = TestProgram.Run,
        ["touch"] = TouchAndRemove.RunTouch,
        ["tr"] = Tr.Run,
        ["true"] = (_, _) => 0,
        ["uname"] = Uname.Run,
        ["uniq"] = Uniq.Run,
        ["wc"] = Wc.Run,
        ["ynl"] = Ynl.Run,
    };

    /// <summary>By bare name, or by a path into one of the directories of programs; null where there is none.</summary>
    public static ProgramEntry? Find(string command)
    {
        string directory = Directories.FirstOrDefault(d => command.StartsWith(d, StringComparison.Ordinal)) ?? "";
        return Entries.GetValueOrDefault(command[directory.Length..]);
    }
}
