using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

/// <summary>Rows as objects of an app's class, on a database that has met its server before.</summary>
public sealed class SetTests : IAsyncLifetime
{
    private static readonly EntityCatalog Tasks = new([
        new EntityType(
            "tasks",
            [
                Field("title", FieldType.Text) with
                {
                    Required = true,
                },
                Field("detail", FieldType.Text),
                Field("urgency", FieldType.Integer),
                Field("estimate_hours", FieldType.Real),
                Field("done", FieldType.Boolean),
                Field("due_at", FieldType.Timestamp),
                Field("color", FieldType.Text),
                Field("project_id", FieldType.Uuid),
                Field("labels", FieldType.Json),
                Field("created_at", FieldType.Timestamp) with
                {
                    ServerOnly = true,
                },
            ],
            serverOwned: false
        ),
    ]);

    private LocalDevice device = null!;
    private OrchestraClient client = null!;
    private EntitySet<TaskRow> tasks = null!;

    public async Task InitializeAsync()
    {
        device = await LocalDevice.CreateAsync(Tasks);
        client = await OpenAsync(device.Database.Path);
        tasks = client.Set<TaskRow>();
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await device.DisposeAsync();
    }

    [Fact]
    public async Task What_was_put_is_found_again_value_for_value()
    {
        var task = new TaskRow
        {
            Id = Id(1),
            Title = "Note G",
            Detail = "by hand",
            Urgency = 3,
            EstimateHours = 2,
            Done = true,
            DueAt = new DateTimeOffset(2026, 1, 31, 13, 30, 0, TimeSpan.FromHours(1)),
            ProjectId = Id(7),
            Labels = new TaskLabels(["a", "b"]),
        };

        Assert.True(await tasks.PutAsync(task));
        Assert.False(await tasks.PutAsync(task));

        var found = await tasks.FindAsync(Id(1));
        Assert.Equal(["a", "b"], found!.Labels!.Names);
        Assert.Equal(task, found with { Labels = task.Labels });
        Assert.Null(await tasks.FindAsync(Id(2)));
    }

    [Fact]
    public async Task Only_what_differs_is_written_and_null_clears()
    {
        var task = new TaskRow
        {
            Id = Id(1),
            Title = "old",
            Detail = "gone",
        };
        await tasks.PutAsync(task);
        // Once it has been sent, a later edit is a change of its own.
        await device.TakeAsync();

        await tasks.PutAsync(task with { Title = "new", Detail = null });

        var change = (await device.TakeAsync())[^1];
        Assert.Equal(ChangeOp.Update, change.Op);
        Assert.Equal(["detail", "title"], change.Fields.Keys.Order());
        Assert.True(change.Fields["detail"].IsNull);
    }

    [Fact]
    public async Task A_null_is_what_the_class_makes_of_it()
    {
        await device.ApplyAsync(
            Log(0, 4, Put(4, 1, new() { ["title"] = FieldValue.Text("bare") }, "tasks"))
        );

        var found = await tasks.FindAsync(Id(1));

        Assert.Equal(
            new TaskRow
            {
                Id = Id(1),
                Title = "bare",
                Version = 4,
            },
            found
        );
    }

    [Fact]
    public async Task What_only_the_server_writes_is_read_and_never_written()
    {
        var fields = new Dictionary<string, FieldValue>
        {
            ["title"] = FieldValue.Text("theirs"),
            ["created_at"] = FieldValue.Text("2026-01-31T12:00:00.000000Z"),
        };
        await device.ApplyAsync(Log(0, 1, Put(1, 1, fields, "tasks")));
        var found = await tasks.FindAsync(Id(1));

        Assert.True(await tasks.PutAsync(found! with { Title = "mine" }));

        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), found.CreatedAt);
        Assert.DoesNotContain("created_at", (await device.TakeAsync()).Single().Fields.Keys);
    }

    [Fact]
    public async Task A_set_is_asked_in_SQL_and_watched()
    {
        await using var urgent = tasks
            .WatchAsync(
                "where urgency >= $least order by urgency desc",
                new Dictionary<string, object> { ["$least"] = 2 }
            )
            .GetAsyncEnumerator();
        Assert.True(await urgent.MoveNextAsync());
        Assert.Empty(urgent.Current);

        await client.WriteAsync([
            .. Enumerable.Range(1, 3).Select(number => tasks.ToPut(Numbered(number))),
        ]);

        Assert.True(await urgent.MoveNextAsync());
        Assert.Equal([3, 2], urgent.Current.Select(task => task.Urgency));
        Assert.Equal(3, (await tasks.ListAsync()).Count);
        Assert.True(await tasks.DeleteAsync(urgent.Current[0]));
        Assert.True(await urgent.MoveNextAsync());
        Assert.Equal([2], urgent.Current.Select(task => task.Urgency));
    }

    [Fact]
    public async Task Before_the_first_contact_a_set_holds_what_was_written_here()
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-");
        await using (var newcomer = await OpenAsync(Path.Combine(folder.FullName, "new.db")))
        {
            var set = newcomer.Set<TaskRow>();
            Assert.Empty(await set.ListAsync());
            await set.PutAsync(Numbered(1));
            await set.PutAsync(Numbered(2));
            await set.PutAsync(Numbered(2) with { Title = "again" });
            await set.DeleteAsync(Id(1));

            Assert.Equal("again", Assert.Single(await set.ListAsync()).Title);
            Assert.Equal("again", (await set.FindAsync(Id(2)))!.Title);
            var error = await Assert.ThrowsAsync<SyncException>(() =>
                set.QueryAsync("where urgency = 2")
            );
            Assert.Equal(ErrorCode.UnknownEntity, error.Code);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_property_that_is_no_field_is_refused_by_its_name()
    {
        var odd = client.Set<OddTask>();

        var error = await Assert.ThrowsAsync<SyncException>(() =>
            odd.PutAsync(new OddTask(Id(1), "title", "sulphur"))
        );

        Assert.Equal((ErrorCode.UnknownField, "smell"), (error.Code, error.Field));
    }

    [Fact]
    public async Task A_class_that_cannot_stand_for_rows_is_refused_with_the_cure()
    {
        Assert.Throws<InvalidOperationException>(() => client.Set<Nameless>());
        Assert.Throws<InvalidOperationException>(() => client.Set<Unregistered>());
        Assert.Throws<ArgumentException>(() => client.Set("tasks", TaskJson.Default.WithoutId));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            tasks.PutAsync(new TaskRow { Title = "no id" })
        );
    }

    private static TaskRow Numbered(int number) =>
        new()
        {
            Id = Id(number),
            Title = $"{number}",
            Urgency = number,
        };

    private static Task<OrchestraClient> OpenAsync(string path) =>
        OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = path,
                Types = TaskJson.Default,
                WatchInterval = TimeSpan.Zero,
            }
        );
}
