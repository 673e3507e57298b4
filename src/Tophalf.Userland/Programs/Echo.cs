namespace Tophalf.Userland.Programs;

/// <summary>echo [-neE] [TEXT]...: busybox's; an option it does not know is text.</summary>
internal static class Echo
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        bool newline = true, escapes = false;
        int first = 0;
        for (; first < arguments.Count && arguments[first] is ['-', _, ..] option && option[1..].All(c => c is 'n' or 'e' or 'E'); first++)
            foreach (char c in option[1..])
            {
                newline &= c != 'n';
                escapes = c == 'e' || escapes && c != 'E';
            }
        string text = string.Join(' ', arguments.Skip(first));
        bool stop = false;
        if (escapes)
            text = EscapeSequences.Expand(text, octalNeedsZero: true, out stop);
        context.Write(newline && !stop ? text + "\n" : text);
        return 0;
    }
}
