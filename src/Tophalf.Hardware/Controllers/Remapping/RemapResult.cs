namespace Tophalf.Hardware.Controllers.Remapping;

public enum RemapOutcome : byte
{
    /// <summary>The address is not 0xFEEx_xxxx: an ordinary memory write.</summary>
    NotAnInterrupt,

    /// <summary><see cref="RemapResult.Message"/> goes to the local APICs.</summary>
    Forwarded,

    /// <summary>A bit was set in a posted-interrupt descriptor; <see cref="RemapResult.Notifies"/> says whether a processor is told.</summary>
    Posted,

    /// <summary>Dropped. The device is not told; software may find a fault record.</summary>
    Blocked,
}

/// <summary>Where the table entry came from; a fetch costs the unit a memory read.</summary>
public enum EntrySource : byte { None, Cache, Memory }

/// <summary>What a remapping unit did with one write of a device.</summary>
/// <param name="Message">What to send to the local APICs: always when forwarded, the notification when posted and <paramref name="Notifies"/>.</param>
/// <param name="Index">
/// Table entry asked for (of a blocked compatibility request, its handle field), or -1 where the write passed unmodified.
/// </param>
public readonly record struct RemapResult(
    RemapOutcome Outcome, InterruptMessage Message, bool Notifies, RemapFault Fault, int Index, EntrySource Entry)
{
    internal static RemapResult NotAnInterrupt => new(RemapOutcome.NotAnInterrupt, default, false, RemapFault.None, -1, EntrySource.None);

    internal static RemapResult Forwarded(in InterruptMessage message, int index = -1, EntrySource entry = EntrySource.None) =>
        new(RemapOutcome.Forwarded, message, false, RemapFault.None, index, entry);

    internal static RemapResult Posted(in InterruptMessage notification, bool notifies, int index, EntrySource entry) =>
        new(RemapOutcome.Posted, notifies ? notification : default, notifies, RemapFault.None, index, entry);

    internal static RemapResult Blocked(RemapFault fault, int index, EntrySource entry = EntrySource.None) =>
        new(RemapOutcome.Blocked, default, false, fault, index, entry);
}
