using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>Puts the lines of ethtool's output into sections.</summary>
internal sealed class EthtoolParser
{
    private const int LargestTable = 1 << 16;

    private readonly List<EthtoolSection> _sections = [];
    private readonly List<ReaderProblem> _problems = [];
    private readonly List<EthtoolValue> _values = [];
    private readonly List<int> _flowTable = [];
    private string? _option;
    private string? _interface;
    private string? _asked;
    private string? _refused;
    private string _group = "";
    private int _line;
    private int _rows;

    public void ReadLine(TextLine line)
    {
        ReadOnlySpan<char> text = line.Text.TrimStart();
        if (text.IsEmpty)
            return;
        ReaderLimits.CheckRows(++_rows, line.Number);
        if (IsPrompt(text))
        {
            EndSection();
            _asked = AskedInterface(text);
        }
        else if (text.StartsWith("Cannot get ") || text.StartsWith("Cannot set ") || text.StartsWith("netlink error: "))
        {
            if (_option is not null && _values.Count > 0)
                EndSection();
            _refused = text.ToString();
            _line = _line == 0 ? line.Number : _line;
        }
        else if (!TryHeader(text, line.Number) && _option is not null)
        {
            ReadValue(text, line);
        }
    }

    /// <summary>null when there was nothing of ethtool's.</summary>
    public EthtoolText? Finish()
    {
        EndSection();
        return _sections.Count == 0 ? null : new EthtoolText([.. _sections], [.. _problems]);
    }

    /// <summary>A shell's prompt, or a line somebody put before each output.</summary>
    private static bool IsPrompt(ReadOnlySpan<char> text) =>
        text[0] is '#' or '$' || text.Contains("# ethtool ", StringComparison.Ordinal) || text.Contains("$ ethtool ", StringComparison.Ordinal);

    private static string? AskedInterface(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf("ethtool ");
        if (at < 0)
            return null;
        Fields fields = new(text[(at + 8)..]);
        while (fields.Take(out ReadOnlySpan<char> field))
        {
            if (field[0] != '-')
                return field.ToString();
        }
        return null;
    }

    private bool TryHeader(ReadOnlySpan<char> text, int number)
    {
        foreach ((string begins, string option) in EthtoolText.Headers)
        {
            if (!text.StartsWith(begins) || text[^1] != ':')
                continue;
            ReadOnlySpan<char> rest = text[begins.Length..^1];
            string name = new Fields(rest).Peek().ToString();
            Begin(option, name.Length > 0 ? name : null, number);
            if (option == "-x" && rest.IndexOf(" with ") is >= 0 and var with)
                _values.Add(new EthtoolValue("", "RX rings", new Fields(rest[(with + 6)..]).Peek().ToString(), number));
            return true;
        }
        if (!text.StartsWith("driver: "))
            return false;
        Begin("-i", null, number);
        _values.Add(new EthtoolValue("", "driver", text[8..].Trim().ToString(), number));
        return true;
    }

    private void Begin(string option, string? name, int line)
    {
        string? refused = _option is null ? _refused : null;
        if (_option is not null)
            EndSection();
        (_option, _interface, _line, _refused) = (option, name ?? _asked, line, refused);
    }

    private void ReadValue(ReadOnlySpan<char> text, TextLine line)
    {
        if (text is "..." or "[...]" or "....")
        {
            _problems.Add(new ReaderProblem(line.Number, line.FirstColumn, "the output was cut here"));
            EndSection();
        }
        else if (text is EthtoolSection.Maximums + ":" or EthtoolSection.Current + ":")
        {
            _group = text[..^1].ToString();
        }
        else if (!TryTableRow(text) && !TryAdaptive(text, line.Number) && !TryNamed(text, line.Number))
        {
            // Prose between two outputs; a section never goes on behind it.
            EndSection();
        }
    }

    /// <summary>"   16:      0     1     2": entries of the indirection table from number 16 on.</summary>
    private bool TryTableRow(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        if (_option != "-x" || colon < 0 || !Fields.IsNumber(text[..colon]))
            return false;
        Fields fields = new(text[(colon + 1)..]);
        while (fields.Take(out ReadOnlySpan<char> field))
        {
            if (_flowTable.Count == LargestTable || !int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int ring))
                return false;
            _flowTable.Add(ring);
        }
        return true;
    }

    /// <summary>"Adaptive RX: off  TX: off" is two values in one line.</summary>
    private bool TryAdaptive(ReadOnlySpan<char> text, int number)
    {
        if (!text.StartsWith("Adaptive RX: ") || text.IndexOf("TX: ") is not (>= 0 and var tx))
            return false;
        _values.Add(new EthtoolValue("", "adaptive-rx", text[13..tx].Trim().ToString(), number));
        _values.Add(new EthtoolValue("", "adaptive-tx", text[(tx + 4)..].Trim().ToString(), number));
        return true;
    }

    private bool TryNamed(ReadOnlySpan<char> text, int number)
    {
        // Statistics of some drivers have colons in their names: "[0]: rx_ucast_packets: 5".
        int colon = _option == "-S" ? text.LastIndexOf(':') : text.IndexOf(':');
        if (colon < 1)
            return false;
        ReadOnlySpan<char> name = text[..colon], value = text[(colon + 1)..].Trim();
        if (value.IsEmpty && name.Contains(' ') && _option is not ("-x" or ""))
            return false;
        if (_option == "-S" && !Fields.IsNumber(new Fields(value).Peek()))
            return false;
        _values.Add(new EthtoolValue(_group, name.Trim().ToString(), value.ToString(), number));
        return true;
    }

    private void EndSection()
    {
        if (_option is not null || _refused is not null)
        {
            ImmutableArray<EthtoolValue> values = [.. _values];
            _sections.Add(new EthtoolSection(_option ?? "", _interface ?? _asked, _line, values, [.. _flowTable], _refused));
        }
        (_option, _interface, _refused, _group, _line) = (null, null, null, "", 0);
        _values.Clear();
        _flowTable.Clear();
    }
}
