using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Contents;

namespace Orchestra.Client.Contents;

/// <param name="Hash">Which.</param>
/// <param name="Size">How many bytes.</param>
internal readonly record struct CachedContent(ContentHash Hash, long Size);

/// <summary>The rows of <c>o_contents</c>: what is in the cache, and what waits to be sent.</summary>
internal sealed class ContentTable(LocalTransaction local, TimeProvider time)
{
    private const string Columns = "hash, size";

    private readonly Statements sql = local.Sql;

    /// <summary>Whether the server says that it has them.</summary>
    public bool IsPresent(ContentHash hash) =>
        HasEntity
        && sql.Number(
            $"select count(*) from {SqlName.Quote(EngineEntities.Contents)} where hash = $1",
            hash.Hex
        ) > 0;

    /// <summary>They are in the cache; what the server does not have is to be sent.</summary>
    public void Add(ContentHash hash, long size, bool isPending) =>
        sql.Execute(
            """
            insert into o_contents (hash, size, used_ms, pending) values ($1, $2, $3, $4)
            on conflict (hash) do update set used_ms = $3, pending = max(pending, $4), failure = null
            """,
            hash.Hex,
            size,
            Now,
            isPending ? 1 : 0
        );

    public void Touch(ContentHash hash) =>
        sql.Execute("update o_contents set used_ms = $2 where hash = $1", hash.Hex, Now);

    public void Remove(ContentHash hash) =>
        sql.Execute("delete from o_contents where hash = $1", hash.Hex);

    /// <summary>The server has them.</summary>
    public void Settle(ContentHash hash) =>
        sql.Execute("update o_contents set pending = 0, failure = null where hash = $1", hash.Hex);

    /// <summary>The server will never take them.</summary>
    public void Refuse(ContentHash hash, string reason) =>
        sql.Execute(
            "update o_contents set pending = 0, failure = $2 where hash = $1",
            hash.Hex,
            reason
        );

    /// <summary>The next that are to be sent, the oldest first.</summary>
    public List<CachedContent> Pending(int limit) =>
        sql.Query(
            $"select {Columns} from o_contents where pending = 1 order by used_ms, hash limit $1",
            Read,
            limit
        );

    /// <summary>Whether anything is to be sent, or may have to be fetched.</summary>
    public bool HasWork(ContentOptions options) =>
        sql.Number("select exists (select 1 from o_contents)") > 0 || options.FetchAhead;

    public ContentStatus Status() =>
        new(
            sql.Number("select count(*) from o_contents where pending = 1"),
            sql.Number("select coalesce(sum(size), 0) from o_contents where pending = 1"),
            sql.Query(
                "select hash, size, failure from o_contents where failure is not null order by hash",
                row => new RefusedContent(Read(row).Hash, row.GetString(2))
            ),
            TotalBytes
        );

    public long TotalBytes => sql.Number("select coalesce(sum(size), 0) from o_contents");

    /// <summary>
    /// What the server has lost: contents in the cache that rows name and of which the server, whose
    /// history may have been set back, says nothing. They are to be sent again.
    /// </summary>
    public void SendLostAgain()
    {
        if (!HasEntity)
            return;
        foreach (var (type, field) in Naming())
            sql.Execute(
                $"""
                update o_contents set pending = 1
                where pending = 0 and failure is null
                    and hash in (select {field} from {type})
                    and hash not in (select hash from {SqlName.Quote(EngineEntities.Contents)})
                """
            );
    }

    /// <summary>
    /// What may leave the cache, the longest unused first: the server has it, and no unsent change
    /// names it.
    /// </summary>
    public List<CachedContent> Evictable() =>
        HasEntity
            ? sql.Query(
                $"""
                select {Columns} from o_contents c
                where pending = 0
                    and hash in (select hash from {SqlName.Quote(EngineEntities.Contents)})
                    and not exists (select 1 from o_outbox where instr(fields, c.hash) > 0)
                order by used_ms, hash
                """,
                Read
            )
            : [];

    /// <summary>What rows name, the server has, and this device does not.</summary>
    public List<CachedContent> Fetchable(int limit)
    {
        if (!HasEntity)
            return [];
        var named = string.Join(
            " union ",
            Naming().Select(item => $"select {item.Field} from {item.Type}")
        );
        return sql.Query(
            $"""
            select {Columns} from {SqlName.Quote(EngineEntities.Contents)}
            where hash in ({named}) and hash not in (select hash from o_contents)
            order by version desc limit $1
            """,
            Read,
            limit
        );
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private bool HasEntity => local.Tables.Catalog.Find(EngineEntities.Contents) is not null;

    private IEnumerable<(string Type, string Field)> Naming() =>
        from type in local.Tables.Catalog.Types
        from field in type.Fields
        where field.NamesContents
        select (SqlName.Quote(type.Name), SqlName.Quote(field.Name));

    private static CachedContent Read(SqliteDataReader row) =>
        ContentHash.TryParse(row.GetString(0), out var hash)
            ? new(hash, row.GetInt64(1))
            : throw new InvalidOperationException("What is cached has no hash");
}
