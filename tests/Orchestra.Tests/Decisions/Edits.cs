using Orchestra.Sync;

namespace Orchestra.Tests.Decisions;

/// <summary>Two devices of equal priority and short ways to say what they do.</summary>
internal static class Edits
{
    public static readonly DeviceId Desk = new(new Guid("00000000-0000-4000-8000-00000000000a"));
    public static readonly DeviceId Phone = new(new Guid("00000000-0000-4000-8000-00000000000b"));

    public static OwnerModel NewOwner() => new((Desk, 50), (Phone, 50));

    public static Guid Id(int n) => new(n, 0, 0, new byte[8]);

    public static RowKey File(int n) => new("files", Id(n));

    public static RowKey Folder(int n) => new("folders", Id(n));

    public static Change Create(long seq, RowKey row, params (string, object)[] fields) =>
        Make(seq, ChangeOp.Create, row, 0, 0, fields);

    public static Change Update(
        long seq,
        RowKey row,
        long known,
        long ageMs,
        params (string, object)[] fields
    ) => Make(seq, ChangeOp.Update, row, known, ageMs, fields);

    public static Change Delete(long seq, RowKey row, long known, long ageMs = 0) =>
        Make(seq, ChangeOp.Delete, row, known, ageMs);

    public static Change Make(
        long seq,
        ChangeOp op,
        RowKey row,
        long known,
        long ageMs,
        params (string Name, object Value)[] fields
    ) =>
        new(
            seq,
            new ChangeId(Guid.NewGuid()),
            row.Entity,
            row.Id.ToString("D"),
            op,
            known,
            ageMs,
            fields.ToDictionary(
                field => field.Name,
                field =>
                    field.Value switch
                    {
                        int number => FieldValue.Integer(number),
                        RowKey key => FieldValue.Text(key.Id.ToString("D")),
                        var text => FieldValue.Text((string)text),
                    }
            )
        );

    public static Verdict Single(this IReadOnlyList<Verdict> verdicts) => Assert.Single(verdicts);

    public static FieldValue Number(int value) => FieldValue.Integer(value);
}
