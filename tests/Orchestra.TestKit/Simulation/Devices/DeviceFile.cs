using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

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

    /// <summary>
    /// The bug of that name: a program that saves the cursor first, and was killed before it saved
    /// the rows, leaves its file like this.
    /// </summary>
    public static void SaveCursor(string file, ChangesMessage frame)
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = """
            update o_meta set version = $to, mark = $mark
            where epoch = $epoch and version >= $from and version < $to
            """;
        command.Parameters.AddWithValue("$epoch", frame.Epoch);
        command.Parameters.AddWithValue("$from", frame.From);
        command.Parameters.AddWithValue("$to", frame.To);
        command.Parameters.AddWithValue("$mark", (object?)frame.Mark?.ToString() ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    public static List<RowKey> Held(string file, IEnumerable<string> entities, long above)
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "select name from sqlite_master where type = 'table'";
        var tables = new HashSet<string>();
        using (var names = command.ExecuteReader())
            while (names.Read())
                tables.Add(names.GetString(0));
        var held = new List<RowKey>();
        foreach (var entity in entities.Where(entity => tables.Contains("base_" + entity)))
        {
            command.CommandText =
                $"select id from base_{entity} where version > {above} and o_present order by id";
            using var rows = command.ExecuteReader();
            while (rows.Read())
                held.Add(new RowKey(entity, Guid.Parse(rows.GetString(0))));
        }
        return held;
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
