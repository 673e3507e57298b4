using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Pci;
using R = Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Tests.Hardware.Remapping;

/// <summary>A remapping unit with memory, brought up through its registers in the order Linux uses.</summary>
internal sealed class RemappingBoard
{
    public const ushort Nic = 0x0100, OtherNic = 0x0300, IoApic = 0xF0F8;

    private readonly ulong _queue;
    private uint _tail;

    public RemappingBoard(int log2Entries = 8, bool extended = true, bool compatibility = false, bool posting = true, bool enable = true)
    {
        Memory = new PhysicalMemory(1 << 20);
        Unit = new InterruptRemapping(Memory, new RemappingCapabilities(true, posting), (in InterruptMessage message, long nowPs) => Events.Add(message));
        _queue = Memory.Allocate(4096, 4096);
        ulong table = Memory.Allocate(RemappingTableEntry.Size << log2Entries, 4096);
        Unit.Write64(R.QueueAddress, _queue, 0);
        Unit.Write64(R.TableAddress, table | (extended ? R.ExtendedMode : 0) | (uint)(log2Entries - 1), 0);
        Command(R.QueuedInvalidationEnable);
        Command(R.SetTablePointer);
        Submit(InvalidationDescriptor.AllEntries);
        if (compatibility) Command(R.CompatibilityFormatEnable);
        if (enable) Command(R.RemappingEnable);
    }

    public PhysicalMemory Memory { get; }
    public InterruptRemapping Unit { get; }

    /// <summary>What the unit sent on its own account.</summary>
    public List<InterruptMessage> Events { get; } = [];

    public uint FaultStatus => Unit.Read(R.FaultStatus);

    /// <summary>Switches one thing on, leaving the others; the set-pointer bit is an order and not kept.</summary>
    public void Command(uint bit) => Unit.Write(R.GlobalCommand, (Unit.Read(R.GlobalStatus) & ~R.SetTablePointer) | bit, 0);

    /// <summary>Writes an entry without telling the unit.</summary>
    public void Store(int index, RemappingTableEntry entry)
    {
        Memory.Write64(Unit.EntryAddress(index), entry.Low);
        Memory.Write64(Unit.EntryAddress(index) + 8, entry.High);
    }

    public void Submit(params ReadOnlySpan<InvalidationDescriptor> orders)
    {
        foreach (InvalidationDescriptor order in orders)
        {
            Memory.Write64(_queue + _tail, order.Low);
            Memory.Write64(_queue + _tail + 8, order.High);
            _tail = (_tail + InvalidationDescriptor.Size) % 4096;
        }
        Unit.Write(R.QueueTail, _tail, 0);
    }

    public RemapResult Send(ushort requesterId, MsiMessage write) => Unit.Translate(requesterId, write.Address, write.Data, 0);

    public RemapResult Ask(ushort requesterId, ushort handle) => Send(requesterId, RemappableRequest.Message(handle));

    /// <summary>A fault event goes to vector 0x22 of APIC 0.</summary>
    public void EnableFaultEvent()
    {
        Unit.Write(R.FaultEvent + 4, 0x22, 0);
        Unit.Write(R.FaultEvent + 8, 0xFEE0_0000, 0);
        Unit.Write(R.FaultEvent, 0, 0);
    }

    public FaultRecord Record(int register) =>
        new(Unit.Read64(R.FaultRecords + (uint)register * FaultRecord.Size), Unit.Read64(R.FaultRecords + (uint)register * FaultRecord.Size + 8));

    /// <summary>What Linux's fault handler writes to the log now.</summary>
    public string KernelLog()
    {
        var lines = new List<string>();
        DmarFaultHandler.Service(Unit, lines.Add, 0);
        return string.Join('\n', lines);
    }

    /// <summary>An entry as Linux programs it for a device's vector on one processor.</summary>
    public static RemappingTableEntry Entry(byte vector, uint apicId, ushort owner, bool extended = true) =>
        RemappingTableEntry.Remapped(new InterruptMessage(vector, apicId), SourceValidation.Only(owner), extended, redirectionHint: true);
}
