using System.Globalization;

namespace Tophalf.Linux;

/// <summary>Which kernel a machine runs, as <c>uname -r</c> says (/proc/sys/kernel/osrelease).</summary>
/// <param name="Release">The whole text, such as <c>6.18.44-generic</c>.</param>
/// <param name="Major">The first two numbers decide which format a file has.</param>
public sealed record KernelInfo(string Release, int Major, int Minor)
{
    public const string Path = "/proc/sys/kernel/osrelease";

    public static KernelInfo Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    public static KernelInfo Parse(string text)
    {
        ReaderLimits.CheckText(text, Path);
        string release = text.Trim();
        string[] parts = release.Split('.', 3);
        int minor = 0;
        if (release.Contains('\n') || parts.Length < 2 || !TryNumber(parts[0], out int major) || !TryNumber(LeadingDigits(parts[1]), out minor))
            throw new ReaderException(1, 1, "not a kernel release", "give what uname -r prints, such as 6.12.9");
        return new KernelInfo(release, major, minor);
    }

    /// <summary>Whether the kernel is of that version or newer.</summary>
    public bool IsAtLeast(int major, int minor) => (Major, Minor).CompareTo((major, minor)) >= 0;

    /// <summary>The second number of 7.2-rc1 is 2.</summary>
    private static ReadOnlySpan<char> LeadingDigits(string part)
    {
        int end = part.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? part : part.AsSpan(0, end);
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
