using System.Reflection;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.TestKit.Contents;

/// <summary>
/// What every place for contents must do, a method a rule. A place joins by running
/// <see cref="KeepAsync"/> for each of the <see cref="Rules"/>.
/// </summary>
/// <param name="store">Has nothing yet, and nobody else uses it.</param>
public sealed class ContentStoreContract(IContentStore store)
{
    private static readonly MethodInfo[] Methods = typeof(ContentStoreContract).GetMethods(
        BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly
    );

    private readonly OwnerId owner = new(Guid.NewGuid());
    private readonly SampleContents some = SampleContents.OfSize(300_000);

    private static CancellationToken Never => CancellationToken.None;

    public static TheoryData<string> Rules =>
        new(
            Methods
                .Select(method => method.Name)
                .Where(name =>
                    name.Contains('_', StringComparison.Ordinal) && !name.StartsWith('<')
                )
        );

    public Task KeepAsync(string rule) =>
        (Task)Methods.Single(method => method.Name == rule).Invoke(this, null)!;

    private async Task What_was_sent_whole_is_read_as_it_was()
    {
        var content = await SendAsync(owner, some);
        Assert.Equal(some.Bytes, await ReadAsync(owner, content));
        var place = await store.FindAsync(owner, content, Never);
        Assert.True(place!.File is null != place.Url is null);
        Assert.Equal([(owner, some.Hash, content.Upload, some.Size)], await ListAsync());
    }

    private async Task Parts_go_on_where_the_store_says()
    {
        var upload = some.Of(owner);
        var begun = await ReceiveAsync(upload, 0, some.Bytes[..100_000]);
        Assert.Null(begun.Done);
        var state = await GoOnAsync(upload, begun);
        Assert.Equal(some.Size, state.Offset);
        Assert.Equal(some.Bytes, await ReadAsync(owner, some.As(state.Done!.Value)));
    }

    private async Task P18_nothing_is_visible_before_the_last_byte()
    {
        var begun = await ReceiveAsync(some.Of(owner), 0, some.Bytes[..^1]);
        Assert.Null(begun.Done);
        Assert.DoesNotContain(await ListAsync(), stored => stored.Upload is not null);
    }

    private async Task A_part_that_does_not_fit_takes_none()
    {
        var upload = some.Of(owner);
        var state = await ReceiveAsync(upload, 50_000, some.Bytes[50_000..]);
        Assert.Equal(new UploadState(0), state);
        Assert.DoesNotContain(await ListAsync(), stored => stored.Upload is not null);
        Assert.NotNull((await GoOnAsync(upload, state)).Done);
    }

    private async Task After_a_broken_connection_it_goes_on_where_the_store_says()
    {
        var upload = some.Of(owner);
        await using var breaking = new BreakingStream(some.Bytes[..200_000]);
        var fault = await Assert.ThrowsAnyAsync<IOException>(() =>
            store.ReceiveAsync(upload, 0, breaking, Never)
        );
        Assert.Equal(BreakingStream.Message, fault.Message);
        var begun = await store.FindUploadAsync(upload, Never);
        Assert.Null(begun.Done);
        Assert.InRange(begun.Offset, 0, 200_000);
        var state = await GoOnAsync(upload, begun);
        Assert.Equal(some.Bytes, await ReadAsync(owner, some.As(state.Done!.Value)));
    }

    private async Task Contents_may_be_empty()
    {
        var nothing = SampleContents.OfSize(0);
        var content = await SendAsync(owner, nothing);
        Assert.Empty((await ReadAsync(owner, content))!);
    }

    private async Task P18_other_bytes_are_refused_and_not_kept()
    {
        foreach (var size in new[] { 0, 1, 131_072, 300_000 })
        {
            var sent = SampleContents.OfSize(size);
            var claimed = size == 0 ? some.Hash : SampleContents.HashOf(OneBitOff(sent.Bytes));
            var fault = await Assert.ThrowsAsync<SyncException>(() =>
                ReceiveAsync(new(owner, claimed, size), 0, sent.Bytes)
            );
            Assert.Equal(ErrorCode.HashMismatch, fault.Code);
            Assert.Empty(await ListAsync());
        }
    }

    private static byte[] OneBitOff(byte[] bytes) => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)];

    private async Task P18_more_bytes_than_announced_are_refused()
    {
        foreach (var size in new[] { 0, 131_072, 262_144 })
        {
            var more = SampleContents.OfSize(size + 1);
            var fault = await Assert.ThrowsAsync<SyncException>(() =>
                ReceiveAsync(
                    new(owner, SampleContents.HashOf(more.Bytes[..^1]), size),
                    0,
                    more.Bytes
                )
            );
            Assert.Equal((ErrorCode.InvalidValue, "size"), (fault.Code, fault.Field));
            Assert.DoesNotContain(await ListAsync(), stored => stored.Upload is not null);
        }
    }

    private async Task After_a_refusal_the_right_bytes_are_taken()
    {
        var upload = some.Of(owner);
        await Assert.ThrowsAsync<SyncException>(() =>
            ReceiveAsync(upload, 0, SampleContents.OfSize(some.Bytes.Length).Bytes)
        );
        Assert.NotNull((await GoOnAsync(upload, await store.FindUploadAsync(upload, Never))).Done);
    }

    private async Task Of_two_that_send_the_same_at_once_one_has_it_and_the_other_has_it_or_waits()
    {
        var upload = some.Of(owner);
        await using var held = new HeldStream(some.Bytes);
        var first = store.ReceiveAsync(upload, 0, held, Never);
        await held.Reached;
        Guid? second = null;
        try
        {
            second = (await ReceiveAsync(upload, 0, some.Bytes)).Done;
            Assert.NotNull(second);
        }
        catch (SyncException e)
        {
            Assert.Equal(ErrorCode.Overloaded, e.Code);
        }
        held.Release();
        foreach (var id in new[] { (await first).Done, second }.OfType<Guid>())
            Assert.Equal(some.Bytes, await ReadAsync(owner, some.As(id)));
    }

    private async Task Two_uploads_of_the_same_have_two_lives()
    {
        var first = await SendAsync(owner, some);
        var second = await SendAsync(owner, some);
        Assert.NotEqual(first.Upload, second.Upload);
        await DeleteAsync(owner, first);
        Assert.Null(await store.FindAsync(owner, first, Never));
        Assert.Null(await ReadAsync(owner, first));
        Assert.Equal(some.Bytes, await ReadAsync(owner, second));
    }

    private async Task Nothing_that_was_deleted_comes_back()
    {
        await DeleteAsync(owner, await SendAsync(owner, some));
        var state = await store.FindUploadAsync(some.Of(owner), Never);
        Assert.Equal((0, null), (state.Offset, state.Done));
        Assert.Empty(await ListAsync());
    }

    private async Task What_is_gone_can_be_deleted_again()
    {
        var content = await SendAsync(owner, some);
        await DeleteAsync(owner, content);
        await DeleteAsync(owner, content);
        await store.DeleteAsync(new(owner, some.Hash, null, 0, DateTimeOffset.UnixEpoch), Never);
        Assert.Empty(await ListAsync());
    }

    private async Task Each_owner_has_his_own()
    {
        var other = new OwnerId(Guid.NewGuid());
        var content = await SendAsync(owner, some);
        Assert.Null(await store.FindAsync(other, content, Never));
        Assert.Null(await ReadAsync(other, content));
        Assert.Null((await store.FindUploadAsync(some.Of(other), Never)).Done);
        await DeleteAsync(other, content);
        Assert.Equal(some.Bytes, await ReadAsync(owner, content));
    }

    private async Task The_list_has_all_owner_by_owner()
    {
        var expected = new List<(OwnerId, ContentHash, Guid?, long)>();
        for (var each = 0; each < 3; each++)
        {
            var one = new OwnerId(Guid.NewGuid());
            for (var number = 0; number < 2; number++)
            {
                var sample = SampleContents.OfSize(10 + number);
                var content = await SendAsync(one, sample);
                expected.Add((one, sample.Hash, content.Upload, sample.Size));
            }
        }
        var list = await ListAsync();
        Assert.Equal(
            expected.Select(stored => $"{stored}").Order(),
            list.Select(stored => $"{stored}").Order()
        );
        var owners = list.Select(stored => stored.Owner).ToList();
        Assert.Equal(2, owners.Zip(owners.Skip(1)).Count(pair => pair.First != pair.Second));
    }

    private async Task<Content> SendAsync(OwnerId to, SampleContents sample)
    {
        var state = await ReceiveAsync(sample.Of(to), 0, sample.Bytes);
        Assert.Equal(sample.Size, state.Offset);
        return sample.As(state.Done!.Value);
    }

    /// <summary>Sends what is missing until it is done.</summary>
    private async Task<UploadState> GoOnAsync(Upload upload, UploadState state)
    {
        Assert.Null(state.Done);
        return await ReceiveAsync(upload, state.Offset, some.Bytes[(int)state.Offset..]);
    }

    private async Task<UploadState> ReceiveAsync(Upload upload, long offset, byte[] bytes)
    {
        await using var stream = new HeldStream(bytes);
        stream.Release();
        return await store.ReceiveAsync(upload, offset, stream, Never);
    }

    private async Task<byte[]?> ReadAsync(OwnerId of, Content content)
    {
        await using var stream = await store.OpenAsync(of, content, Never);
        if (stream is null)
            return null;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private Task DeleteAsync(OwnerId of, Content content) =>
        store.DeleteAsync(
            new(of, content.Hash, content.Upload, content.Size, DateTimeOffset.UnixEpoch),
            Never
        );

    private async Task<List<(OwnerId Owner, ContentHash Hash, Guid? Upload, long Size)>> ListAsync()
    {
        var list = new List<(OwnerId, ContentHash, Guid?, long)>();
        await foreach (var stored in store.ListAsync(Never))
            list.Add((stored.Owner, stored.Hash, stored.Upload, stored.Size));
        return list;
    }
}
