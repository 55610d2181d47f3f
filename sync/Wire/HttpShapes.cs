using System.Text.Json.Serialization;
using Orchestra.Sync.Search;

namespace Orchestra.Sync.Wire;

/// <summary>Answer of <c>GET /v1/conflicts</c>, newest first.</summary>
/// <param name="Conflicts">The page.</param>
/// <param name="Next">Pass it as <c>before</c> to go on; absent at the end.</param>
public sealed record WireConflicts(IReadOnlyList<WireConflict> Conflicts, string? Next = null)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Conflicts);
}

public sealed record WireConflict(
    ConflictVerdict Verdict,
    string Entity,
    string Id,
    DeviceId Device,
    long Seq,
    ChangeId Change,
    ChangeOp Op,
    IReadOnlyDictionary<string, FieldValue> Fields,
    DateTimeOffset RecordedAt,
    long? Version = null,
    long? WinnerVersion = null,
    string? Code = null,
    string? Field = null
);

/// <summary>Body of <c>POST /v1/search</c>: a search whose vector the client has computed.</summary>
/// <param name="Vector">1,536 numbers.</param>
/// <param name="Model">That gave it; only rows with vectors of the same are found.</param>
/// <param name="Q">What was typed: marked in snippets, and searched for too if the mode is hybrid.</param>
/// <param name="Mode">Meaning or hybrid.</param>
/// <param name="Types">Only these entity types.</param>
/// <param name="Limit">1 to 100.</param>
public sealed record WireVectorSearch(
    float[] Vector,
    string Model,
    string? Q = null,
    SearchMode Mode = SearchMode.Meaning,
    IReadOnlyList<string>? Types = null,
    int? Limit = null
) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        ListItems.Require(Types);
        ListItems.RequireFinite(Vector);
    }
}

/// <summary>Body of <c>PUT /v1/embeddings/{entity}/{id}</c>.</summary>
/// <param name="Model">That gave the vector.</param>
/// <param name="TextHash">SHA-256 of the text it was given.</param>
/// <param name="Vector">1,536 numbers.</param>
public sealed record WireEmbedding(string Model, string TextHash, float[] Vector)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.RequireFinite(Vector);
}

/// <summary>Answer of <c>GET /v1/search</c>, the best first.</summary>
/// <param name="Hits">The page.</param>
/// <param name="Next">Pass it as <c>cursor</c> to go on; absent at the end.</param>
public sealed record WireFound(IReadOnlyList<WireFoundRow> Hits, string? Next = null)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Hits);
}

/// <param name="Entity">The row's type.</param>
/// <param name="Id">The row.</param>
/// <param name="Rank">How well it fits; more is better, and only within one search.</param>
/// <param name="Field">Which field the snippet is of.</param>
/// <param name="Snippet">A piece of its text, plain.</param>
/// <param name="Highlights">
/// Start and length of what was searched for in the snippet, UTF-16 units, in order.
/// </param>
public sealed record WireFoundRow(
    string Entity,
    Guid Id,
    double Rank,
    string Field,
    string Snippet,
    IReadOnlyList<int[]> Highlights
) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.RequireFinite((float)Rank);
}

/// <summary>Answer of <c>GET /v1/devices</c>.</summary>
public sealed record WireDevices(IReadOnlyList<WireDeviceRow> Devices) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Devices);
}

public sealed record WireDeviceRow(
    DeviceId Id,
    string Kind,
    string Name,
    string App,
    long Priority,
    string? RevokedAt = null
);

/// <summary>Answer of <c>POST</c> and <c>PUT /v1/contents/{sha256}</c>.</summary>
/// <param name="Sha256">The contents.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="State">Whether all devices of the owner can fetch them.</param>
/// <param name="Offset">While missing: how many bytes have come; <c>PUT</c> the rest.</param>
/// <param name="Url">Or else: where to <c>PUT</c> all of them, before another <c>POST</c>.</param>
/// <param name="Headers">With the headers that it must carry.</param>
public sealed record WireContent(
    string Sha256,
    long Size,
    ContentState State,
    long? Offset = null,
    string? Url = null,
    IReadOnlyDictionary<string, string>? Headers = null
);

public enum ContentState : byte
{
    Missing,
    Present,
}

/// <summary>Body of <c>PATCH /v1/devices/{id}</c>; absent members stay as they are.</summary>
/// <param name="Name">1 to 120 characters.</param>
/// <param name="Priority">0 to 1000; decides ties between concurrent writes.</param>
public sealed record DevicePatch(string? Name = null, int? Priority = null);
