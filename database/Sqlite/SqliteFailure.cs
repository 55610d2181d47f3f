using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using SQLitePCL;

namespace Orchestra.Database.Sqlite;

/// <summary>What an error of SQLite means for the one who asked.</summary>
internal static class SqliteFailure
{
    /// <summary>The data at hand cannot be stored, however often it is tried.</summary>
    public static bool IsRefusal(Exception e) =>
        e is InvariantException
        || e
            is SqliteException
            {
                SqliteErrorCode: raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH
            };

    /// <summary>The disk, the file or a lock is in the way; another time it may work.</summary>
    public static bool IsUnavailable(SqliteException e) =>
        e.SqliteErrorCode
            is raw.SQLITE_BUSY
                or raw.SQLITE_LOCKED
                or raw.SQLITE_NOMEM
                or raw.SQLITE_READONLY
                or raw.SQLITE_INTERRUPT
                or raw.SQLITE_IOERR
                or raw.SQLITE_CORRUPT
                or raw.SQLITE_FULL
                or raw.SQLITE_CANTOPEN
                or raw.SQLITE_PROTOCOL
                or raw.SQLITE_NOTADB;

    /// <summary>
    /// Out of COMMIT itself: the pages may have reached the disk although SQLite could not make
    /// sure of it, and would then be found after a crash.
    /// </summary>
    public static bool LeavesCommitUnknown(SqliteException e) =>
        e.SqliteErrorCode is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT;

    public static SyncException ToSyncException(SqliteException e) =>
        new(ErrorCode.StoreUnavailable, "The store cannot be reached now", e);
}
