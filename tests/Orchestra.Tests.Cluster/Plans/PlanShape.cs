using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// What of a plan is a decision: node types, indexes, joins, conditions. Costs, times and counts
/// are not, nor are the values that one run happens to have or the months that it reads.
/// </summary>
public static partial class PlanShape
{
    private static readonly string[] Conditions =
    [
        "Index Cond",
        "Recheck Cond",
        "TID Cond",
        "Hash Cond",
        "Merge Cond",
        "Join Filter",
        "Filter",
        "One-Time Filter",
        "Order By",
        "Sort Key",
        "Presorted Key",
        "Group Key",
        "Conflict Arbiter Indexes",
    ];

    public static string Of(ExplainedStatement statement)
    {
        var text = new StringBuilder();
        Write(text, statement.Plan, 0);
        return text.ToString().TrimEnd();
    }

    /// <summary>
    /// The shapes that the runs of one statement had. What several months are read as in one run, and
    /// in which of them an equally good way was taken, is no decision either: the ways stand once.
    /// </summary>
    public static IEnumerable<string> OfAll(IEnumerable<ExplainedStatement> runs) =>
        runs.Select(Of)
            .Distinct()
            .GroupBy(shape => shape.Split('\n')[0] == "Append")
            .SelectMany(shapes =>
                shapes.Key
                    ? Enumerable.Repeat(JoinMonths(shapes), 1)
                    : shapes.Order(StringComparer.Ordinal)
            );

    private static string JoinMonths(IEnumerable<string> appends) =>
        string.Join(
            '\n',
            appends
                .SelectMany(shape => Child().Split(shape)[1..])
                .Select(child => child.TrimEnd())
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Prepend("Append")
        );

    private static void Write(StringBuilder text, JsonElement node, int depth)
    {
        var indent = new string(' ', depth * 2);
        text.Append(indent);
        if (node.TextOf("Subplan Name") is { } name)
            text.Append(name).Append(": ");
        text.Append(Describe(node)).Append('\n');
        foreach (var condition in Conditions)
            if (node.TextOf(condition) is { } value)
                text.Append(
                    $"{indent}    {condition.ToLowerInvariant()}: {Order(condition, Generalize(value))}\n"
                );
        if (node.NumberOf("Subplans Removed") > 0)
            text.Append($"{indent}    other months removed before execution\n");
        WriteChildren(text, node, depth + 1);
    }

    /// <summary>How many months there are is no decision: those that are read alike stand once.</summary>
    private static void WriteChildren(StringBuilder text, JsonElement node, int depth)
    {
        var children = node.ChildrenOf().Select(child => TextOf(child, depth));
        if (node.TextOf("Node Type") == "BitmapAnd")
            children = children.Order(StringComparer.Ordinal);
        var before = "";
        foreach (var child in children)
        {
            if (child != before)
                text.Append(child);
            before = child;
        }
    }

    private static string TextOf(JsonElement node, int depth)
    {
        var text = new StringBuilder();
        Write(text, node, depth);
        return text.ToString();
    }

    /// <summary>Which of two bitmaps is made first is no decision, and so it is with their conditions.</summary>
    private static string Order(string condition, string value)
    {
        if (condition != "Recheck Cond" || !value.StartsWith("((", StringComparison.Ordinal))
            return value;
        var terms = value[1..^1].Split(" AND ").Order(StringComparer.Ordinal);
        return $"({string.Join(" AND ", terms)})";
    }

    private static string Describe(JsonElement node)
    {
        var words = new[]
        {
            node.TextOf("Scan Direction") == "Backward" ? "Backward" : null,
            node.TextOf("Strategy") is { } strategy and not "Plain" ? strategy : null,
            node.TextOf("Operation"),
            node.TextOf("Join Type"),
            node.TextOf("Node Type"),
            node.TextOf("Relation Name") is { } table ? $"on {Generalize(table)}" : null,
            node.TextOf("CTE Name") is { } cte ? $"on {cte}" : null,
            node.TextOf("Function Name") is { } function ? $"on {function}" : null,
            node.TextOf("Index Name") is { } index ? $"by {Generalize(index)}" : null,
        };
        return string.Join(' ', words.OfType<string>());
    }

    /// <summary>Without the values that differ from call to call, and without the month.</summary>
    private static string Generalize(string text) =>
        Number()
            .Replace(
                Literal()
                    .Replace(
                        Alias().Replace(Month().Replace(text, "sync_log_YYYY_MM$1"), "sync_log."),
                        "?"
                    ),
                "?"
            );

    /// <summary>Where a line begins that is indented once.</summary>
    [GeneratedRegex(@"\n(?=  \S)")]
    private static partial Regex Child();

    [GeneratedRegex(@"sync_log_\d{4}_\d\d(_pkey)?(_\d+)?")]
    private static partial Regex Month();

    /// <summary>How the planner calls a month in a condition.</summary>
    [GeneratedRegex(@"sync_log_\d{1,3}\.")]
    private static partial Regex Alias();

    [GeneratedRegex(@"'(?:[^']|'')*'(?:::[a-z ]+(?:\[\])?)?")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?<![\w$?.])\d+(?![\w.])")]
    private static partial Regex Number();
}
