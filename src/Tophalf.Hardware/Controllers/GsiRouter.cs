namespace Tophalf.Hardware.Controllers;

/// <summary>Where an interrupt source is wired: which global system interrupt, and how its line signals.</summary>
public readonly record struct GsiRoute(int Gsi, bool IsLevel, bool IsActiveLow);

/// <summary>
/// Global system interrupts: the numbers firmware gives to all I/O APIC pins of a machine, and the ISA interrupts among them that are
/// wired elsewhere than their number says (ACPI §5.2.12, interrupt source overrides of the MADT).
/// </summary>
public sealed class GsiRouter
{
    private const int IsaIrqs = 16;

    private readonly List<IoApic> _ioApics = [];
    private readonly GsiRoute[] _isa = new GsiRoute[IsaIrqs];

    public GsiRouter()
    {
        // ISA: edge, active high, and wired to the GSI of the same number.
        for (int irq = 0; irq < IsaIrqs; irq++) _isa[irq] = new GsiRoute(irq, IsLevel: false, IsActiveLow: false);
    }

    /// <summary>Adds an I/O APIC with its GSI base; two of them cannot own the same number.</summary>
    public void Add(IoApic ioApic)
    {
        foreach (IoApic other in _ioApics)
        {
            if (ioApic.GsiBase < other.GsiBase + other.PinCount && other.GsiBase < ioApic.GsiBase + ioApic.PinCount)
            {
                throw new ArgumentException($"GSI {RangeOf(ioApic)} overlaps GSI {RangeOf(other)}; give each I/O APIC a range of its own");
            }
        }
        _ioApics.Add(ioApic);
    }

    private static string RangeOf(IoApic ioApic) => $"{ioApic.GsiBase}-{ioApic.GsiBase + ioApic.PinCount - 1}";

    /// <summary>One interrupt source override: this ISA interrupt arrives at that GSI, with that polarity and trigger.</summary>
    public void Override(int isaIrq, GsiRoute route)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(isaIrq);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(isaIrq, IsaIrqs);
        _isa[isaIrq] = route;
    }

    public GsiRoute OfIsa(int isaIrq) => _isa[isaIrq];

    /// <summary>The pin of a GSI; false if no I/O APIC has it.</summary>
    public bool TryFind(int gsi, out IoApic ioApic, out int pin)
    {
        foreach (IoApic candidate in _ioApics)
        {
            pin = gsi - candidate.GsiBase;
            if (pin < 0 || pin >= candidate.PinCount) continue;
            ioApic = candidate;
            return true;
        }
        ioApic = null!;
        pin = -1;
        return false;
    }

    /// <summary>An ISA device drives its line; false if its GSI is wired to nothing.</summary>
    public bool SetIsaLine(int isaIrq, bool active, long nowPs)
    {
        if (!TryFind(_isa[isaIrq].Gsi, out IoApic ioApic, out int pin)) return false;
        ioApic.SetLine(pin, active, nowPs);
        return true;
    }
}
