using System.Text;

namespace Tophalf.Linux;

/// <summary>
/// A Linux machine as a person at its shell sees it: files to read and write, directories to list, commands to run, a clock.
/// The live host, a capture, the twin and the oracle kernel all answer through this one interface.
/// </summary>
public interface ILinuxMachine
{
    /// <summary>The whole text of a file. Throws <see cref="LinuxException"/> with the kernel's error code.</summary>
    string Read(string path);

    /// <summary>
    /// The whole text of a file as UTF-8 in <paramref name="buffer"/>, which grows as needed and can be used again; returns its length. For what is read over
    /// and over. Throws <see cref="LinuxException"/>.
    /// </summary>
    int Read(string path, ref byte[] buffer)
    {
        string text = Read(path);
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (buffer.Length < most)
            buffer = new byte[most];
        return Encoding.UTF8.GetBytes(text, buffer);
    }

    /// <summary>Writes <paramref name="text"/> in one write(2), as <c>echo</c> does. Throws <see cref="LinuxException"/>.</summary>
    void Write(string path, string text);

    /// <summary>Names in a directory, sorted by ordinal order. Throws <see cref="LinuxException"/>.</summary>
    IReadOnlyList<string> List(string path);

    /// <summary>Runs a shell command line and waits for it.</summary>
    CommandResult Run(string commandLine);

    /// <summary>Nanoseconds since an arbitrary start; never goes back.</summary>
    long NowNs { get; }

    /// <summary>Lets <paramref name="durationNs"/> of this machine's time pass.</summary>
    void Sleep(long durationNs);
}

/// <summary>What a command left behind: its two output streams and its exit status.</summary>
public readonly record struct CommandResult(string Output, string Error, int Status);
