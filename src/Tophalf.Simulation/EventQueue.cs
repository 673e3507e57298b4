using System.Runtime.CompilerServices;

namespace Tophalf.Simulation;

/// <summary>
/// The clock and the future: events in the order of their time, equal times by rank, and equal ranks in the order they were scheduled.
/// A heap with four children per node, whose entries hold the whole sort key, so that a comparison touches no event.
/// </summary>
public sealed class EventQueue
{
    private const int Arity = 4;
    private const int SequenceBits = 40; // a million million events before ranks and sequence meet

    private Entry[] _heap = new Entry[64];
    private int _size;
    private ulong _sequence;

    // While an event fires, its entry at the root is a hole. Most events schedule themselves or their successor, and that
    // newcomer drops into the hole: one walk down the heap instead of a walk for the removal and another for the insertion.
    private bool _rootIsHole;

    /// <summary>Now. It never goes back.</summary>
    public long NowPs { get; private set; }

    /// <summary>Rank of the event that fires now, or fired last.</summary>
    public int FiringRank { get; private set; }

    /// <summary>The moment of the next event; <see cref="SimTime.Never"/> if there is none.</summary>
    public long NextPs
    {
        get
        {
            CloseHole();
            return _size == 0 ? SimTime.Never : _heap[0].AtPs;
        }
    }

    /// <summary>Events waiting.</summary>
    public int Count => _rootIsHole ? _size - 1 : _size;

    /// <summary>Events that have happened since the queue was made.</summary>
    public long Fired { get; private set; }

    /// <summary>
    /// Lets <paramref name="e"/> happen at <paramref name="atPs"/>, after everything of its rank already scheduled for that moment.
    /// An event already waiting is moved, and queues behind its new contemporaries.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment has passed, or is <see cref="SimTime.Never"/>.</exception>
    /// <exception cref="InvalidOperationException">The event waits in another queue.</exception>
    public void Schedule(SimEvent e, long atPs)
    {
        if (atPs < NowPs || atPs == SimTime.Never)
        {
            ThrowBadTime(atPs);
        }

        if (e.IsScheduled)
        {
            CloseHole();
            if (!Holds(e))
            {
                throw new InvalidOperationException("the event waits in another queue; cancel it there first");
            }
        }

        Entry entry = new(atPs, ((ulong)e.Rank << SequenceBits) | _sequence++, e);
        e.ScheduledPs = atPs;
        if (e.IsScheduled)
        {
            Settle(e.HeapIndex, entry);
        }
        else if (_rootIsHole)
        {
            _rootIsHole = false;
            SiftDown(0, entry);
        }
        else
        {
            if (_size == _heap.Length)
            {
                Array.Resize(ref _heap, 2 * _size);
            }

            SiftUp(_size++, entry);
        }
    }

    /// <summary>Takes <paramref name="e"/> out. False if it was not waiting here.</summary>
    public bool Cancel(SimEvent e)
    {
        if (!e.IsScheduled)
        {
            return false;
        }

        CloseHole();
        if (!Holds(e))
        {
            return false;
        }

        int index = e.HeapIndex;
        e.HeapIndex = SimEvent.NotQueued;
        Entry last = TakeLast();
        if (index < _size)
        {
            Settle(index, last);
        }

        return true;
    }

    /// <summary>Lets the next event happen and moves the clock to it. False if there is none.</summary>
    public bool RunOne()
    {
        CloseHole();
        if (_size == 0)
        {
            return false;
        }

        FireRoot();
        return true;
    }

    /// <summary>
    /// Lets everything up to and including <paramref name="untilPs"/> happen, also what those events schedule up to then,
    /// and moves the clock to it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment has passed.</exception>
    public void RunUntil(long untilPs)
    {
        if (untilPs < NowPs)
        {
            ThrowBadTime(untilPs);
        }

        CloseHole();
        while (_size > 0 && _heap[0].AtPs <= untilPs)
        {
            FireRoot();
            CloseHole();
        }

        // An event may have run the queue itself and be further than we were asked to go.
        NowPs = Math.Max(NowPs, untilPs);
    }

    private void FireRoot()
    {
        SimEvent e = _heap[0].Event;
        e.HeapIndex = SimEvent.NotQueued;
        NowPs = e.ScheduledPs;
        Fired++;
        _rootIsHole = true;
        FiringRank = e.Rank;
        e.Fire(NowPs);
    }

    private void CloseHole()
    {
        if (_rootIsHole)
        {
            _rootIsHole = false;
            Entry last = TakeLast();
            if (_size > 0)
            {
                SiftDown(0, last);
            }
        }
    }

    private Entry TakeLast()
    {
        Entry last = _heap[--_size];
        _heap[_size] = default;
        return last;
    }

    private bool Holds(SimEvent e) => e.HeapIndex < _size && ReferenceEquals(_heap[e.HeapIndex].Event, e);

    private void Settle(int index, in Entry entry)
    {
        if (index > 0 && entry.IsBefore(_heap[(index - 1) / Arity]))
        {
            SiftUp(index, entry);
        }
        else
        {
            SiftDown(index, entry);
        }
    }

    private void SiftUp(int index, in Entry entry)
    {
        Entry[] heap = _heap;
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (!entry.IsBefore(heap[parent]))
            {
                break;
            }

            Place(heap, index, heap[parent]);
            index = parent;
        }

        Place(heap, index, entry);
    }

    private void SiftDown(int index, in Entry entry)
    {
        Entry[] heap = _heap;
        int size = _size;
        while (true)
        {
            int child = index * Arity + 1;
            if (child >= size)
            {
                break;
            }

            int first = child + Arity <= size ? EarliestOfFour(heap, child) : EarliestOf(heap, child, size);
            if (!heap[first].IsBefore(entry))
            {
                break;
            }

            Place(heap, index, heap[first]);
            index = first;
        }

        Place(heap, index, entry);
    }

    // Which child is earliest is as random as a coin, so a branch on it would be mispredicted half of the time. The outcomes of the
    // comparisons become numbers instead: two pairs, then the winners.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EarliestOfFour(Entry[] heap, int child)
    {
        int left = child + heap[child + 1].Precedes(heap[child]);
        int right = child + 2 + heap[child + 3].Precedes(heap[child + 2]);
        return left + (right - left) * heap[right].Precedes(heap[left]);
    }

    private static int EarliestOf(Entry[] heap, int child, int end)
    {
        int first = child;
        while (++child < end)
        {
            if (heap[child].IsBefore(heap[first]))
            {
                first = child;
            }
        }

        return first;
    }

    private static void Place(Entry[] heap, int index, in Entry entry)
    {
        heap[index] = entry;
        entry.Event.HeapIndex = index;
    }

    private void ThrowBadTime(long atPs) => throw new ArgumentOutOfRangeException(
        nameof(atPs), atPs == SimTime.Never ? "never is not a moment; cancel the event instead"
            : $"{atPs} ps has passed, it is {NowPs} ps now; schedule at NowPs or later");

    /// <summary>The sort key and what it sorts. The rank, which grows with every call of Schedule, keeps equal times in order.</summary>
    private readonly record struct Entry(long AtPs, ulong Rank, SimEvent Event)
    {
        public bool IsBefore(in Entry other) => AtPs < other.AtPs || AtPs == other.AtPs && Rank < other.Rank;

        /// <summary>1 if this comes before the other, 0 if not, without a branch.</summary>
        public int Precedes(in Entry other) => AsNumber(AtPs < other.AtPs) | AsNumber(AtPs == other.AtPs) & AsNumber(Rank < other.Rank);

        private static int AsNumber(bool condition) => condition ? 1 : 0;
    }
}
