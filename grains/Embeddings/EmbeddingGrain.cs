using Microsoft.Extensions.Logging;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Maintenance;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orleans.Runtime;

namespace Orchestra.Grains.Embeddings;

/// <param name="Delay">From a commit to embedding it, so that edits in a row are paid for once.</param>
public sealed record EmbeddingSchedule(TimeSpan Delay);

/// <inheritdoc cref="IEmbeddingGrain"/>
/// <remarks>
/// The events say whom to look at soon. What they leave out is found by looking at everybody, now and then.
/// All who are due take turns: whoever has much, or writes without end, keeps nobody waiting.
/// </remarks>
internal sealed class EmbeddingGrain(
    EmbeddingRun run,
    EventStreams streams,
    EventBuffer buffer,
    EmbeddingSchedule schedule,
    TimeProvider time,
    ILogger<EmbeddingGrain> logger
) : ScheduledGrain("embeddings", Period, logger), IEmbeddingGrain
{
    private const int MostHeard = 10_000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WalkPeriod = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(5);

    private readonly CommitNews news = new(streams, buffer);
    private readonly Dictionary<OwnerId, long> heard = [];
    private long? walkedAt;

    /// <summary>A silo that starts looks at once whether another has left something.</summary>
    public override async Task Schedule()
    {
        await base.Schedule();
        Begin();
    }

    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        news.Leave();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken cancellation)
    {
        // Whoever is heard while the turn is given back has found a run under way.
        do
        {
            try
            {
                if (!await run.LeadAsync(cancellation))
                    return;
                await WorkInTurnAsync(cancellation);
            }
            catch (OtherClusterException)
            {
                walkedAt = null;
                return;
            }
            catch (Exception e)
            {
                // Whom it was about is not known any more.
                walkedAt = null;
                if (e is not SyncException { Code: ErrorCode.StoreUnavailable })
                    throw;
                EmbeddingLog.StoreUnavailable(logger);
                await Task.Delay(StorePatience, time, cancellation);
            }
            finally
            {
                await run.LeaveAsync();
            }
        } while (walkedAt is null || heard.Count > 0);
    }

    private async Task WorkInTurnAsync(CancellationToken cancellation)
    {
        var waiting = new WaitingOwners();
        var (isWalking, last) = (false, (OwnerId?)null);
        do
        {
            if (await news.FollowAsync(Hear) || (!isWalking && IsWalkDue()))
                (walkedAt, isWalking, last) = (null, true, null);
            if (isWalking && waiting.Count < EmbeddingRun.OwnersAtOnce)
            {
                last = await run.FindBehindAsync(waiting, last, cancellation);
                isWalking = last is not null;
                if (!isWalking)
                    walkedAt = time.GetTimestamp();
            }
            if (heard.Count > 0 && waiting.Count == 0 && !isWalking)
                await Task.Delay(heard.Values.Min(UntilDue), time, cancellation);
            foreach (var owner in heard.Keys.Where(IsDue).ToList())
            {
                heard.Remove(owner);
                waiting.Add(owner);
            }
            await run.EmbedAsync(waiting, cancellation);
        } while (isWalking || waiting.Count > 0 || heard.Count > 0);
    }

    private bool IsWalkDue() => walkedAt is not { } last || time.GetElapsedTime(last) > WalkPeriod;

    private bool IsDue(OwnerId owner) => UntilDue(heard[owner]) == TimeSpan.Zero;

    private TimeSpan UntilDue(long heardAt)
    {
        var wait = schedule.Delay - time.GetElapsedTime(heardAt);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void Hear(OwnerId owner)
    {
        if (heard.Count < MostHeard)
            heard.TryAdd(owner, time.GetTimestamp());
        Begin();
    }
}
