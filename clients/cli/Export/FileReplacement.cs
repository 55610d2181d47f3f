namespace Orchestra.Cli.Export;

/// <summary>
/// A file that takes another's place when it is whole: whoever reads finds the old one or the new
/// one, however the writing ends.
/// </summary>
internal sealed class FileReplacement : IAsyncDisposable
{
    private readonly string path;
    private readonly string part;
    private readonly FileStream file;

    public FileReplacement(string path)
    {
        this.path = path;
        // Beside the other one: only within a file system is a rename one step.
        part = path + ".part";
        file = new FileStream(part, FileMode.Create, FileAccess.Write);
        Writer = new StreamWriter(file) { NewLine = "\n" };
    }

    public TextWriter Writer { get; }

    /// <summary>For what is no text; then nothing goes through <see cref="Writer"/>.</summary>
    public Stream Bytes => file;

    public void Commit()
    {
        Writer.Flush();
        file.Flush(flushToDisk: true);
        Writer.Dispose();
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Without a commit nothing is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        File.Delete(part);
    }
}
