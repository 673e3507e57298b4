using System.CommandLine;
using System.CommandLine.Parsing;

namespace Tophalf.Cli.Commands;

/// <summary>What is wrong with a command line, in the form of all of Tophalf's errors: what is wrong; what to write instead.</summary>
internal static class UsageProblem
{
    /// <summary>The first problem, or null when there is none.</summary>
    public static string? Of(ParseResult line)
    {
        Command command = line.CommandResult.Command;
        bool isRoot = command is RootCommand;
        if (Option(line) is { } option)
            return $"{Prefix(command)}unknown option {Quote(option)}; write {OneOf(command.Options)}";
        if (line.UnmatchedTokens is [string extra, ..])
        {
            return isRoot
                ? $"unknown command {Quote(extra)}; write {OneOf(command.Subcommands)}"
                : $"{Prefix(command)}{Quote(extra)} is one argument too many; write {Usage(command)}";
        }

        return line.Errors.Select(error => Word(command, error)).FirstOrDefault();
    }

    /// <summary>"run", "run or show", "--for, --seed or --vs".</summary>
    public static string OneOf(IEnumerable<Symbol> symbols)
    {
        string[] names = [.. symbols.Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name)];
        return names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }

    public static string Quote(string text) => $"'{Visible.Of(text.Length > 60 ? text[..60] + "…" : text)}'";

    /// <summary>A word with a dash that is no option of the command: the parser takes it for an argument.</summary>
    private static string? Option(ParseResult line)
    {
        Token? dashed = line.Tokens
            .TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', _, ..] && !IsValueOfOption(line, token));
        return dashed?.Value ?? line.UnmatchedTokens.FirstOrDefault(token => token is ['-', _, ..]);
    }

    private static bool IsValueOfOption(ParseResult line, Token token) =>
        line.CommandResult.Children.OfType<OptionResult>().Any(option => option.Tokens.Any(value => ReferenceEquals(value, token)));

    private static string Word(Command command, ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is { Tokens.Count: 0 })
            return $"{Prefix(command)}{option.Option.Name} has no value; write {option.Option.Name} {option.Option.HelpName}";
        if (option is { IdentifierTokenCount: > 1 })
            return $"{Prefix(command)}{option.Option.Name} is there twice; keep one of them";
        return error.SymbolResult is ArgumentResult or CommandResult
            ? $"{Prefix(command)}something is missing; write {Usage(command)}"
            : $"{Prefix(command)}{error.Message.TrimEnd('.')}; see tophalf {command.Name} --help";
    }

    private static string Prefix(Command command) => command is RootCommand ? "" : $"{command.Name}: ";

    private static string Usage(Command command) =>
        $"tophalf {command.Name} {string.Join(' ', command.Arguments.Select(argument => argument.HelpName ?? argument.Name))}";
}
