using Tophalf.Kernel;
using Xunit;

namespace Tophalf.Tests.Kernel;

public class KernelCommandLineTests
{
    [Theory]
    [InlineData("quiet  nohz_full=1-3\tthreadirqs\n", "quiet= nohz_full=1-3 threadirqs=")]
    [InlineData("dyndbg=\"file a.c +p\" x", "dyndbg=file a.c +p x=")]
    [InlineData("\"isolcpus=managed_irq, 1\" ro", "isolcpus=managed_irq, 1 ro=")]
    [InlineData("root=UUID=12=3", "root=UUID=12=3")]
    [InlineData("  ", "")]
    [InlineData("psi=\"0", "psi=0")]
    public void Blanks_separate_parameters_and_quotes_keep_blanks_together(string cmdline, string expected) =>
        Assert.Equal(expected, string.Join(' ', KernelCommandLine.Parse(cmdline).Select(parameter => $"{parameter.Name}={parameter.Value}")));
}
