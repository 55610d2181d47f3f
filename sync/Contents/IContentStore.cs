namespace Orchestra.Sync.Contents;

/// <summary>
/// Where the bytes of contents are. It knows nothing of rows: bytes are seen by others only once a row
/// of <see cref="EngineEntities.Contents"/> names their upload.
/// </summary>
/// <remarks>
/// Implementations: a directory and an S3 bucket. Both pass the contract suite in the TestKit. Every
/// call may throw <see cref="Errors.SyncException"/> with <c>store_unavailable</c>.
/// </remarks>
public interface IContentStore
{
    /// <summary>How far an upload is, and how it goes on. Verifies what came another way.</summary>
    /// <exception cref="Errors.SyncException"><c>hash_mismatch</c>; what was there is gone.</exception>
    Task<UploadState> FindUploadAsync(Upload upload, CancellationToken cancellation);

    /// <summary>
    /// Takes bytes from <paramref name="offset"/> on and verifies them once all are here. An offset
    /// other than the upload's takes none, but 0 begins it anew. What has come before a connection
    /// breaks is kept.
    /// </summary>
    /// <exception cref="Errors.SyncException">
    /// <c>hash_mismatch</c>: nothing is kept. <c>invalid_value</c>: more bytes than were said.
    /// <c>overloaded</c>: the same contents are being received already.
    /// </exception>
    Task<UploadState> ReceiveAsync(
        Upload upload,
        long offset,
        Stream bytes,
        CancellationToken cancellation
    );

    /// <summary>Where they are; null if they are not.</summary>
    Task<ContentPlace?> FindAsync(OwnerId owner, Content content, CancellationToken cancellation);

    /// <summary>The bytes; null if there are none.</summary>
    Task<Stream?> OpenAsync(OwnerId owner, Content content, CancellationToken cancellation);

    /// <summary>Deletes bytes, or an upload that has not ended. What is gone already is no error.</summary>
    Task DeleteAsync(StoredContent stored, CancellationToken cancellation);

    /// <summary>All that is there, owner by owner.</summary>
    IAsyncEnumerable<StoredContent> ListAsync(CancellationToken cancellation);
}
