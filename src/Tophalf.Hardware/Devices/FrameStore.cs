using System.Numerics;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// The frames of one receive queue in one array, oldest first: those in the descriptor ring, then those still on the wire. A frame that arrives changes sides where it stands;
/// only behind frames that were lost it has to move.
/// </summary>
internal sealed class FrameStore(int capacity)
{
    private Packet[] _items = new Packet[BitOperations.RoundUpToPowerOf2((uint)capacity)];

    // Positions that only grow: ring from _head to _ringEnd, wire from _wire to _tail, and between the two what was lost.
    private long _head, _ringEnd, _wire, _tail;

    public int InRing => (int)(_ringEnd - _head);
    public int OnWire => (int)(_tail - _wire);

    public ref readonly Packet Ring(int position) => ref At(_head + position);
    public ref readonly Packet Wire(int position) => ref At(_wire + position);

    private ref Packet At(long position) => ref _items[(int)position & (_items.Length - 1)];

    /// <summary>Behind all that are on the wire.</summary>
    public void Expect(in Packet frame)
    {
        if (_tail - _head == _items.Length) MakeRoom();
        At(_tail++) = frame;
    }

    /// <summary>The first so many on the wire fall into the ring.</summary>
    public void Enter(int count)
    {
        if (_ringEnd != _wire)
        {
            for (int i = 0; i < count; i++) At(_ringEnd + i) = At(_wire + i);
        }
        _ringEnd += count;
        _wire += count;
    }

    /// <summary>The first so many on the wire are lost.</summary>
    public void Lose(int count) => _wire += count;

    public void TakeOldest() => _head++;
    public void DropNewest() => _ringEnd--;

    /// <summary>Nothing is on the wire.</summary>
    public void ClearWire() => _wire = _tail = _ringEnd;

    /// <summary>Closes the gap; a larger array where that gives back less than half.</summary>
    private void MakeRoom()
    {
        int ring = InRing, wire = OnWire;
        if (ring + wire > _items.Length / 2)
        {
            var larger = new Packet[_items.Length * 2];
            for (int i = 0; i < ring; i++) larger[i] = Ring(i);
            for (int i = 0; i < wire; i++) larger[ring + i] = Wire(i);
            (_items, _head, _ringEnd) = (larger, 0, ring);
        }
        else
        {
            for (int i = 0; i < wire; i++) At(_ringEnd + i) = Wire(i);
        }
        (_wire, _tail) = (_ringEnd, _ringEnd + wire);
    }
}
