using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>The register in which an Intel controller holds the least gap between two interrupts of a vector; 0 always means no throttling.</summary>
public enum ThrottleRegister
{
    /// <summary>8254x and 82574, ITR and EITR: bits 15:0 in units of 256 ns (Intel, "PCI/PCI-X Family of Gigabit Ethernet Controllers SDM", §13.4.18).</summary>
    Itr256Ns,

    /// <summary>82576 and I210, EITR: bits 14:2 in microseconds (82576 datasheet, §8.8.12).</summary>
    Eitr1Us,

    /// <summary>82599 and X540, EITR: bits 11:3 in units of 2 us at 1 and 10 Gb/s (82599 datasheet, §8.2.3.5.12).</summary>
    Eitr2Us,

    /// <summary>XL710 and E810, PFINT_ITRN and GLINT_ITR: bits 11:0 in units of 2 us (XL710 datasheet, §7.5.3).</summary>
    Itr2Us,
}

/// <summary>What drivers write there, and what gap the device then keeps.</summary>
public static class ThrottleRegisters
{
    /// <summary>The gap a register value stands for.</summary>
    public static long GapPs(this ThrottleRegister register, uint value) => register switch
    {
        ThrottleRegister.Itr256Ns => (value & 0xFFFF) * 256L * SimTime.Nanosecond,
        ThrottleRegister.Eitr1Us => (value & 0x7FFC) / 4 * SimTime.Microsecond,
        ThrottleRegister.Eitr2Us => (value & 0xFF8) / 8 * 2L * SimTime.Microsecond,
        _ => (value & 0xFFF) * 2L * SimTime.Microsecond,
    };

    /// <summary>The value for an interrupt rate: e1000e_write_itr() divides a second in units of 256 ns; 0 for no throttling.</summary>
    public static uint ForRate(int interruptsPerSecond) => interruptsPerSecond == 0 ? 0 : (uint)(1_000_000_000 / (interruptsPerSecond * 256L));

    /// <summary>
    /// The value for a gap in microseconds as the drivers compute it: e1000e by way of a rate, igb and ixgbe shifted by two, i40e and ice in units of two, rounded up.
    /// </summary>
    public static uint ForUsecs(this ThrottleRegister register, uint usecs) => register switch
    {
        ThrottleRegister.Itr256Ns => usecs == 0 ? 0 : ForRate((int)(1_000_000 / usecs)),
        ThrottleRegister.Eitr1Us => usecs << 2 & 0x7FFC,
        ThrottleRegister.Eitr2Us => usecs << 2 & 0xFF8,
        _ => (usecs + 1) / 2,
    };
}
