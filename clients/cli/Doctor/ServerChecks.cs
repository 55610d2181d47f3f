using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Doctor;

/// <summary>What can be said only with the server.</summary>
internal sealed class ServerChecks(OrchestraClient client, ServerContact contact)
{
    private const string Offline = "offline";

    public async IAsyncEnumerable<Finding> RunAsync(
        bool isOffline,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        var status = await client.ReadStatusAsync(cancel);
        var (reached, at) = isOffline
            ? (Finding.Skipped("server", Offline), null)
            : await contact.ReachAsync(status.Server, cancel);
        yield return reached;
        if (at is null)
        {
            foreach (var check in new[] { "clock", "login", "device", "copy" })
                yield return Finding.Skipped(check, Offline);
            yield break;
        }
        yield return ServerContact.Clock(at.Value);
        var (login, device) = await AskForDevicesAsync(status.Device, cancel);
        yield return login;
        yield return device;
        yield return login.Health == Health.Ok && device.Health != Health.Failed
            ? await CompareAsync(cancel)
            : Finding.Skipped("copy", "the server would refuse");
    }

    private async Task<(Finding Login, Finding Device)> AskForDevicesAsync(
        DeviceId own,
        CancellationToken cancel
    )
    {
        try
        {
            var devices = await client.Devices.ListAsync(cancel);
            return (
                Finding.Ok("login", "the server takes the token"),
                Judge(devices.FirstOrDefault(device => device.Id == own))
            );
        }
        catch (Exception e) when (e is SyncException or CommandFailure or HttpRequestException)
        {
            return (
                Finding.Failed("login", e.Message, "Run orchestra login."),
                Finding.Skipped("device", "the server does not say")
            );
        }
    }

    private static Finding Judge(UserDevice? device) =>
        device switch
        {
            null => Finding.Warning(
                "device",
                "the server does not know this device yet",
                "Run orchestra sync."
            ),
            { RevokedAt: { } at } => Finding.Failed(
                "device",
                $"was shut out at {Timestamps.Write(at)}",
                "Run orchestra init in a new place to use a new device."
            ),
            _ => Finding.Ok("device", $"the server knows it as {device.Name}"),
        };

    private async Task<Finding> CompareAsync(CancellationToken cancel)
    {
        try
        {
            if (await client.VerifyAsync(cancel))
                return Finding.Ok("copy", "is the server's");
            return (await client.ReadStatusAsync(cancel)).Matches is null
                ? Finding.Warning(
                    "copy",
                    "could not be compared at this moment",
                    "Run orchestra doctor again."
                )
                : Finding.Failed(
                    "copy",
                    "differs from the server's",
                    "Run orchestra reset, and please report it, with the server's log."
                );
        }
        catch (Exception e)
            when (e is SyncException or WebSocketException or HttpRequestException or IOException)
        {
            return Finding.Failed("copy", e.Message, "Run orchestra sync.");
        }
    }
}
