using System.Globalization;
using System.Text;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Oracle;

/// <summary>Runs generated scripts on QEMU's device and on ours, and on a difference cuts the script to the shortest that still shows it.</summary>
internal sealed class QemuDifferential<TStep>(QemuMachine qemu, QemuSubject<TStep> subject)
{
    private bool _line;

    /// <summary>Commands compared so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Runs scripts of <paramref name="length"/> steps until <paramref name="operations"/> commands have been compared.</summary>
    public void Run(ulong seed, long operations, int length)
    {
        for (int number = 0; Operations < operations; number++)
        {
            RandomStream random = new(seed, string.Create(CultureInfo.InvariantCulture, $"script {number}"));
            subject.Reset();
            TStep[] script = [.. Enumerable.Range(0, length).Select(_ => subject.Invent(random))];
            if (Compare(script) is not { } difference) continue;
            string shortest = Compare(ShortestScript.Of(script, Compare)) ?? $"only in the whole script:\n{difference}";
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, script {number}: QEMU and the twin differ\n{shortest}"));
        }
    }

    /// <summary>Null if both sides agree; otherwise the script with every answer, the difference last.</summary>
    private string? Compare(TStep[] script)
    {
        foreach (QemuReply reply in qemu.Run(subject.ResetCommands)) _line = reply.Line ?? _line;
        qemu.TakeMessages();
        subject.Reset();
        List<QemuExchange> exchanges = [];
        foreach (TStep step in script)
        {
            if (subject.Exchanges(step) is { } more) exchanges.AddRange(more);
        }
        QemuReply[] replies = qemu.Run([.. exchanges.Select(e => e.Command)]);
        Operations += exchanges.Count;

        StringBuilder story = new();
        for (int i = 0; i < exchanges.Count; i++)
        {
            QemuExchange e = exchanges[i];
            QemuReply reply = replies[i];
            _line = reply.Line ?? _line;
            bool sameValue = ((reply.Value ^ e.Value) & e.Mask) == 0, sameLine = e.Line is null || e.Line == _line;
            if (sameValue && sameLine && story.Length == 0) continue;
            if (story.Length == 0) story.Append(Told(exchanges, i));
            if (!sameValue || !sameLine) return story.Append(CultureInfo.InvariantCulture, $"<- QEMU {reply.Value:x} line {_line}, twin {e.Value:x} line {e.Line}\n").ToString();
        }
        return CompareMessages(exchanges);
    }

    private string? CompareMessages(List<QemuExchange> exchanges)
    {
        List<string> theirs = [.. qemu.TakeMessages().Select(subject.Shorten)];
        if (subject.Messages is not { } ours || ours.SequenceEqual(theirs)) return null;
        return $"{Told(exchanges, exchanges.Count - 1)}messages\n  QEMU {string.Join(", ", theirs)}\n  twin {string.Join(", ", ours)}\n";
    }

    private static string Told(List<QemuExchange> exchanges, int last)
    {
        StringBuilder story = new();
        for (int i = 0; i <= last; i++) story.Append(CultureInfo.InvariantCulture, $"  {exchanges[i].Command}   {exchanges[i].Value:x}\n");
        return story.ToString();
    }
}
