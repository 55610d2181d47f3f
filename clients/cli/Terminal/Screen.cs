using Spectre.Console;

namespace Orchestra.Cli.Terminal;

/// <summary>
/// Where a command writes. On a terminal it may draw; into a pipe or a file it writes plain lines
/// that a script can read.
/// </summary>
internal sealed class Screen(TextWriter output, TextWriter error)
{
    private readonly IAnsiConsole? console =
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected
            ? AnsiConsole.Console
            : null;

    /// <summary>Bars are no result: they go where errors go, so that a result can be redirected.</summary>
    private readonly IAnsiConsole? beside =
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected
            ? AnsiConsole.Create(
                new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
            )
            : null;

    public bool IsTerminal => console is not null;

    public void Line(string text) => output.WriteLine(text);

    /// <summary>News that are not the command's result.</summary>
    public void Error(string text) => error.WriteLine(text);

    /// <returns>What the person at the terminal says; null where there is none.</returns>
    public bool? Ask(string question) =>
        beside is null || Console.IsInputRedirected
            ? null
            : beside.Confirm(Markup.Escape(question), defaultValue: false);

    /// <summary>A table for people; tab-separated lines, headers first, for programs.</summary>
    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (console is null)
        {
            Line(string.Join('\t', headers));
            foreach (var row in rows)
                Line(string.Join('\t', row.Select(OnOneLine)));
            return;
        }
        var table = new Table().Border(TableBorder.Simple);
        foreach (var header in headers)
            table.AddColumn(new TableColumn(Markup.Escape(header)));
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    /// <summary>Runs <paramref name="work"/> beside bars that show how far it is.</summary>
    public async Task ProgressAsync(Func<IProgressBoard, Task> work)
    {
        if (beside is null)
        {
            await work(new SilentBoard());
            return;
        }
        await beside
            .Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(context => work(new DrawnBoard(context)));
    }

    private static string OnOneLine(string text) =>
        text.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r");
}
