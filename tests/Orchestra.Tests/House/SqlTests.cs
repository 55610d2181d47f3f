using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orchestra.Tests.House;

/// <summary>
/// SQL is constant, or made from the catalog: whatever stands in a hole of an SQL text is written here,
/// with where it comes from. Input travels in parameters.
/// </summary>
public sealed partial class SqlTests
{
    /// <summary>File by file, what its statements are put together from.</summary>
    private static readonly Dictionary<string, string[]> Holes = new()
    {
        ["clients/cli/Doctor/DatabaseChecks.cs"] =
        [
            "Digest.Write(check.Digest)",
            "Digest.Write(check.StoredDigest)",
            "check.Rows",
            "check.StoredRows",
        ],
        ["clients/cli/Export/RowExport.cs"] = ["""entity.Replace("\"", "\"\"")"""],
        ["clients/dotnet/Contents/ContentTable.cs"] =
        [
            "Columns",
            "SqlName.Quote(EngineEntities.Contents)",
            "field",
            "item.Field",
            "item.Type",
            "named",
            "type",
        ],
        ["clients/dotnet/Local/LocalSchema.cs"] = ["Steps.Length"],
        ["clients/dotnet/Outbox/ConflictTable.cs"] = ["Columns"],
        ["clients/dotnet/Outbox/EditRecorder.cs"] = ["Merge(last, change)"],
        ["clients/dotnet/Outbox/OutboxTable.cs"] = ["Columns", "condition"],
        ["clients/dotnet/Rows/AppView.cs"] = ["SqlName.Quote(entity)", "SqlName.Quote(type.Name)"],
        ["clients/dotnet/Rows/CatalogGrowth.cs"] =
        [
            "ColumnValue.Declare(field)",
            "SqlName.Quote(aside)",
            "SqlName.Quote(field.Name)",
            "SqlName.Quote(from)",
            "SqlName.Quote(name)",
            "SqlName.Quote(to)",
            "SqlName.Quote(view)",
            "columns",
            "name",
            "table",
        ],
        ["clients/dotnet/Rows/EntityTable.cs"] =
        [
            "SqlName.Quote(field.Name)",
            "columns",
            "table",
            "updates",
            "values",
        ],
        ["clients/dotnet/Rows/OverlayView.cs"] =
        [
            "Extract(field, path)",
            "SqlName.Quote(type.Name)",
            "entity",
            "string.Concat(laid)",
            "string.Concat(plain)",
            "table",
            "wrote",
        ],
        ["clients/dotnet/Rows/RowStream.cs"] = ["SqlName.Quote(type.Name)"],
        ["clients/dotnet/Rows/RowsAbove.cs"] = ["SqlName.BaseTable(type.Name)", "column", "table"],
        ["clients/dotnet/Rows/WordIndex.cs"] =
        [
            """(isBase && what == "delete" ? StepBack(entity, table) : "")""",
            "Columns(type)",
            """Seen("$1")""",
            "SqlName.BaseTable(type.Name)",
            "SqlName.Quote(type.Name)",
            "Table(type)",
            "Texts(type)",
            "concerns",
            "entity",
            "name",
            "on",
            "row",
            "table",
            "what",
        ],
        ["clients/dotnet/Sets/SetRows.cs"] = ["SqlName.Quote(entity)", "rest"],
        ["database/Postgres/EmbeddingStatements.cs"] = ["table.Name", "table.Vectors"],
        ["database/Postgres/Maintenance/LogHorizons.cs"] = ["Last", "cursor.Condition", "wait"],
        ["database/Postgres/Maintenance/LogRetention.cs"] = ["how", "month.Table"],
        ["database/Postgres/Maintenance/MaintenanceSession.cs"] = ["login.Name"],
        ["database/Postgres/Maintenance/PostgresEpochs.cs"] = ["cursor.Condition"],
        ["database/Postgres/Maintenance/TombstoneCollection.cs"] = ["wait"],
        ["database/Postgres/Maintenance/TombstoneStatements.cs"] =
        [
            "string.Concat(unless)",
            "table.Name",
        ],
        ["database/Postgres/PostgresChangedTexts.cs"] =
        [
            "ContentField(table.Type)!.Column()",
            "Select(table)",
            "fields",
            "hash",
            "table.Name",
            "table.Vectors",
        ],
        ["database/Postgres/PostgresConflicts.cs"] =
        [
            "Columns",
            """PostgresHeads.JoinPassed("c", 17)""",
        ],
        ["database/Postgres/PostgresContents.cs"] = ["uses"],
        ["database/Postgres/PostgresCursors.cs"] = ["""PostgresHeads.JoinPassed("c", 8)"""],
        ["database/Postgres/PostgresHeads.cs"] = ["batch", "rows"],
        ["database/Postgres/PostgresLog.cs"] = ["Columns", """PostgresHeads.JoinPassed("e", 17)"""],
        ["database/Postgres/PostgresNearest.cs"] = ["LiveOf(table)", "table.Name", "table.Vectors"],
        ["database/Postgres/PostgresPages.cs"] =
        [
            """string.Join("\nunion all\n", wanted.Select(table => table.SelectNextVersions))""",
        ],
        ["database/Postgres/PostgresSearch.cs"] = ["fields", "table.Name", "table.SearchFunction"],
        ["database/Postgres/PostgresTable.cs"] = ["Name", "columns", "condition", "fields"],
        ["database/Postgres/RowWrites.cs"] =
        [
            "ArraysOf(fields, 12)",
            "ArraysOf(fields, 13)",
            "InsertArrays",
            "NamesOf(fields)",
            """PostgresHeads.JoinPassed("u", 13 + fields.Count)""",
            "PostgresTable.SyncColumns",
            "SetSyncColumns",
            "UpdateArrays",
            "UpdateColumns",
            "passed",
            "sets",
            "table",
        ],
        ["database/Postgres/Verification/PostgresVerifier.cs"] =
        [
            "cursor.Condition",
            "field.Column()",
            "parent.Name",
            "table.Name",
        ],
        ["database/Sqlite/SqliteCommits.cs"] = ["CommitOutcome.Unknown"],
        ["database/Sqlite/SqliteConflicts.cs"] = ["Columns"],
        ["database/Sqlite/SqliteContents.cs"] = ["uses"],
        ["database/Sqlite/SqliteDatabase.cs"] = ["(long)busyTimeout.TotalMilliseconds"],
        ["database/Sqlite/SqliteLog.cs"] = ["Columns"],
        ["database/Sqlite/SqliteTable.cs"] =
        [
            "Name",
            "SetSyncColumns",
            "SyncColumns",
            "SyncValues",
            "names",
            "texts",
            "values",
            "words",
        ],
        ["database/Sqlite/SqliteWords.cs"] =
        [
            """Add("new")""",
            "Key(row)",
            """Remove("old")""",
            "TableOf(entity)",
            "TriggerOf(entity, what)",
            """TriggerOf(entity, "delete")""",
            """TriggerOf(entity, "insert")""",
            """TriggerOf(entity, "update")""",
            "Values(row)",
            """Values("t")""",
            "changes",
            "columns",
            "name",
            "row",
            "table",
            "words",
        ],
        ["database/seeders/PostgresCopy.cs"] = ["columns", "table"],
        ["database/seeders/PostgresSeeder.cs"] = ["force", """string.Join(", ", names)"""],
    };

    [Fact]
    public void Whatever_is_put_into_a_statement_was_looked_at()
    {
        var found = Repository
            .Files(".cs")
            .Where(path => IsWhereSqlIs(path))
            .SelectMany(path => HolesOf(path).Distinct().Select(hole => $"{path}: {hole}"));
        var known = Holes.SelectMany(file => file.Value.Select(hole => $"{file.Key}: {hole}"));
        var (isNew, isGone) = (found.Except(known).ToList(), known.Except(found).ToList());
        Assert.True(
            isNew.Count == 0 && isGone.Count == 0,
            $"Look at these, and write them down: {string.Join('\n', isNew)}\n"
                + $"These are no more: {string.Join('\n', isGone)}"
        );
    }

    [Fact]
    public void Other_rooms_have_no_SQL() =>
        Assert.Empty(
            from path in Repository.Files(".cs")
            where !path.StartsWith("tests/") && !IsWhereSqlIs(path)
            from node in Parse(path).DescendantNodes()
            where Statement().IsMatch(TextOf(node))
            select $"{path}: {node}"
        );

    /// <summary>The same eyes see input where there is some.</summary>
    [Theory]
    [InlineData("$\"select * from t where name = '{name}'\"")]
    [InlineData("\"delete from t where id = '\" + name + \"'\"")]
    [InlineData("\"select {0}\".Replace(\"{0}\", name)")]
    [InlineData("string.Format(\"update t set a = {0}\", name)")]
    public void Input_in_a_statement_would_be_seen(string code) =>
        Assert.Equal(["name"], HolesIn(CSharpSyntaxTree.ParseText($"var sql = {code};").GetRoot()));

    private static bool IsWhereSqlIs(string path) =>
        path.StartsWith("database/", StringComparison.Ordinal)
        || path.StartsWith("clients/", StringComparison.Ordinal);

    private static SyntaxNode Parse(string path) =>
        CSharpSyntaxTree.ParseText(Repository.Read(path)).GetRoot();

    private static IEnumerable<string> HolesOf(string path) => HolesIn(Parse(path));

    private static IEnumerable<string> HolesIn(SyntaxNode root) =>
        root.DescendantNodes().SelectMany(HolesOf).Select(hole => Space().Replace($"{hole}", " "));

    private static IEnumerable<ExpressionSyntax> HolesOf(SyntaxNode node) =>
        node switch
        {
            InterpolatedStringExpressionSyntax text when IsSql(text) => text
                .Contents.OfType<InterpolationSyntax>()
                .Select(hole => hole.Expression),
            BinaryExpressionSyntax { Parent: not BinaryExpressionSyntax } sum
                when Terms(sum).Any(IsSql) => Terms(sum).Where(term => !IsText(term)),
            InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax
                {
                    Name.Identifier.Text: "Replace" or "Format"
                }
            } call => call
                .ArgumentList.Arguments.Skip(1)
                .Select(argument => argument.Expression)
                .Where(value => !IsText(value) && $"{value}" != "StringComparison.Ordinal"),
            _ => [],
        };

    private static IEnumerable<ExpressionSyntax> Terms(ExpressionSyntax sum) =>
        sum is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } both
            ? Terms(both.Left).Concat(Terms(both.Right))
            : [sum];

    private static string TextOf(SyntaxNode node) =>
        node switch
        {
            InterpolatedStringExpressionSyntax text => string.Concat(
                text.Contents.OfType<InterpolatedStringTextSyntax>()
                    .Select(part => part.TextToken.ValueText)
            ),
            LiteralExpressionSyntax literal => literal.Token.ValueText,
            _ => "",
        };

    private static bool IsSql(SyntaxNode node) => Keyword().IsMatch(TextOf(node));

    private static bool IsText(SyntaxNode node) =>
        node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax;

    [GeneratedRegex(
        @"^\s*\(?(select|insert into|update|delete from|create|alter|drop|copy|vacuum|analyze|grant|revoke|with|set|pragma|attach|truncate|call|cross join|join|from|where|order by|on conflict|returning|union)\b"
    )]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\b(select\b.+\bfrom|insert into|update\b.+\bset|delete from)\b")]
    private static partial Regex Statement();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
