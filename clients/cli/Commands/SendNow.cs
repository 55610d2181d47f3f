using System.CommandLine;
using System.Net.WebSockets;
using Orchestra.Client;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Commands;

/// <summary>
/// What is written here is safe here; sending it at once is a courtesy to the other devices, and
/// that it fails is no failure of the command.
/// </summary>
internal static class SendNow
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Option<bool> OfflineOption() =>
        new("--offline") { Description = "Leave sending to the next orchestra sync" };

    /// <returns>Whether it is sent.</returns>
    public static async Task<bool> TryAsync(
        CommandContext context,
        OrchestraClient client,
        CancellationToken cancel
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            await client.SyncAsync(patience.Token);
            return true;
        }
        catch (Exception e) when (IsForLater(e) && !cancel.IsCancellationRequested)
        {
            context.Screen.Error($"Kept here, and sent by the next orchestra sync: {e.Message}");
            return false;
        }
    }

    private static bool IsForLater(Exception e) =>
        e
            is SyncException
                or WebSocketException
                or HttpRequestException
                or IOException
                or OperationCanceledException;
}
