using Microsoft.Extensions.Time.Testing;
using Orchestra.Client;
using Orchestra.Client.Apply;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client;

/// <summary>A device's database in a folder of its own; its server is the frames a test makes.</summary>
internal sealed class LocalDevice : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");
    private readonly EditClock clock;

    private LocalDevice()
    {
        clock = new EditClock(Time, Guid.NewGuid());
        Database = Open();
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public LocalDatabase Database { get; private set; }

    public EditClock Clock => clock;

    /// <summary>A device that has met its server and has nothing yet.</summary>
    public static async Task<LocalDevice> CreateAsync(EntityCatalog? catalog = null)
    {
        var device = new LocalDevice();
        await device.WriteAsync(local =>
        {
            local.State = local.State with
            {
                Owner = Frames.Owner,
                Cursor = Cursor.Start(Frames.Epoch),
            };
            CatalogGrowth.Apply(local, WireCatalog.From(catalog ?? Frames.Catalog));
        });
        return device;
    }

    /// <summary>Leaves the file as a process leaves it that ends without a word.</summary>
    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open();
    }

    public Task<LocalState> StateAsync() => ReadAsync(local => local.State);

    public Task<long> OutboxAsync() => ReadAsync(local => local.Outbox.Count());

    public Task<IReadOnlyDictionary<string, FieldValue>?> SeeAsync(string entity, Guid id) =>
        ReadAsync(local => AppView.Find(local, entity, id));

    public Task<T> ReadAsync<T>(Func<LocalTransaction, T> work) =>
        Database.ReadAsync(work, CancellationToken.None);

    public Task WriteAsync(Action<LocalTransaction> work) =>
        Database.WriteAsync(
            local =>
            {
                work(local);
                return true;
            },
            CancellationToken.None
        );

    public Task EditAsync(Edit edit, long? tx = null) =>
        WriteAsync(local => EditRecorder.Record(local, edit, clock.Now(), tx));

    public Task<IReadOnlyList<OutboxChange>> TakeAsync(int limit = 500, long afterSeq = 0) =>
        Database.WriteAsync(
            local => PushBatch.Take(local, afterSeq, new BatchLimit(limit, 100_000)),
            CancellationToken.None
        );

    public Task<FrameOutcome> ApplyAsync(ChangesMessage frame) =>
        Database.WriteAsync(
            local => FrameApplier.Apply(local, frame).Outcome,
            CancellationToken.None
        );

    public Task AnswerAsync(params WireVerdict[] verdicts) =>
        WriteAsync(local =>
            VerdictRecorder.Record(local, new PushedMessage(Frames.Owner, verdicts))
        );

    /// <summary>The server's clock is this machine's.</summary>
    public ServerClock ServerClock => new(clock, clock.Now(), Time.GetUtcNow());

    public Task ResetAsync(long epoch, long kept) =>
        WriteAsync(local =>
            ResetApplier.Apply(
                local,
                new ResetMessage(Frames.Owner, epoch, kept, ResetReason.EpochChanged),
                ServerClock
            )
        );

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private LocalDatabase Open() =>
        LocalDatabase.Open(
            Path.Combine(folder.FullName, "device.db"),
            new NewDevice(DeviceKind.Desktop, "test"),
            Time
        );
}
