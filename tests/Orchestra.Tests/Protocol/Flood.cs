using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>More than a socket may be sent without an acknowledgement.</summary>
internal static class Flood
{
    private const int Rounds = 10;
    private const int Notes = 10;
    private const int NoteBytes = 64 * 1024;

    /// <summary>Writes notes again and again.</summary>
    /// <returns>The head then.</returns>
    public static async Task<long> PushAsync(RawDevice writer)
    {
        var notes = Enumerable.Range(0, Notes).Select(_ => Guid.NewGuid()).ToList();
        long head = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var body = new string((char)('a' + round), NoteBytes);
            var verdicts = await writer.PushAsync([.. notes.Select(id => Edits.Note(id, body))]);
            Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));
            head = verdicts[^1].Version!.Value;
        }
        return head;
    }
}
