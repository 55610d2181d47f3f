using Orchestra.Database.Sqlite;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Hosting;

/// <summary>The folder with everything that must survive. One process at a time has it.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream claim;

    private DataDirectory(string path, FileStream claim)
    {
        Path = path;
        this.claim = claim;
    }

    public string Path { get; }

    public string DevelopmentKeyFile => System.IO.Path.Combine(Path, "development.key");

    /// <summary>Takes the folder, and makes it where there is none.</summary>
    /// <exception cref="SettingException">It cannot be written, or another process has it.</exception>
    public static DataDirectory Claim(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(
                $"Orchestra:DataDirectory {path} cannot be made: {e.Message}"
            );
        }
        try
        {
            // The system gives the claim back when the process ends, however it ends.
            var file = System.IO.Path.Combine(path, "silo.lock");
            return new DataDirectory(
                path,
                new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
            );
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingException($"Orchestra:DataDirectory {path} cannot be written.");
        }
        catch (IOException)
        {
            throw new SettingException(
                $"Orchestra:DataDirectory {path} is in use by another silo; stop that one or name "
                    + "another directory."
            );
        }
    }

    public SqliteDatabase OpenDatabase() =>
        SqliteDatabase.OpenFile(System.IO.Path.Combine(Path, "orchestra.db"));

    public void Dispose() => claim.Dispose();
}
