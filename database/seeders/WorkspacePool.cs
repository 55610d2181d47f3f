using Orchestra.Sync;

namespace Orchestra.Database.Seeders;

/// <summary>
/// A few made-up workspaces that thousands of users share, each under ids of his own: making up
/// texts costs a hundred times what writing them does.
/// </summary>
internal sealed class WorkspacePool
{
    private const int Workspaces = 24;

    private readonly List<IReadOnlyList<SeedRow>> workspaces;
    private readonly ILookup<string, SeedRow> byEntity;

    public WorkspacePool(HistoryPlan plan)
    {
        workspaces =
        [
            .. Enumerable
                .Range(1, Workspaces)
                .Select(number => new SeedUser(plan.Seed, -number))
                .Select(user =>
                    new Workspace(user, plan.Now).Rows().Take(plan.RowsPerUser).ToList()
                ),
        ];
        byEntity = workspaces.SelectMany(rows => rows).ToLookup(row => row.Key.Entity);
    }

    /// <summary>A workspace as this user's: what refers to its rows refers to them still.</summary>
    public List<SeedRow> RowsFor(SeedUser user, Random random)
    {
        var rows = workspaces[random.Next(workspaces.Count)];
        var ids = rows.ToDictionary(row => row.Key.Id, row => IdFor(user, row.Key));
        return InAnyOrder([.. rows.Select(row => Renamed(row, ids))], random);
    }

    /// <summary>Some other values for a row of a type.</summary>
    public IReadOnlyDictionary<string, FieldValue> ValuesOf(string entity, Random random)
    {
        var rows = (IList<SeedRow>)byEntity[entity];
        return rows[random.Next(rows.Count)].Fields;
    }

    /// <summary>
    /// Profile and device first, and parents before children; but otherwise people work on several
    /// projects at a time, so that every month has a bit of everything.
    /// </summary>
    private static List<SeedRow> InAnyOrder(List<SeedRow> rows, Random random)
    {
        var places = new Dictionary<string, double>(rows.Count);
        foreach (var row in rows)
        {
            var place = places.Count < 2 ? 0 : random.NextDouble();
            foreach (var value in row.Fields.Values.Where(v => v.Kind == FieldValueKind.Text))
                place = Math.Max(place, places.GetValueOrDefault(value.AsText()));
            places[row.Key.Id.ToString("D")] = place;
        }
        return [.. rows.OrderBy(row => places[row.Key.Id.ToString("D")])];
    }

    private static Guid IdFor(SeedUser user, RowKey key) =>
        key.Entity switch
        {
            EngineEntities.Users => user.Owner.Value,
            EngineEntities.Devices => user.Device.Value,
            // The name of a setting makes its id.
            "settings" => key.Id,
            _ => user.NextRow(),
        };

    private static SeedRow Renamed(SeedRow row, Dictionary<Guid, Guid> ids) =>
        row with
        {
            Key = row.Key with { Id = ids[row.Key.Id] },
            Fields = row.Fields.ToDictionary(
                field => field.Key,
                field =>
                    field.Value.Kind == FieldValueKind.Text
                    && Guid.TryParseExact(field.Value.AsText(), "D", out var old)
                    && ids.TryGetValue(old, out var id)
                        ? FieldValue.Text(id.ToString("D"))
                        : field.Value
            ),
        };
}
