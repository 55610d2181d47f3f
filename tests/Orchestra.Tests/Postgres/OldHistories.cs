using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Database.Postgres.Verification;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>
/// A database of its own with histories that began in January 2024, and the clock at July: all of it
/// in the past of whatever clock the machine has.
/// </summary>
public sealed class OldHistories : IAsyncDisposable
{
    public static readonly DateTimeOffset January = new(2024, 1, 15, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset July = new(2024, 7, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>By July, the log begins with May; what was deleted before 22 June is old.</summary>
    public static readonly Retention Short = new(2, 10, 1);

    private readonly PostgresBench bench;

    private OldHistories(MigratedDatabase database)
    {
        Database = database;
        bench = new PostgresBench(database);
    }

    public MigratedDatabase Database { get; }

    public ISyncStore Store { get; private set; } = null!;

    /// <param name="server">Null = the one that all share.</param>
    public static async Task<OldHistories> CreateAsync(PostgresServer? server = null)
    {
        var old = new OldHistories(
            await MigratedDatabase.CreateAsync(server, PostgresBench.Specimens)
        );
        old.Store = await old.bench.OpenAsync();
        return old;
    }

    public static OwnerHistory NewOwner() => new(Guid.NewGuid(), January);

    public async Task CommitAsync(OwnerHistory owner)
    {
        var outcomes = await Store.CommitAsync([owner.Commit()], CancellationToken.None);
        Assert.Equal([CommitOutcome.Committed], outcomes);
    }

    public async Task<OwnerHead> HeadAsync(OwnerHistory owner) =>
        (await Store.LoadOwnerAsync(owner.Owner, CancellationToken.None))!.Head;

    /// <summary>One project in each of the months January, March and May, and where each ends.</summary>
    public async Task<OwnerHistory> WriteThreeMonthsAsync()
    {
        var owner = NewOwner();
        foreach (var name in new[] { "January", "March", "May" })
        {
            owner.Create("projects", ("name", FieldValue.Text(name)));
            owner.Create("projects", ("name", FieldValue.Text($"{name} too")));
            await CommitAsync(owner);
            owner.Pass(TimeSpan.FromDays(60));
        }
        return owner;
    }

    public Task<MaintenanceReport?> MaintainAsync(
        Retention? retention = null,
        string role = MigratedDatabase.Maintenance,
        DateTimeOffset? now = null
    ) =>
        new PostgresMaintenance(
            Database.ConnectionString(role),
            new FakeTimeProvider(now ?? July),
            NullLoggerFactory.Instance
        ).RunAsync(retention ?? Short, new Progress<string>(), CancellationToken.None);

    public async Task<VerificationReport> VerifyAsync(
        OwnerHistory? owner = null,
        string role = MigratedDatabase.App
    )
    {
        await using var database = PostgresDatabase.Open(Database.ConnectionString(role));
        return await new PostgresVerifier(database).VerifyAsync(
            owner?.Owner,
            new Progress<VerificationReport>(),
            CancellationToken.None
        );
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();
}
