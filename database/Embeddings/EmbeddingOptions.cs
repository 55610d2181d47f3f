namespace Orchestra.Database.Embeddings;

/// <param name="Url">Of the API, with its version: <c>https://api.example/v1</c>.</param>
/// <param name="Model">Which it is asked for.</param>
/// <param name="ApiKey">Null = it wants none.</param>
/// <param name="RequestsPerMinute">For rows; and as many again for searches, by each process. 0 = any number.</param>
/// <param name="BytesPerMinute">Of rows' texts; 0 = any number.</param>
public sealed record EmbeddingOptions(
    Uri Url,
    string Model,
    string? ApiKey,
    int RequestsPerMinute,
    int BytesPerMinute
)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Model} at {Url}";
}
