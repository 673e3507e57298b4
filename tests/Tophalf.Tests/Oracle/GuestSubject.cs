using System.Globalization;
using System.Text;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Oracle;

/// <summary>
/// A timer both sides have. Because the guest's instructions take known time, ours can go first: each step is taken at the moment the guest will
/// reach it, and gives the answer to expect, or says that it is one of the exceptions listed in docs/hardware-qemu.md.
/// </summary>
internal abstract class GuestSubject<TStep>
{
    private readonly List<(GuestStep Step, uint Value, uint Mask)> _script = [];
    private long _instructions;

    protected EventQueue Events { get; private set; } = new();

    /// <summary>Guest steps compared so far.</summary>
    public long Operations { get; private set; }

    protected abstract TStep Invent(RandomStream random);

    /// <summary>A new device of ours, and the accesses that bring it and the machine around it into a known state.</summary>
    protected abstract void Reset();

    /// <summary>Takes the step on our side, or leaves it out.</summary>
    protected abstract void Take(TStep step);

    /// <summary>The last steps of every script.</summary>
    protected virtual void Finish()
    {
    }

    /// <summary>Interrupt messages ours has sent, as QEMU's trace prints them; null if they are not compared.</summary>
    protected virtual List<string>? Messages => null;

    /// <summary>Runs scripts until so many guest steps have been compared.</summary>
    public void Run(QemuGuest guest, ulong seed, long operations, int length)
    {
        for (int number = 0; Operations < operations; number++)
        {
            RandomStream random = new(seed, string.Create(CultureInfo.InvariantCulture, $"script {number}"));
            TStep[] script = [.. Enumerable.Range(0, length).Select(_ => Invent(random))];
            if (Compare(guest, script) is not { } difference) continue;
            string shortest = Compare(guest, ShortestScript.Of(script, cut => Compare(guest, cut))) ?? $"only in the whole script:\n{difference}";
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, script {number}: QEMU and the twin differ\n{shortest}"));
        }
    }

    /// <summary>When the next step will touch the device.</summary>
    protected long AccessPs => (_instructions + GuestRom.InstructionsBefore + GuestRom.InstructionsToAccess) * QemuGuest.InstructionPs;

    /// <summary>Brings our side to that moment.</summary>
    protected long Arrive()
    {
        Events.RunUntil(AccessPs);
        return Events.NowPs;
    }

    /// <summary>Adds the next step.</summary>
    protected void Do(GuestStep step, uint value = 0, uint mask = 0)
    {
        _script.Add((step, value, mask));
        _instructions += GuestRom.InstructionsBefore + step.InstructionsAfter;
    }

    private string? Compare(QemuGuest guest, TStep[] script)
    {
        _script.Clear();
        _instructions = 0;
        Events = new EventQueue();
        Reset();
        foreach (TStep step in script) Take(step);
        Finish();
        GuestResult[] results = guest.Run([.. _script.Select(s => s.Step)]);
        Operations += results.Length;
        StringBuilder story = new();
        for (int i = 0; i < results.Length; i++)
        {
            (GuestStep step, uint value, uint mask) = _script[i];
            bool same = ((results[i].Value ^ value) & mask) == 0;
            story.Append(CultureInfo.InvariantCulture, $"  {results[i].AtPs / SimTime.Nanosecond,10} ns  {step}   {(mask == 0 ? "" : $"{value:x}")}\n");
            if (!same) return story.Append(CultureInfo.InvariantCulture, $"<- QEMU {results[i].Value:x}, twin {value:x}, mask {mask:x}\n").ToString();
        }
        List<string> theirs = guest.TakeMessages();
        if (Messages is not { } ours || ours.SequenceEqual(theirs)) return null;
        return $"{story}messages\n  QEMU {string.Join(", ", theirs)}\n  twin {string.Join(", ", ours)}\n";
    }
}
