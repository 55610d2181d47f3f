using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;

namespace Orchestra.Client.Outbox;

/// <summary>Turns what an app wants into changes: only the fields that differ, or nothing.</summary>
internal static class EditRecorder
{
    /// <returns>Whether the edit changes what the app sees.</returns>
    public static bool Record(LocalTransaction local, Edit edit, EditTime made, long? tx)
    {
        var seen = AppView.Find(local, edit.Entity, edit.Id);
        var op =
            edit.Fields is null ? ChangeOp.Delete
            : seen is null ? ChangeOp.Create
            : ChangeOp.Update;
        var fields = EditCheck.Check(
            local.Tables.Catalog,
            edit,
            op,
            op == ChangeOp.Create ? Whole(local, edit) : edit.Fields ?? Change.NoFields
        );
        if (seen is not null && op == ChangeOp.Update)
            fields = fields
                .Where(pair => seen.GetValueOrDefault(pair.Key) != pair.Value)
                .ToDictionary();
        var isNothing =
            op == ChangeOp.Update ? fields.Count == 0 : op == ChangeOp.Delete && seen is null;
        if (!isNothing)
            Add(local, edit, op, fields, made, tx);
        return !isNothing;
    }

    private static void Add(
        LocalTransaction local,
        Edit edit,
        ChangeOp op,
        IReadOnlyDictionary<string, FieldValue> fields,
        EditTime made,
        long? tx
    ) =>
        local.Outbox.Add(
            new OutboxChange(
                local.Outbox.NextPosition(),
                new ChangeId(local.NewId()),
                null,
                edit.Entity,
                edit.Id.ToString(),
                op,
                local.Tables[edit.Entity].Find(edit.Id)?.Version ?? 0,
                fields,
                tx,
                made
            )
        );

    /// <summary>A create says every field, so that nothing of an earlier row shines through.</summary>
    private static Dictionary<string, FieldValue> Whole(LocalTransaction local, Edit edit)
    {
        var fields = new Dictionary<string, FieldValue>(edit.Fields!);
        var type = local.Tables.Catalog.Find(edit.Entity);
        foreach (var field in type?.Fields ?? [])
            if (!field.Required && !field.ServerOnly)
                fields.TryAdd(field.Name, FieldValue.Null);
        return fields;
    }
}
