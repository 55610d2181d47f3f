using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Simulation;
using Orchestra.TestKit.Simulation.Checkers;
using Orchestra.TestKit.Simulation.Devices;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.Tests.Simulation;

/// <summary>Each checker rejects a history that was tampered with, and nothing else does.</summary>
public sealed class CheckerTests
{
    /// <summary>Of the first run that has what the tests tamper with.</summary>
    private static readonly Lazy<Evidence> Good = new(() =>
        Enumerable
            .Range(1, 20)
            .Select(Run)
            .First(run => run.Histories().Any(history => IsEditOfSomethingKnown(run, history)))
    );

    private static Evidence Run(int seed)
    {
        using var scenario = new Scenario(seed, SeededBug.None, keepsTrace: false);
        scenario.Run();
        // The store is gone when the tests look.
        return scenario.LastEvidence[0] with { Read = _ => throw new InvalidOperationException() };
    }

    private static StoredOwner Stored => Good.Value.Stored;

    [Fact]
    public void P1_a_version_that_is_missing() =>
        Rejects("P1", Versions.Check, Good.Value with { Stored = WithoutEntry(3) });

    [Fact]
    public void P3_an_acknowledged_change_that_is_gone()
    {
        var gone = Good.Value.Seen.Verdicts.First(verdict => verdict.Version is not null);
        Rejects(
            "P3",
            Acknowledgements.Check,
            Good.Value with
            {
                Stored = WithoutEntry(gone.Version!.Value),
            }
        );
    }

    [Fact]
    public void P4_a_change_that_took_effect_twice()
    {
        var own = Stored.Log.First(entry =>
            entry.RootVersion is null && entry.Stamp.Device != DeviceId.Server
        );
        Rejects("P4", Acknowledgements.Check, WithEntry(own with { Version = 1_000 }));
    }

    [Fact]
    public void P5_a_row_that_the_log_does_not_explain()
    {
        var row = Good.Value.LiveRows.First();
        Rejects(
            "P5",
            Replay.Check,
            Good.Value with
            {
                Stored = Stored with { Rows = [.. Stored.Rows.Where(other => other != row)] },
            }
        );
    }

    [Fact]
    public void P5_a_digest_that_is_not_the_rows() =>
        Rejects(
            "P5",
            Replay.Check,
            Good.Value with
            {
                Stored = Stored with
                {
                    Head = Stored.Head with { Digest = Stored.Head.Digest ^ 1 },
                },
            }
        );

    [Fact]
    public void P6_a_device_that_lacks_a_row() =>
        RejectsCopy(rows => rows.Remove(rows.First().Key));

    [Fact]
    public void P6_a_device_with_another_value() =>
        RejectsCopy(rows =>
        {
            var (key, row) = rows.First(pair => pair.Key.Entity == "devices");
            rows[key] = row with
            {
                Fields = new Dictionary<string, FieldValue>(row.Fields)
                {
                    ["name"] = FieldValue.Text("another"),
                },
            };
        });

    [Fact]
    public void P7_a_cursor_that_goes_back()
    {
        var last = Good.Value.Seen.Progress[^1];
        Rejects(
            "P7",
            Cursors.Check,
            Good.Value with
            {
                Seen = Good.Value.Seen with
                {
                    Progress =
                    [
                        .. Good.Value.Seen.Progress,
                        last with
                        {
                            Version = last.Version - 1,
                            IsReset = false,
                        },
                    ],
                },
            }
        );
    }

    [Fact]
    public void P8_a_write_that_its_device_does_not_see()
    {
        var fields = new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("mine") };
        var edit = Edit.Put("projects", Guid.AllBitsSet, fields);

        Assert.Empty(OwnWrites.Check("A", edit, fields));
        Assert.NotEmpty(OwnWrites.Check("A", edit, null));
        Assert.NotEmpty(OwnWrites.Check("A", Edit.Delete("projects", Guid.AllBitsSet), fields));
    }

    [Fact]
    public void P9_a_winner_whose_stamp_says_otherwise()
    {
        var history = Good
            .Value.Histories()
            .First(entries => IsEditOfSomethingKnown(Good.Value, entries));
        var oldest = history[^1].Stamp with { EditedAt = DateTimeOffset.UnixEpoch };
        Rejects("P9", Winners.Check, Replaced(history[^1], history[^1] with { Stamp = oldest }));
    }

    [Fact]
    public void P10_a_history_that_runs_backwards()
    {
        var entry = Stored.Log[^1];
        Rejects(
            "P10",
            Clocks.Check,
            Replaced(entry, entry with { CreatedAt = entry.CreatedAt.AddDays(-1) })
        );
    }

    [Fact]
    public void P11_a_deleted_row_that_comes_back_by_itself()
    {
        var (deleted, next) = Good
            .Value.Histories()
            .SelectMany(entries => entries.Zip(entries.Skip(1)))
            .First();
        var doctored = Replaced(deleted, deleted with { Op = LogOp.Delete });
        Rejects(
            "P11",
            Deletions.Check,
            doctored with
            {
                Stored = doctored.Stored with
                {
                    Log =
                    [
                        .. doctored.Stored.Log.Select(entry =>
                            entry == next ? entry with { Op = LogOp.Put } : entry
                        ),
                    ],
                },
            }
        );
    }

    [Fact]
    public void P12_pages_that_leave_something_out()
    {
        var head = Stored.Head;
        var page = new ChangesPage(
            head.Epoch,
            0,
            head.Version,
            null,
            false,
            0,
            head.Digest,
            head.Rows,
            head.Version,
            []
        );
        var found = Pages.Check(
            Good.Value with
            {
                Read = _ => new ReadOutcome(page, null),
            },
            new Random(1)
        );
        Assert.Contains(found, violation => violation.StartsWith("P12", StringComparison.Ordinal));
    }

    [Fact]
    public void P13_a_cursor_from_elsewhere_that_gets_an_empty_page() =>
        Assert.NotEmpty(
            StrangeCursors.Check(Good.Value with { Read = _ => new ReadOutcome(null, null) })
        );

    [Fact]
    public void P21_a_row_that_a_restored_server_does_not_get_back()
    {
        var lost = new RowKey("projects", Guid.AllBitsSet);
        Rejects(
            "P21",
            Healing.Check,
            Good.Value with
            {
                Seen = Good.Value.Seen with { Restores = [new Restored(0, 0, [lost])] },
            }
        );
    }

    [Fact]
    public void P22_a_device_that_sees_half_a_transaction()
    {
        var file = Path.GetTempFileName();
        using var connection = DeviceFile.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = """
            create table o_meta (floor);
            create table base_settings (name, value, o_present);
            insert into o_meta values (null);
            insert into base_settings values ('left', 1, 1), ('right', 1, 1);
            """;
        command.ExecuteNonQuery();
        var world = new World(1, keepsTrace: false);
        using var watch = new TransactionWatch(world, "A", file, () => false);

        watch.Look();
        Assert.Empty(world.Failures);
        command.CommandText = "update base_settings set value = 2 where name = 'left'";
        command.ExecuteNonQuery();
        watch.Look();
        Assert.NotEmpty(world.Failures);
    }

    private static bool IsEditOfSomethingKnown(Evidence run, IReadOnlyList<LogEntry> history) =>
        run.Seen.Sent.TryGetValue(history[^1].Change, out var sent)
        && history[^1].RootVersion is null
        && !run.Seen.Renewed.Contains(history[^1].Stamp.Device)
        && run.Seen.Dropped.TrueForAll(log => log.Horizon < history[0].Version)
        && history.Any(entry => entry.Version == sent.Change.Base);

    private static void Rejects(
        string property,
        Func<Evidence, IEnumerable<string>> check,
        Evidence doctored
    )
    {
        Assert.Empty(check(Good.Value));
        Assert.Contains(
            check(doctored),
            violation => violation.StartsWith(property + " ", StringComparison.Ordinal)
        );
    }

    private static void RejectsCopy(Action<Dictionary<RowKey, EntityRow>> tamper)
    {
        var copy = Good.Value.Copies[0];
        var rows = copy.Rows.ToDictionary();
        tamper(rows);
        Rejects(
            "P6",
            Convergence.Check,
            Good.Value with
            {
                Copies = [copy with { Rows = rows }, .. Good.Value.Copies.Skip(1)],
            }
        );
    }

    private static StoredOwner WithoutEntry(long version) =>
        Stored with
        {
            Log = [.. Stored.Log.Where(entry => entry.Version != version)],
        };

    private static Evidence WithEntry(LogEntry entry) =>
        Good.Value with
        {
            Stored = Stored with { Log = [.. Stored.Log, entry] },
        };

    private static Evidence Replaced(LogEntry old, LogEntry other) =>
        Good.Value with
        {
            Stored = Stored with
            {
                Log = [.. Stored.Log.Select(entry => entry == old ? other : entry)],
            },
        };
}
