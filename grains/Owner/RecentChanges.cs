using Orchestra.Sync;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>
/// The end of the log, kept in memory: most devices that come back missed little, and are served
/// without the database.
/// </summary>
internal sealed class RecentChanges
{
    /// <summary>What is kept, roughly in bytes.</summary>
    private const long Capacity = 512 * 1024;

    private readonly Queue<(LogEntry Entry, long Size)> entries = [];
    private OwnerHead? head;
    private long size;

    public void Add(OwnerCommit commit)
    {
        Invariant.Require(head is null || head.Version == commit.Head.Version - commit.Log.Count);
        head = commit.Head;
        foreach (var entry in commit.Log)
        {
            var bytes = EntrySize.Of(entry.Fields);
            entries.Enqueue((entry, bytes));
            size += bytes;
        }
        while (size > Capacity && entries.TryDequeue(out var oldest))
            size -= oldest.Size;
    }

    public void Clear()
    {
        entries.Clear();
        head = null;
        size = 0;
    }

    /// <summary>
    /// The page after a cursor, if all of it is here and the cursor is certain to belong to this
    /// history. At the head there is nothing to say: only the database knows that nothing is new.
    /// </summary>
    public ChangesPage? Read(ReadQuery query)
    {
        var cursor = query.Cursor;
        if (
            head is null
            || entries.Count == 0
            || cursor.Floor is not null
            || cursor.Epoch != head.Epoch
        )
            return null;
        var first = entries.Peek().Entry.Version;
        if (cursor.Version < first || cursor.Version >= head.Version)
            return null;
        var after = entries.Skip((int)(cursor.Version - first)).Select(pair => pair.Entry);
        var page = new LogPage(query);
        ChangeId? mark = null;
        foreach (var entry in after)
        {
            if (mark is null)
            {
                mark = entry.Change;
                if (cursor.Mark is { } expected && expected != mark)
                    return null;
            }
            else if (!page.Add(entry))
            {
                break;
            }
        }
        return page.Build(head, mark);
    }
}
