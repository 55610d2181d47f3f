using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// Which processes there are, kept where the end of a silo does not reach: else the very silo that kept
/// it in mind could be gone without being missed. A store that is away is asked again later.
/// </summary>
internal sealed class Roster(
    [FromKeyedServices(Roster.Storage)] IGrainStorage storage,
    ILogger<Roster> logger
)
{
    /// <summary>Where grains keep what may be lost.</summary>
    public const string Storage = "soft";

    private const string StateName = "processes";

    private readonly GrainState<RosterState> kept = new(new RosterState());
    private Task saving = Task.CompletedTask;
    private IReadOnlyList<RosterEntry> saved = [];

    public async Task<IReadOnlyList<RosterEntry>> ReadAsync(GrainId grain)
    {
        try
        {
            await storage.ReadStateAsync(StateName, grain, kept);
            return saved = kept.State!.Processes;
        }
        catch (Exception e)
        {
            MeasuringLog.NotKept(logger, e.Message);
            return [];
        }
    }

    /// <summary>Keeps these, if they are others. Nobody waits for it.</summary>
    public void Keep(GrainId grain, IReadOnlyList<RosterEntry> processes)
    {
        if (saving.IsCompleted && !processes.SequenceEqual(saved))
            saving = SaveAsync(grain, processes);
    }

    /// <summary>What was to be kept is, or cannot be.</summary>
    public Task SavedAsync() => saving;

    private async Task SaveAsync(GrainId grain, IReadOnlyList<RosterEntry> processes)
    {
        try
        {
            kept.State = new RosterState { Processes = [.. processes] };
            await storage.WriteStateAsync(StateName, grain, kept);
            saved = processes;
        }
        catch (InconsistentStateException)
        {
            // Another activation wrote: what it wrote is overwritten the next time.
            await ReadAsync(grain);
        }
        catch (Exception e)
        {
            MeasuringLog.NotKept(logger, e.Message);
        }
    }
}

/// <summary>A storage makes an empty one itself.</summary>
[GenerateSerializer]
internal sealed class RosterState
{
    /// <summary>In the order of their names.</summary>
    [Id(0)]
    public List<RosterEntry> Processes { get; set; } = [];
}

/// <summary>A process that has reported and did not say that it leaves.</summary>
[GenerateSerializer]
public sealed record RosterEntry(
    [property: Id(0)] string Process,
    [property: Id(1)] string Roles,
    [property: Id(2)] string Version,
    [property: Id(3)] DateTimeOffset StartedAt
);
