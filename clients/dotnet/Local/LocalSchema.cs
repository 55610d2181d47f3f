using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Local;

/// <summary>Makes a new file a client database, and refuses one that is not.</summary>
internal static class LocalSchema
{
    public static void Prepare(SqliteConnection connection, NewDevice device, Func<Guid> newId)
    {
        using var sql = new Statements(connection);
        // A seq that was sent must survive a power cut, or it would be given to another change.
        sql.Run("pragma journal_mode = wal; pragma synchronous = full;");
        sql.Run("begin immediate");
        try
        {
            var version = (int)sql.Number("pragma user_version");
            if (version > LocalUpgrades.Version)
                throw new SyncException(
                    ErrorCode.ProtocolUnsupported,
                    "The database was made by a newer version of this client"
                );
            if (version == 0)
                Create(sql, device, newId());
            LocalUpgrades.Apply(sql, Math.Max(1, version));
            sql.Run("commit");
        }
        catch
        {
            sql.Run("rollback");
            throw;
        }
    }

    private static void Create(Statements sql, NewDevice device, Guid id)
    {
        using var stream = typeof(LocalSchema).Assembly.GetManifestResourceStream("schema.sql")!;
        using var reader = new StreamReader(stream);
        sql.Run(reader.ReadToEnd());
        new LocalState(
            new DeviceId(id),
            device.Kind,
            device.Name,
            null,
            null,
            Cursor.Start(0),
            0,
            0,
            0,
            null,
            null,
            null
        ).Save(sql);
    }
}
