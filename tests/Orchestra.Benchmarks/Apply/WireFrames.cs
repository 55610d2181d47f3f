using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Apply;

/// <summary>An owner's rows as the bytes of frames, in the ways in which they may come.</summary>
internal static class WireFrames
{
    /// <summary>As a new device gets them.</summary>
    public static IReadOnlyList<byte[]> Rows(MadeUpOwner owner) => Write(owner.Pages);

    /// <summary>Whole rows again, each with a later version.</summary>
    public static IReadOnlyList<byte[]> LaterRows(MadeUpOwner owner) =>
        Write(owner.Pages.Select(page => Later(page) with { Floor = owner.Pages[^1].To }));

    /// <summary>The changes that made the rows, one by one.</summary>
    public static IReadOnlyList<byte[]> Creations(MadeUpOwner owner) =>
        Write(owner.Pages.Select(page => AsLog(page, entry => entry.Fields)));

    /// <summary>One changed field of each row.</summary>
    public static IReadOnlyList<byte[]> Edits(MadeUpOwner owner) =>
        Write(owner.Pages.Select(page => AsLog(Later(page), FirstText)));

    private static List<byte[]> Write(IEnumerable<ChangesMessage> frames) =>
        [.. frames.Select(frame => WireCodec.Write((ServerMessage)frame))];

    private static ChangesMessage Later(ChangesMessage page)
    {
        var rows = page.Floor!.Value;
        return page with
        {
            From = page.From + rows,
            To = page.To + rows,
            Digest = null,
            Changes = [.. page.Changes.Select(e => e with { Version = e.Version + rows })],
        };
    }

    private static ChangesMessage AsLog(
        ChangesMessage page,
        Func<WireEntry, IReadOnlyDictionary<string, FieldValue>> fields
    ) =>
        page with
        {
            Floor = null,
            Digest = null,
            Changes =
            [
                .. page.Changes.Select(entry =>
                    entry with
                    {
                        Fields = fields(entry),
                        Seq = entry.Version,
                        Change = new ChangeId(Guid.NewGuid()),
                    }
                ),
            ],
        };

    private static Dictionary<string, FieldValue> FirstText(WireEntry entry)
    {
        var (name, _) = entry.Fields.First(field => field.Value.Kind == FieldValueKind.Text);
        return new() { [name] = FieldValue.Text($"changed at {entry.Version}") };
    }
}
