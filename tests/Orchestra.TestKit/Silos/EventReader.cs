using System.Net.ServerSentEvents;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Silos;

/// <summary>Watches a silo's events as a browser does.</summary>
public sealed class EventReader : IAsyncDisposable
{
    /// <summary>Only ever waited for in full by a test that fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient http;
    private readonly Stream body;
    private readonly IAsyncEnumerator<SseItem<string>> items;
    private readonly CancellationTokenSource patience = new();

    private EventReader(HttpClient http, Stream body)
    {
        this.http = http;
        this.body = body;
        items = SseParser.Create(body).EnumerateAsync(patience.Token).GetAsyncEnumerator();
    }

    /// <summary>Connects, and returns when the silo says that events arrive from now on.</summary>
    /// <param name="admin">The silo's admin listener.</param>
    /// <param name="query">With its question mark.</param>
    public static async Task<EventReader> OpenAsync(Uri admin, string query = "")
    {
        var http = new HttpClient { BaseAddress = admin };
        var reader = new EventReader(http, await http.GetStreamAsync($"/events/stream{query}"));
        await reader.ExpectAsync("ready");
        return reader;
    }

    /// <summary>The next message of a type; what comes before it is skipped.</summary>
    /// <exception cref="EndOfStreamException">The silo ended the feed first.</exception>
    public async Task<IReadOnlyDictionary<string, FieldValue>> ExpectAsync(
        string type,
        Func<IReadOnlyDictionary<string, FieldValue>, bool>? match = null
    )
    {
        patience.CancelAfter(Patience);
        while (await items.MoveNextAsync())
        {
            var members = WireCodec.ReadFields(items.Current.Data);
            if (items.Current.EventType == type && match?.Invoke(members) != false)
                return members;
        }
        throw new EndOfStreamException($"The feed ended before a message {type}");
    }

    /// <summary>The next event of a kind.</summary>
    public Task<IReadOnlyDictionary<string, FieldValue>> ExpectEventAsync(string kind) =>
        ExpectAsync("event", members => members["kind"].AsText() == kind);

    public async ValueTask DisposeAsync()
    {
        await patience.CancelAsync();
        await body.DisposeAsync();
        http.Dispose();
        patience.Dispose();
    }
}
