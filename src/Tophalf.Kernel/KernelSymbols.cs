namespace Tophalf.Kernel;

/// <summary>Names of functions as reports print them (kernel/kallsyms.c, %ps): "edu_handler [tophalf_test]". What nobody registered has its C# name.</summary>
public sealed class KernelSymbols
{
    private readonly Dictionary<Delegate, string> _names = [];

    /// <summary>Gives a function its name in the kernel.</summary>
    public void Add(Delegate function, string name) => _names[function] = name;

    public string NameOf(Delegate function) => _names.GetValueOrDefault(function) ?? function.Method.Name;
}
