using System.Text.RegularExpressions;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>A stable name for each statement of the engine, by what its text begins with or holds.</summary>
public static class StatementName
{
    private static readonly (Regex Text, string Name)[] Known =
    [
        Rule("^with asked as .* for no key update skip locked", "fence"),
        Rule("^with asked as ", "fence waiting"),
        Rule("^with due as ", "horizons raise"),
        Rule(
            "^select h.owner_id from orchestra.sync_head h where h.owner_id = any",
            "heads below a horizon"
        ),
        Rule("^select owner_id from orchestra.sync_head where .* limit", "heads walk"),
        Rule("^select owner_id from orchestra.sync_head .* for no key update", "heads lock"),
        Rule("^update orchestra.sync_head h set tombstone_horizon", "tombstone horizons raise"),
        Rule("^select deleted_at, owner_id from orchestra.\"(\\w+)\"", "$1 tombstones"),
        Rule("^with old as .* delete from orchestra.\"(\\w+)\"", "$1 tombstones delete"),
        Rule("^select owner_id, commit_no, .* from orchestra.sync_head", "heads"),
        Rule("^select epoch, kept from orchestra.sync_epoch", "epochs"),
        Rule("^select device_id, last_seq, .* from orchestra.device_cursor", "cursors"),
        Rule("^insert into orchestra.device_cursor", "cursors write"),
        Rule("^with said as ", "acks"),
        Rule("^select device_id, acked_version, .* from orchestra.device_cursor", "acks of owner"),
        Rule("^insert into orchestra.sync_log", "log append"),
        Rule("^select version, .* from orchestra.sync_log .* limit ", "log page"),
        Rule("^select version, .* from orchestra.sync_log .* entity_id = any", "log of rows"),
        Rule("^select version, .* from orchestra.sync_log .* version = any", "log versions"),
        Rule("^insert into orchestra.sync_conflict", "conflicts append"),
        Rule("^select commit_no, ordinal, .* from orchestra.sync_conflict", "conflicts page"),
        Rule("^insert into orchestra.embedding_lease", "lease"),
        Rule("^insert into orchestra.embedding_progress", "position moves"),
        Rule("^insert into orchestra.\"(\\w+)_embedding\"", "$1 vector"),
        Rule("^select h.owner_id, h.version > ", "heads behind"),
        Rule("^select p.recipe, ", "position"),
        Rule("^select version, hash from orchestra.contents", "contents since"),
        Rule("^select t.id, .* orchestra.\"(\\w+)\" t left join .* t.version > ", "$1 since"),
        Rule("^select t.id, .* orchestra.\"(\\w+)\" t left join .* = any", "$1 naming contents"),
        Rule("^select t.id, .* orchestra.\"(\\w+)\" t left join .* t.id = ", "$1 text"),
        Rule("^select \\( select count.* orchestra.\"(\\w+)_embedding\"", "$1 are many"),
        Rule(
            "^select h.id, h.distance from \\( select e.id, .* orchestra.\"(\\w+)_embedding\"",
            "$1 near"
        ),
        Rule(
            "^select h.id, h.distance from \\( select d.id, .* orchestra.\"(\\w+)_embedding\"",
            "$1 compared"
        ),
        Rule("^insert into orchestra.\"(\\w+)\"", "$1 insert"),
        Rule(
            "^with written as \\( update orchestra.\"(files)\" .*\"path\" = case",
            "$1 update words"
        ),
        Rule(
            "^with written as \\( update orchestra.\"(notes)\" .*\"body\" = case",
            "$1 update words"
        ),
        Rule("^with written as \\( update orchestra.\"(\\w+)\"", "$1 update"),
        Rule("^select coalesce\\(bit_xor.* from orchestra.\"(\\w+)\"", "$1 digest"),
        Rule("^select t.id, .* orchestra.\"(\\w+)\" t where .* t.id = k.id offset", "$1 texts"),
        Rule(
            "^select t.* lateral .* orchestra.\"(\\w+)\" t where .* t.id = k.id offset",
            "$1 by id"
        ),
        Rule(
            "^select t.* lateral .* orchestra.\"(\\w+)\" t .*\"(\\w+)\" = k.id and .* is null",
            "$1 of $2"
        ),
        Rule(
            "^select t.* lateral .* orchestra.\"(\\w+)\" t .*\"(\\w+)\" = k.id and t.root_version",
            "$1 of $2 deleted"
        ),
        Rule("^select c.hash, .* from orchestra.contents c", "contents unused"),
        Rule("^select hash, .* from orchestra.contents", "contents walk"),
        Rule("^select id, rank from orchestra.\"search_", "search"),
        Rule(
            "^select hit.id, hit.rank from \\( select .* from orchestra.(\\w+) t",
            "$1 with words"
        ),
        Rule("^select t.* from orchestra.\"(\\w+)\" t where .* t.version <= ", "$1 in versions"),
        Rule("^select t.* from orchestra.\"(\\w+)\" t where t.owner_id = \\$1$", "$1 of owner"),
        Rule("^select version from \\(.*\"devices\".*\"users\"", "next versions"),
        Rule("^select version from \\(", "next versions of some"),
        Rule(
            "^SELECT 1 FROM ONLY \"orchestra\".\"(\\w+)\" x WHERE \"owner_id\"",
            "reference to $1"
        ),
        Rule("^SELECT 1 FROM ONLY \"orchestra\".\"(\\w+)\" x WHERE \\$1", "referrers in $1"),
    ];

    /// <exception cref="InvalidOperationException">It has none yet: give it one here.</exception>
    public static string Of(ExplainedStatement statement)
    {
        foreach (var (text, name) in Known)
            if (text.Match(statement.Sql) is { Success: true } match)
                return match.Result(name);
        throw new InvalidOperationException($"A statement without a name: {statement.Sql}");
    }

    private static (Regex, string) Rule(string text, string name) =>
        (new Regex(text, RegexOptions.CultureInvariant), name);
}
