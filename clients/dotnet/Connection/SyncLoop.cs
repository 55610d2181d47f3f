using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync.Errors;
using Polly;

namespace Orchestra.Client.Connection;

/// <summary>Connections, one after another, with growing waits between those that came to nothing.</summary>
internal sealed class SyncLoop(
    LocalDatabase database,
    EditClock clock,
    ClientOptions options,
    SessionEvents events
)
{
    /// <summary>A device that is told again and again that it is not who it is gives up.</summary>
    private const int MostIdentities = 3;

    /// <summary>
    /// A connection that was given up can reach the server after the one that followed it, and take
    /// its place. That happens once, or twice; beyond that somebody else is this device too.
    /// </summary>
    private const int MostReplacements = 3;

    private readonly PushPacing pacing = new();
    private readonly Surroundings around = options.Surroundings;
    private readonly Route route = new(
        options.Surroundings.Transport,
        options.Surroundings.Detour?.Invoke(options)
    );
    private Session? session;
    private int identities;
    private int replacements;

    /// <summary>Whether the app wants to know that nothing differs.</summary>
    public VerifyRequest Verify { get; } = new();

    /// <summary>Looks for something to send, if there is a connection.</summary>
    public void Wake() => Volatile.Read(ref session)?.Wake();

    /// <summary>Says hello anew, if there is a connection: what the device takes has changed.</summary>
    public void Reconnect() => Volatile.Read(ref session)?.End();

    /// <param name="untilDone">Whether to end when nothing is left to fetch or to send.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SyncException">Somebody has to do something first.</exception>
    public async Task RunAsync(bool untilDone, CancellationToken cancel)
    {
        using var sender = await TakeTurnAsync(untilDone, cancel);
        if (sender is null)
            return;
        var retries = Retries.Build(
            options,
            untilDone ? options.SyncRetries : int.MaxValue,
            error => events.Connection(new ConnectionChanged(false, error))
        );
        while (true)
        {
            var end = await ConnectAsync(retries, untilDone, cancel);
            if (end.IsDone)
                return;
            events.Connection(new ConnectionChanged(false, end.Reason));
            await Task.Delay(end.ReconnectAfter ?? Jitter(), options.Time, cancel);
        }
    }

    /// <summary>Stays where it was called, for a scheduler of the caller's own.</summary>
    private async Task<SessionEnd> ConnectAsync(
        ResiliencePipeline retries,
        bool untilDone,
        CancellationToken cancel
    )
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancel);
        try
        {
            return await retries.ExecuteAsync(
                async attempt => await ServeAsSomebodyAsync(untilDone, attempt.CancellationToken),
                context
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <returns>Null if another process has done all there was to do.</returns>
    private async Task<IDisposable?> TakeTurnAsync(bool untilDone, CancellationToken cancel)
    {
        if (around.TakeSenderLock(database.Path) is { } free)
            return free;
        return untilDone
            ? await OtherSender.WaitAsync(database, options, cancel)
            : throw OtherSender.Busy(database);
    }

    /// <summary>Where this device's id means another history to the server, takes a new id.</summary>
    private async Task<SessionEnd> ServeAsSomebodyAsync(bool untilDone, CancellationToken cancel)
    {
        try
        {
            var end = await ConnectAndServeAsync(untilDone, cancel);
            identities = replacements = 0;
            return end;
        }
        catch (SyncException replaced)
            when (replaced.Code == ErrorCode.DeviceReplaced && replacements < MostReplacements)
        {
            replacements++;
            return new(false, true, options.FirstRetry * (1 << replacements), replaced);
        }
        catch (SyncException forked)
            when (forked.Code == ErrorCode.DeviceForked && identities < MostIdentities)
        {
            identities++;
            await database.WriteAsync(NewIdentity.Take, cancel);
            return new(false, true, null, forked);
        }
    }

    private async Task<SessionEnd> ConnectAndServeAsync(bool untilDone, CancellationToken cancel)
    {
        var server = await ServerAddress.RequireAsync(database, options, cancel);
        var fetchToken = options.Token!;
        var token = await fetchToken(server, cancel);
        await using var channel = await route.ConnectAsync(server, token, cancel);
        var opened = await Session.OpenAsync(
            channel,
            database,
            new SessionNeeds(
                options,
                events,
                clock,
                pacing,
                Verify,
                token,
                stop => fetchToken(server, stop)
            ),
            cancel
        );
        Volatile.Write(ref session, opened);
        try
        {
            events.Connection(new ConnectionChanged(true, null));
            return await opened.RunAsync(untilDone, cancel);
        }
        finally
        {
            Volatile.Write(ref session, null);
        }
    }

    private TimeSpan Jitter() => options.FirstRetry * around.Chance();
}
