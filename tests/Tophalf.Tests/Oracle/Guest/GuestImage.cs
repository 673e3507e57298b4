using System.Diagnostics;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>The bare-metal guest of tests/guest, built once per run.</summary>
internal static class GuestImage
{
    private static readonly Lazy<string> _folder = new(Build);

    private static string Sources => Path.Combine(Repository, "tests", "guest");

    private static string Repository { get; } = FindRepository();

    /// <summary>Multiboot image: qemu -kernel.</summary>
    public static string Kernel => Path.Combine(_folder.Value, "guest.bin");

    /// <summary>The boot sector that goes before it on a disk.</summary>
    public static string BootSector => Path.Combine(_folder.Value, "boot.bin");

    /// <summary>Where a program lies, or null.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string FindRepository()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tophalf.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException("the tests do not lie inside the repository");
    }

    private static string Build()
    {
        string folder = Path.Combine(Repository, "out", "guest");
        using Process build = Process.Start(new ProcessStartInfo("sh", [Path.Combine(Sources, "build.sh"), folder]) { RedirectStandardError = true })!;
        string errors = build.StandardError.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 ? folder : throw new InvalidOperationException($"tests/guest/build.sh: {errors}");
    }
}
