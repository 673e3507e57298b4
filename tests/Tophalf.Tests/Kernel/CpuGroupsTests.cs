using Tophalf.Kernel.Irq;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>group_cpus_evenly and irq_create_affinity_masks: which processors a multi-queue device's vectors are spread over (lib/group_cpus.c, kernel/irq/affinity.c).</summary>
public class CpuGroupsTests
{
    /// <param name="nodes">CPU lists of the nodes, separated by blanks.</param>
    /// <param name="threads">Hardware threads per core, numbered n, n + cores …</param>
    /// <param name="present">CPU list; null for all.</param>
    private static CpuLayout Layout(string nodes, int threads = 1, string? present = null)
    {
        CpuMask[] masks = [.. nodes.Split(' ').Select(List)];
        int cpus = masks.Sum(mask => mask.Count), cores = cpus / threads;
        CpuMask[] siblings = [.. Enumerable.Range(0, cpus).Select(cpu => CpuMask.Of([.. Enumerable.Range(0, threads).Select(thread => cpu % cores + thread * cores)]))];
        return new CpuLayout(masks, siblings, present is null ? CpuMask.FirstCpus(cpus) : List(present));
    }

    private static CpuMask List(string list)
    {
        Assert.Equal(Errno.None, CpuMask.ParseList(list, 256, out CpuMask mask));
        return mask;
    }

    private static string Groups(CpuLayout layout, int groups) =>
        string.Join(" / ", CpuGroups.Evenly(groups, layout).Select(mask => mask.IsEmpty ? "–" : mask.ToList()));

    [Theory]
    [InlineData("0-7", 1, null, 4, "0-1 / 2-3 / 4-5 / 6-7")]
    [InlineData("0-7", 1, null, 3, "0-2 / 3-5 / 6-7")]
    [InlineData("0-3", 1, null, 8, "0 / 1 / 2 / 3 / – / – / – / –")]
    [InlineData("0-7", 2, null, 4, "0,4 / 1,5 / 2,6 / 3,7")]
    [InlineData("0-7", 2, null, 3, "0-1,4 / 2-3,6 / 5,7")]
    [InlineData("0-7", 2, null, 6, "0,4 / 1,5 / 2 / 3 / 6 / 7")]
    [InlineData("0-1 2-7", 1, null, 4, "0-1 / 2-3 / 4-5 / 6-7")]
    [InlineData("0-3 4-7", 1, null, 2, "0-3 / 4-7")]
    [InlineData("0-3 4-7", 1, null, 1, "0-7")]
    [InlineData("0-7", 1, "0-3", 4, "0,4 / 1,5 / 2,6 / 3,7")]
    [InlineData("0-7", 1, "0-3", 8, "0 / 1 / 2 / 3 / 4 / 5 / 6 / 7")]
    public void Groups_stay_in_a_node_and_keep_the_threads_of_a_core_together(string nodes, int threads, string? present, int groups, string expected) =>
        Assert.Equal(expected, Groups(Layout(nodes, threads, present), groups));

    /// <summary>Which of two equal nodes gets the odd group is not defined, so only sizes can be told.</summary>
    [Theory]
    [InlineData(3, "2 2 4")]
    [InlineData(5, "1 1 2 2 2")]
    public void Two_equal_nodes_share_an_odd_number_of_groups(int groups, string sizes) =>
        Assert.Equal(sizes, string.Join(" ", CpuGroups.Evenly(groups, Layout("0-3 4-7")).Select(mask => mask.Count).Order()));

    [Fact]
    public void Every_processor_is_in_exactly_one_group()
    {
        foreach (string nodes in new[] { "0-7", "0-1 2-7", "0-3 4-7", "0 1-2 3-7", "0-15 16-23", "0-4 5-9 10-14" })
        {
            foreach (int groups in Enumerable.Range(1, 30))
            {
                CpuLayout layout = Layout(nodes);
                CpuMask[] masks = CpuGroups.Evenly(groups, layout);
                Assert.Equal(layout.Possible.Count, masks.Sum(mask => mask.Count));
                Assert.Equal(layout.Possible, masks.Aggregate((all, mask) => all.Or(mask)));
            }
        }
    }

    [Fact]
    public void Vectors_before_and_behind_the_spread_ones_have_the_default_affinity()
    {
        var masks = new IrqAffinity(PreVectors: 1, PostVectors: 1).CreateMasks(6, CpuMask.Of(0), Layout("0-7"));
        Assert.Equal("0 / 0-1 / 2-3 / 4-5 / 6-7 / 0", string.Join(" / ", masks.Select(mask => mask.ToList())));
    }

    [Fact]
    public void Each_set_is_spread_over_all_processors()
    {
        var masks = new IrqAffinity(PreVectors: 1, SetSizes: [2, 4]).CreateMasks(7, CpuMask.Of(0), Layout("0-3"));
        Assert.Equal("0 / 0-1 / 2-3 / 0 / 1 / 2 / 3", string.Join(" / ", masks.Select(mask => mask.ToList())));
    }

    [Fact]
    public void Without_a_vector_to_spread_there_are_no_masks() =>
        Assert.Empty(new IrqAffinity(PreVectors: 1).CreateMasks(1, CpuMask.Of(0), Layout("0-3")));

    [Theory]
    [InlineData(2, 33, 9)] // one for each of eight processors, and the admin queue's
    [InlineData(2, 5, 5)]
    [InlineData(0, 5, 0)]
    public void A_device_is_given_as_many_vectors_as_there_are_processors(int min, int max, int expected) =>
        Assert.Equal(expected, new IrqAffinity(PreVectors: 1).CalculateVectors(min, max, Layout("0-7")));
}
