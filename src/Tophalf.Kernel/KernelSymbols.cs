namespace Tophalf.Kernel;

/// <summary>Names of functions as reports print them (kernel/kallsyms.c, %ps): "edu_handler [tophalf_test]". What nobody registered has its C# name.</summary>
public sealed class KernelSymbols
{
    private readonly Dictionary<Delegate, string> _names = [];

    /// <summary>Gives a function its name in the kernel.</summary>
    public void Add(Delegate function, string name) => _names[function] = name;

    /// <summary>As %ps prints it; of a function written in place without a name of its own, the name of the method it stands in.</summary>
    public string NameOf(Delegate function)
    {
        if (_names.TryGetValue(function, out string? known)) return known;
        string name = function.Method.Name;
        int open = name.IndexOf('<'), close = name.IndexOf('>');
        return open >= 0 && close > open + 1 ? name[(open + 1)..close] : name;
    }
}
