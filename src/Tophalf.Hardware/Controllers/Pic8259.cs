using System.Numerics;

namespace Tophalf.Hardware.Controllers;

/// <summary>
/// One 8259A programmable interrupt controller (Intel 8259A data sheet, order number 231468) with the edge/level control register
/// that the PC chipsets added (PIIX, ICH: ports 0x4D0 and 0x4D1). Two of them make the PC's pair, see <see cref="Pic8259Pair"/>.
/// <code>
///   command port, bit 4 set       ICW1   0 IC4 | 1 SNGL | 3 LTIM (the PC uses the ELCR instead)
///   command port, bits 4..3 = 00  OCW2   7 rotate | 6 specific | 5 EOI | 2..0 level
///   command port, bits 4..3 = 01  OCW3   6 ESMM | 5 SMM | 2 poll | 1 RR | 0 RIS
///   data port                     ICW2, ICW3, ICW4 while initialising, else OCW1 (the mask)
/// </code>
/// </summary>
/// <param name="cascadeInputs">Inputs a slave is wired to; special fully nested mode lets these interrupt themselves.</param>
/// <param name="levelCapable">Bits of the ELCR that can be set.</param>
/// <param name="output">The INT pin.</param>
public sealed class Pic8259(byte cascadeInputs, byte levelCapable, InterruptLine output)
{
    private const byte Icw1 = 0x10, Icw1NeedsIcw4 = 0x01, Icw1Single = 0x02;
    private const byte Icw4AutoEoi = 0x02, Icw4SpecialFullyNested = 0x10;
    private const byte Ocw3 = 0x08, Ocw3Poll = 0x04, Ocw3Read = 0x02, Ocw3ReadIsr = 0x01, Ocw3SetsSpecialMask = 0x40, Ocw3SpecialMask = 0x20;
    private const byte PollFound = 0x80;

    private Pic8259State _state = Pic8259State.Reset;

    public Pic8259State State => _state;

    /// <summary>Level of the INT pin.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>The mask, as the data port reads it.</summary>
    public byte Imr => _state.Imr;

    /// <summary>Acknowledgements that found nothing to acknowledge: the request fell before INTA (data sheet, "Edge and level triggered modes").</summary>
    public long Spurious { get; private set; }

    /// <summary>Puts a remembered state back; the INT pin follows.</summary>
    public void Restore(in Pic8259State state, long nowPs)
    {
        _state = state;
        DriveOutput(nowPs);
    }

    /// <summary>
    /// Pin IR<paramref name="input"/> changes. A rise sets an edge latch; a fall before the acknowledgement takes the request back, but not the
    /// INT that has already risen: whoever answers it is told IR7 (data sheet, "Edge and level triggered modes").
    /// </summary>
    public void SetPin(int input, bool high, long nowPs)
    {
        byte bit = (byte)(1 << input);
        if (high == ((_state.Pins & bit) != 0)) return;
        _state.Pins ^= bit;
        if (high) _state.EdgeLatches |= bit;
        else _state.EdgeLatches &= (byte)~bit;
        if (high) DriveOutput(nowPs);
    }

    public void WriteCommand(byte value, long nowPs)
    {
        if ((value & Icw1) != 0) Initialise(value);
        else if ((value & Ocw3) != 0) WriteOcw3(value);
        else WriteOcw2(value);
        DriveOutput(nowPs);
    }

    public void WriteData(byte value, long nowPs)
    {
        switch (_state.Step)
        {
            case Pic8259Step.Operating:
                _state.Imr = value;
                break;
            case Pic8259Step.Icw2:
                _state.VectorBase = (byte)(value & 0xF8);
                _state.Step = _state.IsSingle ? AfterIcw3 : Pic8259Step.Icw3;
                break;
            case Pic8259Step.Icw3: // the wiring of the cascade is fixed on the board, so the word tells us nothing
                _state.Step = AfterIcw3;
                break;
            case Pic8259Step.Icw4:
                _state.AutoEoi = (value & Icw4AutoEoi) != 0;
                _state.SpecialFullyNested = (value & Icw4SpecialFullyNested) != 0;
                _state.Step = Pic8259Step.Operating;
                break;
        }
        DriveOutput(nowPs);
    }

    /// <summary>IRR or ISR, as OCW3 chose, or the poll word after a poll command.</summary>
    public byte ReadCommand(long nowPs) => _state.PollIsNext ? Poll(nowPs) : _state.ReadsIsr ? _state.Isr : _state.Irr;

    /// <summary>The mask, or the poll word after a poll command.</summary>
    public byte ReadData(long nowPs) => _state.PollIsNext ? Poll(nowPs) : _state.Imr;

    public byte ReadElcr() => _state.Elcr;

    /// <summary>Chooses edge or level per input. An input that becomes edge-triggered starts with an empty latch.</summary>
    public void WriteElcr(byte value, long nowPs)
    {
        byte elcr = (byte)(value & levelCapable);
        _state.EdgeLatches &= (byte)~(elcr ^ _state.Elcr);
        _state.Elcr = elcr;
        DriveOutput(nowPs);
    }

    /// <summary>The input that would be served now, or -1.</summary>
    public int Candidate
    {
        get
        {
            int requests = _state.Irr & ~_state.Imr;
            if (requests == 0) return -1;
            int inService = _state.SpecialMask ? _state.Isr & ~_state.Imr : _state.Isr;
            int rank = HighestRank(requests), servedRank = HighestRank(inService);
            int input = InputOf(rank);
            bool nestsInItself = _state.SpecialFullyNested && (cascadeInputs >> input & 1) != 0 && rank == servedRank;
            return rank < servedRank || nestsInItself ? input : -1;
        }
    }

    /// <summary>
    /// INTA: the candidate goes in service and leaves its edge latch. -1 when there is none: nothing goes in service, and the vector is that of IR7.
    /// </summary>
    public int Acknowledge(long nowPs)
    {
        int input = Candidate;
        if (input < 0)
        {
            Spurious++;
            Drive(false, nowPs);
            return -1;
        }
        byte bit = (byte)(1 << input);
        _state.EdgeLatches &= (byte)~bit;
        if (!_state.AutoEoi) _state.Isr |= bit;
        else if (_state.RotatesInAutoEoi) _state.Lowest = (byte)input;
        // INT falls with the acknowledgement and rises anew for the next request: the master's edge-triggered IR2 must see that rise.
        Drive(false, nowPs);
        DriveOutput(nowPs);
        return input;
    }

    private Pic8259Step AfterIcw3 => _state.WantsIcw4 ? Pic8259Step.Icw4 : Pic8259Step.Operating;

    private void Initialise(byte icw1) => _state = Pic8259State.Reset with
    {
        Pins = _state.Pins,
        Elcr = _state.Elcr,
        Step = Pic8259Step.Icw2,
        WantsIcw4 = (icw1 & Icw1NeedsIcw4) != 0,
        IsSingle = (icw1 & Icw1Single) != 0,
    };

    private void WriteOcw3(byte value)
    {
        if ((value & Ocw3Poll) != 0) _state.PollIsNext = true;
        if ((value & Ocw3Read) != 0) _state.ReadsIsr = (value & Ocw3ReadIsr) != 0;
        if ((value & Ocw3SetsSpecialMask) != 0) _state.SpecialMask = (value & Ocw3SpecialMask) != 0;
    }

    private void WriteOcw2(byte value)
    {
        byte level = (byte)(value & 7);
        switch (value >> 5)
        {
            case 0: _state.RotatesInAutoEoi = false; break;
            case 4: _state.RotatesInAutoEoi = true; break;
            case 1: EndHighest(rotate: false); break;
            case 5: EndHighest(rotate: true); break;
            case 3: End(level, rotate: false); break;
            case 7: End(level, rotate: true); break;
            case 6: _state.Lowest = level; break;
        }
    }

    /// <summary>Non-specific EOI. In special mask mode a level that is masked is not ended (data sheet, "Special mask mode").</summary>
    private void EndHighest(bool rotate)
    {
        int inService = _state.SpecialMask ? _state.Isr & ~_state.Imr : _state.Isr;
        if (inService != 0) End((byte)InputOf(HighestRank(inService)), rotate);
    }

    private void End(byte input, bool rotate)
    {
        _state.Isr &= (byte)~(1 << input);
        if (rotate) _state.Lowest = input;
    }

    /// <summary>The read that follows a poll command is the acknowledgement: bit 7 and the level, or 0.</summary>
    private byte Poll(long nowPs)
    {
        _state.PollIsNext = false;
        if (Candidate >= 0) return (byte)(PollFound | Acknowledge(nowPs));
        Drive(false, nowPs);
        return 0;
    }

    /// <summary>Rank of the most important of these inputs, 0 the highest; 8 if there is none.</summary>
    private int HighestRank(int inputs)
    {
        if (inputs == 0) return 8;
        int first = (_state.Lowest + 1) & 7;
        int rotated = ((inputs >> first) | (inputs << (8 - first))) & 0xFF;
        return BitOperations.TrailingZeroCount(rotated);
    }

    private int InputOf(int rank) => (_state.Lowest + 1 + rank) & 7;

    private void DriveOutput(long nowPs) => Drive(Candidate >= 0, nowPs);

    private void Drive(bool asking, long nowPs)
    {
        if (asking == IsAsking) return;
        IsAsking = asking;
        output(asking, nowPs);
    }
}
