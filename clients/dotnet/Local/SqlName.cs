namespace Orchestra.Client.Local;

/// <summary>Names from the server's catalog, made safe to stand in SQL.</summary>
internal static class SqlName
{
    public static string Quote(string name) => '"' + name.Replace("\"", "\"\"") + '"';

    public static string Literal(string text) => '\'' + text.Replace("'", "''") + '\'';

    /// <summary>The path of a member in the outbox's JSON, as an SQL literal.</summary>
    public static string JsonPath(string member) => Literal($"$.\"{member}\"");

    /// <summary>The table that holds an entity type's server rows.</summary>
    public static string BaseTable(string entity) => Quote("base_" + entity);
}
