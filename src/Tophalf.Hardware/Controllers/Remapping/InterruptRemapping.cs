using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Pci;
using static Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// A VT-d unit as far as interrupts go: it stands between the devices and the local APICs, and looks every interrupt write up in a table
/// kept by software (VT-d specification, ch. 5). Registers are those of a unit that translates no DMA; commands complete at once.
/// </summary>
public sealed class InterruptRemapping
{
    private readonly PhysicalMemory _memory;
    private readonly RemappingCapabilities _capabilities;
    private readonly FaultRecording _faults;
    private readonly InvalidationQueue _queue;
    private ulong _tableRegister, _table;
    private uint _status;

    /// <param name="memory">Where the table, the queue and the posted-interrupt descriptors live.</param>
    /// <param name="capabilities">What this unit can do.</param>
    /// <param name="send">Takes the unit's own interrupts: fault events and invalidation completions.</param>
    public InterruptRemapping(PhysicalMemory memory, RemappingCapabilities capabilities, InterruptSender send)
    {
        _memory = memory;
        _capabilities = capabilities;
        _faults = new FaultRecording(new EventMessage(send));
        _queue = new InvalidationQueue(memory, Cache, _faults, new EventMessage(send));
    }

    public InterruptEntryCache Cache { get; } = new();

    public bool IsEnabled => (_status & RemappingEnable) != 0;

    /// <summary>Extended interrupt mode: destinations of 32 bits, and no compatibility-format request passes.</summary>
    public bool IsExtended => (_table & ExtendedMode) != 0;

    /// <summary>Entries of the table in use, 2 to 65536.</summary>
    public int TableEntries => 2 << (int)(_table & 0xF);

    /// <summary>Physical address of an entry of the table in use.</summary>
    public ulong EntryAddress(int index) => (_table & ~0xFFFul) + (ulong)index * RemappingTableEntry.Size;

    /// <summary>Interrupts passed on, posted and dropped; and faults that found no recording register.</summary>
    public long Forwarded { get; private set; }
    public long Posted { get; private set; }
    public long Blocked { get; private set; }
    public long FaultsLost => _faults.Lost;

    /// <summary>
    /// Decides about one write of the device <paramref name="requesterId"/> (bus 15..8, device 7..3, function 2..0). Posting happens here;
    /// sending is the caller's: the message of a forwarded interrupt, the notification of a posted one.
    /// </summary>
    public RemapResult Translate(ushort requesterId, ulong address, uint data, long nowPs)
    {
        var request = new RemappableRequest(address, data);
        if (!request.IsInterrupt) return RemapResult.NotAnInterrupt;
        if (!IsEnabled) return Forward(new MsiMessage(address, data).Decode());
        if (!request.IsRemappable)
        {
            // Units report the handle field of a blocked compatibility request too: the logs of real machines show destination ids shifted into it.
            return IsExtended || (_status & CompatibilityFormatEnable) == 0
                ? Block(RemapFault.CompatibilityBlocked, requesterId, request.Handle, nowPs)
                : Forward(new MsiMessage(address, data).Decode());
        }
        int index = request.Index;
        if (request.HasReservedBits) return Block(RemapFault.ReservedInRequest, requesterId, index, nowPs);
        if (index >= TableEntries) return Block(RemapFault.IndexTooLarge, requesterId, index, nowPs);

        RemapFault fault = Look(index, out RemappingTableEntry entry, out EntrySource source);
        if (fault == RemapFault.None && !entry.Source.Accepts(requesterId)) fault = RemapFault.SourceId;
        if (fault == RemapFault.None && entry.IsPosted) fault = CheckDescriptor(entry.DescriptorAddress);
        if (fault != RemapFault.None)
            return Block(fault, requesterId, index, nowPs, source, silent: fault.IsQualified() && entry.FaultProcessingDisabled);
        return entry.IsPosted ? Post(entry, index, source) : Forward(entry.ToMessage(IsExtended), index, source);
    }

    private RemapFault Look(int index, out RemappingTableEntry entry, out EntrySource source)
    {
        ulong at = EntryAddress(index);
        bool readable = _memory.Holds(at, RemappingTableEntry.Size);
        RemappingTableEntry inMemory = readable ? new(_memory.Read64(at), _memory.Read64(at + 8)) : default;
        if (Cache.TryGet(index, out entry))
        {
            source = EntrySource.Cache;
            if (entry != inMemory) Cache.StaleUses++;
            return RemapFault.None;
        }
        entry = inMemory;
        source = EntrySource.Memory;
        if (!readable) return RemapFault.TableAccess;
        if (!entry.IsPresent) return RemapFault.NotPresent;
        if (entry.HasReservedBits(_capabilities, IsExtended)) return RemapFault.ReservedInEntry;
        Cache.Fill(index, entry);
        return RemapFault.None;
    }

    private RemapFault CheckDescriptor(ulong address)
    {
        if (!_memory.Holds(address, PostedInterruptDescriptor.Size)) return RemapFault.DescriptorAccess;
        return new PostedInterruptDescriptor(_memory, address).HasReservedBits(IsExtended) ? RemapFault.ReservedInDescriptor : RemapFault.None;
    }

    private RemapResult Forward(in InterruptMessage message, int index = -1, EntrySource source = EntrySource.None)
    {
        Forwarded++;
        return RemapResult.Forwarded(message, index, source);
    }

    private RemapResult Post(in RemappingTableEntry entry, int index, EntrySource source)
    {
        Posted++;
        var descriptor = new PostedInterruptDescriptor(_memory, entry.DescriptorAddress);
        bool notifies = descriptor.PostByHardware(entry.Vector, entry.IsUrgent);
        return RemapResult.Posted(descriptor.Notification(IsExtended), notifies, index, source);
    }

    private RemapResult Block(RemapFault fault, ushort requesterId, int index, long nowPs, EntrySource source = EntrySource.None, bool silent = false)
    {
        Blocked++;
        if (!silent) _faults.Record(FaultRecord.Of(fault, requesterId, (ushort)index), nowPs);
        return RemapResult.Blocked(fault, index, source);
    }

    // ---- registers ---------------------------------------------------------------------------------------------------------------

    /// <summary>Reads a dword register; absent registers and odd offsets give 0.</summary>
    public uint Read(uint offset) => offset switch
    {
        UnitVersion => 0x10,
        Capability => (uint)_capabilities.Capability,
        Capability + 4 => (uint)(_capabilities.Capability >> 32),
        ExtendedCapability => (uint)_capabilities.ExtendedCapability,
        ExtendedCapability + 4 => (uint)(_capabilities.ExtendedCapability >> 32),
        GlobalStatus => _status,
        FaultStatus => _faults.Status,
        >= FaultEvent and < FaultEvent + EventSize when IsDword(offset) => _faults.Event.Read(offset - FaultEvent),
        QueueHead => _queue.Head,
        QueueTail => _queue.Tail,
        QueueAddress => (uint)_queue.Address,
        QueueAddress + 4 => (uint)(_queue.Address >> 32),
        CompletionStatus => _queue.Completion,
        >= CompletionEvent and < CompletionEvent + EventSize when IsDword(offset) => _queue.Event.Read(offset - CompletionEvent),
        TableAddress => (uint)_tableRegister,
        TableAddress + 4 => (uint)(_tableRegister >> 32),
        >= FaultRecords and < FaultRecordsEnd when IsDword(offset) => _faults.ReadRecord(offset - FaultRecords),
        GlobalCommand or QueueHead + 4 or QueueTail + 4 => 0,
        _ => ReadAbsent(offset),
    };

    /// <summary>Who hears of accesses to registers this unit has not got; null when nobody does.</summary>
    public IHardwareEvents? Events { get; set; }

    private uint ReadAbsent(uint offset)
    {
        Events?.Report(new HardwareEvent(0, HardwareEventKind.ReservedRead, "VT-d unit", AbsentName(offset), offset, 0));
        return 0;
    }

    /// <summary>Registers of DMA translation and of what else this unit leaves out (VT-d specification §11.4).</summary>
    private static string AbsentName(uint offset) => offset switch
    {
        0x20 or 0x24 => "root table address",
        0x28 or 0x2C => "context command",
        0x58 or 0x5C => "advanced fault log",
        >= 0x64 and < 0x80 => "protected memory",
        0xB0 or 0xB4 => "invalidation queue error record",
        >= 0xC0 and < 0xF0 => "page requests",
        >= 0x100 and < 0x200 => "memory type ranges",
        _ => "reserved",
    };

    /// <summary>Writes a dword register; absent and read-only registers and odd offsets ignore it.</summary>
    public void Write(uint offset, uint value, long nowPs)
    {
        switch (offset)
        {
            case GlobalCommand: Command(value, nowPs); break;
            case FaultStatus: _faults.WriteStatus(value); _queue.Run(nowPs); break;
            case >= FaultEvent and < FaultEvent + EventSize when IsDword(offset): _faults.Event.Write(offset - FaultEvent, value, nowPs); break;
            case QueueTail: _queue.WriteTail(value, nowPs); break;
            case QueueAddress: _queue.Address = WithLow(_queue.Address, value); break;
            case QueueAddress + 4: _queue.Address = WithHigh(_queue.Address, value); break;
            case CompletionStatus: _queue.WriteCompletion(value); break;
            case >= CompletionEvent and < CompletionEvent + EventSize when IsDword(offset):
                _queue.Event.Write(offset - CompletionEvent, value, nowPs);
                break;
            case TableAddress: _tableRegister = WithLow(_tableRegister, value & TableLowBits); break;
            case TableAddress + 4: _tableRegister = WithHigh(_tableRegister, value); break;
            case >= FaultRecords and < FaultRecordsEnd when IsDword(offset): _faults.WriteRecord(offset - FaultRecords, value); break;
            case QueueHead or QueueHead + 4 or QueueTail + 4: break;
            case UnitVersion or Capability or Capability + 4 or ExtendedCapability or ExtendedCapability + 4 or GlobalStatus:
                Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.ReadOnlyWritten, "VT-d unit", "capability or status", offset, value));
                break;
            default:
                Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.ReservedWrite, "VT-d unit", AbsentName(offset), offset, value));
                break;
        }
    }

    /// <summary>A 64-bit access is its two halves, the upper first: the lower half of a tail or record write is the one that acts.</summary>
    public void Write64(uint offset, ulong value, long nowPs)
    {
        Write(offset + 4, (uint)(value >> 32), nowPs);
        Write(offset, (uint)value, nowPs);
    }

    public ulong Read64(uint offset) => Read(offset) | (ulong)Read(offset + 4) << 32;

    /// <summary>
    /// The global command names the wanted state of each switch; the status at the same bits says what holds. Setting the table pointer is
    /// the one order: it takes over the table address register. It does not empty the entry cache; that is for software to do.
    /// </summary>
    private void Command(uint value, long nowPs)
    {
        if ((value & SetTablePointer) != 0)
        {
            _table = _tableRegister;
            _status |= SetTablePointer;
        }
        const uint switches = QueuedInvalidationEnable | RemappingEnable | CompatibilityFormatEnable;
        _status = (_status & ~switches) | (value & switches);
        _queue.Enable((value & QueuedInvalidationEnable) != 0, nowPs);
    }

    private const uint FaultRecordsEnd = FaultRecords + FaultRecording.Records * FaultRecord.Size;

    private uint TableLowBits => _capabilities.ExtendedInterruptMode ? 0xFFFF_F80Fu : 0xFFFF_F00F;

    private static bool IsDword(uint offset) => (offset & 3) == 0;
    private static ulong WithLow(ulong register, uint value) => (register & 0xFFFF_FFFF_0000_0000) | value;
    private static ulong WithHigh(ulong register, uint value) => (uint)register | (ulong)value << 32;
}
