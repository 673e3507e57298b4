using System.Collections.Immutable;
using Tophalf.Userland.Shell.Syntax;

namespace Tophalf.Userland.Shell;

/// <summary>What a subshell inherits and cannot change for its parent. Immutable collections make a fork a copy of a few references.</summary>
internal sealed class ShellState
{
    public const string DefaultFieldSeparators = " \t\n";

    private ImmutableDictionary<string, string> _variables = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal)
        .Add("IFS", DefaultFieldSeparators).Add("PATH", "/sbin:/usr/sbin:/bin:/usr/bin").Add("HOME", "/").Add("PWD", "/");

    private ImmutableHashSet<string> _readOnly = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public ImmutableDictionary<string, FunctionDefinition> Functions { get; set; } =
        ImmutableDictionary.Create<string, FunctionDefinition>(StringComparer.Ordinal);

    /// <summary><c>$0</c></summary>
    public string Name { get; set; } = "sh";

    /// <summary><c>$1</c>, <c>$2</c> …</summary>
    public ImmutableArray<string> Positional { get; set; } = [];

    public string WorkingDirectory { get; set; } = "/";

    /// <summary><c>$?</c></summary>
    public int Status { get; set; }

    /// <summary><c>set -e</c></summary>
    public bool ExitOnError { get; set; }

    /// <summary><c>set -u</c></summary>
    public bool UnsetIsError { get; set; }

    /// <summary><c>set -x</c></summary>
    public bool Trace { get; set; }

    /// <summary><c>set -o pipefail</c></summary>
    public bool PipeFail { get; set; }

    public string? Get(string name) => _variables.GetValueOrDefault(name);

    public void Set(string name, string value)
    {
        CheckWritable(name);
        _variables = _variables.SetItem(name, value);
    }

    public void Unset(string name)
    {
        CheckWritable(name);
        _variables = _variables.Remove(name);
    }

    public void MakeReadOnly(string name) => _readOnly = _readOnly.Add(name);

    public ShellState Fork() => (ShellState)MemberwiseClone();

    private void CheckWritable(string name)
    {
        if (_readOnly.Contains(name))
            throw new ShellAbortException($"{name}: is read only");
    }
}
