using Orchestra.Client.Connection;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>A link as the client sees it.</summary>
/// <param name="link">The connection.</param>
/// <param name="sent">Sees what the client sends.</param>
/// <param name="received">Sees what reaches it.</param>
internal sealed class ClientChannel(
    Link link,
    Action<ClientMessage> sent,
    Action<ServerMessage> received
) : IMessageChannel
{
    public bool IsRefused { get; private set; }

    public Task SendAsync(ClientMessage message, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (link.ToClient.IsLost)
            throw new IOException("The connection was lost");
        sent(message);
        link.SendToServer(WireCodec.Write(message));
        return Task.CompletedTask;
    }

    public async Task<ServerMessage?> ReceiveAsync(CancellationToken cancel)
    {
        var parcel = await link.ToClient.PeekAsync(cancel);
        link.ToClient.Take();
        IsRefused = parcel.CloseCode is 1007 or 1003 or 1009;
        if (parcel.Bytes is not { } bytes)
            return null;
        var message = WireCodec.ReadServerMessage(bytes);
        received(message);
        return message;
    }

    public Task CloseAsync(CancellationToken cancel)
    {
        link.ToServer.Send(new Parcel(null), TimeSpan.FromMilliseconds(15));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        link.EndByClient();
        return ValueTask.CompletedTask;
    }
}
