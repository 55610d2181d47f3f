using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>From the wire's shapes to the vocabulary. Checks shapes, never the catalog.</summary>
internal static class ToDomain
{
    public static DeviceInfo ToInfo(this WireDevice device) =>
        new(device.Id, device.Kind, device.Name, device.App);

    /// <exception cref="SyncException"><c>malformed</c> or <c>batch_too_large</c>.</exception>
    public static Push ToPush(this PushMessage message, DeviceId device)
    {
        if (message.Changes.Count == 0)
            throw new SyncException(ErrorCode.Malformed, "A push has a change", "changes");
        if (message.Changes.Count > Limits.PushChanges)
            throw new SyncException(
                ErrorCode.BatchTooLarge,
                $"A push may have {Limits.PushChanges} changes",
                "changes"
            );
        return new Push(
            device,
            message.Epoch,
            message.Settled,
            [.. message.Changes.Select(ToChange)],
            message.Replaces?.ToDeviceSeq()
        );
    }

    /// <param name="epoch">Which history.</param>
    /// <param name="version">After which version.</param>
    /// <param name="mark">The change id there.</param>
    /// <param name="floor">Set while row frames are under way.</param>
    /// <param name="versionMember">What the message calls the version.</param>
    /// <exception cref="SyncException"><c>cursor_invalid</c></exception>
    public static Cursor ToCursor(
        long epoch,
        long version,
        ChangeId? mark,
        long? floor,
        string versionMember
    )
    {
        RequireCounter(epoch, "epoch");
        RequireCounter(version, versionMember);
        RequireCounter(floor ?? 0, "floor");
        return new Cursor(epoch, version, mark, floor);
    }

    /// <exception cref="SyncException"><c>cursor_invalid</c></exception>
    public static void RequireCounter(long value, string field)
    {
        if (value is < 0 or > Limits.MaxInteger)
            throw new SyncException(ErrorCode.CursorInvalid, "A counter is 0 to 2^53 - 1", field);
    }

    /// <exception cref="SyncException"><c>malformed</c> or <c>invalid_value</c>.</exception>
    public static MeaningSearch ToSearch(this WireVectorSearch body)
    {
        Embedding.Require(body.Vector, "vector");
        if (body.Mode == SearchMode.Words)
            throw new SyncException(
                ErrorCode.Malformed,
                "A vector is searched for by meaning or hybrid",
                "mode"
            );
        var words = body.Q ?? "";
        if (
            words.Length > WordQuery.MaxLength
            || (words.Length == 0 && body.Mode == SearchMode.Hybrid)
        )
            throw new SyncException(
                ErrorCode.Malformed,
                $"What was typed has up to {WordQuery.MaxLength} characters, and of a hybrid search some",
                "q"
            );
        return new(
            words,
            body.Vector,
            RequireModel(body.Model),
            body.Mode == SearchMode.Hybrid,
            body.Types,
            body.Limit is null or (>= 1 and <= OwnerRequests.HitsPerPage)
                ? body.Limit ?? OwnerRequests.UsualHits
                : throw new SyncException(
                    ErrorCode.Malformed,
                    $"The limit is 1 to {OwnerRequests.HitsPerPage}",
                    "limit"
                )
        );
    }

    /// <exception cref="SyncException"><c>invalid_value</c></exception>
    public static SuppliedEmbedding ToSupplied(this WireEmbedding body, RowKey row)
    {
        Embedding.Require(body.Vector, "vector");
        return new(row, RequireModel(body.Model), body.TextHash, body.Vector);
    }

    private static string RequireModel(string model) =>
        model.Length is > 0 and <= Embedding.ModelLength
        && !model.Any(unit => char.IsControl(unit) || char.IsSurrogate(unit))
            ? model
            : throw new SyncException(
                ErrorCode.InvalidValue,
                $"A model has a name of 1 to {Embedding.ModelLength} characters",
                "model"
            );

    private static Change ToChange(WireChange change) =>
        new(
            change.Seq,
            change.Change,
            change.Entity ?? "",
            change.Id ?? "",
            change.Op,
            change.Base,
            change.AgeMs,
            change.Fields ?? Change.NoFields,
            change.Tx,
            change.First is { } first ? [.. first.Select(ToDeviceSeq)] : null
        );

    private static DeviceSeq ToDeviceSeq(this WireDeviceSeq place) => new(place.Device, place.Seq);
}
