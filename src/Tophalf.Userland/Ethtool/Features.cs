using Tophalf.Kernel.Networking;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -k and -K: offloads and other features.</summary>
internal static class Features
{
    public static int Show(EthtoolCall call)
    {
        if (call.Ops?.GetFeatures() is not { } states)
            return call.FailNetlink(call.Missing);
        call.Write($"Features for {call.Device}:\n");
        string? group = null;
        foreach (FeatureState state in states)
        {
            if (state.Feature.Group is { } heading && heading != group)
                call.Write($"{heading}: {OnOff(states.Any(other => other.Feature.Group == heading && other.IsOn))}\n");
            group = state.Feature.Group;
            call.Write($"{(group is null ? "" : "\t")}{state.Feature.Shown}: {OnOff(state.IsOn)}{(state.IsFixed ? " [fixed]" : state.IsOn != state.IsWanted ? $" [requested {OnOff(state.IsWanted)}]" : "")}\n");
        }
        return 0;
    }

    /// <summary>Of a group it tells only whether any of it is on.</summary>
    public static int ShowJson(EthtoolCall call)
    {
        if (call.Ops?.GetFeatures() is not { } states)
            return call.FailJson(call.Missing);
        var page = new JsonPage(call.Device);
        string? group = null;
        foreach (FeatureState state in states)
        {
            if (state.Feature.Group is { } heading && heading != group)
                AddState(page, heading, states.Any(other => other.Feature.Group == heading && other.IsOn), null, null);
            group = state.Feature.Group;
            AddState(page, state.Feature.Shown, state.IsOn, state.IsFixed, !state.IsFixed && state.IsWanted);
        }
        call.Write(page.ToString());
        return 0;
    }

    private static void AddState(JsonPage page, string name, bool isOn, bool? isFixed, bool? isWanted) => page.Object(name, () =>
    {
        page.Bool("active", isOn);
        page.Bool("fixed", isFixed);
        page.Bool("requested", isWanted);
    });

    public static int? Set(EthtoolCall call)
    {
        if (call.Parameters.Count == 0 || call.Parameters.Count % 2 != 0)
            return null;
        if (call.Ops?.GetFeatures() is not { } before)
            return call.FailNetlink(call.Missing);
        var wanted = new List<(FeatureState State, bool On)>();
        for (int i = 0; i < call.Parameters.Count; i += 2)
        {
            string word = call.Parameters[i];
            FeatureState[] named = [.. before.Where(state => IsNamed(state.Feature, word))];
            if (named.Length == 0 || call.Parameters[i + 1] is not ("on" or "off"))
                return null;
            bool on = call.Parameters[i + 1] == "on";
            // A word for a group means all of it, also what the device cannot change.
            wanted.AddRange(named.Select(state => (state, on)));
        }
        // One named twice, as by its group and by itself, is what it was called last.
        Dictionary<string, bool> last = wanted.GroupBy(wish => wish.State.Feature.Name).ToDictionary(same => same.Key, same => same.Last().On);
        call.Ops.SetFeatures([.. last.Select(wish => (wish.Key, wish.Value))]);
        return ShowChanges(call, before, last);
    }

    /// <summary>What became of the request where it is not all that was asked, or more (ethtool's netlink/features.c, show_feature_changes).</summary>
    private static int ShowChanges(EthtoolCall call, IReadOnlyList<FeatureState> before, Dictionary<string, bool> wanted)
    {
        bool Differs(FeatureState now) => wanted.TryGetValue(now.Feature.Name, out bool on) && now.IsOn != on;

        var changed = before.Where(state => state.IsOn != call.Ops!.GetFeatures()!.First(now => now.Feature == state.Feature).IsOn).Select(state => state.Feature).ToHashSet();
        FeatureState[] told = [.. call.Ops!.GetFeatures()!.Where(now => Differs(now) || changed.Contains(now.Feature)).OrderBy(now => now.Feature.Place)];
        if (!told.Any(now => Differs(now) || !wanted.ContainsKey(now.Feature.Name)))
            return 0;
        call.Write("Actual changes:\n");
        foreach (FeatureState now in told)
            call.Write($"{now.Feature.Name}: {OnOff(now.IsOn)}{(Differs(now) ? $" [requested {OnOff(!now.IsOn)}]" : wanted.ContainsKey(now.Feature.Name) ? "" : " [not requested]")}\n");
        return changed.Count > 0 ? 0 : call.Fail("Could not change any device features");
    }

    private static bool IsNamed(NetFeature feature, string word) =>
        feature.Name == word || feature.Shown == word || feature.Short == word || (feature.Group is not null && feature.Group == NetFeature.GroupOf(word));

    private static string OnOff(bool on) => on ? "on" : "off";
}
