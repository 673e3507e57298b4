using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>The driver's features, flow steering rules and hash fields, as ethtool -K, -N and -U set them.</summary>
public sealed partial class NetDevice
{
    private readonly FeatureSet _features;

    public IReadOnlyList<FeatureState> GetFeatures() => _features.States;

    public void SetFeatures(IReadOnlyList<(string Name, bool On)> wanted)
    {
        _kernel.Sync();
        if (IsXdpNative && Model.Xdp?.LogsLro is { } complaint && wanted.Contains((Lro, true)) && _features.IsChangeable(Lro)) Log(complaint);
        _features.Set(wanted);
        _mergesSegments = _features["rx-gro"];
        if (Model.IsVirtual) FollowGro();
        WriteVlanFilter();
        if (!_features["rx-ntuple-filter"] && _filters.Count > 0) DropFilters();
        _kernel.Replan();
    }

    public IReadOnlyList<FlowRule>? GetFlowRules() => Model.FlowRules is null ? null : _controller.FlowRules;

    public EthtoolResult InsertFlowRule(FlowRule rule, out int location)
    {
        location = rule.Location;
        if (Model.FlowRules is not { } support || (support.NeedsNtuple && !_features["rx-ntuple-filter"])) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (support.ChoosesPlace && location >= 0) return new EthtoolResult(Errno.EINVAL);
        if (!support.ByProtocol || rule.Queue >= _controller.Queues || location >= support.Places) return new EthtoolResult(Errno.EINVAL);
        if (rule.Context != 0 && !_controller.Contexts.ContainsKey(rule.Context)) return new EthtoolResult(Model.RssContexts is null ? Errno.EOPNOTSUPP : Errno.ENOENT);
        if (support.HasOneMask && _controller.FlowRules.Any(other => other.Location != rule.Location && !other.HasMaskOf(rule))) return new EthtoolResult(Errno.EINVAL);
        if (location < 0) location = FreePlace(support);
        if (location < 0) return new EthtoolResult(Errno.ENOSPC);
        int at = location;
        _kernel.Sync();
        _controller.SetFlowRules(_controller.FlowRules.Where(other => other.Location != at).Append(rule with { Location = at }), _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    /// <summary>ethtool's own choice is the last place that is free (its rmgr_add), a driver's the first. Below zero: all are taken.</summary>
    private int FreePlace(FlowRuleSupport support)
    {
        IEnumerable<int> places = Enumerable.Range(0, support.Places);
        HashSet<int> taken = [.. _controller.FlowRules.Select(rule => rule.Location)];
        return (support.ChoosesPlace ? places : places.Reverse()).Where(place => !taken.Contains(place)).FirstOrDefault(-1);
    }

    public EthtoolResult DeleteFlowRule(int location)
    {
        if (Model.FlowRules is null) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (_controller.FlowRules.All(rule => rule.Location != location)) return new EthtoolResult(Errno.ENOENT);
        _kernel.Sync();
        _controller.SetFlowRules(_controller.FlowRules.Where(rule => rule.Location != location), _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public EthtoolResult GetHashFields(byte protocol, out bool coversPorts)
    {
        coversPorts = false;
        if (Model.HashFields is not { } rules) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (rules.Unknown.Contains(protocol)) return new EthtoolResult(rules.UnknownAnswer);
        coversPorts = _controller.HashCoversPorts(protocol);
        return EthtoolResult.Ok;
    }

    public EthtoolResult SetHashFields(byte protocol, bool coversPorts)
    {
        if (Model.HashFields is not { } rules) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (rules.Unknown.Contains(protocol)) return new EthtoolResult(rules.UnknownAnswer);
        if (!rules.Changeable.Contains(protocol) && coversPorts != rules.PortsAtFirst.Contains(protocol)) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync();
        _controller.SetHashFields(protocol, coversPorts, _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    /// <summary>What the driver writes to the card when it starts.</summary>
    private void SetHashFields()
    {
        foreach (byte protocol in new[] { HashFieldRules.Tcp, HashFieldRules.Udp, HashFieldRules.Sctp })
        {
            if (Model.HashFields is { } rules && !rules.PortsAtFirst.Contains(protocol)) _controller.SetHashFields(protocol, coversPorts: false, _kernel.Events.NowPs);
        }
    }
}
