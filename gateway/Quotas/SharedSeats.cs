using Orchestra.Sync.Relay;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// The sockets of a user or an address at all gateways together. Nobody waits for the others' answer:
/// a newcomer is let in, and turned away a moment later if there are too many. Who has been counted
/// once stays, whatever the others say later.
/// </summary>
internal sealed class SharedSeats(ISeatRelay relay, TimeProvider time)
{
    private readonly Guid place = Guid.NewGuid();
    private readonly Lock gate = new();
    private readonly Dictionary<string, Row> rows = [];

    /// <summary>Takes a seat until the result is disposed of.</summary>
    /// <param name="whose">A user or an address.</param>
    /// <param name="limit">How many there may be, 1 or more.</param>
    /// <param name="turnAway">Called at most once, when there are more.</param>
    public IDisposable Take(string whose, int limit, Action turnAway)
    {
        lock (gate)
        {
            if (!rows.TryGetValue(whose, out var row))
                rows[whose] = row = new Row(this, whose, limit);
            var seat = new Seat(row, turnAway);
            row.Taken++;
            row.Newcomers.Add(seat);
            row.Pump.Wake();
            return seat;
        }
    }

    /// <summary>Tells again what others would forget soon.</summary>
    public void Renew()
    {
        lock (gate)
            foreach (var row in rows.Values)
                if (time.GetElapsedTime(row.ToldAt) >= ISeatRelay.Renewal)
                    row.Pump.Wake();
    }

    private async Task ExchangeAsync(Row row)
    {
        int here;
        List<Seat> arrived;
        lock (gate)
        {
            // Everybody had left, which was told; whoever has come since has a row of his own.
            if (rows.GetValueOrDefault(row.Whose) != row)
                return;
            (here, arrived) = (row.Taken, [.. row.Newcomers]);
            row.ToldAt = time.GetTimestamp();
        }
        var elsewhere = await relay.ExchangeAsync(row.Whose, place, here);
        List<Seat> tooMany;
        lock (gate)
        {
            arrived.RemoveAll(seat => !row.Newcomers.Remove(seat));
            tooMany = [.. arrived.TakeLast(Math.Max(0, here + elsewhere - row.Limit))];
            if (here == 0 && row.Taken == 0)
                rows.Remove(row.Whose);
        }
        foreach (var seat in tooMany)
            seat.TurnAway();
    }

    private void Leave(Seat seat)
    {
        lock (gate)
        {
            seat.Row.Newcomers.Remove(seat);
            seat.Row.Taken--;
            seat.Row.Pump.Wake();
        }
    }

    private sealed class Row
    {
        public Row(SharedSeats seats, string whose, int limit)
        {
            (Whose, Limit) = (whose, limit);
            Pump = new Pump(() => seats.ExchangeAsync(this));
            Seats = seats;
        }

        public SharedSeats Seats { get; }

        public string Whose { get; }

        public int Limit { get; }

        public Pump Pump { get; }

        public int Taken { get; set; }

        /// <summary>Who has not been counted together with the others yet.</summary>
        public List<Seat> Newcomers { get; } = [];

        public long ToldAt { get; set; }
    }

    private sealed class Seat(Row row, Action turnAway) : IDisposable
    {
        private int isLeft;

        public Row Row => row;

        public void TurnAway() => turnAway();

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0)
                row.Seats.Leave(this);
        }
    }
}
