using Orchestra.Client.Local;

namespace Orchestra.Client.Watching;

/// <summary>
/// Other processes may write into the same file, and nothing tells of it; SQLite counts their
/// commits, so this looks at the count from time to time. Begins with the first one who watches.
/// </summary>
internal sealed class ForeignWrites(LocalDatabase database, ClientOptions options)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private Task? looking;

    public void Begin()
    {
        lock (gate)
            looking ??= LookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await (looking ?? Task.CompletedTask);
        stop.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(options.OutboxPoll, options.Time);
            var known = await CountAsync();
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                var count = await CountAsync();
                if (count == known)
                    continue;
                known = count;
                await database.AnnounceForeignWritesAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client is being closed.
        }
    }

    private Task<long> CountAsync() =>
        database.ReadAsync(local => local.Sql.Number("pragma data_version"), stop.Token);
}
