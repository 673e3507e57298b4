using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>
/// Every verb that reads the machine, on this very kernel, for somebody who may not see all of it: no root, a container's /proc and /sys, no tracefs. Mounts are
/// made in a name space of their own.
/// </summary>
public sealed class HiddenMachineTests
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    /// <summary>The files a container's runtime covers, and tracefs, which it does not mount.</summary>
    private const string Hide = "for path in /proc/irq /sys/kernel/irq /sys/class/net /sys/bus/pci /sys/kernel/tracing; do [ -d $path ] && mount -t tmpfs none $path; done";

    [NobodyFact]
    public void Without_root_interrupts_are_watched_and_what_wants_root_is_named()
    {
        string output = Run($"""
            {AsNobody} $TOPHALF top --batch --trace -d 0.1; echo "status $?"
            {AsNobody} $TOPHALF doctor --for 100ms; echo "status $?"
            file=$(mktemp -u)
            {AsNobody} $TOPHALF capture --for 100ms -o $file; echo "status $?"
            $TOPHALF show $file | head -n 3
            rm -f $file
            """);
        Assert.Contains("\nno handler times: ", output);
        Assert.Matches(@"\nirq +per s ", output);
        Assert.Contains("a trace of interrupt events", output);
        Assert.Matches(@"\ncapture: |: a capture", output);
        Assert.Equal("0|0|0", Statuses(output));
    }

    [NobodyFact]
    public void In_a_container_that_hides_devices_every_verb_says_what_it_cannot_see_and_shows_the_rest()
    {
        string output = Run($"""
            exec unshare --mount sh -c '{Hide}
            {AsNobody} $TOPHALF top --batch --trace -d 0.1; echo "status $?"
            {AsNobody} $TOPHALF doctor --for 100ms; echo "status $?"
            file=$(mktemp -u)
            {AsNobody} $TOPHALF capture --for 100ms -o $file; echo "status $?"; rm -f $file
            {AsNobody} $TOPHALF show /proc/interrupts | head -n 1'
            """);
        Assert.Contains("\nnot to be seen: /proc/irq: nothing is in it\n", output);
        Assert.Matches(@"\nLOC +[\d.,]+ ", output);
        Assert.Contains("\nno handler times: ", output);
        Assert.Contains("\n  no network interface with interrupts of its own  silent: ", output);
        Assert.Matches(@"\n  /proc/irq/default_smp_affinity +No such file or directory; ", output);
        Assert.Contains("/proc/interrupts: /proc/interrupts of ", output);
        Assert.Equal("0|0|0", Statuses(output));
    }

    [NobodyFact]
    public void Where_even_the_list_of_interrupts_is_kept_from_us_the_rest_is_shown()
    {
        string output = Run($"""
            exec unshare --mount sh -c '{Hide}
            secret=$(mktemp); chmod 0 $secret; mount --bind $secret /proc/interrupts; rm -f $secret
            {AsNobody} $TOPHALF top --batch -d 0.1; echo "status $?"
            {AsNobody} $TOPHALF doctor --for 100ms; echo "status $?"
            {AsNobody} $TOPHALF show /proc/interrupts /proc/softirqs | head -n 3
            {AsNobody} $TOPHALF run --for 1ms; echo "status $?"'
            """);
        Assert.Contains("\nnot to be seen: /proc/interrupts: Permission denied\n", output);
        Assert.Contains("\nsoftirqs: ", output);
        Assert.Contains("\n  /proc/interrupts: Permission denied  silent: ", output);
        Assert.Contains("tophalf: /proc/interrupts:1:1: Permission denied; give a file that can be read\n", output);
        Assert.Contains("/proc/softirqs: /proc/softirqs of ", output);
        Assert.Contains("tophalf: /proc/interrupts: Permission denied, and a twin of this host is made of it; run it where it can be read, or name a scenario\n", output);
        Assert.Equal("0|0|2", Statuses(output));
    }

    [NobodyFact]
    public void Where_only_our_own_processes_are_to_be_seen_rules_about_others_are_silent()
    {
        string output = Run($"""
            exec unshare --mount sh -c 'mount -t proc -o hidepid=2 proc /proc
            {AsNobody} $TOPHALF top --batch -d 0.1; echo "status $?"
            {AsNobody} $TOPHALF doctor --for 100ms; echo "status $?"'
            """);
        Assert.Contains("\nnot to be seen: /proc/PID of kernel threads: only processes of ours are to be seen\n", output);
        Assert.Matches(@"\n  /proc/PID/stat: only processes of ours are to be seen \(a container, or hidepid\)\s+silent: several-mask-owners", output);
        Assert.Equal("0|0", Statuses(output));
    }

    /// <summary>A doctor may find something on any machine, which is no failure.</summary>
    private static string Statuses(string output) =>
        string.Join('|', output.Split('\n').Where(line => line.StartsWith("status ", StringComparison.Ordinal)).Select(line => line["status ".Length..]).Select(status => status == "1" ? "0" : status));

    private static string Run(string script) => TophalfProcess.Script(script).Output;
}

/// <summary>A test that gives up root's rights and makes name spaces: wants root, util-linux, and a build that everybody may read.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NobodyFactAttribute : FactAttribute
{
    public NobodyFactAttribute() => Skip = s_whyNot.Value;

    private static readonly Lazy<string?> s_whyNot = new(() =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "needs root, to give it up"
        : !File.Exists(ProcInterrupts.Path) ? "there is no /proc/interrupts here"
        : TophalfProcess.Script("unshare --mount setpriv --reuid=65534 --regid=65534 --clear-groups $TOPHALF --version").Status != 0 ? "needs unshare and setpriv of util-linux, and a folder that nobody may read from"
        : null);
}
