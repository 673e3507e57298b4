using static Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// How Linux answers a fault event, through the registers alone, and what it writes to the log (drivers/iommu/intel/dmar.c, dmar_fault and
/// dmar_fault_do_one, Linux 5.15 and later). The kernel's rate limit of ten lines in five seconds is the log's business.
/// </summary>
public static class DmarFaultHandler
{
    private static readonly string[] Reasons =
    [
        "Detected reserved fields in the decoded interrupt-remapped request",
        "Interrupt index exceeded the interrupt-remapping table size",
        "Present field in the IRTE entry is clear",
        "Error accessing interrupt-remapping table pointed by IRTA_REG",
        "Detected reserved fields in the IRTE entry",
        "Blocked a compatibility format interrupt request",
        "Blocked an interrupt request due to source-id verification failure",
    ];

    /// <summary>Reads, reports and clears what the unit recorded, from the first pending register on.</summary>
    public static void Service(InterruptRemapping unit, Action<string> log, long nowPs)
    {
        uint status = unit.Read(FaultStatus);
        if (status != 0) log($"DMAR: DRHD: handling fault status reg {status:x}");
        if ((status & FaultPending) == 0) return;
        ulong capability = unit.Read64(Capability);
        uint records = (uint)(capability >> 40 & 0xFF) + 1, first = (uint)(capability >> 24 & 0x3FF) * 16;
        for (uint i = status >> 8 & 0xFF; ; i = (i + 1) % records)
        {
            uint at = first + i * FaultRecord.Size;
            var record = new FaultRecord(unit.Read64(at), unit.Read64(at + 8));
            if (!record.IsRecorded) break;
            unit.Write(at + 12, 1u << 31, nowPs);
            log(Text(record));
        }
        unit.Write(FaultStatus, FaultOverflow | FaultPending, nowPs);
    }

    /// <summary>
    /// One line. Linux has no words for the reasons of posted interrupts, 0x27 and 0x28, and takes what it does not know for a DMA write
    /// without PASID at an address that is the record's lower half.
    /// </summary>
    public static string Text(FaultRecord record)
    {
        int id = record.RequesterId;
        string device = $"Request device [{id >> 8:x2}:{id >> 3 & 0x1F:x2}.{id & 7}]";
        int reason = (int)record.Reason, known = reason - (int)RemapFault.ReservedInRequest;
        return known >= 0 && known < Reasons.Length
            ? $"DMAR: [INTR-REMAP] {device} fault index 0x{record.Index:x} [fault reason 0x{reason:x2}] {Reasons[known]}"
            : $"DMAR: [DMA Write NO_PASID] {device} fault addr 0x{record.Low & ~0xFFFul:x} [fault reason 0x{reason:x2}] Unknown";
    }
}
