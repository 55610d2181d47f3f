using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestra.Tests.Postgres;

[Collection(nameof(SharedOrleans))]
public sealed class OrleansStorageTests(SharedOrleans shared) : IAsyncLifetime
{
    private const string State = "orleans-storage-tests";

    private OrleansSilo silo = null!;

    public static TheoryData<string> Stores => [OrleansSilo.Keeps, OrleansSilo.Deletes];

    public async Task InitializeAsync() =>
        silo = await OrleansSilo.StartAsync(shared.Database, "storage");

    public async Task DisposeAsync() => await silo.DisposeAsync();

    [Fact]
    public async Task A_grain_finds_again_what_it_wrote_until_it_clears_it()
    {
        var note = silo.Grains.GetGrain<INoteGrain>(Guid.NewGuid());
        Assert.Null(await note.Read());
        await note.Write("once");
        await note.Write("twice");
        await note.Leave();
        Assert.Equal("twice", await note.Read());
        await note.Clear();
        await note.Leave();
        Assert.Null(await note.Read());
        await note.Write("again");
        await note.Leave();
        Assert.Equal("again", await note.Read());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_two_first_writes_of_a_state_one_succeeds(string store)
    {
        for (var round = 0; round < 20; round++)
        {
            var grain = NewGrain();
            var outcomes = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(n => WritesAsync(store, grain, NewState($"{n}")))
            );
            Assert.Single(outcomes, written => written);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_state_read_before_another_write_is_neither_written_nor_cleared(string store)
    {
        var grain = NewGrain();
        var stale = NewState("first");
        Assert.True(await WritesAsync(store, grain, stale));
        var fresh = new GrainState<Note>(new Note(), stale.ETag);
        Assert.True(await WritesAsync(store, grain, fresh));

        Assert.False(await WritesAsync(store, grain, stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            silo.Storage(store).ClearStateAsync(State, grain, stale)
        );
        Assert.False(await WritesAsync(store, grain, NewState("as if there were none")));
        Assert.True(await WritesAsync(store, grain, fresh));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_etag_from_before_a_clearing_fits_nothing_written_after_it(string store)
    {
        var grain = NewGrain();
        var state = NewState("before");
        Assert.True(await WritesAsync(store, grain, state));
        var stale = new GrainState<Note>(new Note { Text = "stale" }, state.ETag);
        await silo.Storage(store).ClearStateAsync(State, grain, state);
        Assert.False(state.RecordExists);
        Assert.True(await WritesAsync(store, grain, state));

        Assert.False(await WritesAsync(store, grain, stale));
    }

    [Fact]
    public async Task Keys_of_every_kind_have_rows_of_their_own()
    {
        string[] keys = ["0", "1", "1+x", "x", $"{Guid.NewGuid():N}", $"{Guid.NewGuid():N}+x"];
        foreach (var key in keys)
            await silo.Storage(OrleansSilo.Keeps)
                .WriteStateAsync("kinds", GrainId.Create("any", key), NewState(key));
        foreach (var key in keys)
        {
            var read = NewState("");
            await silo.Storage(OrleansSilo.Keeps)
                .ReadStateAsync("kinds", GrainId.Create("any", key), read);
            Assert.Equal(key, read.State!.Text);
        }
    }

    private async Task<bool> WritesAsync(string store, GrainId grain, GrainState<Note> state)
    {
        try
        {
            await silo.Storage(store).WriteStateAsync(State, grain, state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static GrainId NewGrain() => GrainId.Create("any", $"{Guid.NewGuid():N}");

    private static GrainState<Note> NewState(string text) => new(new Note { Text = text });
}
