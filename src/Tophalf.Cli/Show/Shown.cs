using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>A kernel file that was recognised and read: what every kind of them can do.</summary>
internal abstract class Shown
{
    /// <summary>One word for programs, such as interrupts.</summary>
    public abstract string Kind { get; }

    /// <summary>Where a machine has this file; null for outputs of commands and for what is no single file.</summary>
    public virtual string? Path => null;

    /// <summary>What the reader left out or cannot believe.</summary>
    public virtual IReadOnlyList<ReaderProblem> Problems => [];

    /// <param name="page">Where to.</param>
    /// <param name="name">The file's name, or two with what is between them.</param>
    public abstract void Write(Page page, string name);

    /// <summary>Writes members into an object that has been begun.</summary>
    public abstract void Write(Utf8JsonWriter json);

    /// <summary>What happened since an earlier reading on the same machine; null where it is none, or the kind has no counters.</summary>
    /// <param name="earlier">The file named before this one.</param>
    /// <param name="seconds">Time between the two; null where nobody said.</param>
    public virtual Shown? Since(Shown earlier, double? seconds) => null;
}
