namespace Orchestra.TestKit.Postgres;

/// <summary>What the proxy does with a message.</summary>
internal enum Verdict
{
    /// <summary>It goes on, after those that were held.</summary>
    Forward,

    /// <summary>It waits, until it is known whether its transaction commits.</summary>
    Hold,

    /// <summary>It is lost, with those that were held, and so is the connection.</summary>
    Cut,
}

/// <summary>
/// Follows one connection closely enough to know which statements a commit consists of. A client
/// ends a batch with Sync, or sends a single Query; the server ends its answer to each with one
/// ReadyForQuery. A batch outside begin … commit is a transaction that commits at its Sync, and an
/// explicit commit takes effect where it is executed.
/// </summary>
internal sealed class PostgresConversation(CommitFaults faults)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, string> prepared = [];
    private readonly Dictionary<string, string> portals = [];

    // The first ReadyForQuery ends the start-up, which no statement is a part of.
    private readonly Queue<Batch> underWay = new([new Batch([])]);
    private Batch open = new([]);
    private bool isExplicit;

    public Verdict FromClient(PostgresFrame message)
    {
        lock (gate)
            return message.Type switch
            {
                'P' => Parse(message.ReadTexts(2)),
                'B' => Bind(message.ReadTexts(2)),
                'C' => Close(message.Body.FirstSpan[0], message.ReadTexts(1, skip: 1)[0]),
                'E' => Execute(portals.GetValueOrDefault(message.ReadTexts(1)[0], "")),
                'Q' => Query(message.ReadTexts(1)[0]),
                'H' => Flush(),
                'S' or 'F' => EndBatch(),
                _ => Verdict.Forward,
            };
    }

    public Verdict FromServer(PostgresFrame message)
    {
        lock (gate)
        {
            var batch = underWay.TryPeek(out var first) ? first : open;
            switch (message.Type)
            {
                case 'Z':
                    return EndAnswer((char)message.Body.FirstSpan[0]);
                case 'C' when message.ReadTexts(1) is ["COMMIT"]:
                    if (faults.TryTake(CommitFault.Reply, batch.Statements))
                        return Verdict.Cut;
                    break;
                case 'E':
                case 'C' when message.ReadTexts(1) is ["ROLLBACK"]:
                    batch.HasFailed = true;
                    break;
                // For a copy the client must hear that it may send.
                case 'G' or 'W':
                    batch.IsAwaited = true;
                    break;
            }
            return !batch.IsAwaited && faults.Await(CommitFault.Reply, batch.Statements)
                ? Verdict.Hold
                : Verdict.Forward;
        }
    }

    private Verdict Parse(string[] nameAndSql)
    {
        prepared[nameAndSql[0]] = nameAndSql[1];
        return Verdict.Forward;
    }

    private Verdict Bind(string[] portalAndStatement)
    {
        portals[portalAndStatement[0]] = prepared.GetValueOrDefault(portalAndStatement[1], "");
        return Verdict.Forward;
    }

    private Verdict Close(byte kind, string name)
    {
        (kind == 'S' ? prepared : portals).Remove(name);
        return Verdict.Forward;
    }

    private Verdict Flush()
    {
        open.IsAwaited = true;
        return Verdict.Forward;
    }

    private Verdict Query(string script)
    {
        foreach (var sql in script.Split(';', StringSplitOptions.TrimEntries))
            if (Execute(sql) == Verdict.Cut)
                return Verdict.Cut;
        return EndBatch();
    }

    private Verdict Execute(string sql)
    {
        open.IsBegun = true;
        open.Statements.Add(sql);
        switch (sql.TrimStart().Split(' ', ';', '\n')[0].ToUpperInvariant())
        {
            case "BEGIN" or "START":
                isExplicit = true;
                break;
            case "COMMIT" or "END":
                isExplicit = false;
                if (faults.TryTake(CommitFault.Before, open.Statements))
                    return Verdict.Cut;
                break;
            case "ROLLBACK"
            or "ABORT" when !sql.Contains(" to ", StringComparison.OrdinalIgnoreCase):
                isExplicit = false;
                open.Statements.Clear();
                break;
        }
        return Verdict.Forward;
    }

    private Verdict EndBatch()
    {
        if (!isExplicit && faults.TryTake(CommitFault.Before, open.Statements))
            return Verdict.Cut;
        underWay.Enqueue(open);
        open = new Batch(isExplicit ? open.Statements : []);
        return Verdict.Forward;
    }

    /// <param name="status">'I' = no transaction is open, 'T' or 'E' = one is.</param>
    private Verdict EndAnswer(char status)
    {
        var batch = underWay.Dequeue();
        var hasCommitted = status == 'I' && !batch.HasFailed;
        if (hasCommitted && faults.TryTake(CommitFault.Reply, batch.Statements))
            return Verdict.Cut;
        // The server knows best, for example when a begin has failed.
        if (underWay.Count == 0 && !open.IsBegun)
        {
            isExplicit = status != 'I';
            if (!isExplicit)
                open.Statements.Clear();
        }
        return Verdict.Forward;
    }

    /// <summary>What is answered with one ReadyForQuery.</summary>
    private sealed class Batch(IEnumerable<string> before)
    {
        /// <summary>Those of its transaction so far, with those of earlier batches.</summary>
        public List<string> Statements { get; } = [.. before];

        public bool IsBegun { get; set; }

        public bool HasFailed { get; set; }

        /// <summary>The client waits for an answer before it goes on: nothing may be held.</summary>
        public bool IsAwaited { get; set; }
    }
}
