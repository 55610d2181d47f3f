using System.Threading.Channels;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Grains;
using static Orchestra.Tests.Grains.Pushes;

namespace Orchestra.Tests.Grains;

public sealed class DeliveryTests : IAsyncLifetime
{
    private readonly Guid owner = Guid.NewGuid();
    private GrainBench bench = null!;
    private ISyncGrain grain = null!;
    private Session session = null!;

    public async Task InitializeAsync()
    {
        bench = await GrainBench.StartAsync();
        grain = bench.Owner(owner);
        session = await grain.OpenSession(Desk);
    }

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Fact]
    public async Task P2_observers_get_every_commit_in_order_without_a_gap()
    {
        var ear = new Ear();
        await grain.Subscribe(bench.Grains.CreateObjectReference<IOwnerObserver>(ear), null);
        for (var seq = 1; seq <= 30; seq++)
            await grain.Push(Desk.Push(session, Project(seq, seq, "x")));

        var at = session.Head.Version;
        while (at < session.Head.Version + 30)
        {
            var page = await ear.NextAsync();
            Assert.Equal(at, page.From);
            at = page.To;
        }
        Assert.Empty(ear.Waiting);
        GC.KeepAlive(ear);
    }

    [Fact]
    public async Task P16_an_observer_that_never_answers_delays_no_other()
    {
        var deaf = new Ear { Blocks = true };
        var good = new Ear();
        await grain.Subscribe(bench.Grains.CreateObjectReference<IOwnerObserver>(deaf), null);
        await grain.Subscribe(bench.Grains.CreateObjectReference<IOwnerObserver>(good), null);
        for (var seq = 1; seq <= 200; seq++)
            await grain.Push(Desk.Push(session, Project(seq, seq, "x")));

        var at = session.Head.Version;
        while (at < session.Head.Version + 200)
            at = (await good.NextAsync()).To;
        Assert.Single(deaf.Waiting);
        GC.KeepAlive(deaf);
    }

    [Fact]
    public async Task A_commit_too_large_to_send_is_announced_and_can_be_read_in_pages()
    {
        var ear = new Ear();
        await grain.Subscribe(bench.Grains.CreateObjectReference<IOwnerObserver>(ear), null);
        var body = FieldValue.Text(new string('x', 20_000));
        var notes = Enumerable
            .Range(1, 60)
            .Select(seq =>
                Create(
                    seq,
                    "notes",
                    seq,
                    ("title", FieldValue.Text("t")),
                    ("body", body),
                    ("is_pinned", FieldValue.Boolean(false))
                )
            )
            .ToList();
        var verdicts = await grain.Push(Desk.Push(session, notes));
        Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));

        var page = await ear.NextAsync();
        Assert.Empty(page.Entries);
        Assert.Equal((page.From, page.To), (session.Head.Version + 60, session.Head.Version + 60));
        var read = await grain.Read(
            new ReadQuery(
                new OwnerId(owner),
                new Cursor(page.Epoch, session.Head.Version, null, null),
                1000,
                500_000,
                null
            )
        );
        Assert.True(read.Page!.More);
        GC.KeepAlive(ear);
    }

    private sealed class Ear : IOwnerObserver
    {
        private readonly Channel<ChangesPage> pages = Channel.CreateUnbounded<ChangesPage>();

        public bool Blocks { get; init; }

        public IReadOnlyList<ChangesPage> Waiting
        {
            get
            {
                var waiting = new List<ChangesPage>();
                while (pages.Reader.TryRead(out var page))
                    waiting.Add(page);
                return waiting;
            }
        }

        public Task OnCommitted(ChangesPage page)
        {
            pages.Writer.TryWrite(page);
            return Blocks ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        public Task OnMoved(DeviceId device) => Task.CompletedTask;

        public async Task<ChangesPage> NextAsync() =>
            await pages.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
