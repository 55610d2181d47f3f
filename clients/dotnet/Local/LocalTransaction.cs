using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync;

namespace Orchestra.Client.Local;

/// <summary>
/// Everything one transaction may touch. State, rows and outbox change together or not at all.
/// </summary>
internal sealed class LocalTransaction(
    Statements sql,
    ServerTables tables,
    TimeProvider time,
    Surroundings around
)
{
    private readonly LocalState loaded = LocalState.Load(sql);
    private readonly TouchedTypes touched = new();
    private LocalState? changed;
    private OutboxTable? outbox;
    private bool hasHeard;

    public Statements Sql { get; } = sql;

    public ServerTables Tables { get; } = tables;

    public OutboxTable Outbox => outbox ??= new OutboxTable(Sql, touched);

    public ConflictTable Conflicts { get; } = new(sql, time);

    public LocalState State
    {
        get => changed ?? loaded;
        set => changed = value;
    }

    public Guid NewId() => around.NewId();

    /// <summary>Which types' rows an app may see differently afterwards; writers add to it.</summary>
    public TouchedTypes Touched => touched;

    /// <summary>When the server last said something; null if it never did.</summary>
    public DateTimeOffset? LastContact =>
        Sql.Query("select heard_at from o_contact", row => Timestamps.Read(row.GetString(0)))
            .Select(heard => (DateTimeOffset?)heard)
            .SingleOrDefault();

    /// <summary>The transaction is about something that the server said.</summary>
    public void HeardFromServer() => hasHeard = true;

    internal void Save()
    {
        changed?.Save(Sql);
        if (hasHeard)
            Sql.Execute(
                """
                insert into o_contact (one, heard_at) values (1, $1)
                on conflict (one) do update set heard_at = $1
                """,
                Timestamps.Write(time.GetUtcNow())
            );
    }

    internal LocalCommit Describe() =>
        new(touched, State.Cursor.Version, touched.Any ? Outbox.Count() : null);
}
