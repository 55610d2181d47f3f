using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Measuring;

/// <inheritdoc cref="IOverviewGrain"/>
internal sealed class OverviewGrain(Roster roster, TimeProvider time) : Grain, IOverviewGrain
{
    private readonly OverviewHistory history = new(time);

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        history.Expect(await roster.ReadAsync(this.GetGrainId()));

    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    ) => roster.SavedAsync().WaitAsync(cancellationToken);

    public Task Report(ProcessReport report)
    {
        history.Add(report);
        roster.Keep(this.GetGrainId(), history.Roster());
        return Task.CompletedTask;
    }

    public Task<ClusterOverview> Read(long after) => Task.FromResult(history.Read(after));
}
