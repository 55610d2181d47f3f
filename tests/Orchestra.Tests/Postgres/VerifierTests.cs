using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Verification;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>One database for all cases: each has an owner of its own.</summary>
public sealed class VerifiedDatabase : IAsyncLifetime
{
    public OldHistories Old { get; private set; } = null!;

    public async Task InitializeAsync() => Old = await OldHistories.CreateAsync();

    public Task DisposeAsync() => Old.DisposeAsync().AsTask();
}

/// <summary>The verifier takes what is sound, and sees through every kind of doctored data.</summary>
public sealed class VerifierTests(VerifiedDatabase database) : IClassFixture<VerifiedDatabase>
{
    private readonly OldHistories old = database.Old;

    /// <summary>What a superuser does to the owner <c>$o</c>, and what is found.</summary>
    public static TheoryData<string, string> Doctored =>
        new()
        {
            { "delete from orchestra.sync_log where $o and version = 3", "lacks version 3" },
            {
                "delete from orchestra.sync_log where $o and version in (3, 4)",
                "lacks versions 3 to 4"
            },
            { "delete from orchestra.sync_log where $o and version = 1", "lacks version 1" },
            {
                """
                    insert into orchestra.sync_log
                    select owner_id, version, entity_type, entity_id, op, device_id, seq, change_id,
                        priority, edited_at, row_edited_at, root_version, tx_end, fields, won,
                        created_at + interval '1 second'
                    from orchestra.sync_log where $o and version = 2
                    """,
                "has version 2 twice"
            },
            { "update orchestra.sync_head set version = version - 1 where $o", "the log ends at" },
            {
                "update orchestra.sync_head set version = version + 2 where $o",
                "the log lacks versions"
            },
            {
                "update orchestra.sync_head set first_month = first_month - 1 where $o",
                "month_starts has version 1 in 2023-12, the log in 2024-01"
            },
            { "update orchestra.sync_head set digest = digest # 1 where $o", "the digest is" },
            { "update orchestra.sync_head set live_rows = 99 where $o", "live_rows is 99, but" },
            {
                "update orchestra.projects set deleted_at = now() where $o and name = 'Apollo'",
                "is live, and its project_id names no live row"
            },
            {
                "update orchestra.projects set version = 900 where $o and name = 'Apollo'",
                "has version 900; the owner's is"
            },
            {
                "update orchestra.projects set created_version = 0 where $o and name = 'Apollo'",
                "was created at 0"
            },
            {
                "update orchestra.device_cursor set last_seq = 2 where $o",
                "is at seq 2, but the log has its"
            },
            { "delete from orchestra.device_cursor where $o", "device_cursor has not" },
            {
                "update orchestra.projects set name = 'Saturn' where $o and name = 'Apollo'",
                "has another name than by the log"
            },
            {
                "update orchestra.projects set color = 'red' where $o and name = 'Apollo'",
                "has another color than by the log"
            },
            {
                "update orchestra.projects set metadata = '{\"a\": 2}' where $o",
                "has another metadata than by the log"
            },
            {
                "update orchestra.specimens set ratio = 1.5 where $o",
                "has another ratio than by the log"
            },
            {
                "update orchestra.specimens set deleted_at = now() where $o and deleted_at is null",
                "is deleted, by the log live"
            },
            { "delete from orchestra.files where $o", "is live by the log, but not in its table" },
            {
                "delete from orchestra.specimens where $o and deleted_at is not null",
                "is deleted by the log, but not in its table"
            },
            {
                """
                    insert into orchestra.projects (owner_id, id, version, created_version, created_at,
                        updated_at, stamp_at, stamp_priority, stamp_device, stamp_seq, name)
                    select owner_id, gen_random_uuid(), 901, 901, created_at, updated_at, stamp_at,
                        stamp_priority, stamp_device, stamp_seq, name
                    from orchestra.projects where $o and name = 'Apollo'
                    """,
                "but the log does not know it"
            },
            {
                "update orchestra.sync_head set log_horizon = 500 where $o",
                "log_horizon 500 is not within"
            },
            {
                "update orchestra.sync_head set tombstone_horizon = -1 where $o",
                "tombstone_horizon -1 is not within"
            },
            {
                """
                    insert into orchestra.sync_epoch
                    select owner_id, epoch + 1, 1 from orchestra.sync_head where $o
                    """,
                "is not the last of sync_epoch"
            },
            {
                """
                    insert into orchestra.sync_epoch
                    select owner_id, epoch, 500 from orchestra.sync_head where $o
                    """,
                "kept 500, but the version is"
            },
        };

    [Theory]
    [MemberData(nameof(Doctored))]
    public async Task Doctored_data_is_named(string sql, string finding)
    {
        var owner = await WriteAsync();
        Assert.Empty((await old.VerifyAsync(owner)).Findings);
        await old.Database.RunAsync(
            sql.Replace("$o", $"owner_id = '{owner.Owner}'", StringComparison.Ordinal)
        );

        var report = await old.VerifyAsync(owner);

        Assert.Contains(
            report.Findings,
            found =>
                found.Owner == owner.Owner && found.What.Contains(finding, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(MigratedDatabase.App)]
    [InlineData("orchestra_readonly")]
    public async Task Whoever_can_read_can_verify_an_owner(string role)
    {
        var owner = await WriteAsync();
        var report = await old.VerifyAsync(owner, role);
        Assert.Empty(report.Findings);
        Assert.Equal(
            (1L, (long)owner.Rows.Count, owner.Head.Version),
            (report.Owners, report.Rows, report.LogEntries)
        );
    }

    [Fact]
    public async Task But_all_owners_only_whoever_sees_them()
    {
        await WriteAsync();
        await using var reader = PostgresDatabase.Open(
            old.Database.ConnectionString("orchestra_readonly")
        );
        var refused = await Assert.ThrowsAsync<SchemaException>(() =>
            new PostgresVerifier(reader).CountAsync(null, CancellationToken.None)
        );
        Assert.Contains("one owner at a time", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_log_begins_late_it_still_holds_rows_to_what_it_says()
    {
        var owner = await WriteAsync();
        await old.Database.RunAsync(
            $"update orchestra.sync_head set log_horizon = 4 where owner_id = '{owner.Owner}'"
        );
        Assert.Empty((await old.VerifyAsync(owner)).Findings);
        await old.Database.RunAsync(
            $"""
            update orchestra.projects set name = 'Saturn', color = 'red'
            where owner_id = '{owner.Owner}' and name = 'Gemini 2'
            """
        );
        Assert.EndsWith(
            "has another name than by the log",
            Assert.Single((await old.VerifyAsync(owner)).Findings).What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Many_findings_are_counted_and_twenty_told()
    {
        var owner = OldHistories.NewOwner();
        for (var i = 0; i < 50; i++)
            owner.Create("projects", ("name", FieldValue.Text($"{i}")));
        await old.CommitAsync(owner);
        await old.Database.RunAsync(
            $"update orchestra.projects set name = 'x' where owner_id = '{owner.Owner}'"
        );
        var report = await old.VerifyAsync(owner);
        Assert.Equal((20, 30L), (report.Findings.Count, report.MoreFindings));
    }

    /// <summary>Something of everything: updates, a deletion with its cascade, a revival, JSON.</summary>
    private async Task<OwnerHistory> WriteAsync()
    {
        var owner = OldHistories.NewOwner();
        var apollo = owner.Create(
            "projects",
            ("name", FieldValue.Text("Apollo")),
            ("metadata", FieldValue.Json("""{"a":1,"b":[1.50,"x"]}"""))
        );
        var gemini = owner.Create("projects", ("name", FieldValue.Text("Gemini")));
        owner.Create(
            "files",
            ("project_id", FieldValue.Text(apollo.Id.ToString("D"))),
            ("path", FieldValue.Text("a/b.c")),
            ("content_hash", FieldValue.Text(new string('a', 64))),
            ("size", FieldValue.Integer(7))
        );
        await old.CommitAsync(owner);
        var specimen = owner.Create(
            "specimens",
            ("ratio", FieldValue.Real(-0.0)),
            ("moment", FieldValue.Text("2024-02-03T04:05:06.789000Z")),
            ("extra", FieldValue.Json("\"dark\""))
        );
        var gone = owner.Create("specimens", ("label", FieldValue.Text("gone")));
        owner.Update(gemini, ("name", FieldValue.Text("Gemini 2")));
        await old.CommitAsync(owner);
        owner.Pass(TimeSpan.FromDays(40));
        owner.Delete(gone);
        owner.Delete(specimen);
        await old.CommitAsync(owner);
        owner.Revive(specimen);
        owner.Update(specimen, ("amount", FieldValue.Integer(5)), ("label", FieldValue.Null));
        await old.CommitAsync(owner);
        return owner;
    }
}
