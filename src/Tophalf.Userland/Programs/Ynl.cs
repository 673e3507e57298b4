using System.Globalization;
using System.Text.Json;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Programs;

/// <summary>
/// ynl (tools/net/ynl of the kernel), for what no file sets: <c>ynl --family netdev --do napi-set --json '{"id": 8193, "irq-suspend-timeout": 20000000}'</c>, and
/// <c>--dump napi-get</c>, with <c>--output-json</c>. No other family or operation is here.
/// </summary>
internal static class Ynl
{
    private const string Form = "ynl --family netdev { --do napi-set --json '{\"id\": N, …}' | --dump napi-get [--output-json] }";
    private const string Id = "id", Defer = "defer-hard-irqs", Flush = "gro-flush-timeout", Suspend = "irq-suspend-timeout";

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        string? family = null, set = null, dump = null, json = null;
        bool asJson = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string? value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--output-json": asJson = true; continue;
                case "--family": family = value; break;
                case "--do": set = value; break;
                case "--dump": dump = value; break;
                case "--json": json = value; break;
                default: return Complain(context, $"this machine's ynl knows only: {Form}", 2);
            }
            i++;
        }
        if (family != "netdev") return Complain(context, $"this machine's ynl knows only: {Form}", 2);
        if (dump == "napi-get" && set is null)
        {
            context.WriteLine(asJson ? Json(context.Host.Napis) : Python(context.Host.Napis));
            return 0;
        }
        if (set != "napi-set" || json is null) return Complain(context, $"this machine's ynl knows only: {Form}", 2);
        if (!TryRead(json, out NapiChange change, out string problem)) return Complain(context, problem, 1);
        Errno error = context.Host.SetNapi(change);
        if (error != Errno.None) return Complain(context, $"Netlink error: {error.Text()}", 1);
        context.WriteLine("None");
        return 0;
    }

    private static bool TryRead(string json, out NapiChange change, out string problem)
    {
        change = default;
        problem = $"--json: write an object, such as {{\"{Id}\": 8193, \"{Suspend}\": 20000000}}";
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt64(out long value) || value < 0) return false;
                switch (property.Name)
                {
                    case Id when value <= int.MaxValue: change = change with { Id = (int)value }; break;
                    case Defer when value <= int.MaxValue: change = change with { DeferHardIrqs = (int)value }; break;
                    case Flush when value <= NapiChange.MostNs: change = change with { GroFlushTimeoutNs = value }; break;
                    case Suspend when value <= NapiChange.MostNs: change = change with { IrqSuspendTimeoutNs = value }; break;
                    case Id or Defer or Flush or Suspend: return false;
                    default:
                        problem = $"Space 'napi' has no attribute '{property.Name}'";
                        return false;
                }
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>As Python's pprint has it.</summary>
    private static string Python(IReadOnlyList<NapiState> napis) => "[" + string.Join(",\n ", napis.Select(napi =>
        "{" + string.Join(",\n  ", Fields(napi).Select(field => string.Create(CultureInfo.InvariantCulture, $"'{field.Name}': {field.Value}"))) + "}")) + "]";

    private static string Json(IReadOnlyList<NapiState> napis) => "[" + string.Join(", ", napis.Select(napi =>
        "{" + string.Join(", ", Fields(napi).Select(field => string.Create(CultureInfo.InvariantCulture, $"\"{field.Name}\": {field.Value}"))) + "}")) + "]";

    private static (string Name, long Value)[] Fields(NapiState napi) =>
        [(Defer, napi.DeferHardIrqs), (Flush, napi.GroFlushTimeoutNs), (Id, napi.Id), ("ifindex", napi.InterfaceIndex), ("irq", napi.Irq), (Suspend, napi.IrqSuspendTimeoutNs)];

    private static int Complain(ProgramContext context, string text, int status)
    {
        context.WriteError(text + "\n");
        return status;
    }
}
