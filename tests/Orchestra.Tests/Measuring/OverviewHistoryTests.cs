using Microsoft.Extensions.Time.Testing;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;

namespace Orchestra.Tests.Measuring;

/// <summary>What the operators' page shows of the last hour.</summary>
public sealed class OverviewHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LongAgo = Start - TimeSpan.FromHours(1);

    private readonly FakeTimeProvider time = new(Start);
    private readonly OverviewHistory history;

    public OverviewHistoryTests() => history = new(time);

    [Fact]
    public void What_is_counted_is_told_by_how_much_it_grew_in_all_processes()
    {
        history.Add(Report("a", ("commits", 100, true)));
        history.Add(Report("b", ("commits", 7, true)));
        Step();
        history.Add(Report("a", ("commits", 103, true)));
        history.Add(Report("b", ("commits", 9, true)));
        Step();

        var moments = history.Read(0).Moments;
        // What they had before anybody asked happened nobody knows when.
        Assert.Empty(moments[0].Values);
        Assert.Equal(5, moments[1].Values["commits"]);
        Assert.Equal(moments[0].Number + 1, moments[1].Number);
    }

    [Fact]
    public void A_process_that_began_anew_counts_from_nothing()
    {
        history.Add(Report("a", ("commits", 100, true)));
        Step();
        history.Add(
            Report("a", ("commits", 4, true)) with
            {
                StartedAt = Start + TimeSpan.FromSeconds(3),
            }
        );
        Step();
        Assert.Equal(4, history.Read(0).Moments[1].Values["commits"]);
    }

    [Fact]
    public void Of_a_process_that_has_just_started_everything_is_new()
    {
        history.Add(Report("a", ("commits", 4, true)) with { StartedAt = Start });
        Step();
        Assert.Equal(4, history.Read(0).Moments[0].Values["commits"]);
    }

    [Fact]
    public void A_report_that_was_lost_is_made_up_for_by_the_next()
    {
        history.Add(Report("a", ("commits", 100, true)));
        Step();
        Step();
        history.Add(Report("a", ("commits", 110, true)));
        Step();
        Assert.Equal(
            10,
            history.Read(0).Moments.Sum(moment => moment.Values.GetValueOrDefault("commits"))
        );
    }

    [Fact]
    public void What_is_measured_is_added_up_over_those_that_are_not_silent()
    {
        history.Add(Report("a", ("connections", 3, false)));
        history.Add(Report("b", ("connections", 4, false)));
        Step();
        for (var i = 0; i < 3; i++)
        {
            history.Add(Report("b", ("connections", 5, false)));
            Step();
        }
        var overview = history.Read(0);
        Assert.Equal([7, 8, 5, 5], overview.Moments.Select(moment => moment.Values["connections"]));
        Assert.Equal(
            [("a", 20), ("b", 5)],
            overview.Processes.Select(one => (one.Report.Process, one.SilentFor.TotalSeconds))
        );
    }

    [Fact]
    public void Who_was_heard_of_by_another_and_does_not_report_is_missed_soon()
    {
        history.Expect([new("a", "sync", "1", LongAgo), new("b", "sync", "1", LongAgo)]);
        time.Advance(ClusterOverview.Step);
        history.Add(Report("a", ("commits", 100, true)));
        time.Advance(0.5 * ClusterOverview.Step);
        var overview = history.Read(0);
        Assert.Equal(
            [("a", false), ("b", true)],
            overview.Processes.Select(one =>
                (one.Report.Process, one.SilentFor >= OverviewHistory.Silence)
            )
        );
        Assert.Equal(["a", "b"], history.Roster().Select(entry => entry.Process));
        Step();
        Assert.DoesNotContain(
            history.Read(0).Moments,
            moment => moment.Values.ContainsKey("commits")
        );
    }

    [Fact]
    public void Who_says_that_he_leaves_is_not_missed()
    {
        history.Add(Report("a", ("orchestra.draining", 1, false)));
        history.Add(Report("b", ("orchestra.draining", 0, false)));
        Assert.Equal(["b"], history.Roster().Select(entry => entry.Process));
    }

    [Fact]
    public void Who_was_silent_for_long_is_forgotten()
    {
        history.Add(Report("a"));
        time.Advance(OverviewHistory.Memory);
        Assert.Empty(history.Read(0).Processes);
    }

    [Fact]
    public void Only_what_the_caller_lacks_is_told_and_never_more_than_an_hour()
    {
        for (var i = 0; i < OverviewHistory.MostMoments + 10; i++)
        {
            history.Add(Report("a"));
            Step();
        }
        var all = history.Read(0).Moments;
        Assert.Equal(OverviewHistory.MostMoments, all.Count);
        Assert.Equal([all[^1]], history.Read(all[^2].Number).Moments);
        Assert.Empty(history.Read(all[^1].Number).Moments);
    }

    [Fact]
    public void No_more_than_a_thousand_processes_are_kept()
    {
        for (var i = 0; i <= OverviewHistory.MostProcesses; i++)
            history.Add(Report($"{i}"));
        Assert.Equal(OverviewHistory.MostProcesses, history.Read(0).Processes.Count);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_moment_twice()
    {
        history.Add(Report("a"));
        Step();
        var before = history.Read(0).Moments;
        time.AdjustTime(Start - TimeSpan.FromMinutes(1));
        history.Add(Report("a"));
        Assert.Equal(before, history.Read(0).Moments);
    }

    private void Step() => time.Advance(ClusterOverview.Step);

    private static ProcessReport Report(
        string process,
        params (string Name, double Value, bool IsTotal)[] samples
    ) =>
        new(
            process,
            "sync",
            "1",
            LongAgo,
            [.. samples.Select(one => new Sample(one.Name, one.Value, one.IsTotal))]
        );
}
