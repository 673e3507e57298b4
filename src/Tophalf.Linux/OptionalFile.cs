namespace Tophalf.Linux;

/// <summary>Files and directories that a machine may lack or keep from us. Any other error is the caller's.</summary>
internal static class OptionalFile
{
    /// <summary>The file's text, or null when this machine does not have it, keeps it from us, or has nothing to show there.</summary>
    public static string? Read(ILinuxMachine machine, string path)
    {
        try
        {
            return machine.Read(path);
        }
        catch (LinuxException exception) when (IsAbsence(exception.Errno))
        {
            return null;
        }
    }

    /// <summary>The names in a directory; none when this machine does not have it or keeps it from us.</summary>
    public static IReadOnlyList<string> List(ILinuxMachine machine, string path)
    {
        try
        {
            return machine.List(path);
        }
        catch (LinuxException exception) when (IsAbsence(exception.Errno))
        {
            return [];
        }
    }

    private static bool IsAbsence(Errno errno) =>
        errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EISDIR or Errno.EACCES or Errno.EPERM or Errno.EIO or Errno.ENODEV or Errno.EINVAL or Errno.EOPNOTSUPP;
}
