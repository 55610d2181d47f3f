using Orleans;

namespace Orchestra.Sync.Contents;

/// <summary>Contents that the server has, whole and verified.</summary>
/// <param name="Hash">What they are called.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Upload">Which upload brought them; with owner and hash it names the bytes.</param>
[GenerateSerializer, Immutable]
public sealed record Content(
    [property: Id(0)] ContentHash Hash,
    [property: Id(1)] long Size,
    [property: Id(2)] Guid Upload
)
{
    /// <returns>Null if the row is none of live contents.</returns>
    public static Content? Of(Row? row) =>
        row is { IsLive: true }
        && ContentHash.TryParse(row["hash"].ToString(), out var hash)
        && row["upload_id"].ToString() is var upload
            ? new(hash, row["size"].AsInteger(), Guid.ParseExact(upload, "D"))
            : null;

    public IReadOnlyDictionary<string, FieldValue> ToFields() =>
        new Dictionary<string, FieldValue>
        {
            ["hash"] = FieldValue.Text(Hash.Hex),
            ["size"] = FieldValue.Integer(Size),
            ["upload_id"] = FieldValue.Text(Upload.ToString("D")),
        };
}

/// <param name="Owner">Whose.</param>
/// <param name="Content">What he has.</param>
public sealed record OwnerContent(OwnerId Owner, Content Content);

/// <summary>Bytes that are there, whether or not a row says so.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Hash">What they claim to be.</param>
/// <param name="Upload">Which upload brought them; null = it has not ended.</param>
/// <param name="Size">How many.</param>
/// <param name="At">When the last of them came.</param>
public sealed record StoredContent(
    OwnerId Owner,
    ContentHash Hash,
    Guid? Upload,
    long Size,
    DateTimeOffset At
);
