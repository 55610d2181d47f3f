using Microsoft.Data.Sqlite;
using Orchestra.Sync;

namespace Orchestra.Database.Sqlite;

/// <summary>How values stand in columns: UUIDs and times as text, see <see cref="Timestamps"/>.</summary>
internal static class SqliteColumns
{
    public static string ToColumn(this Guid id) => id.ToString("D");

    public static string ToColumn(this DateTimeOffset time) => Timestamps.Write(time);

    public static string? ToColumn(this DateTimeOffset? time) =>
        time is { } known ? Timestamps.Write(known) : null;

    public static Guid GetUuid(this SqliteDataReader row, int column) =>
        Guid.ParseExact(row.GetString(column), "D");

    public static Guid? GetUuidOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetUuid(column);

    public static DateTimeOffset GetTime(this SqliteDataReader row, int column) =>
        Timestamps.Read(row.GetString(column));

    public static DateTimeOffset? GetTimeOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetTime(column);

    public static long? GetIntegerOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string? GetTextOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
