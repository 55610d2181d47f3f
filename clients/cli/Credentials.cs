using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli;

/// <summary>
/// How this device proves whose it is: a token, or on a developer's own machine just a user id, for
/// which the server gives a token to anybody. Kept beside the database, readable to its owner only.
/// </summary>
internal sealed partial class Credentials
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly string path;

    private Credentials(string path) => this.path = path;

    public static Credentials Of(string database) => new(database + ".credentials");

    public void Keep(string? user, string? token)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(path);
        using var file = new FileStream(path, options);
        JsonSerializer.Serialize(file, new Kept(user, token), Json.Default.Kept);
    }

    /// <summary>A token for the next connection.</summary>
    /// <exception cref="SyncException"><c>unauthenticated</c>: nobody has logged in.</exception>
    /// <exception cref="HttpRequestException">The development server cannot be reached.</exception>
    public async Task<string> TokenAsync(Uri server, CancellationToken cancel)
    {
        if (!File.Exists(path))
            throw new SyncException(ErrorCode.Unauthenticated, "Nobody has logged in here");
        var text = await File.ReadAllTextAsync(path, cancel);
        var kept = JsonSerializer.Deserialize(text, Json.Default.Kept)!;
        return kept.Token ?? await AskAsync(server, kept.User!, cancel);
    }

    private static async Task<string> AskAsync(Uri server, string user, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = Patience };
        using var answer = await http.PostAsJsonAsync(
            new Uri(server, "/dev/token"),
            new Asked(user),
            Json.Default.Asked,
            cancel
        );
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw new CommandFailure(
                $"{server} gives no tokens to anybody: it is no development server",
                "Run orchestra login --token with a token of your identity provider.",
                ExitCode.NotLoggedIn
            );
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(Json.Default.Answer, cancel))!.Token;
    }

    private sealed record Kept(string? User, string? Token);

    private sealed record Asked([property: JsonPropertyName("user")] string User);

    private sealed record Answer([property: JsonPropertyName("token")] string Token);

    [JsonSerializable(typeof(Kept))]
    [JsonSerializable(typeof(Asked))]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class Json : JsonSerializerContext;
}
