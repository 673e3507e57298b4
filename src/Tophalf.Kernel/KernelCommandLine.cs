namespace Tophalf.Kernel;

/// <summary>The kernel's command line as its parameters see it (next_arg, lib/cmdline.c): blanks separate, double quotes keep blanks together.</summary>
public static class KernelCommandLine
{
    /// <summary>Each parameter with its value, in order; the value of one without '=' is empty.</summary>
    public static IEnumerable<(string Name, string Value)> Parse(string cmdline)
    {
        int at = 0;
        while (at < cmdline.Length)
        {
            if (IsBlank(cmdline[at]))
            {
                at++;
                continue;
            }
            int start = at;
            bool isQuoted = false;
            for (; at < cmdline.Length && (isQuoted || !IsBlank(cmdline[at])); at++) isQuoted ^= cmdline[at] == '"';
            string word = cmdline[start..at];
            int equals = word.IndexOf('=');
            yield return equals < 0 ? (word.Trim('"'), "") : (word[..equals].TrimStart('"'), word[(equals + 1)..].Trim('"'));
        }
    }

    private static bool IsBlank(char letter) => letter is ' ' or '\t' or '\n';
}
