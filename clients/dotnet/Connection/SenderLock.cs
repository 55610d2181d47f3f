using Orchestra.Sync.Errors;

namespace Orchestra.Client.Connection;

/// <summary>
/// Of all processes that use a database, one talks to the server. The lock is the operating
/// system's, so it ends with its process, however that ends.
/// </summary>
internal sealed class SenderLock : IDisposable
{
    private readonly FileStream file;

    private SenderLock(FileStream file) => this.file = file;

    /// <exception cref="SyncException"><c>device_replaced</c>: another process has it.</exception>
    public static SenderLock Take(string database)
    {
        try
        {
            return new SenderLock(
                new FileStream(
                    database + ".sender",
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (IOException e)
        {
            throw new SyncException(
                ErrorCode.DeviceReplaced,
                $"Another process is already syncing {database}; it sends what is written here too",
                e
            );
        }
    }

    public void Dispose() => file.Dispose();
}
