using System.Numerics;
using Tophalf.Hardware.Memory;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Posted-interrupt descriptor: 64 bytes of memory, 64-byte aligned, that the remapping unit, the processor and the hypervisor share
/// (VT-d specification, ch. 9; SDM 3C ch. 30 "Posted-interrupt processing"; arch/x86/include/asm/posted_intr.h).
/// <code>
///   511..320 0 | 319..288 notification destination | 287..280 0 | 279..272 notification vector | 271..258 0
///   257 SN suppress notification | 256 ON outstanding notification | 255..0 PIR, one bit per vector
/// </code>
/// Each method is one atomic access in reality; the twin runs one at a time.
/// </summary>
public readonly struct PostedInterruptDescriptor(PhysicalMemory memory, ulong address)
{
    public const int Size = 64;
    public const int RequestWords = 4;

    private const int ControlOffset = 32;
    private const ulong OnBit = 1, SnBit = 2;
    private const ulong ReservedControl = 0xFF00_FFFC, XApicReservedDestination = 0xFFFF_00FF_0000_0000;

    /// <summary>A fresh descriptor, all zero.</summary>
    public static PostedInterruptDescriptor Allocate(PhysicalMemory memory) => new(memory, memory.Allocate(Size, Size));

    /// <summary>Physical address; what a posted table entry names.</summary>
    public ulong Address => address;

    public bool OutstandingNotification => (Control & OnBit) != 0;

    public bool SuppressNotification => (Control & SnBit) != 0;
    public byte NotificationVector => (byte)(Control >> 16);

    /// <summary>Who is notified. An xAPIC id is kept in bits 15..8 of the field, an x2APIC id fills it.</summary>
    public uint Destination(bool extended) => extended ? (uint)(Control >> 32) : (byte)(Control >> 40);

    /// <summary>Says who is notified and how, from now on without suppression; ON and the requests stay as they are.</summary>
    public void Notify(byte vector, uint apicId, bool extended) =>
        Control = (Control & OnBit) | (ulong)vector << 16 | (extended ? (ulong)apicId << 32 : (ulong)(byte)apicId << 40);

    public void Suppress() => Control |= SnBit;

    public bool IsRequested(int vector) => (RequestWord(vector >> 6) >> (vector & 63) & 1) != 0;

    /// <summary>64 vectors of PIR.</summary>
    public ulong RequestWord(int word) => memory.Read64(address + (ulong)word * 8);

    public bool HasRequests => (RequestWord(0) | RequestWord(1) | RequestWord(2) | RequestWord(3)) != 0;
    public int RequestCount => BitOperations.PopCount(RequestWord(0)) + BitOperations.PopCount(RequestWord(1))
        + BitOperations.PopCount(RequestWord(2)) + BitOperations.PopCount(RequestWord(3));

    /// <summary>True makes a posted table entry fault 0x28.</summary>
    public bool HasReservedBits(bool extended)
    {
        ulong rest = (Control & ReservedControl) | (extended ? 0 : Control & XApicReservedDestination);
        for (ulong offset = ControlOffset + 8; offset < Size; offset += 8) rest |= memory.Read64(address + offset);
        return rest != 0;
    }

    /// <summary>
    /// The remapping unit posts: the request bit is set, and a notification is due unless one is outstanding already or suppressed; an
    /// urgent interrupt ignores the suppression. True: send <see cref="Notification"/>; ON is set.
    /// </summary>
    public bool PostByHardware(byte vector, bool urgent)
    {
        TestAndSetRequest(vector);
        ulong control = Control;
        if ((control & OnBit) != 0 || (!urgent && (control & SnBit) != 0)) return false;
        Control = control | OnBit;
        return true;
    }

    /// <summary>Sets a request bit; true if it was set before.</summary>
    public bool TestAndSetRequest(byte vector)
    {
        ulong at = address + (ulong)(vector >> 6) * 8, word = memory.Read64(at), bit = 1ul << (vector & 63);
        memory.Write64(at, word | bit);
        return (word & bit) != 0;
    }

    /// <summary>Sets ON; true if it was set before.</summary>
    public bool TestAndSetOutstanding()
    {
        bool before = OutstandingNotification;
        Control |= OnBit;
        return before;
    }

    public void ClearOutstanding() => Control &= ~OnBit;

    /// <summary>Reads 64 vectors of PIR and leaves zero, so that none is seen twice.</summary>
    public ulong TakeRequestWord(int word)
    {
        ulong requests = RequestWord(word);
        memory.Write64(address + (ulong)word * 8, 0);
        return requests;
    }

    /// <summary>The interrupt that tells a processor to look: fixed, edge, physical.</summary>
    public InterruptMessage Notification(bool extended) => new(NotificationVector, Destination(extended));

    private ulong Control
    {
        get => memory.Read64(address + ControlOffset);
        set => memory.Write64(address + ControlOffset, value);
    }
}
