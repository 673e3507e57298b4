using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>A test that traces the kernel it runs on in an instance of its own: wants root and a mounted tracefs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TracingFactAttribute : FactAttribute
{
    public TracingFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            Skip = "tracing wants root on Linux";
        else if (!Directory.Exists("/sys/kernel/tracing/instances"))
            Skip = "tracefs is not mounted; as root: mount -t tracefs nodev /sys/kernel/tracing";
    }
}

/// <summary>Tests that may trace the kernel they run on: one at a time has the instance.</summary>
[CollectionDefinition(Collection)]
public sealed class TracingTests
{
    public const string Collection = "tracing the live kernel";
}
