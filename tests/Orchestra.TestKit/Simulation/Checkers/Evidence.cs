using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Simulation.Devices;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>All there is to know of an owner in a quiet moment.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Catalog">The entity types.</param>
/// <param name="Stored">What the store has.</param>
/// <param name="Copies">What each device has.</param>
/// <param name="Seen">What passed between them.</param>
/// <param name="Read">Reads pages as a device would.</param>
internal sealed record Evidence(
    OwnerId Owner,
    EntityCatalog Catalog,
    StoredOwner Stored,
    IReadOnlyList<DeviceCopy> Copies,
    Observations Seen,
    Func<ReadQuery, ReadOutcome> Read
)
{
    public IEnumerable<Row> LiveRows => Stored.Rows.Where(row => row.IsLive);

    /// <summary>The log of each row, since its last tombstone was collected.</summary>
    public IEnumerable<IReadOnlyList<LogEntry>> Histories()
    {
        var collected = Seen
            .Collected.GroupBy(gone => gone.Row)
            .ToDictionary(rows => rows.Key, rows => rows.Max(row => row.Head));
        return Stored
            .Log.Where(entry => entry.Version > collected.GetValueOrDefault(entry.Row))
            .GroupBy(entry => entry.Row)
            .Select(entries => (IReadOnlyList<LogEntry>)[.. entries]);
    }
}

/// <summary>A device's copy: what it says of itself, and the rows that its app sees.</summary>
internal sealed record DeviceCopy(
    string Name,
    ClientStatus Status,
    IReadOnlyDictionary<RowKey, EntityRow> Rows
)
{
    public static DeviceCopy Of(SimulatedDevice device, EntityCatalog catalog) =>
        new(
            device.Name,
            device.Ask(client => client.ReadStatusAsync()),
            catalog
                .Types.SelectMany(type =>
                    device
                        .Ask(client => client.ListAsync(type.Name))
                        .Select(row => (Key: new RowKey(type.Name, row.Id), Row: row))
                )
                .ToDictionary(pair => pair.Key, pair => pair.Row)
        );
}
