using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;

namespace Orchestra.Tests.Client.Live;

public sealed class ScriptedSyncTests : IDisposable
{
    private static readonly WireCatalog Catalog = WireCatalog.From(Frames.Catalog);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");

    private string Database => Path.Combine(folder.FullName, "device.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_gap_is_fetched_and_what_comes_meanwhile_is_ignored()
    {
        await using var server = await ScriptedServer.StartAsync(async device =>
        {
            await device.WelcomeAsync(head: 3, Catalog);
            await device.SayAsync(Frames.Log(2, 3, Frames.Put(3, 3, Frames.Name("three"))));
            var pull = await device.HearAsync<PullMessage>();
            Assert.Equal(0, pull.Since);
            // Fits the cursor, but is not the answer.
            await device.SayAsync(Frames.Log(0, 1, Frames.Put(1, 9, Frames.Name("ignored"))));
            await device.SayAsync(
                Frames.Log(
                    0,
                    3,
                    Frames.Put(1, 1, Frames.Name("one")),
                    Frames.Put(3, 3, Frames.Name("three"))
                ) with
                {
                    Ref = pull.Ref,
                }
            );
            await device.UntilClosedAsync();
        });
        await using var client = await OrchestraClient.OpenAsync(server.OptionsFor(Database));

        await client.SyncAsync();

        var rows = await client.ListAsync("projects");
        Assert.Equal([Frames.Id(1), Frames.Id(3)], rows.Select(row => row.Id));
    }

    [Fact]
    public async Task After_an_error_worth_trying_again_the_same_change_comes_under_the_same_seq()
    {
        WireChange? first = null;
        WireChange? second = null;
        await using var server = await ScriptedServer.StartAsync(
            async device =>
            {
                await device.WelcomeAsync(head: 0, Catalog);
                var push = await HearPushAsync(device);
                first = push.Changes.Single();
                await device.SayAsync(
                    new ErrorMessage(
                        ErrorCode.StoreUnavailable.Name(),
                        Retryable: true,
                        "later",
                        RetryAfterMs: 1,
                        Ref: push.Ref
                    )
                );
                await device.UntilClosedAsync();
            },
            async device =>
            {
                await device.WelcomeAsync(head: 0, Catalog);
                var push = await HearPushAsync(device);
                second = push.Changes.Single();
                await device.SayAsync(
                    new PushedMessage(
                        Frames.Owner,
                        [new WireVerdict(1, ChangeStatus.Applied, 1)],
                        push.Ref
                    )
                );
                await device.SayAsync(Frames.Log(0, 1, Frames.Put(1, 1, Frames.Name("mine"))));
                await device.UntilClosedAsync();
            }
        );
        await using var client = await OrchestraClient.OpenAsync(server.OptionsFor(Database));
        await client.PutAsync("projects", Frames.Id(1), Frames.Name("mine"));

        await client.SyncAsync();

        Assert.Equal((1, first!.Change), (second!.Seq, second.Change));
        Assert.Equal(0, (await client.ReadStatusAsync()).Outbox);
    }

    [Fact]
    public async Task To_a_server_that_forgot_what_it_answered_the_device_is_a_new_one()
    {
        DeviceId? before = null;
        PushMessage? again = null;
        await using var server = await ScriptedServer.StartAsync(
            async device =>
            {
                before = (await device.WelcomeAsync(head: 0, Catalog)).Device.Id;
                var push = await HearPushAsync(device);
                await device.SayAsync(
                    new PushedMessage(
                        Frames.Owner,
                        [new WireVerdict(1, ChangeStatus.Rejected, Code: "row_gone")],
                        push.Ref
                    )
                );
                await device.UntilClosedAsync();
            },
            async device =>
            {
                // The second time the welcome says that no change was ever taken from this device.
                await device.WelcomeAsync(head: 0, Catalog);
                await device.UntilClosedAsync();
            },
            async device =>
            {
                await device.WelcomeAsync(head: 0, Catalog);
                again = await HearPushAsync(device);
                await device.SayAsync(
                    new PushedMessage(
                        Frames.Owner,
                        [new WireVerdict(1, ChangeStatus.Rejected, Code: "row_gone")],
                        again.Ref
                    )
                );
                await device.UntilClosedAsync();
            }
        );
        await using var client = await OrchestraClient.OpenAsync(server.OptionsFor(Database));
        await client.PutAsync("projects", Frames.Id(1), Frames.Name("mine"));
        await client.SyncAsync();
        await client.PutAsync("projects", Frames.Id(2), Frames.Name("unsent"));

        await client.SyncAsync();

        Assert.NotEqual(before, (await client.ReadStatusAsync()).Device);
        Assert.Equal(new WireDeviceSeq(before!.Value, 1), again!.Replaces);
        Assert.Equal(1, again.Changes.Single().Seq);
    }

    [Fact]
    public async Task A_reset_fetches_everything_anew_and_offers_what_the_server_lost()
    {
        WireChange? offer = null;
        const long Restored = Frames.Epoch + 1;
        var time = new AdvancingTime();
        await using var server = await ScriptedServer.StartAsync(async device =>
        {
            await device.WelcomeAsync(
                head: 1,
                Catalog,
                onHello: () => time.Advance(TimeSpan.FromSeconds(3))
            );
            await device.SayAsync(
                Frames.Log(0, 1, Frames.Put(1, 1, Frames.Name("old"))) with
                {
                    More = true,
                }
            );
            await device.SayAsync(
                new ResetMessage(Frames.Owner, Restored, Kept: 0, ResetReason.EpochChanged)
            );
            var pull = await device.HearAsync<PullMessage>();
            Assert.Equal((0, Restored), (pull.Since, pull.Epoch));
            await device.SayAsync(
                Frames.Rows(0, 5, more: false, floor: 5, Frames.Put(5, 2, Frames.Name("new"))) with
                {
                    Epoch = Restored,
                    Ref = pull.Ref,
                }
            );
            var push = await device.HearAsync<PushMessage>();
            offer = push.Changes.Single();
            await device.SayAsync(
                new PushedMessage(
                    Frames.Owner,
                    [new WireVerdict(1, ChangeStatus.Applied, 6)],
                    push.Ref
                )
            );
            await device.SayAsync(
                Frames.Log(5, 6, Frames.Put(6, 1, Frames.Name("old"))) with
                {
                    Epoch = Restored,
                }
            );
            await device.UntilClosedAsync();
        });
        var options = server.OptionsFor(Database) with { Time = time };
        await using var client = await OrchestraClient.OpenAsync(options);

        await client.SyncAsync();

        Assert.Equal(2, (await client.ListAsync("projects")).Count);
        Assert.Equal(Restored, (await client.ReadStatusAsync()).Cursor.Epoch);
        Assert.Equal((ChangeOp.Offer, Frames.Id(1).ToString()), (offer!.Op, offer.Id));
        // Written when the server said what time it is, which took three seconds.
        Assert.InRange(offer.AgeMs, 3_000, 60_000);
    }

    /// <summary>A device that has everything first asks whether that is so.</summary>
    private static async Task<PushMessage> HearPushAsync(ScriptedConnection device)
    {
        var pull = await device.HearAsync<PullMessage>();
        await device.SayAsync(Frames.Log(pull.Since, pull.Since) with { Ref = pull.Ref });
        return await device.HearAsync<PushMessage>();
    }
}
