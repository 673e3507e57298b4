using System.Runtime.InteropServices;

namespace Tophalf.Tests.Linux.WakeUps;

/// <summary>Threads of the machine the tests run on, on a processor of their choice, some of them SCHED_FIFO; and what they find out with the clock.</summary>
internal static class RealTimeThread
{
    private const int Fifo = 1, Monotonic = 1, Absolute = 1;
    private const long Second = 1_000_000_000;

    /// <summary>Runs on one processor to the end; a priority above 0 is SCHED_FIFO's. Gives back what it returns.</summary>
    public static Func<T> Start<T>(string name, int cpu, int priority, Func<T> body)
    {
        T result = default!;
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                ulong mask = 1ul << cpu;
                if (SetAffinity(0, sizeof(ulong), ref mask) != 0 || (priority > 0 && SetScheduler(0, Fifo, ref priority) != 0))
                    throw new InvalidOperationException($"error {Marshal.GetLastPInvokeError()}");
                result = body();
            }
            catch (Exception problem)
            {
                failed = problem;
            }
        })
        { Name = name };
        thread.Start();
        return () =>
        {
            thread.Join();
            return failed is null ? result : throw new InvalidOperationException($"{name}: {failed.Message}", failed);
        };
    }

    /// <summary>cyclictest: sleeps to the next millisecond again and again; how late each time, in nanoseconds.</summary>
    public static long[] Lateness(int cycles)
    {
        var late = new long[cycles];
        Now(Monotonic, out TimeSpec at);
        for (int i = 0; i < cycles; i++)
        {
            at = At(at.Ns + 1_000_000);
            Nanosleep(Monotonic, Absolute, ref at, IntPtr.Zero);
            Now(Monotonic, out TimeSpec woken);
            late[i] = woken.Ns - at.Ns;
        }
        return late;
    }

    public static long Median(IEnumerable<long> values)
    {
        long[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static TimeSpec At(long ns) => new() { Seconds = ns / Second, Nanoseconds = ns % Second };

    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public long Seconds, Nanoseconds;
        public readonly long Ns => Seconds * Second + Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static extern int SetAffinity(int thread, nuint bytes, ref ulong mask);

    [DllImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static extern int SetScheduler(int thread, int policy, ref int priority);

    [DllImport("libc", EntryPoint = "clock_nanosleep")]
    private static extern int Nanosleep(int clock, int flags, ref TimeSpec until, IntPtr left);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int Now(int clock, out TimeSpec now);
}
