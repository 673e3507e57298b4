namespace Tophalf.Linux;

internal static class OptionalFile
{
    /// <summary>
    /// The file's text, or null when this machine does not have it, keeps it from us, or has nothing to show there.
    /// Any other error is the caller's.
    /// </summary>
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

    private static bool IsAbsence(Errno errno) =>
        errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES or Errno.EPERM or Errno.EIO or Errno.ENODEV;
}
