using Xunit;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>One boot of each board serves all scripts of the collection; a machine that died is booted again.</summary>
public sealed class OracleBoots : IDisposable
{
    public const string Collection = "the oracle";

    private readonly Dictionary<string, OracleMachine> _machines = [];

    internal OracleMachine this[OracleBoard board] => _machines.TryGetValue(board.Name, out OracleMachine? machine) ? machine : _machines[board.Name] = new OracleMachine(board);

    /// <summary>The next one to ask gets a fresh boot.</summary>
    internal void Discard(OracleBoard board)
    {
        if (_machines.Remove(board.Name, out OracleMachine? machine)) machine.Dispose();
    }

    public void Dispose()
    {
        foreach (OracleMachine machine in _machines.Values) machine.Dispose();
    }
}

[CollectionDefinition(OracleBoots.Collection)]
public sealed class OracleCollection : ICollectionFixture<OracleBoots>;
