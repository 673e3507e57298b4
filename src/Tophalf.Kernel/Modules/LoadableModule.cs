using Tophalf.Kernel.BottomHalves;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules;

/// <summary>A kernel module written in C# (include/linux/module.h).</summary>
public abstract class LoadableModule
{
    /// <summary>As lsmod prints it; its file is NAME.ko.</summary>
    public abstract string Name { get; }

    /// <summary>module_init. Any error refuses the module.</summary>
    public abstract Errno Init(Kernel kernel);

    /// <summary>module_exit, in steps, since giving things back may sleep.</summary>
    public abstract IEnumerable<Sleep> Exit();
}
