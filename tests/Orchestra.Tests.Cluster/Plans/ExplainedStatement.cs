using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>A statement that a server ran, with the plan it ran by: EXPLAIN (ANALYZE, BUFFERS).</summary>
/// <param name="Sql">The statement, its white space folded.</param>
/// <param name="Plan">The plan's topmost node.</param>
public sealed partial record ExplainedStatement(string Sql, JsonElement Plan)
{
    /// <summary>The nodes of the plan, parents first.</summary>
    public IEnumerable<JsonElement> Nodes => Below(Plan);

    /// <summary>
    /// Whether it has to do with our data, and not only with the catalog: PostgreSQL's, or the two
    /// tables that say what syncs, which are tiny and read from end to end when a silo starts.
    /// </summary>
    public bool IsOurs =>
        Nodes.Any(node =>
            node.TextOf("Schema") is "orchestra" or "orchestra_log"
            && node.TextOf("Relation Name") is not ("sync_entity" or "sync_field_rule")
        );

    /// <summary>What auto_explain wrote to a server's log.</summary>
    public static IReadOnlyList<ExplainedStatement> In(string log)
    {
        var found = new List<ExplainedStatement>();
        var json = new StringBuilder();
        var isPlan = false;
        foreach (var line in log.AsSpan().EnumerateLines())
        {
            // A message's further lines begin with a tab.
            if (isPlan && line.StartsWith('\t'))
            {
                json.Append(line).Append('\n');
                continue;
            }
            Take();
            isPlan = line.StartsWith("LOG:  duration:") && line.EndsWith("plan:");
        }
        Take();
        return found;

        void Take()
        {
            if (json.Length == 0)
                return;
            using var document = JsonDocument.Parse(json.ToString());
            var sql = document.RootElement.GetProperty("Query Text").GetString()!;
            found.Add(new(Fold(sql), document.RootElement.GetProperty(nameof(Plan)).Clone()));
            json.Clear();
        }
    }

    public static string Fold(string sql) => Space().Replace(sql, " ").Trim();

    private static IEnumerable<JsonElement> Below(JsonElement node) =>
        node.ChildrenOf().SelectMany(Below).Prepend(node);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

internal static class PlanNode
{
    public static IEnumerable<JsonElement> ChildrenOf(this JsonElement node) =>
        node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray() : [];

    public static string? TextOf(this JsonElement node, string name) =>
        node.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : value.GetRawText()
            : null;

    public static long NumberOf(this JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
