namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>What bpf(2) has numbers for: programs and maps, counted by themselves.</summary>
public sealed class BpfObjects
{
    private readonly List<BpfMap> _maps = [];
    private int _lastMap, _lastProgram;

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<BpfMap> Maps => _maps;

    internal int Add(BpfMap map)
    {
        _maps.Add(map);
        return ++_lastMap;
    }

    internal void Remove(BpfMap map) => _maps.Remove(map);

    internal int NextProgramId() => ++_lastProgram;
}
