using Orchestra.Gateway.Quotas;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Gateway.Requests;

/// <summary>What a cursor gets: a page as bytes, or a reset. Exactly one is set.</summary>
internal sealed record ReadAnswer(Frame? Frame, Reset? Reset);

/// <summary>Where the reader is and what it wants.</summary>
/// <param name="Owner">Whose changes.</param>
/// <param name="Cursor">After which version.</param>
/// <param name="Entities">Only these types; null = all.</param>
/// <param name="Answers">The <c>ref</c> of the pull that this answers.</param>
/// <param name="MaxEntries">Entries at most.</param>
/// <param name="MaxBytes">Bytes at most, unless what cannot be cut is larger.</param>
internal sealed record FrameRequest(
    OwnerId Owner,
    Cursor Cursor,
    IReadOnlyList<string>? Entities,
    long? Answers,
    int MaxEntries = Limits.PageEntries,
    int MaxBytes = Limits.FrameBytes
);

/// <summary>Reads pages through the owner's grain and cuts them to the size of a frame.</summary>
internal sealed class FrameReader(
    IGrainFactory grains,
    CatalogView catalogs,
    OwnerTurns? turns = null
)
{
    /// <param name="request">What is asked for.</param>
    /// <param name="gone">Whoever asked has left.</param>
    public async Task<ReadAnswer> ReadAsync(FrameRequest request, CancellationToken gone = default)
    {
        using var turn = turns is null ? null : await turns.ReadAsync(request.Owner, gone);
        // The store counts roughly, so it is asked for half of what is allowed.
        var budget = Math.Max(1, request.MaxBytes / 2);
        var end = long.MaxValue;
        while (true)
        {
            var outcome = await ReadPageAsync(request, budget);
            if (outcome.Page is not { } page)
                return new ReadAnswer(null, outcome.Reset);
            var catalog = await catalogs.CoverAsync(page);
            var frame = Frame.Of(request.Owner, page, catalog, request.Answers);
            // A page that a smaller budget did not shorten is one that cannot be cut.
            if (frame.Bytes.Length <= request.MaxBytes || page.To >= end || budget == 1)
                return new ReadAnswer(frame, null);
            end = page.To;
            budget = Math.Max(1, budget / 4);
        }
    }

    private Task<ReadOutcome> ReadPageAsync(FrameRequest request, int budget) =>
        grains
            .GetGrain<ISyncGrain>(request.Owner.Value)
            .Read(
                new ReadQuery(
                    request.Owner,
                    request.Cursor,
                    request.MaxEntries,
                    budget,
                    request.Entities
                )
            );
}
