namespace Tophalf.Advisor;

/// <summary>What a finding rests on.</summary>
/// <param name="File">The file, or the command, a person can look at.</param>
/// <param name="Shows">The figures in it.</param>
public readonly record struct Evidence(string File, string Shows)
{
    public override string ToString() => $"{File}: {Shows}";
}
