using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// Brings one device from its cursor to the head, and keeps it there. It remembers a position, not
/// a queue: however slow the device is, it is merely behind.
/// </summary>
internal sealed class ChangeStream(
    OwnerFeed feed,
    FrameReader reader,
    Connection connection,
    TimeProvider time,
    ILogger log
)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly CreditWindow window = new();
    private StreamPosition? position;
    private OwnerHead? heartbeat;
    private long? fullSince;

    /// <summary>Continues from elsewhere, with full credit.</summary>
    public void Reposition(Cursor cursor, IReadOnlyList<string>? entities, long? answers)
    {
        lock (gate)
        {
            position = new StreamPosition(cursor, entities, IsProven: false, answers);
            window.Clear();
            fullSince = null;
        }
    }

    public void Acknowledge(long epoch, long version)
    {
        lock (gate)
            if (position?.Cursor.Epoch == epoch && window.Acknowledge(version))
                fullSince = null;
    }

    /// <summary>Whether something has been due for that long while the window was full.</summary>
    public bool IsStalledFor(TimeSpan span)
    {
        lock (gate)
            return fullSince is { } since && time.GetElapsedTime(since) >= span;
    }

    /// <summary>The head was looked up; if the device is there, it shall hear so.</summary>
    public void Beat(OwnerHead head)
    {
        lock (gate)
            heartbeat = head;
    }

    /// <summary>The next frame due; null if there is none, or no credit for it.</summary>
    public async Task<Frame?> NextAsync()
    {
        if (Look() is not { } view)
            return null;
        var (at, room, beat) = view;
        if (at.IsProven && feed.IsAtHead(at.Cursor))
            return beat is null ? null : at.ToHeartbeat(feed.Owner, beat);
        if (room == 0)
        {
            Note(at);
            return null;
        }
        var shared = at.TakesShared ? feed.FindFrame(at.Cursor) : null;
        return Take(at, shared ?? await ReadAsync(at, room));
    }

    /// <summary>The device is behind and has no credit.</summary>
    private void Note(StreamPosition at)
    {
        lock (gate)
            if (ReferenceEquals(position, at) && window.Room == 0)
                fullSince ??= time.GetTimestamp();
    }

    private (StreamPosition At, int Room, OwnerHead? Beat)? Look()
    {
        lock (gate)
        {
            var beat = heartbeat;
            heartbeat = null;
            return position is null ? null : (position, window.Room, beat);
        }
    }

    /// <summary>Moves past a frame, unless the credit is too small or a pull has come in between.</summary>
    private Frame? Take(StreamPosition at, Frame? frame)
    {
        if (frame is null || (at.IsProven && frame.IsEmpty))
            return null;
        lock (gate)
        {
            if (!ReferenceEquals(position, at) || !window.Admits(frame.Bytes.Length))
                return null;
            if (!frame.IsEmpty)
                window.Spend(frame.End.Version, frame.Bytes.Length);
            position = at.After(frame);
            return frame;
        }
    }

    private async Task<Frame?> ReadAsync(StreamPosition at, int room)
    {
        while (true)
        {
            try
            {
                return await ReadOnceAsync(at, room);
            }
            catch (Exception fault) when (at.Answers is not null || IsFinal(fault))
            {
                Halt(at);
                await connection.FailAsync(fault, at.Answers);
                return null;
            }
            catch (Exception fault)
            {
                log.ReadFailed(feed.Owner, fault);
                await Task.Delay(RetryAfter, time, connection.Ended);
            }
        }
    }

    private async Task<Frame?> ReadOnceAsync(StreamPosition at, int room)
    {
        var answer = await reader.ReadAsync(
            new FrameRequest(feed.Owner, at.Cursor, at.Entities, at.Answers, MaxBytes: room)
        );
        if (answer.Reset is { } reset)
        {
            Halt(at);
            await connection.SendAsync(reset.ToMessage(feed.Owner));
        }
        return answer.Frame;
    }

    /// <summary>Nothing more is sent until the device says where to go on.</summary>
    private void Halt(StreamPosition at)
    {
        lock (gate)
            if (ReferenceEquals(position, at))
                position = null;
    }

    private static bool IsFinal(Exception fault) =>
        fault is SyncException error && !error.Code.IsRetryable();
}
