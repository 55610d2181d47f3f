namespace Orchestra.Cli.Doctor;

/// <summary>Whether anybody answers at the server's address, and by which clock.</summary>
internal sealed class ServerContact(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Versions decide and not clocks, but a far-off clock makes ages and logs misleading.</summary>
    private static readonly TimeSpan Tolerable = TimeSpan.FromMinutes(1);

    /// <summary>Any answer will do; its header says what the server's clock says.</summary>
    public async Task<(Finding, TimeSpan? ClockAhead)> ReachAsync(
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

    public static Finding Clock(TimeSpan ahead) =>
        ahead.Duration() < Tolerable
            ? Finding.Ok("clock", "agrees with the server's")
            : Finding.Warning(
                "clock",
                $"{ahead.Duration():d\\.hh\\:mm\\:ss} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the server's",
                "Set this machine's clock."
            );

    private static bool IsOutOfPatience(Exception e, CancellationToken cancel) =>
        e is TaskCanceledException && !cancel.IsCancellationRequested;
}
