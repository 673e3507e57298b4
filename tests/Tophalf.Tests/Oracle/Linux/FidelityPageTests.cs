using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>docs/fidelity.md says of every script what it proves, in the script's own words.</summary>
public class FidelityPageTests
{
    [Fact]
    public void The_page_lists_every_script_with_what_it_proves()
    {
        string page = File.ReadAllText(TwinRuns.Shipped("docs/fidelity.md"));
        string[] missing = [.. ScriptFile.Names.Select(Row).Where(row => !page.Contains(row, StringComparison.Ordinal))];
        Assert.True(missing.Length == 0, "docs/fidelity.md lacks\n" + string.Join('\n', missing));
    }

    [Fact]
    public void The_page_lists_no_script_that_is_gone()
    {
        string[] listed = [.. File.ReadLines(TwinRuns.Shipped("docs/fidelity.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1] + ".sh")];
        Assert.Equal(ScriptFile.Names, listed.Order(StringComparer.Ordinal));
    }

    private static string Row(string name) => $"| `{Path.GetFileNameWithoutExtension(name)}` | {ScriptFile.Load(name).Proves} |";
}
