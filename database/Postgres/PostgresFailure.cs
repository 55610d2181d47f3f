using System.Text;
using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Postgres;

/// <summary>What an error of PostgreSQL means for the one who asked.</summary>
internal static class PostgresFailure
{
    /// <summary>sync_require_clock: the silo's clock is ahead of the database's.</summary>
    public const string ClockAhead = "OR001";

    private const string CheckViolation = PostgresErrorCodes.CheckViolation;

    /// <summary>
    /// The data at hand cannot be stored, however often it is tried: data exceptions, integrity
    /// violations, program limits, and what does not even leave for the server.
    /// </summary>
    public static bool IsRefusal(Exception e) =>
        e is InvariantException or EncoderFallbackException
        || (
            e is PostgresException { SqlState: [var a, var b, ..] }
            && (a, b) is ('2', '2') or ('2', '3') or ('5', '4')
        );

    /// <summary>The log has no partition for the month of a commit.</summary>
    public static bool IsMissingMonth(Exception e) =>
        e
            is PostgresException
            {
                SqlState: CheckViolation,
                TableName: "sync_log",
                ConstraintName: null
            };

    /// <summary>Nothing happened, and the same may succeed in a moment.</summary>
    public static bool IsTransient(Exception e) =>
        e
            is PostgresException
            {
                SqlState: PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.CannotConnectNow
                    or PostgresErrorCodes.TooManyConnections
            };

    /// <summary>The connection ended while a commit was on its way, so it may have happened.</summary>
    public static bool LeavesCommitUnknown(Exception e) =>
        e switch
        {
            PostgresException server => IsShutdown(server),
            NpgsqlException or IOException or TimeoutException => true,
            _ => false,
        };

    /// <summary>For a reader all is as it was: another connection may do.</summary>
    public static bool IsWorthReadingAgain(Exception e) =>
        IsTransient(e) || (e is NpgsqlException && LeavesCommitUnknown(e));

    /// <summary>What the caller is told; the server's words stay in the log.</summary>
    public static SyncException ToSyncException(Exception e) =>
        e is PostgresException { SqlState: var state } && !IsUnavailable(state)
            ? new(ErrorCode.Internal, "The store failed", e)
            : new(ErrorCode.StoreUnavailable, "The store cannot be reached now", e);

    private static bool IsShutdown(PostgresException e) =>
        e.SqlState
            is PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.IdleSessionTimeout;

    /// <summary>
    /// Connections, resources, shutdowns, timeouts, a server that has become a standby: not wrong,
    /// only not now. A wrong statement or a missing right is nothing that waiting mends.
    /// </summary>
    private static bool IsUnavailable(string state) =>
        state[..2] is "08" or "40" or "53" or "55" or "57" or "58" or "XX" or "28"
        || state is ClockAhead or "25006" or "25P02" or "25P03" or "25P04";
}
