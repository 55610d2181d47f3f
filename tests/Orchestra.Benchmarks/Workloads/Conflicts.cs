using System.Globalization;
using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>
/// W6: as W1 with batches of 100, but two devices of each user write the same rows in turn, and of
/// their changes 30 % do not know of what the other one has just written.
/// </summary>
internal sealed class Conflicts : IWorkload
{
    private const int Users = 200;
    private const int Rows = 100;

    public string Name => "W6";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        List<Pusher> pushers = [];
        List<Rivals> rivals = [];
        for (var i = 0; i < Users; i++)
        {
            pushers.Add(new Pusher(await stage.ConnectAsync(Stage.NewOwner(), cancel), Rows));
            rivals.Add(await Rivals.ConnectAsync(stage, Rows, cancel));
        }
        List<(double Ours, double Limit, Processors? Processors)> rounds = [];
        for (var i = 0; i <= settings.Rounds; i++)
        {
            var (plain, _) = await Ingest.PushAsync(stage, pushers, settings.Length, cancel);
            foreach (var pair in rivals)
                pair.Prepare(settings.Length);
            var (rate, load) = await stage.WatchAsync(() =>
                Timed.RunAsync(rivals.Select(NextOf), settings.Length, cancel)
            );
            if (i > 0)
                rounds.Add((rate * Rows, plain, load));
            advance();
        }
        foreach (var pair in rivals)
            pair.Dispose();
        var what = $"{await ShareAsync(stage, rivals):0} % conflicts, to W1";
        return [Finding.Of(Name, what, "changes/s", rounds, Goal.AtLeast(0.6, 0.8))];
    }

    /// <returns>Of the rivals' changes those that the server found to be in conflict, percent.</returns>
    private static async Task<double> ShareAsync(Stage stage, List<Rivals> rivals)
    {
        // The making of the rows, and the turn after it.
        var first = 2 * rivals.Count * Rows;
        var owners = string.Join(',', rivals.Select(pair => pair.Owner.Value));
        var share = await stage.Product.RunAsync(
            $$"""
            with written as (
                select count(*) - {{first}} as changes from orchestra.sync_log
                where owner_id = any ('{{{owners}}}')
            ), met as (
                select count(*) as conflicts,
                    count(*) filter (where verdict = 'superseded') as lost
                from orchestra.sync_conflict where owner_id = any ('{{{owners}}}')
            )
            select 100.0 * conflicts / (changes + lost) from written, met
            """
        );
        return Convert.ToDouble(share, CultureInfo.InvariantCulture);
    }

    private static Func<CancellationToken, Task<bool>> NextOf(Rivals pair) => pair.NextAsync;
}
