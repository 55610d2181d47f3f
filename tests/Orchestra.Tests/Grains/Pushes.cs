using Orchestra.Grains.Interfaces;
using Orchestra.Sync;

namespace Orchestra.Tests.Grains;

/// <summary>Short ways to say what a device pushes.</summary>
internal static class Pushes
{
    public static readonly DeviceInfo Desk = Device(1);
    public static readonly DeviceInfo Phone = Device(2);

    public static DeviceInfo Device(int n) =>
        new(new DeviceId(new Guid(n, 7, 7, new byte[8])), DeviceKind.Cli, $"device {n}", "tests/1");

    public static Push Push(
        this DeviceInfo device,
        Session session,
        params IReadOnlyList<Change> changes
    ) => new(device.Id, session.Head.Epoch, 0, changes, null);

    public static Change Project(long seq, int row, string name) =>
        Create(seq, "projects", row, ("name", FieldValue.Text(name)));

    public static Change Create(
        long seq,
        string entity,
        int row,
        params (string, FieldValue)[] fields
    ) =>
        new(
            seq,
            new ChangeId(Guid.NewGuid()),
            entity,
            RowId(row).ToString("D"),
            ChangeOp.Create,
            0,
            0,
            fields.ToDictionary(field => field.Item1, field => field.Item2)
        );

    public static Guid RowId(int row) => new(row, 1, 1, new byte[8]);
}
