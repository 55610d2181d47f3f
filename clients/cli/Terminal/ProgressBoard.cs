using Spectre.Console;

namespace Orchestra.Cli.Terminal;

/// <summary>Shows how far several steps are: drawn on a terminal, not at all elsewhere.</summary>
internal interface IProgressBoard
{
    /// <returns>Takes how much of <paramref name="total"/> is done.</returns>
    Action<double> Begin(string step, double total);
}

internal sealed class SilentBoard : IProgressBoard
{
    public Action<double> Begin(string step, double total) => _ => { };
}

internal sealed class DrawnBoard(ProgressContext context) : IProgressBoard
{
    public Action<double> Begin(string step, double total)
    {
        var task = context.AddTask(Markup.Escape(step), maxValue: Math.Max(total, 1));
        return done => task.Value = total == 0 ? task.MaxValue : done;
    }
}
