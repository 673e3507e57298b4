namespace Tophalf.Kernel.BottomHalves;

/// <summary>Work that waits, and somebody who is to take it.</summary>
internal abstract class WorkPool
{
    public LinkedList<WorkStruct> Worklist { get; } = new();

    /// <summary>kick_pool: sees to it that waiting work is taken.</summary>
    public abstract void Kick();
}
