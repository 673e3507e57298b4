using Tophalf.Simulation;

namespace Tophalf.Kernel.Tracing;

/// <summary>
/// One processor's ring buffer (kernel/trace/ring_buffer.c): pages of which the oldest is given up when there is no other, or, without the option overwrite, to
/// which nothing more is added. What a record takes of a page is what it takes in Linux.
/// </summary>
internal sealed class TraceBuffer
{
    /// <summary>A page without its header of time stamp and commit index.</summary>
    private const int PageBytes = 4096 - 16;

    private const int FewestPages = 2, ReaderPages = 1;
    private const int EventHeaderBytes = 4, TimeExtendBytes = 8;

    /// <summary>The time since the last record has 27 bits of nanoseconds; longer ones get a word of their own.</summary>
    private const long LongestDeltaPs = (1L << 27) * SimTime.Nanosecond;

    private readonly Queue<Page> _pages = [];
    private Page? _last;
    private long _lastPs;
    private int _pageLimit;

    public TraceBuffer(int kilobytes) => Resize(kilobytes);

    public int Entries { get; private set; }

    /// <summary>Records given up for newer ones, and records refused.</summary>
    public long Overrun { get; private set; }
    public long Dropped { get; private set; }
    public long ReadEvents { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>Given up since somebody last consumed.</summary>
    public long LostSinceRead { get; private set; }

    public long OldestPs => Entries == 0 ? 0 : _pages.First(page => page.Records.Count > 0).Records[0].AtPs;

    /// <summary>All records, the oldest first.</summary>
    public IEnumerable<TraceRecord> Records => _pages.SelectMany(page => page.Records);

    /// <summary>What fits in the pages that so much takes, in whole kilobytes: the size a person reads back.</summary>
    public static int RoundedKilobytes(int kilobytes) => PagesFor(kilobytes) * PageBytes / 1024;

    private static int PagesFor(int kilobytes) => Math.Max(FewestPages, (kilobytes * 1024 + PageBytes - 1) / PageBytes);

    /// <summary>At least two pages and the reader's. What was in the buffer is lost with a smaller one, as far as it does not fit.</summary>
    public void Resize(int kilobytes)
    {
        _pageLimit = PagesFor(kilobytes) + ReaderPages;
        while (_pages.Count > _pageLimit) GiveUpOldest();
    }

    public void Add(in TraceRecord record, bool overwrite)
    {
        int bytes = EventHeaderBytes + record.Event.Size + StringBytes(record);
        if (_last is not null && record.AtPs - _lastPs >= LongestDeltaPs) bytes += TimeExtendBytes;
        if (_last is null || _last.Used + bytes > PageBytes)
        {
            if (_pages.Count == _pageLimit)
            {
                if (!overwrite)
                {
                    Dropped++;
                    return;
                }
                GiveUpOldest();
            }
            _pages.Enqueue(_last = new Page());
        }
        _last.Used += bytes;
        _last.Records.Add(record);
        _lastPs = record.AtPs;
        Bytes += bytes;
        Entries++;
    }

    /// <summary>The record's strings stand behind its fields, ended by a zero; char[16] fields are part of the fields.</summary>
    private static int StringBytes(in TraceRecord record) =>
        record.String is { } text && record.Event.Fields.Any(field => field.Type.StartsWith("__data_loc", StringComparison.Ordinal)) ? (text.Length + 4) / 4 * 4 : 0;

    private void GiveUpOldest()
    {
        Page oldest = _pages.Dequeue();
        Overrun += oldest.Records.Count;
        LostSinceRead += oldest.Records.Count;
        Entries -= oldest.Records.Count;
        Bytes -= oldest.Used;
    }

    /// <summary>A reader of trace_pipe has taken all there was; returns how many records were given up before.</summary>
    public long Consume()
    {
        long lost = LostSinceRead;
        ReadEvents += Entries;
        Empty();
        return lost;
    }

    /// <summary>tracing_reset: counts begin anew.</summary>
    public void Reset()
    {
        Empty();
        Overrun = Dropped = ReadEvents = 0;
    }

    private void Empty()
    {
        _pages.Clear();
        _last = null;
        Entries = 0;
        Bytes = LostSinceRead = 0;
    }

    private sealed class Page
    {
        public int Used;
        public List<TraceRecord> Records { get; } = [];
    }
}
