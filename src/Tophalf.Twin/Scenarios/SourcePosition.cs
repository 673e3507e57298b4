namespace Tophalf.Twin.Scenarios;

/// <summary>A place in a scenario file: line and column in characters, both counted from 1.</summary>
public readonly record struct SourcePosition(int Line, int Column) : IComparable<SourcePosition>
{
    /// <summary>Where problems of the file as a whole are reported.</summary>
    public static readonly SourcePosition Start = new(1, 1);

    public int CompareTo(SourcePosition other) =>
        Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);
}
