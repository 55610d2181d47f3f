namespace Orchestra.Benchmarks.Workloads.Bare;

/// <summary>Bare writers that write at the same time, each on a connection of its own.</summary>
internal sealed class Writers : IAsyncDisposable
{
    private readonly List<BareWriter> all = [];

    public static async Task<Writers> OpenAsync(Stage stage, int count, int owners)
    {
        var writers = new Writers();
        for (var i = 0; i < count; i++)
            writers.all.Add(await BareWriter.OpenAsync(stage, owners));
        return writers;
    }

    /// <returns>Changes a second.</returns>
    public async Task<double> RunAsync(int changes, TimeSpan length, CancellationToken cancel) =>
        changes
        * await Timed.RunAsync(
            all.Select(writer =>
                (Func<CancellationToken, Task<bool>>)(
                    async token =>
                    {
                        await writer.WriteAsync(changes, token);
                        return true;
                    }
                )
            ),
            length,
            cancel
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in all)
            await writer.DisposeAsync();
    }
}
