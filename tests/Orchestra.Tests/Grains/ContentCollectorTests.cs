using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Orchestra.Database.Contents;
using Orchestra.Grains.Contents;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.TestKit.Grains;
using Orchestra.TestKit.Silos;
using static Orchestra.Tests.Grains.Pushes;

namespace Orchestra.Tests.Grains;

/// <summary>Contents of no use go, and none that a row names.</summary>
public sealed class ContentCollectorTests : IAsyncLifetime
{
    private const int Count = 6;
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    // A database takes no commits of days that are still to come.
    private readonly MovedTime time = new(TimeProvider.System.GetUtcNow().AddDays(-500));
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-contents-");
    private readonly OwnerId owner = new(Guid.NewGuid());
    private readonly DirectoryContents store;
    private GrainBench bench = null!;
    private ContentCollector collector = null!;
    private ISyncGrain grain = null!;
    private Session session = null!;
    private long seq;

    public ContentCollectorTests() => store = new DirectoryContents(folder.FullName);

    public async Task InitializeAsync()
    {
        bench = await GrainBench.StartAsync(more: services =>
            services.AddSingleton<TimeProvider>(time)
        );
        collector = Collector(time);
        grain = bench.Owner(owner.Value);
        session = await grain.OpenSession(Desk);
        await PushAsync(Project(++seq, 1, "a project"));
    }

    public async Task DisposeAsync()
    {
        await bench.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task P18_Whatever_happens_named_contents_stay_and_the_others_go(int seed)
    {
        var random = new Random(seed);
        var names = new Dictionary<int, int>();
        var usedAt = new Dictionary<int, DateTimeOffset>();
        for (var step = 0; step < 60; step++)
        {
            var (content, file) = (random.Next(Count), random.Next(4));
            switch (random.Next(5))
            {
                case 0:
                    await UploadAsync(content);
                    usedAt[content] = time.GetUtcNow();
                    break;
                case 1 when await grain.KeepContent(HashOf(content)) is not null:
                    usedAt[content] = time.GetUtcNow();
                    break;
                case 2:
                    await NameAsync(file, content);
                    names[file] = content;
                    break;
                case 3 when names.ContainsKey(file):
                    await DeleteAsync(file);
                    // What a file named that was deleted was of use until then.
                    if (names.Remove(file, out var before) && usedAt.ContainsKey(before))
                        usedAt[before] = time.GetUtcNow();
                    break;
                default:
                    Advance(TimeSpan.FromDays(random.Next(6)));
                    await collector.RunAsync(CancellationToken.None);
                    foreach (var at in usedAt.Keys.Where(MayBeGone).ToList())
                        usedAt.Remove(at);
                    break;
            }
            foreach (var at in usedAt.Keys.Where(at => !MayBeGone(at)))
                await RequireThereAsync(at);
        }
        Assert.NotEmpty(usedAt);

        foreach (var file in names.Keys)
            await DeleteAsync(file);
        Advance(2 * Grace);
        await collector.RunAsync(CancellationToken.None);
        await SweepAsync();
        Assert.Empty(await store.ListAsync(CancellationToken.None).ToListAsync());

        // An answer that they are kept holds for an hour less.
        bool MayBeGone(int content) =>
            !names.ContainsValue(content)
            && usedAt[content] <= time.GetUtcNow() - Grace + TimeSpan.FromHours(1);
    }

    [Fact]
    public async Task P18_Who_is_told_that_they_are_there_at_that_very_moment_can_name_them()
    {
        foreach (var round in Enumerable.Range(0, 24))
        {
            var hash = await UploadAsync(round);
            Advance(Grace + TimeSpan.FromDays(1));
            Task collecting = Task.CompletedTask;
            Task<Content?> keeping;
            switch (round % 4)
            {
                case 0:
                    await CollectAsync();
                    keeping = grain.KeepContent(hash);
                    Assert.Null(await keeping);
                    break;
                case 1:
                    keeping = grain.KeepContent(hash);
                    Assert.NotNull(await keeping);
                    break;
                case 2:
                    var begun = new TaskCompletionSource<Task<Content?>>();
                    bench.Store.BeforeCommit = () =>
                    {
                        begun.SetResult(Task.Run(() => grain.KeepContent(hash)));
                        return Task.CompletedTask;
                    };
                    collecting = CollectAsync();
                    keeping = await begun.Task;
                    break;
                default:
                    var started = new TaskCompletionSource<Task>();
                    bench.Store.BeforeCommit = () =>
                    {
                        started.SetResult(Task.Run(CollectAsync));
                        return Task.CompletedTask;
                    };
                    keeping = grain.KeepContent(hash);
                    collecting = await started.Task;
                    break;
            }
            var isKept = await keeping is not null;
            if (isKept)
                await NameAsync(round, round);
            await collecting;
            await CollectAsync();
            if (isKept)
                await RequireThereAsync(round);
            else
                Assert.Null(await grain.FindContent(hash));
        }

        Task CollectAsync() => collector.RunAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_no_row_knows_and_what_goes_no_further_is_swept()
    {
        var lost = new Upload(owner, HashOf(1), BytesOf(1).Length);
        Assert.NotNull(
            (await store.ReceiveAsync(lost, 0, new MemoryStream(BytesOf(1)), default)).Done
        );
        var begun = new Upload(owner, HashOf(2), BytesOf(2).Length);
        await store.ReceiveAsync(begun, 0, new MemoryStream(BytesOf(2)[..3]), default);
        var kept = await UploadAsync(3);
        await NameAsync(1, 3);

        await collector.RunAsync(CancellationToken.None);
        Assert.Equal(3, await store.ListAsync(CancellationToken.None).CountAsync());
        var run = await SweepAsync();
        Assert.Equal((0, 1, 1), (run.Unused, run.Lost, run.Unfinished));
        var left = Assert.Single(await store.ListAsync(CancellationToken.None).ToListAsync());
        Assert.Equal(kept, left.Hash);
    }

    private ContentCollector Collector(TimeProvider clock) =>
        new(store, bench.Store, bench.Grains, clock, new ContentRetention(Grace));

    /// <summary>Long after the last byte was written, which is by the machine's clock.</summary>
    private Task<CollectedContents> SweepAsync() =>
        Collector(new MovedTime(TimeProvider.System.GetUtcNow() + (2 * Grace)))
            .RunAsync(CancellationToken.None);

    private void Advance(TimeSpan span) => time.MoveTo(time.GetUtcNow() + span);

    private static byte[] BytesOf(int content) =>
        System.Text.Encoding.UTF8.GetBytes($"contents number {content}");

    private static ContentHash HashOf(int content) =>
        ContentHash.Of(SHA256.HashData(BytesOf(content)));

    private async Task<ContentHash> UploadAsync(int content)
    {
        var bytes = BytesOf(content);
        var upload = new Upload(owner, HashOf(content), bytes.Length);
        var state = await store.ReceiveAsync(upload, 0, new MemoryStream(bytes), default);
        await grain.AddContent(new Content(upload.Hash, bytes.Length, state.Done!.Value));
        return upload.Hash;
    }

    private async Task RequireThereAsync(int content)
    {
        var found = await grain.FindContent(HashOf(content));
        Assert.True(found is not null, $"The row of {content} is gone");
        await using var stream = await store.OpenAsync(owner, found, default);
        Assert.True(stream is not null, $"The bytes of {content} are gone");
        Assert.Equal(found.Hash, ContentHash.Of(await SHA256.HashDataAsync(stream)));
    }

    private Task NameAsync(int file, int content) =>
        PushAsync(
            Create(
                ++seq,
                "files",
                100 + file,
                ("project_id", FieldValue.Text(RowId(1).ToString())),
                ("path", FieldValue.Text($"file{file}")),
                ("content_hash", FieldValue.Text(HashOf(content).Hex)),
                ("size", FieldValue.Integer(BytesOf(content).Length))
            )
        );

    private Task DeleteAsync(int file) =>
        PushAsync(
            new Change(
                ++seq,
                new ChangeId(Guid.NewGuid()),
                "files",
                RowId(100 + file).ToString("D"),
                ChangeOp.Delete,
                Base: 0,
                AgeMs: 0,
                Change.NoFields
            )
        );

    private async Task PushAsync(Change change)
    {
        var verdict = Assert.Single(await grain.Push(Desk.Push(session, change)));
        Assert.Null(verdict.Rejection);
    }
}
