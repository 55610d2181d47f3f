using System.Text;
using CsCheck;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.Tests.Wire;
using static Orchestra.Tests.Decisions.Edits;

namespace Orchestra.Tests.Decisions;

/// <summary>
/// Pushes, damaged at random, all the way from their bytes to a commit: each is refused in our own
/// terms or decided, change by change, and what is decided keeps the books.
/// </summary>
public sealed class PushFuzzTests
{
    private static readonly string Push = $$$"""
        {"t":"push","owner":"{{{Guid.AllBitsSet}}}","epoch":1767268800000,"settled":0,"changes":[
        {"seq":1,"change":"{{{Id(101)}}}","op":"create","entity":"folders","id":"{{{Id(
            9
        )}}}","base":0,"age_ms":5,
         "fields":{"name":"new","parent":"{{{Id(1)}}}"}},
        {"seq":2,"change":"{{{Id(102)}}}","op":"update","entity":"files","id":"{{{Id(
            1
        )}}}","base":4,"age_ms":70000,
         "fields":{"a":1,"b":null,"folder":"{{{Id(9)}}}"}},
        {"seq":3,"change":"{{{Id(103)}}}","op":"delete","entity":"folders","id":"{{{Id(
            1
        )}}}","base":3,"age_ms":0,"tx":1},
        {"seq":4,"change":"{{{Id(104)}}}","op":"create","entity":"folders","id":"{{{Id(
            1
        )}}}","base":0,"age_ms":0,"tx":1,
         "fields":{"name":"back"}},
        {"seq":5,"change":"{{{Id(105)}}}","op":"void"},
        {"seq":6,"change":"{{{Id(106)}}}","op":"offer","entity":"files","id":"{{{Id(
            2
        )}}}","age_ms":9,
         "fields":{"a":3,"second_folder":"{{{Id(2)}}}"},"first":[{"device":"{{{Phone}}}","seq":1}]},
        {"seq":7,"change":"{{{Id(107)}}}","op":"offer_delete","entity":"files","id":"{{{Id(
            3
        )}}}","age_ms":9},
        {"seq":8,"change":"{{{Id(108)}}}","op":"delete","entity":"folders","id":"{{{Id(
            2
        )}}}","base":0}],
        "replaces":{"device":"{{{Phone}}}","seq":2},"ref":1}
        """;

    private static readonly byte[][] Plausible =
    [
        .. Damage.Nasty,
        .. new[]
        {
            $"\"{Id(1)}\"",
            $"\"{Id(2)}\"",
            $"\"{Id(3)}\"",
            $"\"{Desk}\"",
            "\"files\"",
            "\"folders\"",
            "\"devices\"",
            "\"update\"",
            "\"delete\"",
            "\"offer\"",
            "1",
            "2",
            "9007199254740991",
            "3155760000000",
            "null",
            $"{{\"folder\":\"{Id(1)}\",\"a\":2}}",
            $"{{\"parent\":\"{Id(1)}\"}}",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly Gen<byte[]> Damaged = Gen.OneOf(
        Gen.Select(Gen.Int[0, 1 << 20], Gen.OneOf(Plausible))
            .List[0, 6]
            .Select(damages =>
                damages.Aggregate(
                    Encoding.UTF8.GetBytes(Push),
                    (bytes, it) => Damage.ReplaceToken(bytes, it.Item1, it.Item2)
                )
            ),
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 8], Gen.Byte.Array[0, 4])
            .List[1, 3]
            .Select(damages =>
                damages.Aggregate(
                    Encoding.UTF8.GetBytes(Push),
                    (bytes, it) => Damage.Splice(bytes, it.Item1, it.Item2, it.Item3)
                )
            )
    );

    [Fact]
    public void Whatever_comes_is_refused_or_decided()
    {
        var (refused, decided, rejected) = (0, 0, 0);
        Damaged.Sample(
            bytes =>
            {
                if (Decide(bytes) is not { } verdicts)
                {
                    Interlocked.Increment(ref refused);
                    return;
                }
                Interlocked.Increment(ref decided);
                if (verdicts.Any(verdict => verdict.Rejection is not null))
                    Interlocked.Increment(ref rejected);
            },
            iter: 10_000
        );
        // Else nothing was tried.
        Assert.All([refused, decided, rejected], count => Assert.True(count > 0));
    }

    /// <summary>Twice: the second time everything is a duplicate, and nothing happens.</summary>
    private static IReadOnlyList<Verdict>? Decide(byte[] bytes)
    {
        var owner = NewOwner();
        owner.Push(
            Phone,
            OwnerModel.Noon,
            Create(1, Folder(1), ("name", "top")),
            Create(2, Folder(2), ("name", "below"), ("parent", Folder(1))),
            Create(3, File(1), ("a", 1), ("folder", Folder(2))),
            Create(4, File(3), ("a", 2), ("folder", Folder(1)))
        );
        try
        {
            if (WireCodec.ReadClientMessage(bytes) is not PushMessage message)
                return null;
            var push = message.ToPush(Desk);
            var received = new ReceivedPush(
                Desk,
                owner.State.Head.Epoch,
                push.Settled,
                [.. push.Changes.Select(change => ChangeCheck.Check(OwnerModel.Catalog, change))],
                push.Replaces,
                OwnerModel.Noon
            );
            var first = owner.Take(received);
            if (first.Verdicts is not { } verdicts)
                return null;
            Assert.Equal(push.Changes.Select(c => c.Seq), verdicts.Select(v => v.Seq));
            var version = owner.Version;
            var again = owner.Take(received);
            Assert.Equal(version, owner.Version);
            Assert.All(
                again.Verdicts ?? [],
                verdict => Assert.Equal(ChangeStatus.Duplicate, verdict.Status)
            );
            return verdicts;
        }
        catch (SyncException)
        {
            return null;
        }
    }
}
