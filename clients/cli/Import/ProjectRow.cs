using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Cli.Import;

/// <summary>The row of the project that a folder becomes.</summary>
internal static class ProjectRow
{
    /// <summary>
    /// The project of that name. A new one's id follows from owner and name, so that two devices
    /// that import it before they meet make one.
    /// </summary>
    public static async Task<Guid> FindOrMakeAsync(
        OrchestraClient client,
        string name,
        CancellationToken cancel
    )
    {
        var found = await client.QueryAsync(
            "select id from projects where name = $name order by id",
            row => Guid.Parse(row.GetString(0)),
            new Dictionary<string, object> { ["$name"] = name },
            cancel
        );
        if (found.Count > 0)
            return found[0];
        var owner = (await client.ReadStatusAsync(cancel)).Owner!.Value;
        var id = NaturalKey.Derive(owner.Value, "projects\n" + name);
        // The project that had this name first has another one now: it keeps its id.
        if (await client.FindAsync("projects", id, cancel) is not null)
            id = Guid.NewGuid();
        await client.PutAsync(
            "projects",
            id,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text(name) },
            cancel
        );
        return id;
    }
}
