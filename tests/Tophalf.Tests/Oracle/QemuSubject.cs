using System.Globalization;
using Tophalf.Simulation;

namespace Tophalf.Tests.Oracle;

/// <summary>
/// A device both sides have. It invents steps, and takes each on our side first: that gives the answers to expect, or says that the step leads
/// where QEMU is known to be wrong (docs/hardware-qemu.md) and must not be compared.
/// </summary>
/// <typeparam name="TStep">One thing software or a wire does to the device; a value, so that a script can be cut and replayed.</typeparam>
internal abstract class QemuSubject<TStep>
{
    private readonly List<QemuExchange> _exchanges = [];

    /// <summary>Commands that bring QEMU's device from any state into the one <see cref="Reset"/> gives ours.</summary>
    public abstract IReadOnlyList<string> ResetCommands { get; }

    /// <summary>A new device of ours.</summary>
    public abstract void Reset();

    public abstract TStep Invent(RandomStream random);

    /// <summary>Takes the step on our side; false, with everything as it was, if it is one of the listed exceptions.</summary>
    protected abstract bool Take(TStep step);

    /// <summary>Interrupt messages our side has sent since <see cref="Reset"/>, in the words of QEMU's trace; null if they are not compared.</summary>
    public virtual List<string>? Messages => null;

    /// <summary>A line of the trace in the form <see cref="Messages"/> has.</summary>
    public virtual string Shorten(string message) => message;

    /// <summary>The exchanges a step makes, or null if it is not to be compared.</summary>
    public IReadOnlyList<QemuExchange>? Exchanges(TStep step)
    {
        _exchanges.Clear();
        return Take(step) ? [.. _exchanges] : null;
    }

    protected void Write(string command, bool? line = null) => _exchanges.Add(new QemuExchange(command, 0, 0, line));

    protected void Read(string command, ulong value, bool? line = null, ulong mask = ulong.MaxValue) =>
        _exchanges.Add(new QemuExchange(command, value, mask, line));

    protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One command to QEMU and what ours says it must answer.</summary>
/// <param name="Command">In the words of the qtest protocol.</param>
/// <param name="Value">What a read gives.</param>
/// <param name="Mask">The bits of it that count.</param>
/// <param name="Line">Level of the intercepted line afterwards; null if it is not compared.</param>
internal readonly record struct QemuExchange(string Command, ulong Value, ulong Mask, bool? Line);
