using Orchestra.Client.Rows;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <content>What of its user's data the device takes, and whether it has it right.</content>
public sealed partial class OrchestraClient
{
    /// <summary>
    /// Takes rows of these entity types only. Rows of others leave this device, not the server; own
    /// changes that are still unsent are sent all the same. Taking more types later fetches them.
    /// </summary>
    /// <param name="entities">The types; null = all.</param>
    /// <param name="cancel">Before it has begun.</param>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public async Task TakeOnlyAsync(
        IReadOnlyCollection<string>? entities,
        CancellationToken cancel = default
    )
    {
        if (await database.WriteAsync(local => Scope.Change(local, entities), cancel))
            loop.Reconnect();
    }

    /// <summary>
    /// Sends and fetches what is due, then compares the rows here with the server's. A copy that
    /// differs is fetched anew, at most once a day.
    /// </summary>
    /// <returns>Whether they are the same.</returns>
    /// <exception cref="SyncException">The server refused, or could not be reached.</exception>
    public async Task<bool> VerifyAsync(CancellationToken cancel = default)
    {
        loop.Verify.Open();
        await SyncAsync(cancel);
        return (await ReadStatusAsync(cancel)).Matches == true;
    }

    /// <summary>
    /// Drops the server's rows and fetches them anew with the next sync. Own changes stay.
    /// </summary>
    public async Task ResetAsync(CancellationToken cancel = default)
    {
        await database.WriteAsync(Apply.ResetApplier.StartOver, cancel);
        loop.Reconnect();
    }
}
