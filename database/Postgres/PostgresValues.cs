using Npgsql;
using NpgsqlTypes;

namespace Orchestra.Database.Postgres;

/// <summary>Parameters, and how columns are read.</summary>
internal static class PostgresValues
{
    public static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static NpgsqlParameter Of(DateTimeOffset time) => Of(time.UtcDateTime);

    /// <summary>A column of a set of rows, as one array.</summary>
    public static NpgsqlParameter Array<TItem, T>(
        IReadOnlyCollection<TItem> items,
        Func<TItem, T> pick
    )
    {
        var values = new T[items.Count];
        var at = 0;
        foreach (var item in items)
            values[at++] = pick(item);
        return new NpgsqlParameter<T[]> { TypedValue = values };
    }

    public static NpgsqlParameter Times<TItem>(
        IReadOnlyCollection<TItem> items,
        Func<TItem, DateTimeOffset> pick
    ) => Array(items, item => pick(item).UtcDateTime);

    public static NpgsqlParameter Times<TItem>(
        IReadOnlyCollection<TItem> items,
        Func<TItem, DateTimeOffset?> pick
    ) => Array(items, item => pick(item)?.UtcDateTime);

    public static NpgsqlParameter Json<TItem>(
        IReadOnlyCollection<TItem> items,
        Func<TItem, string?> pick,
        NpgsqlDbType type = NpgsqlDbType.Jsonb
    )
    {
        var parameter = Array(items, pick);
        parameter.NpgsqlDbType = NpgsqlDbType.Array | type;
        return parameter;
    }

    public static DateTimeOffset GetTime(this NpgsqlDataReader row, int column) =>
        new(row.GetDateTime(column));

    public static DateTimeOffset? GetTimeOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetTime(column);

    public static Guid? GetUuidOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetGuid(column);

    public static long? GetIntegerOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string? GetTextOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
