using Tophalf.Tests.Shared;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Workloads;

/// <summary>Clients that wait for the answer before they ask again: their number, and not a rate, says how busy the server is.</summary>
public class RequestClientsTests
{
    [Fact]
    public void One_client_has_one_request_on_its_way_and_its_rate_is_one_over_its_latency()
    {
        ClientsReport clients = Clients("clients: 1, delay: 40us");
        Assert.InRange(clients.Requests - clients.Answers, 0, 1);
        Assert.InRange(clients.Latency.P50, 40, 60);
        Assert.InRange(clients.Answers * clients.Latency.Mean, 50_000 * 0.99, 50_000 * 1.001); // the last answer may still be on its way back
    }

    [Fact]
    public void More_clients_than_a_server_can_serve_wait_longer_and_lose_nothing()
    {
        // Little's law: clients = rate * latency, whatever the server does.
        ClientsReport few = Clients("clients: 20, delay: 40us"), many = Clients("clients: 200, delay: 40us");
        Assert.InRange(many.Answers, few.Answers * 0.98, few.Answers * 1.3);
        Assert.InRange(many.Answers * many.Latency.Mean / 50_000, 195, 205);
        Assert.Equal((0, 0), (many.Repeats, many.LateAnswers));
    }

    [Fact]
    public void Thinking_makes_a_client_ask_less_and_wait_no_longer()
    {
        ClientsReport eager = Clients("clients: 1, delay: 40us"), slow = Clients("clients: 1, delay: 40us, think: 400us");
        Assert.InRange(slow.Answers, eager.Answers / 13, eager.Answers / 7);
        Assert.InRange(slow.Latency.P50, eager.Latency.P50 * 0.9, eager.Latency.P50 * 1.1);
    }

    [Fact]
    public void A_request_lost_at_a_full_socket_is_sent_again_after_the_timeout()
    {
        ClientsReport clients = Clients("clients: 32, delay: 10us, timeout: 2ms", "socket: 4");
        Assert.InRange(clients.Repeats, 1, long.MaxValue);
        Assert.InRange(clients.Latency.Max, 2000, 50_000);
        Assert.InRange(clients.Requests - clients.Answers, 0, 32);
    }

    [Theory]
    [InlineData("clients: 5, app: none", "test.yaml:5:43: app is none, so nobody answers")]
    [InlineData("app: {threads: 1}", "requests")]
    [InlineData("clients: 20000", "clients")]
    [InlineData("clients: 5}\n  - packets: {to: eth0, rate: 1kpps", "test.yaml:5:5: requests go to eth0, which gets packets too; give the clients a card of their own")]
    public void What_clients_cannot_be_is_said_at_its_place(string keys, string words)
    {
        ScenarioException refused = Assert.Throws<ScenarioException>(() => TwinRuns.Scenario(Yaml(keys)));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static ClientsReport Clients(string keys, string app = "work: 5us") => TwinRuns.Run(Yaml($"{keys}, app: {{threads: 1, cpus: \"1\", {app}}}")).Clients[0];

    private static string Yaml(string keys) => $$"""
        machine: {cores: 2}
        devices:
          eth0: {model: e1000e, rx-usecs: 0}
        workloads:
          - requests: {to: eth0, {{keys}}}
        run: 50ms
        """;
}
