using System.Globalization;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Apply;

/// <summary>
/// Holds the rows here against what the server says of its own. Copies that differ mean a defect on
/// either side; the cure is to fetch everything anew. See docs/protocol.md, Digest.
/// </summary>
internal static class DigestCheck
{
    /// <summary>A cure that does not help must not be tried all day long.</summary>
    private static readonly TimeSpan BetweenCures = TimeSpan.FromDays(1);

    /// <summary>Notes what the server computed, if it is of the version that is here.</summary>
    public static void Compare(LocalTransaction local, VerifiedMessage verified)
    {
        var state = local.State;
        if (state.IsComplete && state.Cursor.Version == verified.At)
            local.State = state with
            {
                Compared = new DigestComparison(
                    verified.At,
                    ulong.Parse(
                        verified.Digest,
                        NumberStyles.HexNumber,
                        CultureInfo.InvariantCulture
                    ),
                    verified.Rows
                ),
            };
    }

    /// <summary>
    /// Drops the server's rows if they are known to be wrong, unless that was done within a day.
    /// </summary>
    /// <returns>Whether everything is to be fetched anew.</returns>
    public static bool DropIfDifferent(LocalTransaction local, ServerClock clock)
    {
        var state = local.State;
        if (!Differs(state) || state.DifferedAt > clock.Now() - BetweenCures)
            return false;
        var cursor = state.Cursor;
        ResetApplier.Apply(
            local,
            new ResetMessage(
                state.Owner!.Value,
                cursor.Epoch,
                cursor.Version,
                ResetReason.DigestMismatch
            ),
            clock
        );
        local.State = local.State with { DifferedAt = clock.Now() };
        return true;
    }

    private static bool Differs(LocalState state) =>
        state.IsComplete
        && state.Compared is { } server
        && server.Version == state.Cursor.Version
        && (server.Digest, server.Rows) != (state.Digest, state.Rows);
}
