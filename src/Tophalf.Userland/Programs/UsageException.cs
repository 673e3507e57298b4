namespace Tophalf.Userland.Programs;

/// <summary>A program called in a way it does not understand.</summary>
internal sealed class UsageException(string message, string usage, int status = 1) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>The complaint, and how the program <paramref name="name"/> is called.</summary>
    public string Text(string name) =>
        (Message.Length > 0 ? $"{name}: {Message}\n" : "") + (usage.Length > 0 ? $"Usage: {name} {usage}\n" : "");
}
