using System.Globalization;

namespace Tophalf.Userland.Ethtool;

/// <summary>The parameters of ethtool -X: equal N | weight W0 W1 … | default, start N, hkey, hfunc, context new | N, delete.</summary>
internal sealed class FlowHashRequest
{
    private int? _equal;
    private List<long>? _weights;
    private bool _default;
    private int _start;
    private bool _hasStart;

    public string? Key { get; private set; }

    public string? Function { get; private set; }

    public bool IsDefault => _default;

    /// <summary>It is about a context beside the device's own table.</summary>
    public bool IsForContext { get; private set; }

    /// <summary>Its number; null for a new one.</summary>
    public int? Context { get; private set; }

    public bool Deletes { get; private set; }

    /// <summary>Null: the command line is not understood.</summary>
    public static FlowHashRequest? Parse(IReadOnlyList<string> parameters)
    {
        var request = new FlowHashRequest();
        int i = 0;
        while (i < parameters.Count)
            if (!request.Take(parameters, ref i))
                return null;
        return parameters.Count == 0 ? null : request;
    }

    private bool Take(IReadOnlyList<string> parameters, ref int i)
    {
        string name = parameters[i++];
        string? value = i < parameters.Count ? parameters[i] : null;
        switch (name)
        {
            case "default":
                _default = true;
                return true;
            case "delete":
                Deletes = true;
                return true;
            case "context" when value == "new":
                IsForContext = true;
                break;
            case "context" when TryNumber(value, out int context) && context != 0:
                IsForContext = true;
                Context = context;
                break;
            case "equal" when TryNumber(value, out int rings) && rings > 0:
                _equal = rings;
                break;
            case "start" when TryNumber(value, out _start):
                _hasStart = true;
                break;
            case "hkey" when value is not null:
                Key = value;
                break;
            case "hfunc" when value is not null:
                Function = value;
                break;
            case "weight" when TryNumber(value, out _):
                _weights = [];
                for (; i < parameters.Count && TryNumber(parameters[i], out int weight); i++)
                    _weights.Add(weight);
                return true;
            default:
                return false;
        }
        i++;
        return true;
    }

    private static bool TryNumber(string? text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Parameters that exclude each other.</summary>
    public string? Conflict() => (_equal is not null, _weights is not null, _default, _hasStart) switch
    {
        (true, true, _, _) => "Equal and weight options are mutually exclusive",
        (true, _, true, _) => "Equal and default options are mutually exclusive",
        (_, true, true, _) => "Weight and default options are mutually exclusive",
        (_, _, true, true) => "Start and default options are mutually exclusive",
        (false, false, _, true) => "Start must be used with equal or weight options",
        _ when _default && IsForContext => "Default and context options are mutually exclusive",
        _ when Deletes && Context is null => "Delete option requires context option",
        (_, true, _, _) when Deletes => "Delete and weight options are mutually exclusive",
        (true, _, _, _) when Deletes => "Delete and equal options are mutually exclusive",
        _ when Deletes && _default => "Delete and default options are mutually exclusive",
        _ => null,
    };

    public string? WeightError(int tableSize) =>
        _weights is null ? null
        : _weights.Sum() == 0 ? "At least one weight must be non-zero"
        : _weights.Sum() > tableSize ? "Total weight exceeds the size of the indirection table"
        : null;

    /// <summary>The new table, or null when the request leaves it as it is. Weights share the table out in proportion.</summary>
    public int[]? Fill(int size, int rings)
    {
        var table = new int[size];
        if (_equal is { } equal)
            for (int i = 0; i < size; i++)
                table[i] = _start + i % equal;
        else if (_weights is not null)
        {
            long sum = _weights.Sum(), partial = 0;
            int queue = -1;
            for (int i = 0; i < size; i++)
            {
                while (i >= size * partial / sum)
                    partial += _weights[++queue];
                table[i] = _start + queue;
            }
        }
        else if (_default)
            // ethtool_rxfh_indir_default(), include/linux/ethtool.h.
            for (int i = 0; i < size; i++)
                table[i] = i % Math.Max(rings, 1);
        else
            return null;
        return table;
    }
}
