using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>BPF_MAP_TYPE_ARRAY of words of 32 bits (kernel/bpf/arraymap.c): every entry is always there, 0 at first.</summary>
internal sealed class BpfArray(Kernel kernel, string name, int entries) : BpfMap(kernel, name, sizeof(uint), entries)
{
    private readonly uint[] _words = new uint[entries];

    /// <summary>0 for what is not there.</summary>
    public uint this[long index] => index >= 0 && index < _words.Length ? _words[index] : 0;

    private protected override Errno Store(uint key, ReadOnlySpan<byte> value)
    {
        if (key >= _words.Length) return Errno.E2BIG;
        _words[key] = Word(value);
        return Errno.None;
    }

    private protected override Errno Remove(uint key) => Errno.EINVAL;

    private protected override Errno Load(uint key, Span<byte> value)
    {
        if (key >= _words.Length) return Errno.ENOENT;
        Word(value, _words[key]);
        return Errno.None;
    }
}
