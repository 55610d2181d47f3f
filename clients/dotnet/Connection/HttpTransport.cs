namespace Orchestra.Client.Connection;

/// <summary>Connects by HTTP requests, for where WebSockets do not get through.</summary>
internal sealed class HttpTransport(TimeProvider time, TimeSpan poll) : ISyncTransport
{
    public Task<IMessageChannel> ConnectAsync(Uri server, string token, CancellationToken cancel) =>
        Task.FromResult<IMessageChannel>(new HttpChannel(server, token, time, poll));
}
