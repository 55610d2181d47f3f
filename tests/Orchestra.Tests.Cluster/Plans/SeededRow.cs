using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>A row that the seeder made, found without the store's help.</summary>
internal sealed record SeededRow(
    OwnerId Owner,
    RowKey Key,
    long Version,
    long CreatedVersion,
    bool IsLive,
    bool IsRoot
)
{
    /// <summary>All rows of some owners, in an order that does not change.</summary>
    public static async Task<ILookup<OwnerId, SeededRow>> OfAsync(
        SeededServer server,
        EntityCatalog catalog,
        IReadOnlyCollection<OwnerId> owners
    )
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.Parameters.Add(new() { Value = owners.Select(owner => owner.Value).ToArray() });
        command.CommandText =
            string.Join(
                " union all ",
                catalog.Types.Select(type =>
                    $"select owner_id, '{type.Name}', id, version, created_version, "
                    + "deleted_at is null, root_version = version "
                    + $"from orchestra.{type.Name} where owner_id = any ($1)"
                )
            ) + " order by 1, 4";
        var found = new List<SeededRow>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            found.Add(
                new(
                    new OwnerId(reader.GetGuid(0)),
                    new RowKey(reader.GetString(1), reader.GetGuid(2)),
                    reader.GetInt64(3),
                    reader.GetInt64(4),
                    reader.GetBoolean(5),
                    !reader.IsDBNull(6) && reader.GetBoolean(6)
                )
            );
        return found.ToLookup(row => row.Owner);
    }
}
