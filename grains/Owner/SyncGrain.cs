using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestra.Grains.Embeddings;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;
using Orchestra.Grains.Store;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orleans.Concurrency;

namespace Orchestra.Grains.Owner;

/// <inheritdoc cref="ISyncGrain"/>
[Reentrant]
internal sealed class SyncGrain : Grain, ISyncGrain
{
    private readonly IGrainContext context;
    private readonly OwnerId owner;
    private readonly ISyncStore store;
    private readonly EntityCatalog catalog;
    private readonly DevicePriorities priorities;
    private readonly OwnerEvents events;
    private readonly OwnerPump pump;
    private readonly OwnerContents contents;
    private readonly OwnerMeaning meaning;
    private readonly Acks acks;
    private readonly Observers observers;
    private readonly IOwnerRelay relay;
    private readonly IOwnerEpochs? epochs;
    private readonly Hints hints;
    private readonly RecentChanges recent = new();
    private long? published;

    public SyncGrain(
        IGrainContext context,
        ISyncStore store,
        EntityCatalog catalog,
        RowReader rows,
        HeavyWork heavy,
        CommitWriter writer,
        IOwnerRelay relay,
        TimeProvider time,
        IOptions<DevicePriorities> priorities,
        IEventSink events,
        ILogger<SyncGrain> logger,
        Meaning? meaning = null,
        IOwnerEpochs? epochs = null
    )
    {
        this.context = context;
        owner = new OwnerId(context.GrainId.GetGuidKey());
        this.store = store;
        this.catalog = catalog;
        this.relay = relay;
        this.epochs = epochs;
        this.priorities = priorities.Value;
        this.events = new OwnerEvents(owner, events, time);
        pump = new OwnerPump(
            owner,
            store,
            catalog,
            rows,
            heavy,
            writer,
            time,
            logger,
            Publish,
            Learn,
            this.events
        );
        contents = new OwnerContents(owner, store, rows, pump, WriteAsync);
        this.meaning = new OwnerMeaning(owner, meaning);
        observers = new Observers(owner, time, logger);
        acks = new Acks(owner, store, time, logger);
        hints = new Hints(owner, relay, () => pump.Head, LookUpAsync, time, logger);
    }

    public async Task<Session> OpenSession(DeviceInfo device)
    {
        // A device that hears of a sequence behind its own takes it for another history.
        var state = await pump.ConfirmedStateAsync();
        if (Registration.Of(state, device, priorities) is { Count: > 0 } writes)
        {
            await WriteAsync(writes);
            state = await pump.StateAsync();
        }
        var cursor = state.CursorOf(device.Id);
        return new(
            state.Head,
            state.PriorityOf(device.Id),
            cursor.LastSeq,
            cursor.LastChange,
            catalog.Hash
        );
    }

    public Task<IReadOnlyList<Verdict>> Push(Push push)
    {
        if (push.Changes.Count > Limits.PushChanges)
            throw new SyncException(
                ErrorCode.BatchTooLarge,
                $"More than {Limits.PushChanges} changes in one push",
                "changes"
            );
        return pump.TakeAsync(
            new(
                push.Device,
                push.Epoch,
                push.Settled,
                [.. push.Changes.Select(change => ChangeCheck.Check(catalog, change))],
                push.Replaces,
                pump.Now()
            )
        );
    }

    public async Task<ReadOutcome> Read(ReadQuery query)
    {
        if (query.Entities?.FirstOrDefault(name => catalog.Find(name) is null) is not null)
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no such entity type",
                "entities"
            );
        if (recent.Read(query) is { } page)
            return new(page, null);
        var outcome = await store.ReadAsync(query, CancellationToken.None);
        if (outcome.Page is { } read && pump.Head is { } head && read.Head > head.Version)
            pump.Forget();
        if (outcome.Reset is { } reset)
            events.Reset(reset.Reason);
        return outcome;
    }

    public Task<Verified> Verify(IReadOnlyList<string> entities)
    {
        if (entities.Any(name => catalog.Find(name) is null))
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no such entity type",
                "entities"
            );
        return store.VerifyAsync(owner, entities, CancellationToken.None);
    }

    public Task<ConflictPage> ReadConflicts(ConflictPosition? before, int limit) =>
        store.ReadConflictsAsync(owner, before, limit, CancellationToken.None);

    public Task<FoundPage> Search(WordSearch search)
    {
        RequireTypes(search.Entities);
        return store.SearchAsync(owner, search, CancellationToken.None);
    }

    public Task<FoundPage> SearchByMeaning(MeaningSearch search)
    {
        RequireTypes(search.Entities);
        return meaning.SearchAsync(search);
    }

    public Task SupplyEmbedding(SuppliedEmbedding embedding)
    {
        if (catalog.Find(embedding.Row.Entity) is null)
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no such entity type",
                "entity"
            );
        return meaning.SupplyAsync(embedding);
    }

    public async Task Acknowledge(DeviceId device, long epoch, long version)
    {
        var head = (await pump.StateAsync()).Head;
        if (epoch == head.Epoch && version <= head.Version)
            acks.Note(this, device, version);
    }

    public async Task<IReadOnlyList<Row>> ReadDevices() =>
        [.. (await pump.ConfirmedStateAsync()).Devices.Values.OrderBy(row => row.CreatedAt)];

    public async Task UpdateDevice(DeviceId device, string? name, int? priority) =>
        await WriteAsync(
            Registration.Revise(await pump.ConfirmedStateAsync(), device, name, priority)
        );

    public async Task RevokeDevice(DeviceId device) =>
        await WriteAsync(Registration.Revoke(await pump.ConfirmedStateAsync(), device, pump.Now()));

    public async Task BeginEpoch()
    {
        if (epochs is null)
            throw new SyncException(ErrorCode.NotFound, "Only PostgreSQL begins new epochs");
        if (!await epochs.BeginAsync(owner, CancellationToken.None))
            throw new SyncException(ErrorCode.NotFound, "There is no such owner");
        // What was given so far is of an epoch that is over, whoever asks for it.
        pump.Forget();
        recent.Clear();
        observers.Announce((await pump.StateAsync()).Head);
    }

    public Task<Content?> FindContent(ContentHash hash) => contents.FindAsync(hash);

    public Task<Content?> KeepContent(ContentHash hash) => contents.KeepAsync(hash);

    public Task<Content> AddContent(Content content) => contents.AddAsync(content);

    public Task<IReadOnlyList<Content>> CollectContents(DateTimeOffset since) =>
        contents.CollectAsync(since);

    public async Task<Subscription> Subscribe(IOwnerObserver observer, DeviceId? arriving)
    {
        observers.Add(observer);
        hints.Listen();
        if (arriving is { } device)
            observers.TellOthers(observer, device);
        return new((await pump.StateAsync()).Head, context.Address.SiloAddress!);
    }

    public Task Unsubscribe(IOwnerObserver observer)
    {
        observers.Remove(observer);
        if (observers.AreNone)
            hints.Stop();
        return Task.CompletedTask;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainMeter.Owners.Add(1);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token)
    {
        GrainMeter.Owners.Add(-1);
        hints.Stop();
        return acks.SaveAsync();
    }

    /// <summary>The server's own writes, which nobody may refuse but the catalog.</summary>
    private Task WriteAsync(IReadOnlyList<Change> writes) => WriteAsync(writes, null);

    private async Task WriteAsync(IReadOnlyList<Change> writes, long? onlyAfter)
    {
        var push = new ReceivedPush(
            DeviceId.Server,
            Epoch: 0,
            Settled: 0,
            [.. writes.Select(write => ChangeCheck.Check(catalog, write, byServer: true))],
            Replaces: null,
            pump.Now(),
            onlyAfter
        );
        if (push.Changes.FirstOrDefault(change => !change.IsWrite)?.Rejection is { } why)
            throw new SyncException(why.Code, why.Message, why.Field);
        var verdicts = await pump.TakeFirstAsync(push);
        Invariant.Require(verdicts.All(verdict => verdict.Rejection is null));
    }

    private void RequireTypes(IReadOnlyList<string>? types)
    {
        if (types?.Any(name => catalog.Find(name) is null) == true)
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no such entity type",
                "types"
            );
    }

    private async Task<OwnerHead> LookUpAsync() => (await pump.ConfirmedStateAsync()).Head;

    private void Learn(OwnerHead head)
    {
        if (published is { } version && version != head.Version)
        {
            recent.Clear();
            observers.Announce(head);
        }
        published = head.Version;
    }

    private void Publish(OwnerCommit commit)
    {
        published = commit.Head.Version;
        recent.Add(commit);
        observers.Publish(commit);
        if (commit.Log.Count > 0)
            relay.Announce(owner, new HeadHint(commit.Head.Epoch, commit.Head.Version));
    }
}
