using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Benchmarks.Apply;

/// <summary>What a device has, and what it gets.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Made">Whose data it is.</param>
/// <param name="Before">Frames it took before the clock runs.</param>
/// <param name="Outbox">Its own edits that lie over the rows.</param>
/// <param name="Frames">What is measured.</param>
internal sealed record Scenario(
    string Name,
    MadeUpOwner Made,
    IReadOnlyList<byte[]> Before,
    IReadOnlyList<Edit> Outbox,
    IReadOnlyList<byte[]> Frames
)
{
    private const int OutboxEdits = 1_000;

    public static IEnumerable<Scenario> All(MadeUpOwner made)
    {
        var rows = WireFrames.Rows(made);
        var edits = WireFrames.Edits(made);
        yield return Of("rows, new device", [], [], rows);
        yield return Of("log, new device", [], [], WireFrames.Creations(made));
        yield return Of("rows, over the same rows", rows, [], WireFrames.LaterRows(made));
        yield return Of("log, one field of each row", rows, [], edits);
        yield return Of("the same, 1,000 unsent edits", rows, OwnEdits(made), edits);

        Scenario Of(
            string name,
            IReadOnlyList<byte[]> before,
            IReadOnlyList<Edit> outbox,
            IReadOnlyList<byte[]> frames
        ) => new(name, made, before, outbox, frames);
    }

    private static List<Edit> OwnEdits(MadeUpOwner made)
    {
        var notes = made
            .Pages.SelectMany(page => page.Changes)
            .Where(entry => entry.Entity == "notes")
            .Take(OutboxEdits);
        var title = new Dictionary<string, FieldValue> { ["title"] = FieldValue.Text("my own") };
        return [.. notes.Select(note => Edit.Put("notes", note.Id, title))];
    }
}
