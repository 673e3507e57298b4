using Xunit;

namespace Tophalf.Tests.Userland.Shell;

/// <summary>Skipped, saying so, where this host has no busybox.</summary>
public sealed class BusyboxTheoryAttribute : TheoryAttribute
{
    public BusyboxTheoryAttribute()
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!path.Any(directory => File.Exists(Path.Combine(directory, "busybox"))))
            Skip = "busybox is not on PATH; it is the oracle of these scripts";
    }
}
