using System.Text;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

/// <summary>Files that are no scenario, or no file.</summary>
public sealed class ScenarioLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Told(Path.Combine(_folder.Path, "gone.yaml"), "1:1: no such file; give the path of a scenario file");

    [Fact]
    public void A_folder_is_no_scenario() =>
        Told(_folder.Path, "1:1: this is a folder; give the path of a scenario file");

    [Fact]
    public void An_empty_file_is_told_what_to_hold() =>
        Told(_folder.Write("s.yaml", []), "1:1: the scenario is empty; write at least machine: {cores: 8}");

    [Fact]
    public void A_program_in_place_of_a_scenario_is_told_where_it_stops_being_text() =>
        Told(_folder.Write("s.yaml", "run: é\0"u8), "1:7: a NUL byte: this is not text; write the scenario as YAML in UTF-8");

    [Fact]
    public void Another_encoding_is_told_where_it_stops_being_utf8() =>
        Told(_folder.Write("s.yaml", [.. "run: 2s\n# "u8, 0xE9]), "2:3: byte 0xe9 is not UTF-8: this is not text; write the scenario as YAML in UTF-8");

    [Fact]
    public void A_file_of_more_than_a_mebibyte_is_not_read()
    {
        byte[] comment = Encoding.UTF8.GetBytes("#" + new string('x', 1 << 20));

        Told(_folder.Write("s.yaml", comment), "1:1: the file is larger than 1 MiB; write a shorter scenario");
        Assert.Equal("s.yaml:1:1: the file is larger than 1 MiB; write a shorter scenario",
            Assert.Throws<ScenarioException>(() => ScenarioFile.Parse(Encoding.UTF8.GetString(comment), "s.yaml")).Message);
    }

    [Fact]
    public void Aliases_that_would_grow_into_gigabytes_end_at_the_first()
    {
        string bomb = "a: &a [x, x]\n" + string.Concat(Enumerable.Range('b', 20).Select(c => $"{(char)c}: &{(char)c} [*{(char)(c - 1)}, *{(char)(c - 1)}]\n"));

        Told(_folder.Write("s.yaml", Encoding.UTF8.GetBytes(bomb)), "2:8: alias '*a' is not read; write the value out");
    }

    private static void Told(string path, string says) =>
        Assert.Equal($"{path}:{says}", Assert.Throws<ScenarioException>(() => ScenarioFile.Load(path)).Message);
}
