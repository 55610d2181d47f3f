using Orchestra.Cli.Terminal;
using Orchestra.Client;

namespace Orchestra.Cli.Export;

/// <summary>
/// Rows as the app sees them, one line each. Read as they are written: there may be more than fit
/// into memory. Devices that are in sync write the same bytes.
/// </summary>
internal sealed class RowExport(OrchestraClient client, IReadOnlyList<string> entities)
{
    /// <summary>A bar that moves with each row costs more than the row.</summary>
    private const int RowsAStep = 500;

    /// <returns>How many rows there were.</returns>
    public async Task<long> RunAsync(
        Action<string> write,
        IProgressBoard board,
        CancellationToken cancel
    )
    {
        var rows = client.StreamRows(entities);
        var report = board.Begin("Exporting", await CountAsync(cancel));
        var written = 0L;
        foreach (var (entity, row) in rows)
        {
            write(ToJson(entity, row));
            if (++written % RowsAStep != 0)
                continue;
            cancel.ThrowIfCancellationRequested();
            report(written);
        }
        report(written);
        return written;
    }

    private async Task<long> CountAsync(CancellationToken cancel)
    {
        var count = 0L;
        foreach (var entity in entities)
            count += (
                await client.QueryAsync(
                    $"select count(*) from \"{entity.Replace("\"", "\"\"")}\"",
                    row => row.GetInt64(0),
                    cancel: cancel
                )
            )[0];
        return count;
    }

    private static string ToJson(string entity, EntityRow row) =>
        JsonLine.Of(
            ("entity", entity),
            ("id", row.Id),
            ("version", row.Version),
            ("fields", row.Fields)
        );
}
