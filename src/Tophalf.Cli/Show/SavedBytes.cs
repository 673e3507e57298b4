using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>The bytes of a file somebody sent, unpacked where they were packed.</summary>
internal static class SavedBytes
{
    /// <summary>Formats .NET does not unpack: how they begin, and the system's program that does.</summary>
    private static readonly (byte[] Begins, string Program)[] s_packed =
        [([.. "BZh"u8], "bzip2"), ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd")];

    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    /// <summary>The bytes behind the packing; other bytes as they are. Throws <see cref="ReaderException"/> when they cannot be unpacked or are too many.</summary>
    public static byte[] Unpack(byte[] bytes)
    {
        if (IsGzip(bytes))
        {
            try
            {
                using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
                return ReadBounded(gzip);
            }
            catch (InvalidDataException)
            {
                throw new ReaderException(1, 1, "damaged gzip data", "give the whole file, or unpack it first");
            }
        }
        foreach ((byte[] begins, string program) in s_packed)
        {
            if (bytes.AsSpan().StartsWith(begins))
                return UnpackWith(program, bytes);
        }
        return bytes;
    }

    private static byte[] UnpackWith(string program, byte[] bytes)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, ["-dc"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                // All three streams at once: one pipe that fills up would stop the program.
                Task feed = Feed(process, bytes);
                Task<string> errors = process.StandardError.ReadToEndAsync();
                byte[] unpacked = ReadBounded(process.StandardOutput.BaseStream);
                feed.GetAwaiter().GetResult();
                process.WaitForExit();
                _ = errors.GetAwaiter().GetResult();
                return process.ExitCode == 0 ? unpacked : throw new ReaderException(1, 1, $"damaged {program} data", "give the whole file, or unpack it first");
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill();
            }
        }
        catch (Win32Exception)
        {
            throw new ReaderException(1, 1, $"packed with {program}, which is not installed here", $"install {program}, or unpack the file first");
        }
    }

    private static async Task Feed(Process process, byte[] bytes)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(bytes);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program has found the data damaged and gone; its exit status says so.
        }
    }

    private static byte[] ReadBounded(Stream stream)
    {
        using var unpacked = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (stream.Read(buffer) is > 0 and var got)
        {
            unpacked.Write(buffer, 0, got);
            if (unpacked.Length > ReaderLimits.MaxCharacters)
                throw new ReaderException(1, 1, $"more than {ReaderLimits.MaxCharacters} bytes when unpacked", "cut the file down");
        }
        return unpacked.ToArray();
    }
}
