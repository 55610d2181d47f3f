using Orleans.Runtime;

namespace Orchestra.Tests.Postgres;

[Collection(nameof(SharedOrleans))]
public sealed class OrleansReminderTests(SharedOrleans shared) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private OrleansSilo silo = null!;

    private IReminderTable Table => silo.Reminders;

    public async Task InitializeAsync() =>
        silo = await OrleansSilo.StartAsync(shared.Database, $"reminders-{Guid.NewGuid()}");

    public async Task DisposeAsync() => await silo.DisposeAsync();

    [Fact]
    public async Task A_grain_registers_lists_replaces_and_removes_a_reminder()
    {
        var note = silo.Grains.GetGrain<INoteGrain>(Guid.NewGuid());
        await note.Remind("daily", TimeSpan.FromDays(1));
        await note.Remind("yearly", TimeSpan.FromDays(365));
        await note.Remind("daily", TimeSpan.FromDays(2));
        Assert.Equal(["daily", "yearly"], await note.Reminders());
        var row = await Table.ReadRow(note.GetGrainId(), "daily");
        Assert.Equal(TimeSpan.FromDays(2), row!.Period);

        await note.Forget("daily");

        Assert.Equal(["yearly"], await note.Reminders());
        Assert.Null(await Table.ReadRow(note.GetGrainId(), "daily"));
        Assert.Equal(
            TimeSpan.FromDays(365),
            Assert.Single((await Table.ReadRows(note.GetGrainId())).Reminders).Period
        );
    }

    [Fact]
    public async Task A_reminder_is_read_back_as_it_was_written()
    {
        var entry = Entry(TimeSpan.FromDays(40));
        entry.ETag = await Table.UpsertRow(entry);
        var read = await Table.ReadRow(entry.GrainId, entry.ReminderName);
        Assert.Equal(
            (entry.GrainId, entry.ReminderName, entry.StartAt, entry.Period, entry.ETag),
            (read!.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag)
        );
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
    }

    [Fact]
    public async Task Only_the_latest_etag_removes_a_reminder_also_one_made_anew()
    {
        var entry = Entry(TimeSpan.FromHours(1));
        var first = await Table.UpsertRow(entry);
        var second = await Table.UpsertRow(entry);
        Assert.False(await Table.RemoveRow(entry.GrainId, entry.ReminderName, first!));
        Assert.True(await Table.RemoveRow(entry.GrainId, entry.ReminderName, second!));
        var third = await Table.UpsertRow(entry);
        Assert.False(await Table.RemoveRow(entry.GrainId, entry.ReminderName, first!));
        Assert.False(await Table.RemoveRow(entry.GrainId, entry.ReminderName, second!));
        Assert.True(await Table.RemoveRow(entry.GrainId, entry.ReminderName, third!));
        Assert.False(await Table.RemoveRow(entry.GrainId, entry.ReminderName, third!));
    }

    [Fact]
    public async Task Any_range_of_hashes_has_exactly_the_reminders_of_its_grains()
    {
        var hashes = new List<uint>();
        for (var n = 0; n < 40; n++)
        {
            var entry = Entry(TimeSpan.FromHours(1));
            await Table.UpsertRow(entry);
            hashes.Add(entry.GrainId.GetUniformHashCode());
        }
        uint[] bounds = [0, 1, int.MaxValue, 1u << 31, uint.MaxValue, .. hashes.Take(6)];
        foreach (var begin in bounds)
        foreach (var end in bounds)
        {
            var read = await Table.ReadRows(begin, end);
            Assert.Equal(
                hashes.Where(hash => IsBetween(begin, hash, end)).Order(),
                read.Reminders.Select(entry => entry.GrainId.GetUniformHashCode()).Order()
            );
        }
        await Table.TestOnlyClearTable();
        Assert.Empty((await Table.ReadRows(0, 0)).Reminders);
    }

    /// <summary>On the ring, from begin (without) to end (with); the whole ring if they are one.</summary>
    private static bool IsBetween(uint begin, uint hash, uint end) =>
        begin < end ? begin < hash && hash <= end : begin < hash || hash <= end;

    private static ReminderEntry Entry(TimeSpan period) =>
        new()
        {
            GrainId = GrainId.Create("any", $"{Guid.NewGuid():N}"),
            ReminderName = "a name",
            StartAt = Start.UtcDateTime,
            Period = period,
        };
}
