using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

public class BootstrapTests
{
    private const int Rows = 10_000;
    private const int Rounds = 10;
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000002");

    [Fact]
    public async Task A_new_device_receives_the_rows_and_not_the_history()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var writer = await HttpDevice.ConnectAsync(silo, User);
        // Says hello, so to speak: the first push is told which epoch it is.
        await writer.PushAsync(0, [Rename(1, known: 0)]);
        var epoch = await writer.ReadEpochAsync();
        var versions = new long[Rows];
        foreach (var batch in Enumerable.Range(1, Rows * Rounds).Chunk(500))
        {
            var changes = batch.Select(n => Rename(n, versions[(n - 1) % Rows])).ToList();
            var answer = await writer.PushAsync(epoch, changes);
            foreach (var result in Assert.IsType<PushedMessage>(answer).Results)
            {
                Assert.Equal(ChangeStatus.Applied, result.Status);
                versions[(result.Seq - 1) % Rows] = result.Version!.Value;
            }
        }

        using var newcomer = await CommandLineDevice.CreateAsync(silo, User);
        await newcomer.RunAsync("sync");
        var status = await newcomer.ReadStatusAsync();
        Assert.Equal("true", status["matches"]);

        var received = new List<WireEntry>();
        var cursor = $"since=0&epoch={epoch}";
        for (var more = true; more; )
        {
            var page = await writer.ReadPageAsync(cursor);
            received.AddRange(page.Changes);
            cursor = $"since={page.To}&epoch={epoch}&floor={page.Floor}";
            more = page.More;
        }
        // The owner's profile, the two devices, and each row once.
        Assert.Equal(Rows + 3, received.Count);
        Assert.Equal($"{Rows + 3}", status["rows"]);
        Assert.Equal(Rows * Rounds + 3, received.Max(entry => entry.Version));
        Assert.All(
            received.Where(entry => entry.Entity == "projects"),
            entry => Assert.Equal($"round {Rounds}", entry.Fields["name"].AsText())
        );
    }

    /// <summary>The nth change: each round names every row anew.</summary>
    private static WireChange Rename(int n, long known)
    {
        var (round, row) = Math.DivRem(n - 1, Rows);
        return new WireChange(
            n,
            new ChangeId(new Guid(n, 1, 1, new byte[8])),
            round == 0 ? ChangeOp.Create : ChangeOp.Update,
            "projects",
            new Guid(row + 1, 2, 2, new byte[8]).ToString("D"),
            Base: known,
            Fields: new() { ["name"] = FieldValue.Text($"round {round + 1}") }
        );
    }
}
