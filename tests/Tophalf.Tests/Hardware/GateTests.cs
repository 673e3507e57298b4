using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class GateTests
{
    private const ushort Kernel = Processor.KernelCode;

    [Fact]
    public void A_64_bit_gate_has_the_bytes_of_the_manual()
    {
        var gate = InterruptGate.Create(0xFFFF_FFFF_81A0_1230, Kernel);
        byte[] bytes = [.. BitConverter.GetBytes(gate.Low), .. BitConverter.GetBytes(gate.High)];
        Assert.Equal("30121000008EA081FFFFFFFF00000000", Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_32_bit_gate_has_the_bytes_of_the_manual() =>
        Assert.Equal("34126000008F34C1", Convert.ToHexString(BitConverter.GetBytes(InterruptGate32.Create(0xC134_1234, 0x60, GateType.Trap).Raw)));

    [Fact]
    public void Gates_round_trip_every_field()
    {
        var fields = ArbMap.Default.ArbFor<(ulong Offset, ushort Selector, byte Bits)>();
        Prop.ForAll(fields, f =>
        {
            GateType type = (f.Bits & 1) != 0 ? GateType.Trap : GateType.Interrupt;
            int dpl = f.Bits >> 1 & 3, ist = f.Bits >> 3 & 7;
            var gate = InterruptGate.Create(f.Offset, f.Selector, type, dpl, ist);
            var narrow = InterruptGate32.Create((uint)f.Offset, f.Selector, type, dpl);
            return (gate.Offset, gate.Selector, gate.TypeBits, gate.Dpl, gate.Ist) == (f.Offset, f.Selector, (int)type, dpl, ist)
                && (narrow.Offset, narrow.Selector, narrow.Type, narrow.Dpl) == ((uint)f.Offset, f.Selector, type, dpl)
                && gate.Present && gate.IsLegalType && narrow.Present && narrow.IsLegalType;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Of_the_sixteen_types_two_are_legal_in_64_bit_mode_and_five_in_32()
    {
        int[] wide = [.. Enumerable.Range(0, 32).Where(type => new InterruptGate((ulong)type << 40, 0).IsLegalType)];
        int[] narrow = [.. Enumerable.Range(0, 32).Where(type => new InterruptGate32((ulong)type << 40).IsLegalType)];
        Assert.Equal([0xE, 0xF], wide);
        Assert.Equal([0x5, 0x6, 0x7, 0xE, 0xF], narrow);
        Assert.False(new InterruptGate(0xEul << 40, 1ul << 40).IsLegalType); // bits 12..8 of the last dword
    }

    /// <summary>Each row one broken gate for vector 0x41; columns by what is delivered. CPL is 3.</summary>
    [Fact]
    public void A_broken_gate_faults_with_the_error_code_of_the_manual()
    {
        InterruptGate good = InterruptGate.Create(1, Kernel, dpl: 3);
        (string Name, InterruptGate Gate)[] gates =
        [
            ("good", good),
            ("type 0xC", good with { Low = good.Low & ~(3ul << 40) }),
            ("DPL 0", good with { Low = good.Low & ~(3ul << 45) }),
            ("not present", good with { Low = good.Low & ~(1ul << 47) }),
            ("DPL 0, absent", good with { Low = good.Low & ~(7ul << 45) }),
        ];
        EventSource[] sources = [EventSource.Hardware, EventSource.Exception, EventSource.Int1, EventSource.IntN, EventSource.Int3, EventSource.Into];
        string table = string.Join("\n", gates.Select(row =>
            $"{row.Name,-14}" + string.Join(" ", sources.Select(source => $"{GateChecks.Check(row.Gate, 0x41, source, cpl: 3),-10}")).TrimEnd()));
        // vector 0x41 × 8 + IDT 2 + EXT 1
        Assert.Equal("""
            good          none       none       none       none       none       none
            type 0xC      #GP(0x20b) #GP(0x20b) #GP(0x20b) #GP(0x20a) #GP(0x20a) #GP(0x20a)
            DPL 0         none       none       none       #GP(0x20a) #GP(0x20a) #GP(0x20a)
            not present   #NP(0x20b) #NP(0x20b) #NP(0x20b) #NP(0x20a) #NP(0x20a) #NP(0x20a)
            DPL 0, absent #NP(0x20b) #NP(0x20b) #NP(0x20b) #GP(0x20a) #GP(0x20a) #GP(0x20a)
            """, table);
    }

    [Fact]
    public void Code_segments_are_checked_when_a_gdt_is_loaded()
    {
        var memory = new PhysicalMemory(8192);
        ulong at = memory.Allocate(64, 8);
        SegmentDescriptor code = SegmentDescriptor.Code(0, isLong: true);
        SegmentDescriptor[] table =
        [
            default,                                                    // 00
            SegmentDescriptor.Code(0, isLong: true),                    // 08
            SegmentDescriptor.Code(3, isLong: true),                    // 10: outer than CPL 0
            SegmentDescriptor.Code(0, isLong: false),                   // 18: 32-bit
            new(code.Raw & ~(1ul << 43)),                               // 20: data
            new(code.Raw & ~(1ul << 47)),                               // 28: not present
            SegmentDescriptor.Code(0, isLong: true, conforming: true),  // 30
        ];
        for (int i = 0; i < table.Length; i++) memory.Write64(at + (ulong)i * 8, table[i].Raw);
        var gdtr = new DescriptorTableRegister(at, (ushort)(table.Length * 8 - 1));
        string Row(ushort selector, int cpl)
        {
            DeliveryFault fault = GateChecks.CodeSegment(memory, gdtr, selector, longMode: true, EventSource.Hardware, cpl, out int newCpl);
            return fault.IsNone ? $"CPL {newCpl}" : fault.ToString();
        }

        Assert.Equal(
            ["#GP(0x1)", "CPL 0", "#GP(0x11)", "#GP(0x19)", "#GP(0x21)", "#NP(0x29)", "CPL 0", "#GP(0x39)", "#GP(0xd)"],
            new ushort[] { 0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38, 0x0C }.Select(selector => Row(selector, 0)));
        Assert.Equal(["CPL 0", "CPL 3"], new ushort[] { 0x08, 0x30 }.Select(selector => Row(selector, 3)));
    }

    [Fact]
    public void The_frame_is_aligned_and_holds_ss_and_rsp_even_without_a_change_of_stack()
    {
        var board = new Board { HandlersReturn = false };
        ulong before = board.Cpu.Rsp -= 3;
        ulong rip = board.Cpu.Rip;
        board.Cpu.Deliver(0x41, 0, errorCode: -1);
        Assert.Equal((before & ~0xFul) - 40, board.Cpu.Rsp);
        Assert.Equal(new InterruptFrame(rip, Kernel, 0x202, before, Processor.KernelData), board.Cpu.FrameOnStack());
        Assert.Equal(Board.HandlerOf(0x41), board.Cpu.Rip);
        board.Cpu.InterruptReturn();
        Assert.Equal((rip, before, 0x202ul), (board.Cpu.Rip, board.Cpu.Rsp, board.Cpu.Rflags));
    }

    [Fact]
    public void From_user_space_the_stack_is_rsp0_and_with_ist_always_that_one()
    {
        var board = new Board { HandlersReturn = false };
        board.Cpu.Ist[3] = board.Memory.Allocate(4096, 4096) + 4096;
        board.Cpu.Cs = Processor.UserCode;
        board.Cpu.Rsp = 0x7000;
        board.Cpu.Deliver(0x41, 0, errorCode: -1);
        Assert.Equal(board.Cpu.Rsp0 - 40, board.Cpu.Rsp);
        Assert.Equal((0x7000ul, (ulong)Processor.UserData), (board.Cpu.FrameOnStack().Rsp, board.Cpu.FrameOnStack().Ss));
        board.SetGate(1, InterruptGate.Create(Board.HandlerOf(1), Kernel, ist: 3));
        board.Cpu.Raise(1, 0, 0); // no change of privilege, yet a change of stack
        Assert.Equal(board.Cpu.Ist[3] - 40, board.Cpu.Rsp);
    }

    [Fact]
    public void A_trap_gate_leaves_if_and_both_clear_tf_nt_and_rf()
    {
        foreach (GateType type in new[] { GateType.Interrupt, GateType.Trap })
        {
            var board = new Board { HandlersReturn = false };
            board.SetGate(0x80, InterruptGate.Create(Board.HandlerOf(0x80), Kernel, type));
            // IRET is the one way to load these flags.
            ulong rsp = board.Cpu.Rsp -= 40;
            ulong[] frame = [1, Kernel, 0x1_4302, rsp, Processor.KernelData];
            for (int i = 0; i < frame.Length; i++) board.Memory.Write64(rsp + (ulong)i * 8, frame[i]);
            board.Cpu.InterruptReturn();
            board.Cpu.Execute(EventSource.IntN, 0x80, 0);
            Assert.Equal(type == GateType.Trap ? 0x202ul : 0x002ul, board.Cpu.Rflags);
        }
    }

    [Fact]
    public void A_non_canonical_stack_is_a_stack_fault()
    {
        var board = new Board { HandlersReturn = false };
        board.SetGate(12, InterruptGate.Create(Board.HandlerOf(12), Kernel, ist: 1));
        board.Cpu.Ist[1] = board.Memory.Allocate(4096, 4096) + 4096;
        board.Cpu.Rsp = 0x8000_0000_0000_0000;
        board.Cpu.Deliver(0x41, 0, errorCode: -1);
        Assert.Equal([12], board.VectorsOf(0));
        Assert.Equal(1ul, board.Memory.Read64(board.Cpu.Rsp)); // EXT
    }

    [Fact]
    public void Protected_mode_pushes_ss_and_esp_only_for_an_outer_ring()
    {
        var board = new Board { HandlersReturn = false };
        board.Cpu.Mode = ProcessorMode.Protected32;
        ulong table = board.Memory.Allocate(256 * InterruptGate32.Size, 8);
        board.Cpu.LoadIdt(table, 256 * InterruptGate32.Size - 1);
        void Set(int vector, InterruptGate32 gate) => board.Memory.Write64(table + (ulong)(vector * InterruptGate32.Size), gate.Raw);
        Set(0x41, InterruptGate32.Create(0xC100_0000, Kernel));
        Set(13, InterruptGate32.Create(0xC100_0000, Kernel));
        Set(0x42, InterruptGate32.Create(0x1234, Kernel, GateType.Interrupt16));
        Set(0x43, InterruptGate32.Create(0, Kernel, GateType.Task));
        board.Code.Place(0xC100_0000, (_, _, _) => { });
        board.Code.Place(0x1234, (_, _, _) => { });
        ulong top = board.Cpu.Rsp;
        ulong Taken(int vector, ushort cs, ulong rsp)
        {
            (board.Cpu.Cs, board.Cpu.Rsp, board.Cpu.Rip) = (cs, rsp, 0x100);
            board.Cpu.Deliver(vector, 0, errorCode: -1);
            return (board.Cpu.Cs == cs ? rsp : top) - board.Cpu.Rsp;
        }

        Assert.Equal((12ul, 6ul), (Taken(0x41, Kernel, top), Taken(0x42, Kernel, top)));
        Assert.Equal(20ul, Taken(0x41, Processor.UserCode, 0x7000));
        Assert.Equal(new InterruptFrame(0x100, Processor.UserCode, 2, 0x7000, Processor.UserData), board.Cpu.FrameOnStack());
        board.Cpu.InterruptReturn();
        Assert.Equal((0x7000ul, 3), (board.Cpu.Rsp, board.Cpu.Cpl));
        Assert.Equal(16ul, Taken(0x43, Kernel, top)); // a task gate: #GP with its error code
        Assert.Equal(0x43u * 8 + 3, board.Memory.Read32(board.Cpu.Rsp));
    }
}
