using Xunit;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>A test that boots the guest in a machine, and says so where that machine or the compiler is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GuestFactAttribute : FactAttribute
{
    /// <param name="machine">The emulator's program.</param>
    /// <param name="how">How to get it.</param>
    public GuestFactAttribute(string machine, string how)
    {
        if (GuestImage.Find("gcc") is null) Skip = "needs gcc and binutils, to build the guest";
        else if (GuestImage.Find(machine) is null) Skip = $"needs {machine} on the PATH: {how}";
    }
}
