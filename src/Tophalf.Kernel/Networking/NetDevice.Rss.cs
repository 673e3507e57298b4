using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>Receive-side scaling as ethtool -x and -X have it: the device's own table and key, and contexts beside it.</summary>
public sealed partial class NetDevice
{
    /// <summary>netif_is_rxfh_configured(): somebody has written the table, so it stays when the number of queues changes.</summary>
    private bool _isTableSet;

    private bool HasRss => Model.RssTableSize > 0 && Model.HasRssControl;

    /// <summary>The last queue that a table somebody wrote goes to; -1 for none.</summary>
    private int LargestQueueOfTables => (_isTableSet ? _controller.Indirection : []).Concat(_controller.Contexts.Values.SelectMany(context => context.Table)).DefaultIfEmpty(-1).Max();

    public RssSettings? GetRss() => !HasRss ? null : new(_controller.Indirection, _controller.RssKey, _controller.Queues);

    public EthtoolResult SetRss(IReadOnlyList<int>? table, byte[]? key, bool isDefault)
    {
        if (!HasRss) return new EthtoolResult(Errno.EOPNOTSUPP);
        Errno error = Check(table, key);
        if (error != Errno.None) return new EthtoolResult(error);
        _kernel.Sync();
        if (key is not null) _controller.SetRssKey(key, _kernel.Events.NowPs);
        if (table is null) return EthtoolResult.Ok;
        _controller.SetIndirection(table, _kernel.Events.NowPs);
        _isTableSet = !isDefault;
        return EthtoolResult.Ok;
    }

    private Errno Check(IReadOnlyList<int>? table, byte[]? key)
    {
        if (table is not null && (table.Count != _controller.Indirection.Count || table.Any(queue => queue < 0 || queue >= _controller.Queues))) return Errno.EINVAL;
        return key is not null && key.Length != _controller.RssKey.Length ? Errno.EINVAL : Errno.None;
    }

    public EthtoolResult GetRssContext(int number, out RssSettings? settings)
    {
        settings = null;
        if (Model.RssContexts is null) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (!_controller.Contexts.TryGetValue(number, out RssContext? context)) return new EthtoolResult(Errno.ENOENT);
        settings = new RssSettings(context.Table, context.Key, _controller.Queues);
        return EthtoolResult.Ok;
    }

    /// <summary>What is not written of a new context is the default table, and the device's key.</summary>
    public EthtoolResult SetRssContext(ref int? number, IReadOnlyList<int>? table, byte[]? key)
    {
        if (Model.RssContexts is not { } support) return new EthtoolResult(Errno.EOPNOTSUPP);
        RssContext? before = null;
        if (number is { } known && !_controller.Contexts.TryGetValue(known, out before)) return new EthtoolResult(Errno.ENOENT);
        Errno error = Check(table, key);
        if (error != Errno.None) return new EthtoolResult(error);
        if (number is null && _controller.Contexts.Count >= support.Most) return new EthtoolResult(support.WhenFull);
        _kernel.Sync();
        int free = 1;
        while (_controller.Contexts.ContainsKey(free)) free++;
        number ??= free;
        int[] defaults = [.. Enumerable.Range(0, _controller.Indirection.Count).Select(entry => entry % _controller.Queues)];
        _controller.SetContext(number.Value, new RssContext([.. table ?? before?.Table ?? defaults], key ?? before?.Key ?? _controller.RssKey), _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public EthtoolResult DeleteRssContext(int number)
    {
        if (Model.RssContexts is null) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (!_controller.Contexts.ContainsKey(number)) return new EthtoolResult(Errno.ENOENT);
        if (_controller.FlowRules.Any(rule => rule.Context == number)) return new EthtoolResult(Errno.EBUSY);
        _controller.RemoveContext(number);
        return EthtoolResult.Ok;
    }
}
