using System.Threading.Channels;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// The conversation that a WebSocket carries, held in HTTP requests: what is said is a request, what
/// comes by itself is asked for again and again. It lives for a few minutes only, so that a device
/// finds back to the WebSocket once that gets through.
/// </summary>
internal sealed class HttpChannel : IMessageChannel
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly Channel<ServerMessage> inbox = Channel.CreateUnbounded<ServerMessage>();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly HttpDoor door;
    private readonly TimeProvider time;
    private readonly TimeSpan poll;
    private readonly long since;
    private HelloMessage? hello;
    private HttpPosition? position;
    private string token;

    public HttpChannel(Uri server, string token, TimeProvider time, TimeSpan poll)
    {
        this.token = token;
        this.time = time;
        this.poll = poll;
        since = time.GetTimestamp();
        door = new HttpDoor(_ => Task.FromResult((server, this.token)));
    }

    public bool IsRefused => false;

    public async Task SendAsync(ClientMessage message, CancellationToken cancel)
    {
        switch (message)
        {
            case HelloMessage greeting:
                hello = greeting;
                await GreetAsync(greeting, cancel);
                break;
            case PushMessage push:
                await AskAsync("/v1/push", push with { Device = hello!.Device }, push.Ref, cancel);
                break;
            case VerifyMessage verify:
                await AskAsync("/v1/verify", verify, verify.Ref, cancel);
                break;
            case PullMessage pull:
                position = new HttpPosition(pull);
                await FetchAsync(pull.Ref, cancel);
                break;
            case AckMessage when position is { HasMore: true }:
                await FetchAsync(null, cancel);
                break;
            case TokenMessage renewed:
                token = renewed.Token;
                break;
        }
    }

    public async Task<ServerMessage?> ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (inbox.Reader.TryRead(out var message))
                return message;
            if (time.GetElapsedTime(since) > Life)
                return new DrainMessage(0);
            using var patience = new CancellationTokenSource(poll, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(
                cancel,
                patience.Token
            );
            try
            {
                await inbox.Reader.WaitToReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                await FetchAsync(null, cancel);
            }
        }
    }

    public Task CloseAsync(CancellationToken cancel) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        door.Dispose();
        turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task GreetAsync(HelloMessage greeting, CancellationToken cancel)
    {
        var welcome = (WelcomeMessage)await PostAsync("/v1/hello", greeting, cancel);
        inbox.Writer.TryWrite(welcome);
        position = HttpPosition.After(welcome, greeting);
        await FetchAsync(null, cancel);
    }

    /// <summary>An error about one request is an answer, as it is on a WebSocket.</summary>
    private async Task AskAsync(
        string path,
        ClientMessage message,
        long? reference,
        CancellationToken cancel
    )
    {
        ServerMessage answer;
        try
        {
            answer = await PostAsync(path, message, cancel);
        }
        catch (SyncException refusal)
        {
            answer = ConnectionError.ToMessage(refusal, reference);
        }
        inbox.Writer.TryWrite(answer);
    }

    private async Task<ServerMessage> PostAsync(
        string path,
        ClientMessage message,
        CancellationToken cancel
    ) =>
        WireCodec.ReadServerMessage(
            await door.SendAsync(HttpMethod.Post, path, WireCodec.Write(message), cancel)
        );

    /// <summary>The next frame from where the device is; an empty one only if it answers something.</summary>
    private async Task FetchAsync(long? reference, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (position is not { } at)
                return;
            var answer = WireCodec.ReadServerMessage(
                await door.SendAsync(HttpMethod.Get, at.Query, null, cancel)
            );
            position = at.After(answer);
            if (answer is ChangesMessage frame)
            {
                if (reference is not null || at.IsUnproven || frame.To > at.Version)
                    inbox.Writer.TryWrite(frame with { Ref = reference });
            }
            else
                inbox.Writer.TryWrite(answer);
        }
        finally
        {
            turn.Release();
        }
    }
}
