using Orchestra.Gateway.Requests;
using Orchestra.Sync;

namespace Orchestra.Gateway.Feeds;

/// <summary>An owner's latest frames, each beginning where the one before ends.</summary>
internal sealed class FrameRing
{
    private const int MostFrames = 64;
    private const int MostBytes = 256 * 1024;

    private readonly Queue<Frame> frames = [];
    private Cursor? end;
    private int bytes;

    public void Add(Frame frame)
    {
        if (end is null || !frame.Follows(end))
            Clear();
        end = frame.End;
        frames.Enqueue(frame);
        bytes += frame.Bytes.Length;
        while (frames.Count > MostFrames || bytes > MostBytes)
            bytes -= frames.Dequeue().Bytes.Length;
    }

    public Frame? Find(Cursor cursor) => frames.FirstOrDefault(frame => frame.Follows(cursor));

    public void Clear()
    {
        frames.Clear();
        bytes = 0;
        end = null;
    }
}
