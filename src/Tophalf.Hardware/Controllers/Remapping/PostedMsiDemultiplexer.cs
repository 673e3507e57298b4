using System.Numerics;

namespace Tophalf.Hardware.Controllers.Remapping;

/// <param name="Sweeps">Times the descriptor was searched, 2 or 3.</param>
/// <param name="Handled">Calls of the handler.</param>
public readonly record struct DemultiplexResult(int Sweeps, int Handled);

/// <summary>
/// Host posted MSI: all device interrupts of a processor are posted to one descriptor, and one notification interrupt calls the handlers
/// of all vectors found there (arch/x86/kernel/irq.c, sysvec_posted_msi_notification; boot option intremap=posted_msi). While it works,
/// ON stays set, so whatever arrives meanwhile costs no further interrupt:
/// <code>
///   CPU                                         remapping unit
///   notification 0xeb taken, ON = 1
///   sweep: take PIR, call handlers              post 0x41: PIR bit, ON already 1, silent
///   sweep: finds 0x41, calls its handler
///   ON := 0
///                                               post 0x42: PIR bit, ON := 1, notification
///   last sweep: may find 0x42 already           (then the new notification finds nothing: harmless)
///   one EOI
/// </code>
/// Without the sweep after ON := 0 an interrupt posted just before would lie there with nobody told.
/// </summary>
public static class PostedMsiDemultiplexer
{
    public const byte NotificationVector = 0xEB;

    /// <summary>The last of them with ON clear. Three catch over nine tenths of what bursts can save, says the kernel.</summary>
    public const int MaxSweeps = 3;

    private const int FirstExternalVector = 0x20, FirstSystemVector = 0xEB;

    /// <summary>
    /// What runs between taking the notification and its one EOI. Vectors are called in ascending order within a sweep; a bit outside the
    /// range of device vectors is taken and dropped.
    /// </summary>
    public static DemultiplexResult Run(PostedInterruptDescriptor descriptor, Action<int> handler)
    {
        int sweeps = 0, handled = 0;
        bool found = true;
        while (found && sweeps < MaxSweeps - 1)
        {
            sweeps++;
            found = Sweep(descriptor, handler, ref handled);
        }
        descriptor.ClearOutstanding();
        Sweep(descriptor, handler, ref handled);
        return new DemultiplexResult(sweeps + 1, handled);
    }

    private static bool Sweep(PostedInterruptDescriptor descriptor, Action<int> handler, ref int handled)
    {
        // All four words are taken before the first handler runs, so that what a handler's device posts waits for the next sweep.
        Span<ulong> requests = stackalloc ulong[PostedInterruptDescriptor.RequestWords];
        bool found = false;
        for (int word = 0; word < requests.Length; word++)
        {
            requests[word] = descriptor.TakeRequestWord(word);
            found |= requests[word] != 0;
        }
        for (int word = 0; word < requests.Length; word++)
        {
            for (ulong left = requests[word]; left != 0; left &= left - 1)
            {
                int vector = word * 64 + BitOperations.TrailingZeroCount(left);
                if (vector is < FirstExternalVector or >= FirstSystemVector) continue;
                handled++;
                handler(vector);
            }
        }
        return found;
    }
}
