using System.Text.Json;

namespace Orchestra.Database.Sqlite;

/// <summary>A set of ids as one parameter, for <c>in (select value from json_each(…))</c>.</summary>
internal static class JsonIds
{
    public static string Write(IEnumerable<Guid> ids) => JsonSerializer.Serialize(ids);
}
