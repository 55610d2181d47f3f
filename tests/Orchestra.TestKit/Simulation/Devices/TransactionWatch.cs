using Microsoft.Data.Sqlite;
using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>
/// P22: two rows that are always written in one transaction are never seen apart by a device that is
/// complete.
/// </summary>
internal sealed class TransactionWatch : IDisposable
{
    private const string Apart = """
        select (select value from base_settings where name = 'left' and o_present)
            is not (select value from base_settings where name = 'right' and o_present)
            and (select floor from o_meta) is null
        """;

    private readonly World world;
    private readonly string device;
    private readonly Func<bool> isOff;
    private readonly SqliteConnection connection;
    private readonly SqliteCommand command;

    public TransactionWatch(World world, string device, string file, Func<bool> isOff)
    {
        this.world = world;
        this.device = device;
        this.isOff = isOff;
        connection = DeviceFile.Open(file);
        command = connection.CreateCommand();
        command.CommandText = Apart;
    }

    public void Look()
    {
        // What a restored store gets back, it gets back row by row.
        if (isOff())
            return;
        if (command.ExecuteScalar() is 1L)
            world.Fail($"P22 {device} sees one row of a transaction without the other");
    }

    public void Dispose()
    {
        command.Dispose();
        connection.Dispose();
    }
}
