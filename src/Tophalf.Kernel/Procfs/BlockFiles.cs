using Tophalf.Kernel.Storage;

namespace Tophalf.Kernel.Procfs;

/// <summary>/sys/block: of a disk's queue, where its requests are finished (block/blk-sysfs.c).</summary>
internal static class BlockFiles
{
    public static Directory Tree(Kernel kernel) => new(
        () => kernel.BlockDevices.Select(device => device.Name),
        name => kernel.BlockDevices.Find(device => device.Name == name) is { } device ? Directory.Of(("queue", Queue(device))) : null);

    private static Directory Queue(BlockDevice device) => Directory.Of(("rq_affinity", new File(() => device.RqAffinity + "\n", device.SetRqAffinity)));
}
