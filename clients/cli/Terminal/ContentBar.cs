using Orchestra.Client;
using Orchestra.Sync.Contents;

namespace Orchestra.Cli.Terminal;

/// <summary>A bar for contents on their way to the server, if there are many bytes of them.</summary>
internal sealed class ContentBar(IProgressBoard board, long total)
{
    private const long Few = 1024 * 1024;

    private readonly Action<double>? report =
        total > Few ? board.Begin("Sending contents", total) : null;

    private readonly Dictionary<ContentHash, long> sent = [];

    public void Show(ContentProgress progress)
    {
        if (report is null || !progress.IsUpload)
            return;
        lock (sent)
        {
            sent[progress.Hash] = progress.Bytes;
            report(sent.Values.Sum());
        }
    }
}
