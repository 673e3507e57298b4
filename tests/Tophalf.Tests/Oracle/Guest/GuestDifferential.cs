using System.Globalization;
using System.Text;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>Runs generated scripts in an emulator and on our hardware, and on a difference cuts the script to the shortest that still shows it.</summary>
internal sealed class GuestDifferential(GuestMachine machine, GuestRules rules, int cpus, bool x2Apic = false)
{
    /// <summary>Operations compared.</summary>
    public int Operations { get; private set; }

    /// <summary>All scripts in one boot; each invents <paramref name="length"/> operations, some of which the rules leave out.</summary>
    public void Run(ulong seed, int scripts, int length)
    {
        List<List<Step>> all = [];
        for (int number = 0; number < scripts; number++)
        {
            RandomStream random = new(seed, string.Create(CultureInfo.InvariantCulture, $"guest script {number} of {cpus} cpus"));
            GuestGenerator generator = new(random, cpus, rules, x2Apic);
            all.Add(Expect(Enumerable.Range(0, length).SelectMany(_ => generator.Invent())));
        }
        string[] answers = RunAll(all);
        int at = 0;
        foreach (List<Step> script in all)
        {
            at++;
            if (Differs(script, answers, at) is { } difference)
            {
                string shortest = Shrink(script, difference);
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {cpus} CPUs: {rules.Name} and the twin differ\n{shortest}"));
            }
            Operations += script.Count;
            at += script.Count;
        }
    }

    private string[] RunAll(IEnumerable<List<Step>> scripts)
    {
        List<(GuestOperation, int)> operations = [];
        foreach (List<Step> script in scripts)
        {
            operations.Add((new GuestOperation(GuestCode.Reset, 0, x2Apic ? 1u : 0), (1 << cpus) - 1));
            operations.AddRange(script.Select(step => (step.Operation, step.Alive)));
        }
        return machine.Run(operations, cpus);
    }

    /// <summary>Takes the operations on our side, without those the rules leave out and those that would end in shutdown.</summary>
    private List<Step> Expect(IEnumerable<GuestOperation> operations)
    {
        GuestTwin twin = new(cpus, x2Apic);
        List<Step> script = [];
        foreach (GuestOperation operation in operations)
        {
            if ((twin.Alive >> operation.Cpu & 1) == 0 || !rules.MayCompare(operation, twin)) continue;
            string line = twin.Run(operation);
            if (twin.HasShutDown)
            {
                twin = new(cpus, x2Apic);
                foreach (Step step in script) twin.Run(step.Operation);
                continue;
            }
            script.Add(new Step(operation, twin.Alive, line));
        }
        return script;
    }

    /// <summary>Null if all lines from <paramref name="at"/> on agree; otherwise the story up to the first that does not.</summary>
    private string? Differs(List<Step> script, string[] answers, int at)
    {
        for (int i = 0; i < script.Count; i++)
        {
            Step step = script[i];
            string theirs = at + i < answers.Length ? answers[at + i] : " nothing";
            string expected = rules.Translate(step.Operation, step.Line), got = rules.Mask(step.Operation, theirs);
            if (expected == got) continue;
            StringBuilder story = new();
            for (int j = 0; j <= i; j++) story.Append(CultureInfo.InvariantCulture, $"  {script[j].Operation}{script[j].Line}\n");
            return story.Append(CultureInfo.InvariantCulture, $"  {rules.Name}:{got}\n  twin:{expected}\n").ToString();
        }
        return null;
    }

    /// <summary>
    /// Leaves out ever smaller pieces for as long as a difference remains (Zeller, "Simplifying and isolating failure-inducing input", 2002);
    /// all candidates of one size run in one boot. Returns the story of the shortest.
    /// </summary>
    private string Shrink(List<Step> script, string difference)
    {
        for (int piece = Math.Max(script.Count / 2, 1); piece >= 1;)
        {
            List<List<Step>> candidates = [];
            for (int from = 0; from < script.Count; from += piece)
                candidates.Add(Expect(script.Where((_, i) => i < from || i >= from + piece).Select(step => step.Operation)));
            if (FirstThatDiffers(candidates) is { } smaller && smaller.Script.Count < script.Count) (script, difference) = smaller;
            else piece /= 2;
        }
        return difference;
    }

    private (List<Step> Script, string Difference)? FirstThatDiffers(List<List<Step>> candidates)
    {
        string[] answers = RunAll(candidates);
        int at = 0;
        foreach (List<Step> candidate in candidates)
        {
            at++;
            if (Differs(candidate, answers, at) is { } found) return (candidate, found);
            at += candidate.Count;
        }
        return null;
    }

    private sealed record Step(GuestOperation Operation, int Alive, string Line);
}
