using System.Threading.Channels;

namespace Orchestra.Client.Watching;

/// <summary>
/// That something happened, not how often: whoever is slow hears of it once. A channel of one place
/// holds it.
/// </summary>
internal sealed class Signal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Set() => channel.Writer.TryWrite(true);

    /// <summary>Nothing will happen any more.</summary>
    public void Complete() => channel.Writer.TryComplete();

    /// <returns>False once nothing will happen any more.</returns>
    public async Task<bool> WaitAsync(CancellationToken cancel)
    {
        if (!await channel.Reader.WaitToReadAsync(cancel))
            return false;
        channel.Reader.TryRead(out _);
        return true;
    }
}
