using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class RemappingFuzzTests
{
    private static readonly Gen<uint> Offsets = Gen.OneOf(
        Gen.Elements<uint>(0x18, 0x34, 0x38, 0x3C, 0x40, 0x44, 0x80, 0x88, 0x90, 0x94, 0x9C, 0xA0, 0xA4, 0xA8, 0xAC, 0xB8, 0xBC, 0x20C, 0x27C),
        Gen.Choose(0, 0x300).Select(offset => (uint)offset));

    private static readonly Gen<uint> Values = Gen.OneOf(
        ArbMap.Default.GeneratorFor<uint>(), Gen.Choose(0, 31).Select(bit => 1u << bit), Gen.Choose(0, 0x7FFF).Select(value => (uint)value << 4));

    /// <summary>
    /// A guest may write anything anywhere, and devices too: the unit answers each interrupt with one of its four outcomes, blocks with a
    /// reason, and keeps its books.
    /// </summary>
    [Fact]
    public void Arbitrary_registers_tables_and_requests_never_break_the_unit() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200),
            Prop.ForAll(
                (from what in Gen.Choose(0, 3) from offset in Offsets from value in Values from other in Values select (what, offset, value, other)).ListOf().ToArbitrary(),
                steps =>
                {
                    var board = new RemappingBoard(log2Entries: 4, compatibility: true, extended: false);
                    long asked = 0;
                    foreach ((int what, uint offset, uint value, uint other) in steps)
                    {
                        if (what == 0) board.Unit.Write(offset, value, 0);
                        else if (what == 1)
                        {
                            int index = (int)offset & (board.Unit.TableEntries - 1);
                            if (board.Unit.EntryAddress(index) < (ulong)board.Memory.Size - RemappingTableEntry.Size)
                                board.Store(index, new RemappingTableEntry(value | (ulong)other << 32 | 1, other & 0xFFFFF));
                        }
                        else
                        {
                            RemapResult result = board.Unit.Translate((ushort)other, 0xFEE0_0000 | (value & 0xF_FFFF), what == 2 ? 0 : other, 0);
                            asked++;
                            if (result.Outcome == RemapOutcome.NotAnInterrupt) return false;
                            if (result.Outcome == RemapOutcome.Blocked != (result.Fault != RemapFault.None)) return false;
                        }
                        if (board.Unit.Forwarded + board.Unit.Posted + board.Unit.Blocked != asked) return false;
                    }
                    return true;
                }));
}
