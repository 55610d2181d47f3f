using Orchestra.Sync.Errors;
using Orchestra.Sync.Reading;

namespace Orchestra.Sync.Decisions;

/// <summary>Verdicts in order, or why the push was not taken at all. Exactly one is set.</summary>
public sealed record PushAnswer(IReadOnlyList<Verdict>? Verdicts, SyncException? Error)
{
    /// <summary>This one's verdicts and those of the changes after it, where both were taken.</summary>
    public PushAnswer Then(PushAnswer next) =>
        Verdicts is null ? this
        : next.Verdicts is null ? next
        : new([.. Verdicts, .. next.Verdicts], null);

    /// <summary>
    /// The values that won are a service: a device gets them as changes too. Each change of a push can
    /// lose against the same long text, so they end where an answer would become longer than a frame.
    /// </summary>
    public PushAnswer WithinFrame()
    {
        var size = 0L;
        return Verdicts is null
            ? this
            : this with
            {
                Verdicts =
                [
                    .. Verdicts.Select(verdict =>
                        verdict.Fields is { } fields
                        && (size += EntrySize.Of(fields)) > Limits.FrameBytes
                            ? verdict with
                            {
                                Fields = null,
                            }
                            : verdict
                    ),
                ],
            };
    }
}
