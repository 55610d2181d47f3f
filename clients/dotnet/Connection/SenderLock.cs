namespace Orchestra.Client.Connection;

/// <summary>
/// Of all processes that use a database, one talks to the server. The lock is the operating
/// system's, so it ends with its process, however that ends.
/// </summary>
internal sealed class SenderLock : IDisposable
{
    private readonly FileStream file;

    private SenderLock(FileStream file) => this.file = file;

    /// <returns>Null while another process has it.</returns>
    public static IDisposable? TryTake(string database)
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
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
