using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// QEMU's teaching device as far as interrupts go (docs/specs/edu.rst, hw/misc/edu.c): software sets and clears bits of an interrupt status, and while one is set the
/// device holds its wire; with MSI on, every write that sets bits sends a message. Factorials and DMA are left out.
/// <code>
///   00 identification 0x010000ed | 04 what was written, inverted | 24 interrupt status (RO) | 60 set status bits (WO) | 64 clear status bits (WO)
/// </code>
/// </summary>
public sealed class EduDevice : IRegisterBar
{
    public const ushort VendorId = 0x1234, DeviceId = 0x11E8;
    public const int Identification = 0x00, Liveness = 0x04, InterruptStatus = 0x24, RaiseInterrupt = 0x60, AcknowledgeInterrupt = 0x64;
    private const uint IdentificationValue = 0x0100_00ED;

    private readonly InterruptLine _wire;
    private readonly EventQueue _events;
    private readonly MsiCapability _msi;
    private uint _liveness, _status;
    private bool _wireIsActive;

    /// <param name="address">Where it sits on the bus.</param>
    /// <param name="wire">What its INTA pin is connected to.</param>
    /// <param name="fabric">Where its messages go.</param>
    /// <param name="events">The machine's events.</param>
    public EduDevice(PciAddress address, InterruptLine wire, InterruptFabric fabric, EventQueue events)
    {
        _wire = wire;
        _events = events;
        _msi = new MsiCapability(messages: 1, is64Bit: true, hasMasks: false, fabric, address.RequesterId);
        Configuration = new ConfigurationSpace(_msi);
    }

    public ConfigurationSpace Configuration { get; }

    public uint Read32(int offset, long atPs) => offset switch
    {
        Identification => IdentificationValue,
        Liveness => _liveness,
        InterruptStatus => _status,
        _ => uint.MaxValue,
    };

    public void Write32(int offset, uint value, long atPs)
    {
        switch (offset)
        {
            case Liveness: _liveness = ~value; break;
            case RaiseInterrupt:
                _status |= value;
                if (_status != 0) At(atPs, Signal);
                break;
            case AcknowledgeInterrupt:
                _status &= ~value;
                At(atPs, SetWire);
                break;
        }
    }

    /// <summary>What leaves the device leaves at the writer's time.</summary>
    private void At(long atPs, Action<long> effect) => _events.Schedule(new CallbackEvent(effect), Math.Max(atPs, _events.NowPs));

    private void Signal(long nowPs)
    {
        if (_msi.IsEnabled) _msi.Raise(0, nowPs);
        else SetWire(nowPs);
    }

    private void SetWire(long nowPs)
    {
        bool active = _status != 0 && Configuration.MayAssertIntx;
        if (active == _wireIsActive) return;
        _wireIsActive = active;
        _wire(active, nowPs);
    }
}
