namespace Tophalf.Userland.Shell.Syntax;

// The shell grammar of POSIX.1-2017, Shell Command Language 2.10, as values.

internal abstract record Command(int Line);

/// <summary>Assignments, then words, then redirections in any order; <paramref name="Text"/> is the source as written.</summary>
internal sealed record SimpleCommand(
    int Line, IReadOnlyList<Assignment> Assignments, IReadOnlyList<Word> Words, IReadOnlyList<Redirection> Redirections, string Text)
    : Command(Line);

internal sealed record Assignment(string Name, Word Value);

/// <summary>Two or more commands joined by <c>|</c>, or one command under <c>!</c>.</summary>
internal sealed record Pipeline(int Line, IReadOnlyList<Command> Commands, bool Negated, string Text) : Command(Line);

/// <summary><c>left &amp;&amp; right</c> when <paramref name="OnSuccess"/>, <c>left || right</c> otherwise.</summary>
internal sealed record AndOr(int Line, Command Left, bool OnSuccess, Command Right) : Command(Line);

internal sealed record CommandList(int Line, IReadOnlyList<Command> Commands) : Command(Line);

/// <summary>A compound command with redirections that hold for the whole of it.</summary>
internal sealed record Redirected(int Line, Command Body, IReadOnlyList<Redirection> Redirections) : Command(Line);

internal sealed record Subshell(int Line, Command Body) : Command(Line);

internal sealed record If(int Line, Command Condition, Command Then, Command? Else) : Command(Line);

internal sealed record Loop(int Line, Command Condition, bool Until, Command Body) : Command(Line);

/// <summary><paramref name="Words"/> null: the positional parameters.</summary>
internal sealed record For(int Line, string Variable, IReadOnlyList<Word>? Words, Command Body) : Command(Line);

internal sealed record Case(int Line, Word Subject, IReadOnlyList<CaseArm> Arms) : Command(Line);

internal sealed record CaseArm(IReadOnlyList<Word> Patterns, Command? Body);

internal sealed record FunctionDefinition(int Line, string Name, Command Body) : Command(Line);

internal enum RedirectionKind { Input, Output, Append, Duplicate }

/// <summary>Descriptor <paramref name="Descriptor"/> goes to the file, or (Duplicate) to the descriptor, that <paramref name="Target"/> names.</summary>
internal sealed record Redirection(int Descriptor, RedirectionKind Kind, Word Target);
