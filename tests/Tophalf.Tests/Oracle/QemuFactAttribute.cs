using Xunit;

namespace Tophalf.Tests.Oracle;

/// <summary>A test that runs QEMU's devices beside ours, and says so where there is no QEMU.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QemuFactAttribute : FactAttribute
{
    public QemuFactAttribute() =>
        Skip = QemuMachine.Program is null ? "needs qemu-system-x86_64 on the PATH: run tests/oracle/install.sh as root" : null;
}
