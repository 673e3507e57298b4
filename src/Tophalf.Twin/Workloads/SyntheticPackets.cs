using Tophalf.Hardware.Devices;
using Tophalf.Simulation;

namespace Tophalf.Twin.Workloads;

/// <summary>Frames of one size at the moments of an arrival process, each of a flow drawn evenly from a range.</summary>
public sealed class SyntheticPackets : IPacketSource
{
    private readonly ArrivalProcess _arrivals;
    private readonly RandomStream _gaps, _choices;
    private readonly int _bytes, _firstFlow, _flows;
    private readonly long _stopPs;
    private long _atPs;

    /// <param name="arrivals">Gaps between frames.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">Name of this source; sources of different names are independent.</param>
    /// <param name="bytes">Frame length with FCS.</param>
    /// <param name="firstFlow">Number of the first flow at the controller.</param>
    /// <param name="flows">How many flows.</param>
    /// <param name="startPs">Moment after which the first gap begins.</param>
    /// <param name="stopPs">Moment from which nothing is sent.</param>
    public SyntheticPackets(ArrivalProcess arrivals, ulong seed, string name, int bytes, int firstFlow, int flows, long startPs, long stopPs)
    {
        _arrivals = arrivals;
        _gaps = new RandomStream(seed, name + "/gaps");
        _choices = new RandomStream(seed, name + "/flows");
        _bytes = bytes;
        _firstFlow = firstFlow;
        _flows = flows;
        _atPs = startPs;
        _stopPs = stopPs;
    }

    public int Read(Span<Packet> frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            _atPs += _arrivals.NextGapPs(_gaps);
            if (_atPs >= _stopPs) return i;
            frames[i] = new Packet(_atPs, _bytes, _firstFlow + (_flows == 1 ? 0 : _choices.NextInt(_flows)));
        }
        return frames.Length;
    }
}
