using System.Buffers;
using System.IO.Pipelines;

namespace Orchestra.TestKit.Postgres;

/// <summary>Both directions of one connection through the proxy.</summary>
/// <param name="client">Where the client is.</param>
/// <param name="server">Where the server is.</param>
/// <param name="way">Waits until bytes get through.</param>
internal sealed class ForwardedConnection(
    Stream client,
    Stream server,
    Func<CancellationToken, Task> way
)
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;

    private readonly PipeReader fromClient = PipeReader.Create(client);
    private readonly PipeReader fromServer = PipeReader.Create(server);
    private readonly PipeWriter toClient = PipeWriter.Create(client);
    private readonly PipeWriter toServer = PipeWriter.Create(server);

    /// <summary>Forwards until one of the ends is gone, or the connection is to be cut.</summary>
    public async Task<Verdict> RunAsync(PostgresConversation talk, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task<Verdict>[] both =
        [
            PumpAsync(() => FromClientAsync(talk, end.Token)),
            PumpAsync(() => PumpAsync(fromServer, toClient, talk.FromServer, end.Token)),
        ];
        await Task.WhenAny(both);
        await end.CancelAsync();
        return (await Task.WhenAll(both)).Max();
    }

    private static async Task<Verdict> PumpAsync(Func<Task<Verdict>> pump)
    {
        try
        {
            return await pump();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other direction, or one of the ends, is gone.
            return Verdict.Forward;
        }
    }

    private async Task<Verdict> FromClientAsync(PostgresConversation talk, CancellationToken cancel)
    {
        while (await ReadStartAsync(cancel) is SslRequest or GssRequest)
        {
            // Nobody could watch an encrypted connection, so none is offered.
            toClient.Write("N"u8);
            await toClient.FlushAsync(cancel);
        }
        await toServer.FlushAsync(cancel);
        return await PumpAsync(fromClient, toServer, talk.FromClient, cancel);
    }

    /// <summary>
    /// Forwards one of the messages without a letter, except one that asks for encryption.
    /// </summary>
    /// <returns>The code it begins with.</returns>
    private async Task<int> ReadStartAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await fromClient.ReadAsync(cancel);
            await way(cancel);
            var buffer = read.Buffer;
            if (PostgresFrame.TryRead(ref buffer, hasType: false, out var message))
            {
                var code = message.ReadNumber();
                if (code is not (SslRequest or GssRequest))
                    Write(toServer, message.Bytes);
                fromClient.AdvanceTo(buffer.Start);
                return code;
            }
            if (read.IsCompleted)
                throw new IOException("The client went away before it had said who it is");
            fromClient.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private async Task<Verdict> PumpAsync(
        PipeReader from,
        PipeWriter to,
        Func<PostgresFrame, Verdict> judge,
        CancellationToken cancel
    )
    {
        var held = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await from.ReadAsync(cancel);
            await way(cancel);
            var buffer = read.Buffer;
            var verdict = Verdict.Forward;
            while (
                verdict != Verdict.Cut
                && PostgresFrame.TryRead(ref buffer, hasType: true, out var message)
            )
            {
                verdict = judge(message);
                if (verdict == Verdict.Hold)
                    Write(held, message.Bytes);
                if (verdict != Verdict.Forward)
                    continue;
                to.Write(held.WrittenSpan);
                held.ResetWrittenCount();
                Write(to, message.Bytes);
            }
            await to.FlushAsync(cancel);
            if (verdict == Verdict.Cut || read.IsCompleted)
                return verdict;
            from.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static void Write(IBufferWriter<byte> to, ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
            to.Write(segment.Span);
    }
}
