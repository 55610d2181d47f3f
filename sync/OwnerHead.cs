using Orleans;

namespace Orchestra.Sync;

/// <summary>An owner's counters: one row, written by every commit, and the fence around it.</summary>
/// <param name="CommitNo">How many commits; the fence. 0 = the owner does not exist yet.</param>
/// <param name="Version">The last version given.</param>
/// <param name="Epoch">Which history; the milliseconds since 1970 when it began.</param>
/// <param name="Digest">XOR over the live rows, see <see cref="Decisions.Digest"/>.</param>
/// <param name="Rows">How many live rows.</param>
/// <param name="LastCommitAt">Never before the previous commit's; the clock of the log.</param>
/// <param name="LogHorizon">Log entries up to here may be gone.</param>
/// <param name="TombstoneHorizon">Tombstones up to here may be gone.</param>
[GenerateSerializer, Immutable]
public sealed record OwnerHead(
    [property: Id(0)] long CommitNo,
    [property: Id(1)] long Version,
    [property: Id(2)] long Epoch,
    [property: Id(3)] ulong Digest,
    [property: Id(4)] long Rows,
    [property: Id(5)] DateTimeOffset LastCommitAt,
    [property: Id(6)] long LogHorizon,
    [property: Id(7)] long TombstoneHorizon
)
{
    /// <summary>The head of an owner nobody has seen, first met at <paramref name="now"/>.</summary>
    public static OwnerHead New(DateTimeOffset now) =>
        new(0, 0, now.ToUnixTimeMilliseconds(), 0, 0, now, 0, 0);
}
