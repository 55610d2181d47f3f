using Orchestra.Client;

namespace Orchestra.Cli.Terminal;

/// <summary>Bars for a sync that has much to do; a short one has ended before anybody looks.</summary>
internal sealed class SyncBars(IProgressBoard board)
{
    /// <summary>Changes; fewer are through at once.</summary>
    private const long Few = 200;

    private readonly Bar fetching = new(board, "Fetching");
    private readonly Bar sending = new(board, "Sending");

    public void Show(SyncProgress progress)
    {
        fetching.Show(
            progress.RowsExpected is { } rows
                ? rows - progress.Rows
                : progress.Head - progress.Version
        );
        sending.Show(progress.Outbox);
    }

    private sealed class Bar(IProgressBoard board, string step)
    {
        private Action<double>? report;
        private long most;

        public void Show(long left)
        {
            if (report is null && left > Few)
                report = board.Begin(step, most = left);
            report?.Invoke(Math.Max(0, most - left));
        }
    }
}
