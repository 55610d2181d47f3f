namespace Orchestra.Sync.Contents;

/// <summary>Bytes that somebody says he has.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Hash">What they shall turn out to be.</param>
/// <param name="Size">How many bytes they are.</param>
public sealed record Upload(OwnerId Owner, ContentHash Hash, long Size);

/// <summary>How far an upload is.</summary>
/// <param name="Offset">So many bytes are here; the next is expected from there.</param>
/// <param name="Done">All are here and verified, under this id. Nobody sees them yet.</param>
/// <param name="Direct">Where to send them instead, all at once.</param>
public sealed record UploadState(long Offset, Guid? Done = null, DirectUpload? Direct = null);

/// <summary>A place in object storage that takes these bytes from whoever knows it.</summary>
/// <param name="Url">For one PUT of exactly these bytes.</param>
/// <param name="Headers">What it must carry.</param>
public sealed record DirectUpload(Uri Url, IReadOnlyDictionary<string, string> Headers);

/// <summary>Where contents can be read. One of the two is set.</summary>
/// <param name="File">A path on this machine.</param>
/// <param name="Url">An address that serves them, for a while, to whoever knows it.</param>
public sealed record ContentPlace(string? File, Uri? Url);
