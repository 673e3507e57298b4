using System.Globalization;
using Tophalf.Userland.Shell.Expansion;

namespace Tophalf.Userland.Programs;

/// <summary>printf FORMAT [ARGUMENT...] (POSIX.1-2017, printf utility); the format is used again until no argument is left.</summary>
internal static class Printf
{
    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments is ["--", ..])
            arguments = [.. arguments.Skip(1)];
        if (arguments.Count == 0)
        {
            context.Complain("usage: printf FORMAT [ARGUMENT...]");
            return 2;
        }
        context.FailsSilently = true; // as in ash, which forgets the error of its buffer here
        var formatter = new Formatter(context, arguments);
        return formatter.Run();
    }

    private sealed class Formatter(ProgramContext context, IReadOnlyList<string> arguments)
    {
        private readonly string _format = arguments[0];
        private int _next = 1;
        private int _status;
        private bool _stop;

        public int Run()
        {
            int before;
            do
            {
                before = _next;
                OnePass();
            }
            while (!_stop && _next < arguments.Count && _next > before);
            return _status;
        }

        private void OnePass()
        {
            for (int i = 0; i < _format.Length && !_stop;)
            {
                if (_format[i] == '\\')
                    context.Write(EscapeSequences.ReadOne(_format, ref i, octalNeedsZero: false, out _stop));
                else if (_format[i] != '%')
                    context.Write(_format[i++].ToString());
                else if (i + 1 < _format.Length && _format[i + 1] == '%')
                {
                    context.Write("%");
                    i += 2;
                }
                else
                    Convert(ref i);
            }
        }

        private void Convert(ref int i)
        {
            int start = i++;
            var spec = new PrintfConversion();
            while (i < _format.Length && spec.TakeFlag(_format[i]))
                i++;
            spec.Width = ReadSize(ref i) ?? 0;
            if (i < _format.Length && _format[i] == '.')
            {
                i++;
                spec.Precision = ReadSize(ref i) ?? 0;
            }
            while (i < _format.Length && _format[i] is 'l' or 'h' or 'L' or 'z' or 'j' or 't')
                i++;
            char kind = i < _format.Length ? _format[i++] : '\0';
            switch (kind)
            {
                case 's':
                    context.Write(spec.Text(Next()));
                    break;
                case 'b':
                    context.Write(spec.Text(EscapeSequences.Expand(Next(), octalNeedsZero: false, out _stop)));
                    break;
                case 'c':
                    string c = Next();
                    context.Write(spec.Text(c.Length > 0 ? c[..1] : ""));
                    break;
                case 'd' or 'i' or 'u' or 'o' or 'x' or 'X':
                    context.Write(spec.Integer(kind, NextInteger()));
                    break;
                case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                    context.Write(spec.Real(kind, NextReal()));
                    break;
                default:
                    context.Complain($"{_format[start..i]}: invalid format");
                    _status = 1;
                    _stop = true;
                    break;
            }
        }

        /// <summary>Digits or <c>*</c>; null where neither stands.</summary>
        private int? ReadSize(ref int i)
        {
            if (i < _format.Length && _format[i] == '*')
            {
                i++;
                return (int)Math.Clamp(NextInteger(), -PrintfConversion.SizeLimit, PrintfConversion.SizeLimit);
            }
            int start = i, size = 0;
            for (; i < _format.Length && char.IsAsciiDigit(_format[i]); i++)
                size = Math.Min(size * 10 + _format[i] - '0', PrintfConversion.SizeLimit);
            return i > start ? size : null;
        }

        private string Next() => _next < arguments.Count ? arguments[_next++] : "";

        private long NextInteger()
        {
            if (_next >= arguments.Count)
                return 0;
            string text = Next();
            // 'x and "x are the code of the character.
            if (text is ['\'' or '"', var c, ..])
                return c;
            string digits = text.Trim();
            bool negative = digits.StartsWith('-');
            if (ShellNumber.TryParseConstant(negative || digits.StartsWith('+') ? digits.AsSpan(1) : digits, out long value))
                return negative ? unchecked(-value) : value;
            return Invalid(text);
        }

        private double NextReal()
        {
            if (_next >= arguments.Count)
                return 0;
            string text = Next();
            return double.TryParse(text, CultureInfo.InvariantCulture, out double value) ? value : Invalid(text);
        }

        private int Invalid(string text)
        {
            context.Complain($"invalid number '{text}'");
            _status = 1;
            return 0;
        }
    }
}
