using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;

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
    private LocalState? changed;

    public Statements Sql { get; } = sql;

    public ServerTables Tables { get; } = tables;

    public OutboxTable Outbox { get; } = new(sql);

    public ConflictTable Conflicts { get; } = new(sql, time);

    public LocalState State
    {
        get => changed ?? loaded;
        set => changed = value;
    }

    public Guid NewId() => around.NewId();

    internal void Save() => changed?.Save(Sql);
}
