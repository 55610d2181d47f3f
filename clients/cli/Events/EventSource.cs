using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Orchestra.Cli.Events;

/// <summary>A silo's feed of events, one connection at a time.</summary>
/// <param name="admin">The silo's admin listener.</param>
/// <param name="query">The filter, as the silo takes it.</param>
internal sealed class EventSource(Uri admin, string? token, string query) : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    /// <summary>A silo says every 15 s that it is still there.</summary>
    private static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(45);

    /// <summary>A refusal is a sentence.</summary>
    private const int RefusalBytes = 1_000;

    private readonly HttpClient http = new(
        new SocketsHttpHandler { ConnectTimeout = ConnectPatience }
    )
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Connects, and gives every message until the connection ends.</summary>
    /// <exception cref="CommandFailure">
    /// Not reached, or interrupted (<see cref="ExitCode.NotReached"/>), or refused for good.
    /// </exception>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(SilencePatience);
        using var answer = await OrNotReached(ConnectAsync(silence.Token), cancel);
        var body = await answer.Content.ReadAsStreamAsync(silence.Token);
        await using var items = SseParser
            .Create(body)
            .EnumerateAsync(silence.Token)
            .GetAsyncEnumerator(silence.Token);
        while (await OrNotReached(items.MoveNextAsync().AsTask(), cancel))
        {
            silence.CancelAfter(SilencePatience);
            yield return items.Current;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> ConnectAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(admin, $"/events/stream{query}")
        );
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        var answer = await http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancel
        );
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await RefusalAsync(answer, cancel);
    }

    private async Task<CommandFailure> RefusalAsync(
        HttpResponseMessage answer,
        CancellationToken cancel
    )
    {
        var sentence =
            answer.Content.Headers.ContentLength <= RefusalBytes
                ? await answer.Content.ReadAsStringAsync(cancel)
                : "";
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound => new CommandFailure(
                $"{admin} has no events",
                "Name a silo's admin listener with --admin. In Development it shows them on a loopback "
                    + "address only, else where Orchestra:Jwt:Authority is set."
            ),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CommandFailure(
                $"{admin} shows its events to operators only",
                "Give a token with the scope orchestra.operator with --token."
            ),
            HttpStatusCode.BadRequest => new CommandFailure(
                sentence,
                "orchestra events --help says more.",
                ExitCode.Usage
            ),
            HttpStatusCode.ServiceUnavailable => NotReached(sentence),
            _ => NotReached($"it answered {(int)answer.StatusCode}"),
        };
    }

    private async Task<T> OrNotReached<T>(Task<T> attempt, CancellationToken cancel)
    {
        try
        {
            return await attempt;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw NotReached("it has been silent for too long");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw NotReached(e.Message);
        }
    }

    private CommandFailure NotReached(string why) =>
        new(
            $"The events of {admin} cannot be read: {why}",
            "Is the silo running, and is this its admin listener? See --admin.",
            ExitCode.NotReached
        );
}
