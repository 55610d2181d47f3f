namespace Orchestra.TestKit.Simulation.Machine;

/// <summary>
/// A process's clocks: one that tells the time of day and can be set, one that only goes forward.
/// Timers go by the latter and wake the process, if it still lives.
/// </summary>
internal sealed class LaneTime(World world, Lane lane, Func<TimeSpan> offset) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => World.Beginning + world.Now + offset();

    public override long GetTimestamp() => world.Now.Ticks;

    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new LaneTimer(world, lane, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class LaneTimer(World world, Lane lane, Action fire) : ITimer
    {
        private int generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++generation;
            if (dueTime != Timeout.InfiniteTimeSpan)
                world.At(dueTime, () => Fire(mine, period));
            return true;
        }

        public void Dispose() => generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int mine, TimeSpan period)
        {
            if (mine != generation || lane.IsDead)
                return;
            if (period > TimeSpan.Zero)
                world.At(period, () => Fire(mine, period));
            lane.Post(fire);
        }
    }
}
