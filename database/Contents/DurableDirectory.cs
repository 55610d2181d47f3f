using System.Runtime.InteropServices;

namespace Orchestra.Database.Contents;

/// <summary>
/// Names of files survive a power cut only once their folder was flushed, for which .NET has no call.
/// </summary>
internal static partial class DurableDirectory
{
    /// <exception cref="IOException">The system says that it did not happen.</exception>
    public static void Flush(string folder)
    {
        // Windows keeps names in its journal.
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(folder, flags: 0);
        try
        {
            if (handle < 0 || Synchronize(handle) != 0)
                throw new IOException($"A folder cannot be flushed: error {LastError}");
        }
        finally
        {
            if (handle >= 0)
                _ = Close(handle);
        }
    }

    private static int LastError => Marshal.GetLastPInvokeError();

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
