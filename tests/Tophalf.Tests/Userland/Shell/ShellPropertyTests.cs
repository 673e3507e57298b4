using FsCheck;
using FsCheck.Fluent;
using Tophalf.Userland.Shell;
using Xunit;

namespace Tophalf.Tests.Userland.Shell;

public sealed class ShellPropertyTests
{
    // Pieces of scripts; joined at random they are mostly wrong, and often nearly right.
    private static readonly string[] Pieces =
    [
        " ", "\n", ";", "|", "&&", "||", "!", "(", ")", "{ ", "; }", "if ", "then ", "else ", "elif ", "fi", "while ", "do ", "done", "for x in ", "case ", " in ",
        "esac", ";;", "'", "\"", "\\", "$", "$x", "${x", "${x:-", "${x#", "}", "$(", "$((", "))", "`", "#", ">", ">>", "<", "2>&1", "&", "*", "[", "]", "?", "=",
        "x=1", "x", "0", "1", "-", "echo ", "cat ", "grep ", "printf ", "%s%d", "test ", "[ ", "f() ", "f", "exit", "break", "set -e", "eval ", "read ", "/tmp/a",
        "/proc", "seq 3", "sort ", "-n", "-k", "cut ", "tr ", "a-z", "[:alpha:]", "head ", "wc ", "ethtool ", "-C eth0 ", "\0", "\t", "é", "++", "**", "%", "/", "~", "<<",
    ];

    [Fact]
    public void Random_text_never_crashes_the_shell()
    {
        var scripts = Gen.Elements(Pieces).ListOf().Select(string.Concat)
            .Or(ArbMap.Default.GeneratorFor<string>().Where(s => s is not null));
        Prop.ForAll(scripts.ToArbitrary(), script =>
        {
            var result = new ShellSession(new TestHost()).Run(script);
            return result.Status is >= 0 and <= 255;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60));
    }

    /// <summary>Few letters, so that options, key lists, formats and expressions come about.</summary>
    [Fact]
    public void Programs_bear_any_arguments()
    {
        string[] programs =
            ["cat", "cut", "echo", "ethtool", "grep", "head", "ls", "nproc", "printf", "seq", "sleep", "sort", "tail", "test", "[", "tr", "uname", "uniq", "wc",
             "read", "set", "cd", "local", "shift", "break", "exit", "export", "unset", "return", "readonly", "eval"];
        var argument = Gen.Elements("-+=0123456789nkfcdrutsweiEXCLGSx%.*#[]():,\\{}|^$aeth/".ToCharArray()).ListOf().Select(c => string.Concat(c));
        var arguments = Gen.OneOf(argument, Gen.Elements("-C", "-X", "-L", "eth0", "rx-usecs", "combined", "equal", "weight", "hkey", "-n", "-k", "-f", "-e", "/tmp/f", "-eq"));
        var calls = from program in Gen.Elements(programs) from list in arguments.ListOf() select (program, list);
        Prop.ForAll(calls.ToArbitrary(), call =>
        {
            var host = new TestHost();
            host.Devices.Add(Ethtool.FakeNic.MultiQueue("eth0"));
            string line = $"{call.program} {string.Join(' ', call.list.Select(Quoting.IfNeeded))}";
            var result = new ShellSession(host).Run($"printf 'b 2\\na 10\\n' > /tmp/f; seq 3 | {line}");
            return result.Status is >= 0 and <= 255;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(12));
    }

    [Fact]
    public void Quoted_text_comes_back_as_it_was()
    {
        var texts = Gen.Elements(Pieces).ListOf().Select(string.Concat).Or(ArbMap.Default.GeneratorFor<string>().Where(s => s is not null));
        Prop.ForAll(texts.ToArbitrary(), text =>
            new ShellSession(new TestHost()).Run($"printf '%s' {Quoting.IfNeeded(text)}").Output == text)
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Variable_in_double_quotes_is_one_word_whatever_it_holds()
    {
        var texts = Gen.Elements(Pieces).ListOf().Select(string.Concat);
        Prop.ForAll(texts.ToArbitrary(), text =>
            new ShellSession(new TestHost()).Run($"x={Quoting.IfNeeded(text)}; set -- \"$x\"; printf '%s:%s' $# \"$1\"").Output == $"1:{text}")
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Same_script_gives_the_same_text()
    {
        var scripts = Gen.Elements(Pieces).ListOf().Select(string.Concat);
        Prop.ForAll(scripts.ToArbitrary(), script =>
            new ShellSession(new TestHost()).Run(script) == new ShellSession(new TestHost()).Run(script))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Arithmetic_agrees_with_the_processor()
    {
        var operators = Gen.Elements("+", "-", "*", "&", "|", "^", "<", ">", "==", "!=", "<=", ">=");
        var cases = from a in ArbMap.Default.GeneratorFor<int>() from b in ArbMap.Default.GeneratorFor<int>() from op in operators select (a, b, op);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            long a = c.a, b = c.b;
            long expected = c.op switch
            {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "&" => a & b,
                "|" => a | b,
                "^" => a ^ b,
                "<" => a < b ? 1 : 0,
                ">" => a > b ? 1 : 0,
                "==" => a == b ? 1 : 0,
                "!=" => a != b ? 1 : 0,
                "<=" => a <= b ? 1 : 0,
                _ => a >= b ? 1 : 0,
            };
            return new ShellSession(new TestHost()).Run($"echo $(({a} {c.op} {b}))").Output == $"{expected}\n";
        }).QuickCheckThrowOnFailure();
    }
}
