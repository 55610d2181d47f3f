using System.Net.WebSockets;
using System.Threading.Channels;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// One connection, from hello to its end. Messages and wake-ups are handled one after another, so
/// nothing here needs a lock.
/// </summary>
internal sealed class Session
{
    /// <summary>Servers let themselves be heard twice a minute.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly IMessageChannel channel;
    private readonly LocalDatabase database;
    private readonly ClientOptions options;
    private readonly SessionEvents events;
    private readonly PullStream pulls;
    private readonly PushStream pushes;
    private readonly Verification verification;
    private readonly TokenRenewal token;

    /// <summary>Null is a wake-up. Bounded by the window the server keeps to.</summary>
    private readonly Channel<ServerMessage?> inbox = Channel.CreateUnbounded<ServerMessage?>();
    private bool madeProgress;
    private long heard;

    private Session(
        IMessageChannel channel,
        LocalDatabase database,
        ClientOptions options,
        SessionEvents events,
        PullStream pulls,
        PushStream pushes,
        Verification verification,
        TokenRenewal token
    )
    {
        this.channel = channel;
        this.database = database;
        this.options = options;
        this.events = events;
        this.pulls = pulls;
        this.pushes = pushes;
        this.verification = verification;
        this.token = token;
        heard = options.Time.GetTimestamp();
    }

    /// <summary>Says hello and waits for the welcome.</summary>
    public static async Task<Session> OpenAsync(
        IMessageChannel channel,
        LocalDatabase database,
        SessionNeeds needs,
        CancellationToken cancel
    )
    {
        var state = await database.ReadAsync(local => local.State, cancel);
        var asked = needs.Clock.Now();
        await channel.SendAsync(Welcome.Hello(state, needs.Options.App), cancel);
        var welcome = await channel.ReceiveAsync(cancel) switch
        {
            WelcomeMessage message => message,
            ErrorMessage error => throw ConnectionError.From(error),
            null => throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely),
            _ => throw new SyncException(ErrorCode.Malformed, "The server did not say welcome"),
        };
        await database.WriteAsync(
            local =>
            {
                Welcome.Apply(local, welcome);
                return true;
            },
            cancel
        );
        var clock = new ServerClock(needs.Clock, asked, welcome.ServerTime);
        return new Session(
            channel,
            database,
            needs.Options,
            needs.Events,
            new PullStream(channel, database, welcome, clock),
            new PushStream(channel, database, needs.Clock, needs.Pacing, welcome),
            new Verification(channel, database, welcome, needs.Verify),
            new TokenRenewal(channel, needs.FetchToken, clock, needs.Token)
        );
    }

    /// <summary>Looks for something to send.</summary>
    public void Wake() => inbox.Writer.TryWrite(null);

    /// <summary>Makes way for another connection.</summary>
    public void End() => inbox.Writer.TryWrite(new DrainMessage(0));

    /// <summary>Serves the connection until it ends, or until there is nothing left to do.</summary>
    public async Task<SessionEnd> RunAsync(bool untilDone, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiving = ReceiveAsync(stop.Token);
        var polling = PollAsync(stop.Token);
        try
        {
            return await ServeAsync(untilDone, cancel);
        }
        catch (Exception e) when (madeProgress && ConnectionError.IsTransient(e))
        {
            return new(false, true, (e as SyncException)?.RetryAfter, e);
        }
        finally
        {
            stop.Cancel();
            await Task.WhenAll(receiving, polling);
        }
    }

    private async Task<SessionEnd> ServeAsync(bool untilDone, CancellationToken cancel)
    {
        await pulls.ConfirmAsync(cancel);
        while (await inbox.Reader.WaitToReadAsync(cancel))
        {
            if (!inbox.Reader.TryRead(out var message))
                continue;
            if (message is DrainMessage drain)
                return new(false, true, TimeSpan.FromMilliseconds(drain.ReconnectAfterMs), null);
            await HandleAsync(message, cancel);
            await SendDueAsync(cancel);
            var progress = await ReportAsync(cancel);
            if (!untilDone || !progress.IsDone)
                continue;
            await channel.CloseAsync(cancel);
            return new(true, true, null, null);
        }
        throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
    }

    private async Task SendDueAsync(CancellationToken cancel)
    {
        if (pulls.IsConfirmed)
            await pushes.PumpAsync(cancel);
        if (pulls.IsAtHead)
            await verification.AskAsync(cancel);
        if (token.IsDue)
            await token.RenewAsync(cancel);
    }

    private async Task HandleAsync(ServerMessage? message, CancellationToken cancel)
    {
        switch (message)
        {
            case ChangesMessage frame:
                await ApplyAsync(frame, cancel);
                break;
            case PushedMessage pushed:
                await pushes.OnPushedAsync(pushed, cancel);
                madeProgress = true;
                break;
            case ResetMessage reset:
                await pulls.OnResetAsync(reset, cancel);
                break;
            case VerifiedMessage verified:
                await pulls.OnVerifiedAsync(verified, cancel);
                await verification.OnVerifiedAsync(verified, cancel);
                break;
            case CatalogMessage catalog:
                await GrowAsync(catalog.Catalog, cancel);
                break;
            case ErrorMessage error:
                await FailAsync(error.Ref, ConnectionError.From(error), cancel);
                break;
            default:
                // Presence, pongs and wake-ups change nothing here.
                break;
        }
    }

    private async Task ApplyAsync(ChangesMessage frame, CancellationToken cancel)
    {
        var entries = await pulls.OnChangesAsync(frame, cancel);
        if (entries.Count == 0)
            return;
        madeProgress = true;
        events.Applied(await database.ReadAsync(local => local.State, cancel), entries);
    }

    private Task<bool> GrowAsync(WireCatalog catalog, CancellationToken cancel) =>
        database.WriteAsync(
            local =>
            {
                Rows.CatalogGrowth.Apply(local, catalog);
                return true;
            },
            cancel
        );

    /// <summary>An error ends the connection; this leaves behind what the next one must know.</summary>
    private async Task FailAsync(long? about, SyncException error, CancellationToken cancel)
    {
        if (error.Code == ErrorCode.SequenceGap)
            await pushes.RequireOwnGapAsync(error, cancel);
        else if (!ConnectionError.IsFinal(error.Code))
            madeProgress |= await pushes.OnRefusedAsync(about, error, cancel);
        throw error;
    }

    private async Task<SyncProgress> ReportAsync(CancellationToken cancel)
    {
        var (state, outbox) = await database.ReadAsync(
            local => (local.State, local.Outbox.Count()),
            cancel
        );
        var progress = new SyncProgress(
            state.Cursor.Version,
            pulls.Head,
            outbox,
            pulls.IsAtHead && !verification.IsPending,
            state.Rows,
            pulls.RowsExpected
        );
        events.Progress(progress);
        return progress;
    }

    private async Task ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            while (await channel.ReceiveAsync(cancel) is { } message)
            {
                Volatile.Write(ref heard, options.Time.GetTimestamp());
                inbox.Writer.TryWrite(message);
            }
            if (channel.IsRefused)
                inbox.Writer.TryWrite(TooMuch);
            inbox.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // Whatever it is, the serving side must hear of it; it decides what follows.
            inbox.Writer.TryComplete(e);
        }
    }

    /// <summary>What the server would have said, had it not closed the socket instead.</summary>
    private static readonly ErrorMessage TooMuch = new(
        ErrorCode.FrameTooLarge.Name(),
        Retryable: false,
        "The server closed the connection over the message"
    );

    /// <summary>
    /// Looks for what nobody tells of: changes that other processes wrote into the same database, a
    /// token that expires, a server that has fallen silent.
    /// </summary>
    private async Task PollAsync(CancellationToken cancel)
    {
        try
        {
            using var timer = new PeriodicTimer(options.OutboxPoll, options.Time);
            while (await timer.WaitForNextTickAsync(cancel))
            {
                if (options.Time.GetElapsedTime(Volatile.Read(ref heard)) > Silence)
                    inbox.Writer.TryComplete(new TimeoutException("The server has fallen silent"));
                else if (
                    token.IsDue
                    || await database.ReadAsync(local => local.Outbox.HasUnsent(), cancel)
                )
                    Wake();
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
    }
}
