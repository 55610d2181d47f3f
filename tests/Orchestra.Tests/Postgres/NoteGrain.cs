using Orleans.Runtime;

namespace Orchestra.Tests.Postgres;

[Alias("orchestra.tests.note")]
public interface INoteGrain : IGrainWithGuidKey
{
    [Alias("read")]
    Task<string?> Read();

    [Alias("write")]
    Task Write(string text);

    [Alias("clear")]
    Task Clear();

    /// <summary>Forgets what is in memory.</summary>
    [Alias("leave")]
    Task Leave();

    [Alias("remind")]
    Task Remind(string name, TimeSpan period);

    [Alias("forget")]
    Task Forget(string name);

    [Alias("reminders")]
    Task<string[]> Reminders();
}

/// <summary>A grain that uses all that Orleans keeps in the database.</summary>
internal sealed class NoteGrain([PersistentState("tests-note")] IPersistentState<Note> note)
    : Grain,
        INoteGrain,
        IRemindable
{
    public Task<string?> Read() => Task.FromResult(note.State.Text);

    public Task Write(string text)
    {
        note.State.Text = text;
        return note.WriteStateAsync();
    }

    public Task Clear() => note.ClearStateAsync();

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Remind(string name, TimeSpan period) =>
        this.RegisterOrUpdateReminder(name, period, period);

    public async Task Forget(string name) =>
        await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> Reminders() =>
        [.. (await this.GetReminders()).Select(r => r.ReminderName).Order(StringComparer.Ordinal)];

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}

[GenerateSerializer]
[Alias("orchestra.tests.note-state")]
internal sealed class Note
{
    [Id(0)]
    public string? Text { get; set; }
}
