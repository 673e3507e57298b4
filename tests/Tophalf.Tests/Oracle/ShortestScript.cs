namespace Tophalf.Tests.Oracle;

/// <summary>Cuts a script that shows a difference (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).</summary>
internal static class ShortestScript
{
    /// <summary>Leaves out ever smaller pieces for as long as <paramref name="difference"/> still finds one.</summary>
    public static TStep[] Of<TStep>(TStep[] script, Func<TStep[], string?> difference)
    {
        for (int piece = script.Length / 2; piece >= 1; piece /= 2)
        {
            for (int at = 0; at < script.Length;)
            {
                TStep[] without = [.. script[..at], .. script[Math.Min(at + piece, script.Length)..]];
                if (difference(without) is null) at += piece;
                else script = without;
            }
        }
        return script;
    }
}
