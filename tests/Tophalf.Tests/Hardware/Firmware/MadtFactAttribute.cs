using Xunit;

namespace Tophalf.Tests.Hardware.Firmware;

/// <summary>A test that reads the MADT of the machine it runs on, and says so where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MadtFactAttribute : FactAttribute
{
    public const string Path = "/sys/firmware/acpi/tables/APIC";

    public MadtFactAttribute() => Skip = IsReadable() ? null : $"{Path} cannot be read here";

    private static bool IsReadable()
    {
        try
        {
            using FileStream file = File.OpenRead(Path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
