using System.Net.Http.Headers;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

/// <summary>A device that speaks the protocol over HTTP and keeps nothing.</summary>
internal sealed class HttpDevice : IDisposable
{
    private readonly Guid user;
    private readonly HttpClient http;
    private readonly WireDevice device = new(
        new DeviceId(Guid.NewGuid()),
        DeviceKind.Server,
        "over http",
        "tests/1"
    );

    private HttpDevice(Guid user, HttpClient http)
    {
        this.user = user;
        this.http = http;
    }

    public static async Task<HttpDevice> ConnectAsync(SiloProcess silo, Guid user)
    {
        var http = new HttpClient { BaseAddress = silo.Gateway };
        var token = await silo.GetTokenAsync(user);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new HttpDevice(user, http);
    }

    /// <summary>A row like any other.</summary>
    public static WireChange NewProject(long seq) =>
        new(
            seq,
            new ChangeId(Guid.NewGuid()),
            ChangeOp.Create,
            "projects",
            Guid.NewGuid().ToString("D"),
            Fields: new() { ["name"] = FieldValue.Text($"{seq}") }
        );

    public async Task<long> ReadEpochAsync() =>
        (await ReadPageAsync("since=0&epoch=0&limit=1")).Epoch;

    public async Task<ChangesMessage> ReadPageAsync(string query)
    {
        var bytes = await http.GetByteArrayAsync($"/v1/changes?owner={user}&{query}");
        return Assert.IsType<ChangesMessage>(WireCodec.ReadServerMessage(bytes));
    }

    public async Task<ServerMessage> PushAsync(long epoch, IReadOnlyList<WireChange> changes)
    {
        var push = new PushMessage(
            new OwnerId(user),
            epoch,
            Settled: changes[0].Seq - 1,
            changes,
            Device: device
        );
        var answer = await http.PostAsync(
            "/v1/push",
            new ByteArrayContent(WireCodec.Write((ClientMessage)push))
        );
        return WireCodec.ReadServerMessage(await answer.Content.ReadAsByteArrayAsync());
    }

    public void Dispose() => http.Dispose();
}
