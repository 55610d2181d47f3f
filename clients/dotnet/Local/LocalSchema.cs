using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Local;

/// <summary>
/// Brings a file to the schema of this client, step by step: a new file from nothing, an older one
/// from where it is. Refuses one that is ahead.
/// </summary>
internal static class LocalSchema
{
    /// <summary>In order; the file's <c>user_version</c> says how many of them it has.</summary>
    private static readonly string[] Steps =
    [
        "001_tables.sql",
        "002_identities.sql",
        "003_contact.sql",
        "004_search.sql",
        "005_new_rows.sql",
        "006_contents.sql",
        "007_words.sql",
    ];

    public static void Prepare(SqliteConnection connection, NewDevice device, Func<Guid> newId)
    {
        using var sql = new Statements(connection);
        // A seq that was sent must survive a power cut, or it would be given to another change.
        sql.Run("pragma journal_mode = wal; pragma synchronous = full;");
        // Rows arrive in no order of their ids, so a bootstrap touches pages all over the file: with
        // 16 MB of them in memory, and 16 MB of log between two checkpoints, few move twice.
        sql.Run("pragma cache_size = -16000; pragma wal_autocheckpoint = 4000;");
        sql.Run("begin immediate");
        try
        {
            Upgrade(sql, device, newId);
            sql.Run("commit");
        }
        catch
        {
            sql.Run("rollback");
            throw;
        }
    }

    private static void Upgrade(Statements sql, NewDevice device, Func<Guid> newId)
    {
        var version = sql.Number("pragma user_version");
        if (version > Steps.Length)
            throw new SyncException(
                ErrorCode.ProtocolUnsupported,
                "The database was made by a newer version of this client"
            );
        for (var step = version; step < Steps.Length; step++)
            sql.Run(ReadStep(Steps[step]));
        sql.Run($"pragma user_version = {Steps.Length}");
        if (version == 0)
            LocalState.New(new DeviceId(newId()), device).Save(sql);
    }

    private static string ReadStep(string name)
    {
        using var stream = typeof(LocalSchema).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
