using System.Diagnostics.Metrics;
using System.Globalization;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Measuring;

/// <summary>What was last measured of the store, on the silo that does it; on others nothing.</summary>
internal sealed class StoreGauges
{
    private volatile StoreMeasurement? shown;

    public StoreGauges(IMeterFactory meters)
    {
        var meter = meters.Create("Orchestra.Store");
        meter.CreateObservableGauge(
            "orchestra.store.size",
            () => Tables(table => table.Bytes),
            "By",
            "What a table takes, its indexes included"
        );
        meter.CreateObservableGauge(
            "orchestra.store.rows",
            () => Tables(table => table.Rows),
            "{row}",
            "About how many rows a table has"
        );
        meter.CreateObservableGauge(
            "orchestra.store.log.months",
            () => Only(found => found.LogMonths),
            "{month}",
            "Months that the log has tables for"
        );
        meter.CreateObservableGauge(
            "orchestra.store.log.months_ahead",
            () => Only(found => found.MonthsAhead),
            "{month}",
            "Of those, the ones that have not begun"
        );
        meter.CreateObservableGauge(
            "orchestra.store.log.reach",
            () => Only(found => (long)found.LogReach.TotalSeconds),
            "s",
            "How far the log goes back"
        );
        meter.CreateObservableGauge(
            "orchestra.store.connections",
            () => Only(found => found.Connections),
            "{connection}",
            "Connections of everybody to the database's server"
        );
        meter.CreateObservableGauge(
            "orchestra.store.connections.limit",
            () => Only(found => found.MostConnections),
            "{connection}",
            "Connections that it takes"
        );
        meter.CreateObservableGauge(
            "orchestra.store.device_lag",
            () =>
                Of(found =>
                    found.Lags.Select(lag => new Measurement<long>(
                        lag.Changes,
                        new KeyValuePair<string, object?>(
                            "quantile",
                            lag.Quantile.ToString(CultureInfo.InvariantCulture)
                        )
                    ))
                ),
            "{change}",
            "How far devices that were seen in the last day are behind, by quantile"
        );
    }

    public void Show(StoreMeasurement? measurement) => shown = measurement;

    private IEnumerable<Measurement<long>> Tables(Func<TableMeasurement, long> what) =>
        Of(found =>
            found.Tables.Select(table => new Measurement<long>(
                what(table),
                new KeyValuePair<string, object?>("table", table.Table)
            ))
        );

    private IEnumerable<Measurement<long>> Only(Func<StoreMeasurement, long> what) =>
        Of(found => [new Measurement<long>(what(found))]);

    private IEnumerable<Measurement<long>> Of(
        Func<StoreMeasurement, IEnumerable<Measurement<long>>> what
    ) => shown is { } found ? what(found) : [];
}
