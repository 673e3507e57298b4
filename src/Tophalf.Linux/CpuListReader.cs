namespace Tophalf.Linux;

/// <summary>
/// One region of a CPU list (lib/bitmap-str.c, struct region): of CPUs <see cref="Start"/> to <see cref="End"/>,
/// the first <see cref="Used"/> of every <see cref="GroupLength"/>.
/// </summary>
internal readonly record struct CpuListRegion(uint Start, uint End, uint Used, uint GroupLength)
{
    public Errno Check(uint nrCpuIds)
    {
        if (Start > End || GroupLength == 0 || Used > GroupLength)
            return Errno.EINVAL;
        return End >= nrCpuIds ? Errno.ERANGE : Errno.None;
    }
}

/// <summary>Walks the regions of a CPU list in the order and with the errors of bitmap_parselist() (lib/bitmap-str.c).</summary>
internal ref struct CpuListReader(ReadOnlySpan<byte> text, uint nrCpuIds)
{
    private const byte Newline = (byte)'\n';

    private readonly ReadOnlySpan<byte> _text = text;
    private readonly uint _lastCpu = nrCpuIds - 1;
    private int _at;

    /// <summary>Steps to the next region; false at the end. Commas, spaces and newlines before a region do not matter.</summary>
    public bool FindRegion()
    {
        while (_at < _text.Length && CpuMask.EndsRegion(_text[_at]))
            _at++;
        return _at < _text.Length;
    }

    public Errno ReadRegion(out CpuListRegion region)
    {
        region = default;
        uint start, end;
        Errno errno;
        if (TakeAll())
        {
            (start, end) = (0, _lastCpu);
        }
        else
        {
            if ((errno = ReadNumber(out start)) != Errno.None)
                return errno;
            end = start;
            if (AtRegionEnd)
                return Finish(start, end, out region);
            if (!Take('-'))
                return Errno.EINVAL;
            if ((errno = ReadNumber(out end)) != Errno.None)
                return errno;
        }
        if (AtRegionEnd)
            return Finish(start, end, out region);
        if (!Take(':'))
            return Errno.EINVAL;
        if ((errno = ReadNumber(out uint used)) != Errno.None)
            return errno;
        if (!Take('/'))
            return Errno.EINVAL;
        if ((errno = ReadNumber(out uint groupLength)) != Errno.None)
            return errno;
        region = new CpuListRegion(start, end, used, groupLength);
        return Errno.None;
    }

    /// <summary>A region without a pattern is one group. A newline right behind it ends the whole list.</summary>
    private Errno Finish(uint start, uint end, out CpuListRegion region)
    {
        region = new CpuListRegion(start, end, unchecked(end + 1), unchecked(end + 1));
        if (Peek(Newline))
            _at = _text.Length;
        return Errno.None;
    }

    private Errno ReadNumber(out uint number)
    {
        number = 0;
        if (Take('N'))
        {
            number = _lastCpu;
            return Errno.None;
        }
        int first = _at;
        ulong value = 0;
        for (; _at < _text.Length && char.IsAsciiDigit((char)_text[_at]); _at++)
            value = Math.Min(value * 10 + (uint)(_text[_at] - '0'), 1ul << 32);
        if (_at == first)
            return Errno.EINVAL;
        if (value > uint.MaxValue)
            return Errno.EOVERFLOW;
        number = (uint)value;
        return Errno.None;
    }

    private bool AtRegionEnd => _at == _text.Length || CpuMask.EndsRegion(_text[_at]);

    private readonly bool Peek(byte character) => _at < _text.Length && _text[_at] == character;

    private bool Take(char character)
    {
        if (!Peek((byte)character))
            return false;
        _at++;
        return true;
    }

    /// <summary>The word "all" in any case.</summary>
    private bool TakeAll()
    {
        ReadOnlySpan<byte> rest = _text[_at..];
        if (rest.Length < 3 || (rest[0] | 0x20) != 'a' || (rest[1] | 0x20) != 'l' || (rest[2] | 0x20) != 'l')
            return false;
        _at += 3;
        return true;
    }
}
