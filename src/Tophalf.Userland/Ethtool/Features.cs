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
            call.Write($"{(group is null ? "" : "\t")}{state.Feature.Shown}: {OnOff(state.IsOn)}{(state.IsFixed ? " [fixed]" : "")}\n");
        }
        return 0;
    }

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
            // A word for a group means those of it that the device can change.
            wanted.AddRange(named.Where(state => named.Length == 1 || !state.IsFixed).Select(state => (state, on)));
        }
        call.Ops.SetFeatures([.. wanted.Select(wish => (wish.State.Feature.Name, wish.On))]);
        var refused = wanted.Where(wish => wish.State.IsFixed && wish.State.IsOn != wish.On).ToList();
        if (refused.Count == 0)
            return 0;
        call.Write("Actual changes:\n" + string.Concat(refused.Select(wish => $"{wish.State.Feature.Name}: {OnOff(wish.State.IsOn)} [requested {OnOff(wish.On)}]\n")));
        bool changed = wanted.Any(wish => !wish.State.IsFixed && wish.State.IsOn != wish.On);
        return changed ? 0 : call.Fail("Could not change any device features");
    }

    private static bool IsNamed(NetFeature feature, string word) =>
        feature.Name == word || feature.Shown == word || feature.Short == word || (feature.Group is not null && feature.Group == NetFeature.GroupOf(word));

    private static string OnOff(bool on) => on ? "on" : "off";
}
