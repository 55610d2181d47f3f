using Orchestra.Client.Local;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Connection;

/// <summary>Where to sync, which a device may not know yet.</summary>
internal static class ServerAddress
{
    /// <exception cref="SyncException"><c>unauthenticated</c>: no server, or no token for it.</exception>
    public static async Task<Uri> RequireAsync(
        LocalDatabase database,
        ClientOptions options,
        CancellationToken cancel
    )
    {
        var server = await database.ReadAsync(local => local.State.Server, cancel);
        return server is null || options.Token is null
            ? throw new SyncException(
                ErrorCode.Unauthenticated,
                "The database has no server, or the app no token"
            )
            : server;
    }
}
