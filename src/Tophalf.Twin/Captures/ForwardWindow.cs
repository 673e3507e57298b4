namespace Tophalf.Twin.Captures;

/// <summary>A stream read forward once through a fixed buffer, so that a capture of any size costs the same memory.</summary>
internal sealed class ForwardWindow(Stream stream)
{
    /// <summary>The most bytes that can be seen at once: the longest packet and its record header, with room to read ahead.</summary>
    public const int Capacity = CaptureLimits.PacketBytes + 64 * 1024;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;

    /// <summary>Offset in the stream of the next byte.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from <see cref="Position"/> on that are in memory. After a failed peek or skip: all that is left.</summary>
    public int Buffered => _end - _start;

    /// <summary>Shows the next <paramref name="count"/> bytes without passing them. False: the stream ends before.</summary>
    public bool TryPeek(int count, out ReadOnlySpan<byte> bytes)
    {
        if (Buffered < count && !Fill(count))
        {
            bytes = default;
            return false;
        }

        bytes = _buffer.AsSpan(_start, count);
        return true;
    }

    /// <summary>Passes over <paramref name="count"/> bytes. False: the stream ends before, and is now at its end.</summary>
    public bool TrySkip(long count)
    {
        while (count > Buffered)
        {
            count -= Buffered;
            Position += Buffered;
            _start = _end;
            if (!Fill(1))
                return false;
        }

        _start += (int)count;
        Position += count;
        return true;
    }

    private bool Fill(int count)
    {
        if (_start + count > Capacity || _start == _end)
        {
            _buffer.AsSpan(_start, Buffered).CopyTo(_buffer);
            _end = Buffered;
            _start = 0;
        }

        while (Buffered < count)
        {
            int read = stream.Read(_buffer, _end, Capacity - _end);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
