using Orchestra.Client.Connection;
using Orchestra.Client.Contents;
using Orchestra.Client.Local;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client;

/// <summary>
/// The contents of files, which are no rows: a row names them by their hash. What an app puts is on
/// this device at once and goes to the server when there is a connection; what it opens is fetched
/// unless it is here.
/// </summary>
public sealed class ClientContents
{
    private readonly ContentFolder folder;
    private readonly ContentQueue queue;

    internal ClientContents(LocalDatabase database, ClientOptions options, HttpDoor http)
    {
        folder = new ContentFolder(options.Contents.Folder ?? $"{database.Path}-contents");
        var transfer = new ContentTransfer(
            http,
            options.Contents.StalledAfter,
            progress => Progress?.Invoke(progress)
        );
        queue = new ContentQueue(database, options, folder, transfer);
    }

    /// <summary>How far transfers are.</summary>
    public event Action<ContentProgress>? Progress;

    internal ContentQueue Queue => queue;

    /// <summary>
    /// Keeps a copy of the bytes on this device and sends it as soon as it can. Put the hash into a
    /// row, before or afterwards.
    /// </summary>
    /// <param name="bytes">Read to the end.</param>
    /// <param name="cancel">Then nothing is kept.</param>
    /// <returns>What they are called.</returns>
    public async Task<ContentHash> PutAsync(Stream bytes, CancellationToken cancel = default)
    {
        var content = await folder.AddAsync(bytes, cancel);
        await queue.InTableAsync(
            table =>
                table.Add(content.Hash, content.Size, isPending: !table.IsPresent(content.Hash)),
            cancel
        );
        queue.Wake();
        await queue.EvictAsync(cancel);
        return content.Hash;
    }

    /// <summary>Whether they are on this device, or wait there to be sent.</summary>
    public bool IsHere(ContentHash hash) => folder.Has(hash);

    /// <summary>
    /// Whether the server has them, as far as this device knows: then all devices can fetch them.
    /// </summary>
    public Task<ContentState> FindStateAsync(
        ContentHash hash,
        CancellationToken cancel = default
    ) =>
        queue.InTableAsync(
            table => table.IsPresent(hash) ? ContentState.Present : ContentState.Missing,
            cancel
        );

    /// <summary>The bytes, fetched and verified first if they are not here.</summary>
    /// <exception cref="SyncException">
    /// <c>not_found</c>: neither this device nor the server has them; <c>hash_mismatch</c>: what came
    /// was something else.
    /// </exception>
    /// <exception cref="HttpRequestException">They are not here, and the server could not be reached.</exception>
    public async Task<Stream> OpenReadAsync(ContentHash hash, CancellationToken cancel = default)
    {
        while (true)
        {
            if (folder.TryOpen(hash) is { } file)
            {
                await queue.InTableAsync(table => table.Touch(hash), cancel);
                return file;
            }
            await queue.FetchAsync(hash, cancel);
        }
    }

    /// <summary>What is still to be sent.</summary>
    public Task<ContentStatus> ReadStatusAsync(CancellationToken cancel = default) =>
        queue.InTableAsync(table => table.Status(), cancel);
}
