using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Silo.Events;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Events;

/// <summary>Nobody who watches, and nobody who does not read, costs more than is allowed.</summary>
public sealed class EventBoundsTests
{
    private static readonly OperatorEvent Some = new(
        DateTimeOffset.UnixEpoch,
        OperatorEventKind.Commit,
        new OwnerId(Guid.NewGuid())
    );

    [Fact]
    public void A_buffer_keeps_the_newest_and_counts_what_made_room()
    {
        var buffer = new EventBuffer(TimeProvider.System);
        for (var n = 0; n < EventBuffer.Capacity + 7; n++)
            buffer.Add(Some with { Count = n });
        var batch = buffer.Take()!;
        Assert.Equal(7, batch.Dropped);
        Assert.Equal(Enumerable.Range(7, EventBuffer.Capacity), batch.Events.Select(e => e.Count));
        Assert.Null(buffer.Take());

        buffer.CountAsDropped(batch);
        buffer.Add(Some);
        Assert.Equal(EventBuffer.Capacity + 7, buffer.Take()!.Dropped);
    }

    [Fact]
    public void A_watcher_who_was_seen_counts_for_a_while()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var buffer = new EventBuffer(time);
        Assert.False(buffer.IsWatched);
        buffer.SeeWatcher();
        Assert.True(buffer.IsWatched);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(buffer.IsWatched);
    }

    [Fact]
    public async Task A_watcher_who_does_not_read_loses_the_oldest_and_is_told_how_many()
    {
        using var watcher = new EventWatcher(All(), TimeProvider.System, _ => { });
        for (var n = 0; n < EventWatcher.Capacity * 3; n++)
            watcher.Tell(FeedItem.Of(Some with { Count = n }));
        Assert.Equal(EventWatcher.Capacity, watcher.Waiting);
        watcher.Complete();

        var items = new List<(string Type, string Json)>();
        await foreach (var item in watcher.ReadAsync())
            items.Add((item.EventType, item.Data));
        Assert.Equal(("dropped", $$"""{"count":{{EventWatcher.Capacity * 2}}}"""), items[0]);
        Assert.Equal(EventWatcher.Capacity + 1, items.Count);
        Assert.Contains($"\"count\":{EventWatcher.Capacity * 2}", items[1].Json);
    }

    [Fact]
    public async Task A_watcher_hears_in_silence_that_the_feed_is_alive()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var watcher = new EventWatcher(All(), time, _ => { });
        await using var items = watcher.ReadAsync().GetAsyncEnumerator();
        var next = items.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }
        Assert.True(await next);
        Assert.Equal("alive", items.Current.EventType);
    }

    [Fact]
    public async Task Thirty_two_watch_and_the_next_is_refused_until_one_leaves()
    {
        await using var silo = await RunningSilo.StartAsync();
        var watchers = new List<EventReader>();
        for (var n = 0; n < EventFeed.MaxWatchers; n++)
            watchers.Add(await EventReader.OpenAsync(silo.Admin));
        using var http = new HttpClient { BaseAddress = silo.Admin };
        using (var refused = await http.GetAsync("/events/stream"))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        await watchers[0].DisposeAsync();
        await Until(async () =>
        {
            using var answer = await http.GetAsync(
                "/events/stream",
                HttpCompletionOption.ResponseHeadersRead
            );
            return answer.IsSuccessStatusCode;
        });
        foreach (var watcher in watchers.Skip(1))
            await watcher.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_is_never_read_delays_no_commit_and_no_stop()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var device = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());
        await using var reads = await EventReader.OpenAsync(silo.Admin);
        using var http = new HttpClient { BaseAddress = silo.Admin };
        using var mute = await http.GetAsync(
            "/events/stream",
            HttpCompletionOption.ResponseHeadersRead
        );
        // Each is answered before the next is sent.
        long last = 0;
        for (var n = 0; n < 40; n++)
        {
            var bad = Enumerable
                .Range(0, 100)
                .Select(_ => Edits.Delete("projects", Guid.NewGuid()));
            await device.PushAsync([Edits.Project(), .. bad]);
            last = (await device.PushAsync(Edits.Project()))[0].Version!.Value;
        }
        await reads.ExpectAsync("event", e => e["to"] == FieldValue.Integer(last));
        // Nobody reads its socket any more, and a farewell that is not answered is worth a warning.
        await device.DisposeAsync();
        await silo.StopAsync();
        Assert.Empty(silo.Complaints);
    }

    private static EventFilter All()
    {
        Assert.True(
            EventFilter.TryRead(
                new QueryCollection(new Dictionary<string, StringValues>()),
                out var filter,
                out _
            )
        );
        return filter;
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
    }
}
