using Orchestra.Database.Embeddings;
using Orchestra.Sync.Search;

namespace Orchestra.Silo.Configuration;

/// <summary>The model that searches by meaning go by.</summary>
/// <param name="Endpoint">Where it is asked, and how fast.</param>
/// <param name="Delay">From a commit to embedding it.</param>
internal sealed record EmbeddingSettings(EmbeddingOptions Endpoint, TimeSpan Delay)
{
    private const string Key = "Orchestra:Embeddings";
    private const int MostDelay = 3_600;

    /// <returns>Null where no endpoint is named.</returns>
    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static EmbeddingSettings? Of(OrchestraOptions options)
    {
        var section = options.Embeddings;
        if (section.Url is not { Length: > 0 } text)
            return null;
        // It is not shown, because somebody may have written a key into it.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsPlain(url))
            throw new SettingException(
                $"{Key}:Url is not of the form https://api.example/v1, without anything behind it."
            );
        if (section.Model is not { Length: > 0 and <= Embedding.ModelLength } model)
            throw new SettingException(
                $"{Key}:Model is missing, or longer than {Embedding.ModelLength} characters: name the "
                    + "model that the endpoint is to use."
            );
        if (options.Postgres.ConnectionString is null)
            throw new SettingException(
                $"{Key}:Url is set, but search by meaning is for PostgreSQL; set "
                    + "Orchestra:Postgres:ConnectionString."
            );
        return new(
            new(
                url,
                model,
                section.ApiKey is { Length: > 0 } key ? key : null,
                AtLeast(0, nameof(section.RequestsPerMinute), section.RequestsPerMinute),
                section.BytesPerMinute == 0
                    ? 0
                    : AtLeast(
                        EmbeddedText.MaxBytes,
                        nameof(section.BytesPerMinute),
                        section.BytesPerMinute
                    )
            ),
            section.DelaySeconds is >= 0 and <= MostDelay
                ? TimeSpan.FromSeconds(section.DelaySeconds)
                : throw new SettingException(
                    $"{Key}:DelaySeconds is {section.DelaySeconds}, which is not 0 to {MostDelay}."
                )
        );
    }

    private static bool IsPlain(Uri url) =>
        url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" };

    private static int AtLeast(int least, string name, int value) =>
        value >= least
            ? value
            : throw new SettingException($"{Key}:{name} is {value}, which is not {least} or more.");
}
