using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Doctor;

/// <summary>What can be said only with the server.</summary>
internal sealed class ServerChecks(OrchestraClient client, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Versions decide and not clocks, but a far-off clock makes ages and logs misleading.</summary>
    private static readonly TimeSpan Tolerable = TimeSpan.FromMinutes(1);

    private const string Offline = "offline";

    public async IAsyncEnumerable<Finding> RunAsync(
        bool isOffline,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        var status = await client.ReadStatusAsync(cancel);
        var (reached, at) = isOffline
            ? (Finding.Skipped("server", Offline), null)
            : await ReachAsync(status.Server, cancel);
        yield return reached;
        if (at is null)
        {
            foreach (var check in new[] { "clock", "login", "device", "copy" })
                yield return Finding.Skipped(check, Offline);
            yield break;
        }
        yield return Clock(at.Value);
        var (login, device) = await AskForDevicesAsync(status.Device, cancel);
        yield return login;
        yield return device;
        yield return login.Health == Health.Ok && device.Health != Health.Failed
            ? await CompareAsync(cancel)
            : Finding.Skipped("copy", "the server would refuse");
    }

    /// <summary>Any answer will do; its header says what the server's clock says.</summary>
    private async Task<(Finding, TimeSpan? ClockAhead)> ReachAsync(
        Uri? server,
        CancellationToken cancel
    )
    {
        if (server is null)
            return (
                Finding.Warning("server", "none is known", "Run orchestra init --server."),
                null
            );
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            using var answer = await http.GetAsync(server, cancel);
            var ahead = answer.Headers.Date is { } date ? time.GetUtcNow() - date : TimeSpan.Zero;
            return (Finding.Ok("server", $"{server} answers"), ahead);
        }
        catch (Exception e) when (e is HttpRequestException || IsOutOfPatience(e, cancel))
        {
            return (
                Finding.Warning(
                    "server",
                    $"{server} does not answer: {e.Message}",
                    "Is it running? What is written here is kept and sent later."
                ),
                null
            );
        }
    }

    private static bool IsOutOfPatience(Exception e, CancellationToken cancel) =>
        e is TaskCanceledException && !cancel.IsCancellationRequested;

    private static Finding Clock(TimeSpan ahead) =>
        ahead.Duration() < Tolerable
            ? Finding.Ok("clock", "agrees with the server's")
            : Finding.Warning(
                "clock",
                $"{ahead.Duration():d\\.hh\\:mm\\:ss} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the server's",
                "Set this machine's clock."
            );

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
