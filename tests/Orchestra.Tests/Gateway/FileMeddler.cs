using Microsoft.Data.Sqlite;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Gateway;

/// <summary>Another program with a hand in a silo's database, until it is disposed.</summary>
internal sealed class FileMeddler : IDisposable
{
    private readonly SqliteConnection connection;

    public FileMeddler(RunningSilo silo, string sql)
    {
        connection = new SqliteConnection($"Data Source={silo.DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => connection.Dispose();
}
