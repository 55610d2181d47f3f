namespace Orchestra.Sync;

/// <summary>The bounds of everything a client can send or make the server keep.</summary>
public static class Limits
{
    /// <summary>A WebSocket message or HTTP body, bytes. A frame with one entry may be larger.</summary>
    public const int FrameBytes = 1024 * 1024;

    /// <summary>Changes in one push.</summary>
    public const int PushChanges = 500;

    /// <summary>One value, UTF-8 bytes.</summary>
    public const int FieldBytes = 256 * 1024;

    /// <summary>All values of one row, UTF-8 bytes as JSON.</summary>
    public const int RowBytes = 768 * 1024;

    /// <summary>Unacknowledged change frames per socket, bytes.</summary>
    public const int WindowBytes = 4 * 1024 * 1024;

    /// <summary>Nesting of a message, its JSON values included.</summary>
    public const int JsonDepth = 32;

    /// <summary>The largest version, seq or integer field: what a double holds exactly.</summary>
    public const long MaxInteger = (1L << 53) - 1;

    /// <summary>How long ago an edit may have been made: a hundred years.</summary>
    public const long MaxAgeMs = 3_155_760_000_000;

    /// <summary>Verdicts kept for a device that does not settle them; older ones are dropped.</summary>
    public const int RecentVerdicts = 4096;

    /// <summary>(device, seq) pairs a renumbered change may list.</summary>
    public const int FirstPairs = 16;

    /// <summary>Devices of one owner that are not revoked.</summary>
    public const int DevicesPerOwner = 100;

    /// <summary>A device's name or app, characters.</summary>
    public const int DeviceTextLength = 120;

    /// <summary>Rows written by one transaction, unless its last change alone takes it beyond.</summary>
    public const int TransactionEntries = 100_000;

    /// <summary>Entries in one page of changes, whatever the client asks for.</summary>
    public const int PageEntries = 5_000;

    /// <summary>A device's presence state, bytes.</summary>
    public const int PresenceBytes = 1024;
}
