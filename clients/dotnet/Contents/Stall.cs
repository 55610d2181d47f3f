namespace Orchestra.Client.Contents;

/// <summary>Ends a transfer that does not move, however long one takes that does.</summary>
internal sealed class Stall : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationToken outer;
    private readonly TimeSpan patience;

    public Stall(TimeSpan patience, CancellationToken outer)
    {
        this.patience = patience;
        this.outer = outer;
        source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        source.CancelAfter(patience);
    }

    public CancellationToken Token => source.Token;

    public void Moved() => source.CancelAfter(patience);

    /// <summary>Runs a transfer.</summary>
    /// <exception cref="HttpRequestException">It did not move.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> transfer)
    {
        try
        {
            return await transfer();
        }
        catch (OperationCanceledException e)
            when (source.IsCancellationRequested && !outer.IsCancellationRequested)
        {
            throw new HttpRequestException($"Nothing moved for {patience.TotalSeconds:0} s", e);
        }
    }

    public void Dispose() => source.Dispose();
}
