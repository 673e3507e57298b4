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
        foreach ((string name, bool on) in wanted) _features.Set(name, on);
        _mergesSegments = _features["rx-gro"];
        if (Model.IsVirtual) FollowGro();
        _kernel.Replan();
    }

    public IReadOnlyList<FlowRule>? GetFlowRules() => Model.FlowRules == 0 ? null : _controller.FlowRules;

    public EthtoolResult InsertFlowRule(FlowRule rule, out int location)
    {
        location = rule.Location;
        if (Model.FlowRules == 0 || !_features["rx-ntuple-filter"]) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (rule.Queue >= _controller.Queues || location >= Model.FlowRules) return new EthtoolResult(Errno.EINVAL);
        // ethtool's own choice is the last place that is free (its rmgr_add).
        for (int place = Model.FlowRules - 1; location < 0 && place >= 0; place--)
        {
            if (_controller.FlowRules.All(other => other.Location != place)) location = place;
        }
        if (location < 0) return new EthtoolResult(Errno.ENOSPC);
        int at = location;
        _kernel.Sync();
        _controller.SetFlowRules(_controller.FlowRules.Where(other => other.Location != at).Append(rule with { Location = at }), _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public EthtoolResult DeleteFlowRule(int location)
    {
        if (Model.FlowRules == 0) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (_controller.FlowRules.All(rule => rule.Location != location)) return new EthtoolResult(Errno.ENOENT);
        _kernel.Sync();
        _controller.SetFlowRules(_controller.FlowRules.Where(rule => rule.Location != location), _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public bool? GetHashFields(byte protocol) => Model.RssTableSize == 0 ? null : _controller.HashCoversPorts(protocol);

    public EthtoolResult SetHashFields(byte protocol, bool coversPorts)
    {
        if (Model.RssTableSize == 0) return new EthtoolResult(Errno.EOPNOTSUPP);
        _kernel.Sync();
        _controller.SetHashFields(protocol, coversPorts, _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }
}
