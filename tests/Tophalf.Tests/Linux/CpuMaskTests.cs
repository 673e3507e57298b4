using FsCheck;
using FsCheck.Fluent;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

public class CpuMaskTests
{
    /// <summary>Sets of CPUs below a random nr_cpu_ids, from one-word masks to the widest.</summary>
    private static readonly Arbitrary<(int NrCpuIds, int[] Cpus)> Machines = Arb.From(
        from nrCpuIds in Gen.OneOf(Gen.Choose(1, 130), Gen.Choose(131, CpuMask.MaxCpus))
        from cpus in Gen.ArrayOf(Gen.Choose(0, nrCpuIds - 1))
        select (nrCpuIds, cpus));

    [Theory]
    [InlineData(2, "0,1", "3")]
    [InlineData(4, "2", "4")]
    [InlineData(8, "0", "01")]
    [InlineData(10, "1", "002")]
    [InlineData(32, "31", "80000000")]
    [InlineData(33, "32", "1,00000000")]
    [InlineData(48, "0-47", "ffff,ffffffff")]
    [InlineData(64, "0,63", "80000000,00000001")]
    [InlineData(65, "64", "1,00000000,00000000")]
    [InlineData(128, "5", "00000000,00000000,00000000,00000020")]
    [InlineData(12, "", "000")]
    public void Hex_form_is_as_wide_as_the_machine(int nrCpuIds, string list, string hex)
    {
        Assert.Equal(Errno.None, CpuMask.ParseList(list, nrCpuIds, out CpuMask mask));
        Assert.Equal(hex, mask.ToHex(nrCpuIds));
    }

    [Fact]
    public void Hex_form_leaves_out_cpus_the_machine_cannot_have() => Assert.Equal("01", CpuMask.Of(0, 8, 40).ToHex(8));

    [Theory]
    [InlineData("", "")]
    [InlineData("0", "0")]
    [InlineData("0,1", "0-1")]
    [InlineData("8,0-3", "0-3,8")]
    [InlineData("63,64,65,127", "63-65,127")]
    public void List_form_joins_neighbours(string text, string list)
    {
        Assert.Equal(Errno.None, CpuMask.ParseList(text, 128, out CpuMask mask));
        Assert.Equal(list, mask.ToList());
    }

    /// <summary>As a kernel with two CPUs answered. That 0 is refused too is the doing of the file, for want of an online CPU.</summary>
    [Theory]
    [InlineData("3\n", Errno.None, "0-1")]
    [InlineData(" 3 ", Errno.None, "0-1")]
    [InlineData(",3", Errno.None, "0-1")]
    [InlineData("3,", Errno.None, "0-1")]
    [InlineData("3\n1", Errno.None, "0-1")]
    [InlineData("1\0zz", Errno.None, "0")]
    [InlineData("00000003", Errno.None, "0-1")]
    [InlineData("x00000003", Errno.None, "0-1")]
    [InlineData("0", Errno.None, "")]
    [InlineData("", Errno.None, "")]
    [InlineData("0x3", Errno.EINVAL, "")]
    [InlineData("g", Errno.EINVAL, "")]
    [InlineData("-1", Errno.EINVAL, "")]
    [InlineData("4", Errno.EOVERFLOW, "")]
    [InlineData("000000003", Errno.EOVERFLOW, "")]
    [InlineData("3,3", Errno.EOVERFLOW, "")]
    [InlineData("3 3", Errno.EOVERFLOW, "")]
    [InlineData("00000000,00000003", Errno.EOVERFLOW, "")]
    [InlineData("xx00000003", Errno.EOVERFLOW, "")]
    public void Hex_is_read_as_two_cpus_read_it(string text, Errno errno, string list)
    {
        Assert.Equal(errno, CpuMask.ParseHex(text, 2, out CpuMask mask));
        Assert.Equal(list, mask.ToList());
    }

    [Theory]
    [InlineData("0-1", Errno.None, "0-1")]
    [InlineData("all", Errno.None, "0-1")]
    [InlineData("aLl:1/2", Errno.None, "0")]
    [InlineData("N", Errno.None, "1")]
    [InlineData("0-N:1/N", Errno.None, "0-1")]
    [InlineData("0 1", Errno.None, "0-1")]
    [InlineData("0,,1", Errno.None, "0-1")]
    [InlineData("0\n1", Errno.None, "0")]
    [InlineData("0,\n1", Errno.None, "0-1")]
    [InlineData("1-1:1/4294967295", Errno.None, "0-1")]
    [InlineData("", Errno.None, "")]
    [InlineData("n", Errno.EINVAL, "")]
    [InlineData("1-0", Errno.EINVAL, "")]
    [InlineData("0-", Errno.EINVAL, "")]
    [InlineData("-1", Errno.EINVAL, "")]
    [InlineData("0x1", Errno.EINVAL, "")]
    [InlineData("allx", Errno.EINVAL, "")]
    [InlineData("0-1:2/1", Errno.EINVAL, "")]
    [InlineData("0-1:1/0", Errno.EINVAL, "")]
    [InlineData("4294967295", Errno.EINVAL, "")]
    [InlineData("2", Errno.ERANGE, "")]
    [InlineData("0-2", Errno.ERANGE, "")]
    [InlineData("4294967296", Errno.EOVERFLOW, "")]
    [InlineData("18446744073709551616", Errno.EOVERFLOW, "")]
    public void List_is_read_as_two_cpus_read_it(string text, Errno errno, string list)
    {
        Assert.Equal(errno, CpuMask.ParseList(text, 2, out CpuMask mask));
        Assert.Equal(list, mask.ToList());
    }

    [Fact]
    public void Pattern_takes_the_first_cpus_of_every_group()
    {
        Assert.Equal(Errno.None, CpuMask.ParseList("0-1023:2/256", 1024, out CpuMask mask));
        Assert.Equal("0-1,256-257,512-513,768-769", mask.ToList());
    }

    [Fact]
    public void Hex_form_and_list_form_read_back_as_the_same_mask() =>
        Prop.ForAll(Machines, machine =>
        {
            CpuMask mask = CpuMask.Of(machine.Cpus);
            return CpuMask.ParseHex(mask.ToHex(machine.NrCpuIds), machine.NrCpuIds, out CpuMask fromHex) == Errno.None && fromHex == mask
                && CpuMask.ParseList(mask.ToList(), machine.NrCpuIds, out CpuMask fromList) == Errno.None && fromList == mask;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Masks_behave_as_sets_of_integers() =>
        Prop.ForAll(Machines, Machines, (left, right) =>
        {
            CpuMask a = CpuMask.Of(left.Cpus), b = CpuMask.Of(right.Cpus);
            return a.SequenceEqual(left.Cpus.Distinct().Order())
                && a.Count == left.Cpus.Distinct().Count()
                && a.First == left.Cpus.DefaultIfEmpty(-1).Min()
                && a.Last == left.Cpus.DefaultIfEmpty(-1).Max()
                && a.And(b) == CpuMask.Of([.. left.Cpus.Intersect(right.Cpus)])
                && a.Or(b) == CpuMask.Of([.. left.Cpus.Union(right.Cpus)])
                && a.AndNot(b) == CpuMask.Of([.. left.Cpus.Except(right.Cpus)])
                && a.Intersects(b) == left.Cpus.Intersect(right.Cpus).Any()
                && a.And(b).IsSubsetOf(a)
                && left.Cpus.All(cpu => a.Contains(cpu) && a.Without(cpu) != a && a.Without(cpu).With(cpu) == a)
                && (a.And(b).Or(a.AndNot(b))).GetHashCode() == a.GetHashCode();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mask_without_a_cpu_has_no_first_and_no_last()
    {
        Assert.True(CpuMask.Empty.IsEmpty);
        Assert.Equal((-1, -1, 0), (CpuMask.Empty.First, CpuMask.Empty.Last, CpuMask.Empty.Count));
        Assert.Equal(CpuMask.Empty, CpuMask.Of(700).AndNot(CpuMask.Of(700)));
        Assert.Equal("0-4095", CpuMask.FirstCpus(4096).ToList());
    }

    [Fact]
    public void Cpu_8192_does_not_exist() => Assert.Throws<ArgumentOutOfRangeException>(() => CpuMask.Of(CpuMask.MaxCpus));
}
