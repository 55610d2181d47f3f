using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>
/// P22: pairs of rows that are always written in one transaction are never seen apart by a device
/// that is complete.
/// </summary>
internal static class TransactionWatch
{
    private const string Apart = """
        select (select value from base_settings where name = 'left' and o_present)
            is not (select value from base_settings where name = 'right' and o_present)
            and (select floor from o_meta) is null
        """;

    public static void Look(World world, SimulatedDevice device, string file)
    {
        using var connection = DeviceFile.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = Apart;
        if (command.ExecuteScalar() is 1L)
            world.Fail($"P22 {device.Name} sees one row of a transaction without the other");
    }
}
