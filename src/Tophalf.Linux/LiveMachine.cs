using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Tophalf.Linux;

/// <summary>
/// The kernel this process runs on, or the files of another machine saved below a directory (<paramref name="root"/>).
/// A saved tree can be read; it runs no commands and takes no writes.
/// </summary>
/// <param name="root">What stands for "/". "/" itself is the live machine.</param>
public sealed class LiveMachine(string root = "/") : ILinuxMachine
{
    private const int FirstBufferBytes = 64 << 10;

    /// <summary>Mode of a file that a redirection creates, before the umask: rw-rw-rw-.</summary>
    private const uint NewFileMode = 0b110_110_110;

    private const long NsPerTick = 100;

    private const int StatusOfTimeout = 124;

    private readonly bool _isLive = root == "/";

    /// <summary>How long a command may take before it is killed, which looks like timeout(1)'s exit status 124; null for as long as it wants.</summary>
    public TimeSpan? CommandLimit { get; init; }

    /// <summary>
    /// Reads from first to last byte whatever size the file claims: files of /proc say 0, those of /sys 4096. The first read is
    /// large because many files answer as of one moment only within one read(2).
    /// </summary>
    public string Read(string path)
    {
        byte[] buffer = new byte[FirstBufferBytes];
        int length = Read(path, ref buffer);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>As <see cref="Read(string)"/>, for files that are not text.</summary>
    public byte[] ReadBytes(string path)
    {
        byte[] buffer = new byte[FirstBufferBytes];
        int length = Read(path, ref buffer);
        return buffer[..length];
    }

    /// <summary>Reads into a buffer that is kept from one reading to the next and grows as needed; allocates nothing else.</summary>
    public int Read(string path, ref byte[] buffer)
    {
        int fd = Open(path, LibC.O_RDONLY);
        try
        {
            int length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, Math.Max(FirstBufferBytes, buffer.Length * 2));
                int got = ReadOnce(fd, buffer.AsSpan(length), path);
                if (got == 0)
                    return length;
                length += got;
                if (length > ReaderLimits.MaxCharacters)
                    throw new LinuxException(Errno.EFBIG, path);
            }
        }
        finally
        {
            _ = LibC.Close(fd);
        }
    }

    /// <summary>Creates and truncates as <c>&gt;</c> does, then one write(2): the files of /proc/irq take each write as a whole new value.</summary>
    public void Write(string path, string text)
    {
        if (!_isLive)
            throw new LinuxException(Errno.EROFS, path);
        int fd = Open(path, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC);
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            nint written;
            do
            {
                written = LibC.Write(fd, ref MemoryMarshal.GetArrayDataReference(bytes), (nuint)bytes.Length);
            }
            while (written < 0 && LibC.LastError == Errno.EINTR);
            if (written < 0)
                throw new LinuxException(LibC.LastError, path);
            if (written < bytes.Length)
                throw new LinuxException(Errno.EIO, path);
        }
        finally
        {
            _ = LibC.Close(fd);
        }
    }

    public IReadOnlyList<string> List(string path)
    {
        string place = Place(path);
        try
        {
            List<string> names = [.. Directory.EnumerateFileSystemEntries(place).Select(entry => System.IO.Path.GetFileName(entry))];
            names.Sort(StringComparer.Ordinal);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            throw new LinuxException(File.Exists(place) ? Errno.ENOTDIR : Errno.ENOENT, path);
        }
        catch (UnauthorizedAccessException)
        {
            throw new LinuxException(Errno.EACCES, path);
        }
        catch (IOException exception)
        {
            // .NET puts the error number of Unix into HResult where it has no exception of its own.
            throw new LinuxException(File.Exists(place) ? Errno.ENOTDIR : (Errno)exception.HResult, path);
        }
    }

    /// <summary>Runs <c>/bin/sh -c</c> with an empty standard input.</summary>
    public CommandResult Run(string commandLine)
    {
        if (!_isLive)
            throw new LinuxException(Errno.EOPNOTSUPP, commandLine);
        ProcessStartInfo start = new("/bin/sh", ["-c", commandLine])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        try
        {
            using Process process = Process.Start(start) ?? throw new LinuxException(Errno.ENOENT, "/bin/sh");
            process.StandardInput.Close();
            // Both streams at once: a command that fills one pipe while we wait on the other would never end.
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (CommandLimit is { } limit)
            {
                Task<string> whole = process.StandardOutput.ReadToEndAsync();
                if (!process.WaitForExit(limit))
                {
                    process.Kill(entireProcessTree: true);
                    return new CommandResult("", $"took longer than {limit.TotalSeconds:0.#} s\n", StatusOfTimeout);
                }
                return new CommandResult(whole.GetAwaiter().GetResult(), error.GetAwaiter().GetResult(), process.ExitCode);
            }
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new CommandResult(output, error.GetAwaiter().GetResult(), process.ExitCode);
        }
        catch (Win32Exception exception)
        {
            throw new LinuxException((Errno)exception.NativeErrorCode, "/bin/sh");
        }
    }

    public long NowNs => (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency);

    /// <summary>Sleeps at least so long; the operating system's timer decides how much more.</summary>
    public void Sleep(long durationNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(durationNs);
        if (_isLive && durationNs > 0)
            Thread.Sleep(TimeSpan.FromTicks((durationNs + NsPerTick - 1) / NsPerTick));
    }

    private int Open(string path, int flags)
    {
        string place = Place(path);
        while (true)
        {
            int fd = LibC.Open(place, flags | LibC.O_CLOEXEC, NewFileMode);
            if (fd >= 0)
                return fd;
            if (LibC.LastError != Errno.EINTR)
                throw new LinuxException(LibC.LastError, path);
        }
    }

    private static int ReadOnce(int fd, Span<byte> buffer, string path)
    {
        while (true)
        {
            nint got = LibC.Read(fd, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (got >= 0)
                return (int)got;
            if (LibC.LastError != Errno.EINTR)
                throw new LinuxException(LibC.LastError, path);
        }
    }

    /// <summary>Resolves "." and ".." before the root goes in front, so that no path climbs out of a saved tree.</summary>
    private string Place(string path)
    {
        if (path.Contains('\0'))
            throw new LinuxException(Errno.ENOENT, path);
        return _isLive ? path : System.IO.Path.GetFullPath(root) + System.IO.Path.GetFullPath(path, "/");
    }
}
