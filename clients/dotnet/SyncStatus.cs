namespace Orchestra.Client;

/// <summary>How a device stands with its server, in a word.</summary>
public enum SyncState
{
    /// <summary>Not connected. Reading and writing go on; sync is tried again by itself.</summary>
    Offline,

    /// <summary>Connected, with something left to send or to fetch.</summary>
    Syncing,

    /// <summary>Connected, and both sides have the same.</summary>
    Synced,

    /// <summary>Not connected, and trying again is of no use until somebody does something.</summary>
    Error,
}

/// <summary>What an app shows of sync.</summary>
/// <param name="State">In a word.</param>
/// <param name="Pending">Changes of this device that are not through yet.</param>
/// <param name="Version">How far the owner's history has been applied here.</param>
/// <param name="Head">How far it goes, as last heard.</param>
/// <param name="LastContact">
/// When the server last said something, by this machine's clock, even if the app has been restarted
/// since; null if it never did.
/// </param>
/// <param name="Error">Why there is no connection, if something went wrong.</param>
public sealed record SyncStatus(
    SyncState State,
    long Pending,
    long Version,
    long Head,
    DateTimeOffset? LastContact,
    Exception? Error
);
