using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster;

/// <summary>The operators' events across processes, some of which die.</summary>
public class EventsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000021");

    [Fact]
    public async Task Any_silo_shows_what_happens_on_another_also_after_one_has_died()
    {
        await using var sync = await SiloProcess.StartAsync(("Orchestra__Roles", "sync"));
        await using var gateway = await SiloProcess.JoinAsync(
            sync,
            ("Orchestra__Roles", "gateway")
        );
        await using var doomed = await SiloProcess.JoinAsync(sync, ("Orchestra__Roles", "gateway"));
        using var folder = await CommandLineDevice.InitAsync(gateway);
        await using var command = folder.Start(
            "events",
            "--admin",
            gateway.Admin.ToString(),
            "--owner",
            User.ToString(),
            "--kind",
            "commit"
        );
        await using var page = await EventReader.OpenAsync(gateway.Admin, $"?owner={User}");
        await command.WaitForLineAsync("watching", Patience);

        using var writer = await Writer.ConnectAsync(gateway);
        await writer.WriteUntilAsync(page.ExpectEventAsync("commit"));
        await writer.WriteUntilAsync(command.WaitForLineAsync($"{Writer.Kind}v", Patience));

        await doomed.KillAsync();
        await writer.WriteUntilAsync(page.ExpectAsync("interrupted"));
        await writer.WriteUntilAsync(page.ExpectAsync("ready"));
        await writer.WriteUntilAsync(page.ExpectEventAsync("commit"));

        // The one that shows the events is away for a moment, and the command comes back to it.
        await gateway.KillAsync();
        await command.WaitForLineAsync("disconnected", Patience);
        await gateway.RestartAsync();
        await using var again = await EventReader.OpenAsync(gateway.Admin, $"?owner={User}");
        using var next = await Writer.ConnectAsync(gateway);
        await next.WriteUntilAsync(again.ExpectEventAsync("commit"));
        var before = command.Lines.Count(line => line.Contains(Writer.Kind));
        await next.WriteUntilAsync(MoreLinesAsync(command, before));
    }

    private static async Task MoreLinesAsync(ChildProcess command, int than)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (command.Lines.Count(line => line.Contains(Writer.Kind)) <= than)
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
    }

    /// <summary>A device that writes on until its writing has been noticed.</summary>
    private sealed class Writer(HttpDevice device, long epoch) : IDisposable
    {
        public const string Kind = " commit     ";

        private int seq;

        public static async Task<Writer> ConnectAsync(SiloProcess gateway)
        {
            var device = await HttpDevice.ConnectAsync(gateway, User);
            // The first push is told which epoch it is, and makes the owner.
            await device.PushAsync(0, [HttpDevice.NewProject(1)]);
            return new Writer(device, await device.ReadEpochAsync());
        }

        public async Task WriteUntilAsync(Task noticed)
        {
            while (!noticed.IsCompleted)
            {
                if (
                    await device.PushAsync(epoch, [HttpDevice.NewProject(seq + 1)]) is PushedMessage
                )
                    seq++;
                await Task.WhenAny(noticed, Task.Delay(TimeSpan.FromMilliseconds(200)));
            }
            await noticed;
        }

        public void Dispose() => device.Dispose();
    }
}
