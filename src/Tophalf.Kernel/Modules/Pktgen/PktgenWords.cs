namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>How the files of pktgen read what is written to them: strn_len, count_trail_chars and num_arg of net/core/pktgen.c.</summary>
internal ref struct PktgenWords(string text)
{
    private int _at;

    private static bool IsGap(char c) => c is '"' or '\n' or '\r' or '\t' or ' ' or '=';

    /// <summary>The next word, at most so long; what is longer goes on as the one after it. An '=' ends no word.</summary>
    public string Word(int longest)
    {
        SkipGap();
        string word = Rest(longest);
        _at += word.Length;
        SkipGap();
        return word;
    }

    /// <summary>What follows, up to a gap that is no '='.</summary>
    public readonly string Rest(int longest)
    {
        int end = _at;
        while (end < text.Length && end - _at < longest && (!IsGap(text[end]) || text[end] == '=')) end++;
        return text[_at..end];
    }

    /// <summary>A decimal number of at most so many digits; 0 without any.</summary>
    public readonly ulong Number(int mostDigits)
    {
        ulong value = 0;
        for (int i = _at; i < text.Length && i - _at < mostDigits && char.IsAsciiDigit(text[i]); i++) value = value * 10 + (ulong)(text[i] - '0');
        return value;
    }

    private void SkipGap()
    {
        while (_at < text.Length && IsGap(text[_at])) _at++;
    }
}
