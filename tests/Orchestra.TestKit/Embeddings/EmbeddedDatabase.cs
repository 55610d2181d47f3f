using Orchestra.TestKit.Postgres;

namespace Orchestra.TestKit.Embeddings;

/// <summary>A database with pgvector, and how far the embedding of it is.</summary>
public sealed class EmbeddedDatabase(MigratedDatabase database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The settings that put a silo there.</summary>
    public (string Key, string Value)[] Settings =>
        [
            ("Orchestra:Postgres:ConnectionString", database.ConnectionString()),
            (
                "Orchestra:Postgres:MaintenanceConnectionString",
                database.ConnectionString(MigratedDatabase.Maintenance)
            ),
        ];

    public Task<object?> RunAsync(string sql) => database.RunAsync(sql);

    /// <summary>Everything that was committed so far has been embedded.</summary>
    public Task DoneAsync() =>
        UntilAsync(async () =>
            await RunAsync(
                """
                select not exists (
                    select from orchestra.sync_head h
                    left join orchestra.embedding_progress p using (owner_id)
                    where h.version > coalesce(p.version, 0)
                )
                """
            )
                is true
        );

    public static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new TimeoutException("It has not become so");
            await Task.Delay(20);
        }
    }
}
