using BenchmarkDotNet.Attributes;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Pure;

/// <summary>Frames of 100 changes from and to their bytes; figures are for one change.</summary>
public class Frames
{
    private const int Changes = 100;

    private byte[] push = null!;
    private byte[] changesBytes = null!;
    private ChangesMessage changes = null!;

    [GlobalSetup]
    public void Prepare()
    {
        push = WireCodec.Write(
            (ClientMessage)
                new PushMessage(
                    MadeUpTasks.Owner,
                    Epoch: 1,
                    Settled: 0,
                    [.. Enumerable.Range(1, Changes).Select(ChangeOf)]
                )
        );
        changes = new(
            MadeUpTasks.Owner,
            Epoch: 1,
            From: 0,
            To: Changes,
            More: false,
            [.. Enumerable.Range(1, Changes).Select(EntryOf)]
        );
        changesBytes = Write();
    }

    [Benchmark(Description = "read a push", OperationsPerInvoke = Changes)]
    public object ReadPush() => WireCodec.ReadClientMessage(push);

    [Benchmark(Description = "write changes", OperationsPerInvoke = Changes)]
    public byte[] Write() => WireCodec.Write((ServerMessage)changes);

    [Benchmark(Description = "read changes", OperationsPerInvoke = Changes)]
    public object ReadChanges() => WireCodec.ReadServerMessage(changesBytes);

    private static WireChange ChangeOf(int number)
    {
        var change = MadeUpTasks.Create(number);
        return new(
            change.Seq,
            change.Id,
            change.Op,
            change.Entity,
            change.RowId,
            change.Base,
            change.AgeMs,
            Fields: MadeUpTasks.FieldsOf(number)
        );
    }

    private static WireEntry EntryOf(int number)
    {
        var row = MadeUpTasks.RowOf(number);
        return new(
            row.Version,
            row.Key.Entity,
            row.Key.Id,
            WireOp.Put,
            row.Stamp.Device,
            row.Stamp.EditedAt,
            row.Fields,
            row.Stamp.Seq,
            MadeUpTasks.Create(number).Id
        );
    }
}
