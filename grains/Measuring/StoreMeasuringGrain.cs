using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Measuring;

/// <inheritdoc cref="IStoreMeasuringGrain"/>
internal sealed class StoreMeasuringGrain(
    IStoreMeasures measures,
    StoreGauges gauges,
    TimeProvider time
) : Grain, IStoreMeasuringGrain
{
    /// <summary>However many silos ask, the store is asked so often.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(25);

    private long? measuredAt;

    public async Task Measure()
    {
        if (measuredAt is { } last && time.GetElapsedTime(last) < Spacing)
            return;
        measuredAt = time.GetTimestamp();
        gauges.Show(await measures.ReadAsync(CancellationToken.None));
    }

    /// <summary>Another silo goes on with it.</summary>
    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        gauges.Show(null);
        return Task.CompletedTask;
    }
}
