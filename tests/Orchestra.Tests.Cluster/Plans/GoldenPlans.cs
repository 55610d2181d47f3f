using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// The plans as they were looked at and found good, a file a statement in <c>database/plans</c>.
/// With ORCHESTRA_WRITE_PLANS=1 they are written anew, to be looked at again.
/// </summary>
internal static class GoldenPlans
{
    private static readonly string Folder = Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../database/plans")
    );

    private static bool IsToWrite =>
        Environment.GetEnvironmentVariable("ORCHESTRA_WRITE_PLANS") == "1";

    /// <param name="all">What was run.</param>
    /// <param name="under">The folder in that of the plans; null = that.</param>
    /// <returns>Where the plans are not the golden ones, a text each that says how.</returns>
    public static IReadOnlyList<string> Differences(
        IEnumerable<(string Kind, ExplainedStatement Statement)> all,
        string? under = null
    )
    {
        var folder = Path.Combine(Folder, under ?? "");
        var found = all.GroupBy(item => StatementName.Of(item.Statement))
            .ToDictionary(
                statement => FileOf(folder, statement.Key),
                statement => TextOf([.. statement])
            );
        if (IsToWrite)
            Write(folder, found);
        var golden = Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.txt").ToDictionary(path => path, File.ReadAllText)
            : [];
        return
        [
            .. found
                .Keys.Union(golden.Keys)
                .Order(StringComparer.Ordinal)
                .Select(path =>
                    Compare(path, golden.GetValueOrDefault(path), found.GetValueOrDefault(path))
                )
                .OfType<string>(),
        ];
    }

    private static string TextOf(IReadOnlyList<(string Kind, ExplainedStatement Statement)> runs)
    {
        var text = new StringBuilder();
        // One statement can have several texts, where only the number of its parameters differs.
        foreach (var sql in runs.Select(run => run.Statement.Sql).Distinct().Order())
            text.Append(Wrap(sql));
        foreach (var kind in runs.GroupBy(run => run.Kind).OrderBy(kind => kind.Key))
        foreach (var shape in PlanShape.OfAll(kind.Select(run => run.Statement)))
            text.Append($"\n-- {kind.Key} plan\n{shape}\n");
        return text.ToString();
    }

    private static string Wrap(string sql)
    {
        var text = new StringBuilder();
        var length = 0;
        foreach (var word in sql.Split(' '))
        {
            if (length > 0)
                text.Append(length + word.Length >= 100 ? '\n' : ' ');
            length = length + word.Length >= 100 ? word.Length : length + word.Length + 1;
            text.Append(word);
        }
        return text.Append('\n').ToString();
    }

    private static void Write(string folder, Dictionary<string, string> found)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.GetFiles(folder, "*.txt"))
            File.Delete(path);
        foreach (var (path, text) in found)
            File.WriteAllText(path, text);
    }

    private static string? Compare(string path, string? golden, string? found)
    {
        if (golden == found)
            return null;
        var name = Path.GetFileName(path);
        if (golden is null)
            return $"{name}: the statement is new\n{found}";
        if (found is null)
            return $"{name}: no such statement was run";
        var (before, after) = (golden.Split('\n'), found.Split('\n'));
        return string.Join(
            '\n',
            [
                $"{name}: the plan is another one",
                .. before.Except(after).Select(line => $"- {line}"),
                .. after.Except(before).Select(line => $"+ {line}"),
            ]
        );
    }

    private static string FileOf(string folder, string statement) =>
        Path.Combine(folder, statement.Replace(' ', '-') + ".txt");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
