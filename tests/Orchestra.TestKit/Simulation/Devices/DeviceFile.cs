using Microsoft.Data.Sqlite;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>A device's file, looked at from outside, as a tool for SQLite would.</summary>
internal static class DeviceFile
{
    /// <summary>
    /// The bug of that name: after a restart, what was sent and not answered gets new numbers, and
    /// the device keeps its identity.
    /// </summary>
    public static void Renumber(string file)
    {
        if (!File.Exists(file))
            return;
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = """
            begin immediate;
            update o_outbox set seq = -(seq + (select last_seq from o_meta)
                - (select min(seq) - 1 from o_outbox where seq is not null and status is null))
            where seq is not null and status is null;
            update o_outbox set seq = -seq where seq < 0;
            update o_meta set last_seq = max(last_seq, coalesce((select max(seq) from o_outbox), 0));
            commit;
            """;
        command.ExecuteNonQuery();
    }

    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()
        );
        connection.Open();
        return connection;
    }
}
