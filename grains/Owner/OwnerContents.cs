using Orchestra.Grains.Store;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>Which contents are there for an owner: rows that the server writes, and what ends them.</summary>
/// <param name="owner">Whose.</param>
/// <param name="store">Has the rows.</param>
/// <param name="rows">Looks them up.</param>
/// <param name="pump">Knows the owner's last commit.</param>
/// <param name="write">Writes, only after a certain commit if one is named.</param>
internal sealed class OwnerContents(
    OwnerId owner,
    ISyncStore store,
    RowReader rows,
    OwnerPump pump,
    Func<IReadOnlyList<Change>, long?, Task> write
)
{
    /// <summary>Contents that are asked for again within this time need not be kept anew.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private const int Attempts = 10;

    public async Task<Content?> FindAsync(ContentHash hash) => Content.Of(await LoadAsync(hash));

    /// <exception cref="SyncException"><c>overloaded</c>: others write all the time.</exception>
    public async Task<Content?> KeepAsync(ContentHash hash)
    {
        for (var attempt = 1; ; attempt++)
        {
            var last = (await pump.ConfirmedStateAsync()).Head.CommitNo;
            var row = await LoadAsync(hash);
            if (Content.Of(row) is not { } content)
                return null;
            if (row!.UpdatedAt >= pump.Now() - KeptFor)
                return content;
            try
            {
                // Nothing must come between: this would bring a row back whose bytes are being
                // deleted. A collection that has looked before this is written gives up likewise.
                await write([Write(ChangeOp.Update, content)], last);
                return content;
            }
            catch (SyncException e) when (e.Code == ErrorCode.Overloaded && attempt < Attempts)
            {
                // Somebody wrote something; it need not have been this row.
            }
        }
    }

    public async Task<Content> AddAsync(Content content)
    {
        if (await KeepAsync(content.Hash) is { } there)
            return there;
        var state = await pump.StateAsync();
        await write([.. Registration.OwnerOf(state), Write(ChangeOp.Create, content)], null);
        return content;
    }

    public async Task<IReadOnlyList<Content>> CollectAsync(DateTimeOffset since)
    {
        var last = (await pump.ConfirmedStateAsync()).Head.CommitNo;
        var unused = await store.FindUnusedContentsAsync(
            owner,
            since,
            Limits.PushChanges,
            CancellationToken.None
        );
        if (unused.Count == 0)
            return [];
        try
        {
            await write(
                [
                    .. unused.Select(content =>
                        ServerChange.Of(
                            ChangeOp.Delete,
                            EngineEntities.Contents,
                            content.Hash.Row.Id,
                            Change.NoFields
                        )
                    ),
                ],
                last
            );
        }
        catch (SyncException e) when (e.Code == ErrorCode.Overloaded)
        {
            return [];
        }
        return unused;
    }

    private async Task<Row?> LoadAsync(ContentHash hash)
    {
        var found = await rows.LoadAsync(new RowQuery(owner, [new RowNeed(hash.Row, null, false)]));
        return found.Rows.FirstOrDefault(row => row.Key == hash.Row);
    }

    private static Change Write(ChangeOp op, Content content) =>
        ServerChange.Of(op, EngineEntities.Contents, content.Hash.Row.Id, content.ToFields());
}
