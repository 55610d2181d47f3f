using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Workloads.Devices;

/// <summary>Writes a device's pushes beforehand: tasks of about 250 bytes each.</summary>
/// <param name="device">Whose.</param>
/// <param name="firstNumber">What its rows' titles count from: who writes the same as another is in no conflict.</param>
internal sealed class PushWriter(LoadDevice device, long firstNumber = 0)
{
    private static readonly string Detail = string.Concat(
        Enumerable.Repeat("What is to be done, and why it matters. ", 4)
    );

    private long seq;

    /// <summary>The change that was written last.</summary>
    public ChangeId Last { get; private set; }

    /// <summary>A push of new rows.</summary>
    public ReadOnlyMemory<byte> Create(int changes) => Create(NewRows(changes));

    /// <summary>A push of these new rows.</summary>
    public ReadOnlyMemory<byte> Create(IReadOnlyList<Guid> rows) =>
        Write(rows.Select(row => Change(ChangeOp.Create, row, 0)));

    /// <summary>A push that writes all fields of rows again.</summary>
    public ReadOnlyMemory<byte> Update(IEnumerable<(Guid Row, long Base)> rows) =>
        Write(rows.Select(row => Change(ChangeOp.Update, row.Row, row.Base)));

    public static IReadOnlyList<Guid> NewRows(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    /// <summary>A row's fields, by column.</summary>
    public static Dictionary<string, FieldValue> Fields(long number) =>
        new()
        {
            ["title"] = FieldValue.Text($"Task {number} of a medium length"),
            ["detail"] = FieldValue.Text(Detail),
            ["status"] = FieldValue.Text("open"),
            ["urgency"] = FieldValue.Integer(3),
        };

    private ReadOnlyMemory<byte> Write(IEnumerable<WireChange> changes)
    {
        var settled = seq;
        return WireCodec.Write(
            (ClientMessage)new PushMessage(device.Owner, device.Epoch, settled, [.. changes])
        );
    }

    private WireChange Change(ChangeOp op, Guid row, long known)
    {
        Last = new ChangeId(Guid.NewGuid());
        return new(
            ++seq,
            Last,
            op,
            "tasks",
            row.ToString("D"),
            Base: known,
            Fields: Fields(firstNumber + seq)
        );
    }
}
