using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Postgres;

/// <summary>Months begin, are missing, or have been taken away, and no client hears of it.</summary>
public sealed class MonthTests : IAsyncLifetime
{
    /// <summary>When this month began: not further back than a timer can reach.</summary>
    private static readonly DateTimeOffset Boundary = BeginningOfMonth();

    private readonly MovedTime time = new(Boundary.AddMinutes(-10));
    private MigratedDatabase database = null!;
    private RunningSilo silo = null!;

    public async Task InitializeAsync()
    {
        database = await MigratedDatabase.CreateAsync();
        await database.RunAsync($"drop table {TableOf(Boundary)}");
        silo = await RunningSilo.StartAsync(
            time,
            ("Orchestra:Postgres:ConnectionString", database.ConnectionString())
        );
    }

    public Task DisposeAsync() => silo.DisposeAsync().AsTask();

    [Fact]
    public async Task P12_A_month_that_begins_under_load_and_has_no_partition_costs_no_push()
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ConnectAsync()));
        await Task.WhenAll(devices.Select(device => PushAsync(device, 20)));
        var pushing = Task.WhenAll(devices.Select(device => PushAsync(device, 60)));
        time.MoveTo(Boundary);
        await pushing;
        await Task.WhenAll(devices.Select(device => PushAsync(device, 20)));

        Assert.Equal(2, await CountMonthsAsync());
        foreach (var month in new[] { Boundary.AddMonths(-1), Boundary })
            Assert.Contains(
                silo.Complaints,
                line => line.Contains($"had no partition for {month:yyyy-MM}")
            );
        foreach (var device in devices)
        {
            await ExpectWholeLogAsync(device);
            await device.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_month_that_was_detached_is_attached_again_by_the_next_commit()
    {
        await using var device = await ConnectAsync();
        await PushAsync(device, 5);
        await database.RunAsync(
            $"alter table orchestra.sync_log detach partition {TableOf(Boundary.AddMonths(-1))}"
        );
        // What can be read of a history without its month: the rows as they are.
        await using (var bench = new PostgresBench(database))
        {
            var store = await bench.OpenAsync();
            var cursor = new Cursor(device.Epoch, 3, null, null);
            var query = new ReadQuery(device.Owner, cursor, 100, Limits.FrameBytes, null);
            var page = (await store.ReadAsync(query, CancellationToken.None)).Page!;
            Assert.Equal(3, page.Floor);
            Assert.Equal([4, 5, 6, 7], page.Entries.Select(entry => entry.Version));
        }

        await PushAsync(device, 5);
        await ExpectWholeLogAsync(device);
    }

    /// <summary>Its token is good by the silo's clock and by the machine's.</summary>
    private Task<RawDevice> ConnectAsync()
    {
        var owner = SharedServer.NewOwner();
        var token = new TokenForge(silo, time.GetUtcNow()).Make(
            owner,
            token => token.Expires = TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime
        );
        return RawDevice.ConnectAsync(silo, owner, token: token);
    }

    private static string TableOf(DateTimeOffset month) =>
        $"orchestra_log.sync_log_{month:yyyy_MM}";

    private static DateTimeOffset BeginningOfMonth()
    {
        var now = TimeProvider.System.GetUtcNow();
        return new(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
    }

    private static async Task PushAsync(RawDevice device, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Equal(
                ChangeStatus.Applied,
                Assert.Single(await device.PushAsync(Edits.Project())).Status
            );
    }

    private async Task<int> CountMonthsAsync() =>
        (int)
            (
                await database.RunAsync(
                    """
                    select min(cardinality(month_starts)) from orchestra.sync_head
                    having min(cardinality(month_starts)) = max(cardinality(month_starts))
                    """
                )
            )!;

    /// <summary>Pages of the log, from the first version to the head, without a gap.</summary>
    private static async Task ExpectWholeLogAsync(RawDevice device)
    {
        var versions = new List<long>();
        var (since, more) = (1L, true);
        while (more)
        {
            var page = await device.PullAsync(since);
            Assert.Null(page.Floor);
            versions.AddRange(page.Changes.Select(entry => entry.Version));
            (since, more) = (page.To, page.More);
        }
        Assert.Equal(Enumerable.Range(2, (int)since - 1).Select(i => (long)i), versions);
    }
}
