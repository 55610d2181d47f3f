using CsCheck;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

public sealed class RoundTripTests
{
    private static readonly OwnerId Owner = new(new("7d3f2a10-5b1c-4e6f-9a2b-0c4d8e6f1a23"));

    [Fact]
    public void A_push_is_read_as_it_was_written() =>
        WireGen
            .Change.List[0, 4]
            .Sample(sent =>
            {
                var bytes = WireCodec.Write(new PushMessage(Owner, 7, 0, sent));
                var read = Assert.IsType<PushMessage>(WireCodec.ReadClientMessage(bytes));
                Assert.Equal(sent.Count, read.Changes.Count);
                foreach (var (before, after) in sent.Zip(read.Changes))
                {
                    Assert.Equal(before.Fields, after.Fields);
                    Assert.Equal(before.First, after.First);
                    Assert.Equal(
                        before with
                        {
                            Fields = null,
                            First = null,
                        },
                        after with
                        {
                            Fields = null,
                            First = null,
                        }
                    );
                }
            });

    [Fact]
    public void Changes_are_read_as_they_were_written() =>
        WireGen
            .Entry.List[0, 4]
            .Sample(sent =>
            {
                var bytes = WireCodec.Write(new ChangesMessage(Owner, 7, 0, 9, false, sent));
                var read = Assert.IsType<ChangesMessage>(WireCodec.ReadServerMessage(bytes));
                Assert.Equal(sent.Count, read.Changes.Count);
                foreach (var (before, after) in sent.Zip(read.Changes))
                {
                    Assert.Equal(before.Fields, after.Fields);
                    Assert.Equal(
                        before with
                        {
                            Fields = Change.NoFields,
                        },
                        after with
                        {
                            Fields = Change.NoFields,
                        }
                    );
                }
            });

    [Fact]
    public void Fields_are_read_from_a_column_as_they_were_written() =>
        WireGen.Fields.Sample(fields =>
            Assert.Equal(fields, WireCodec.ReadFields(WireCodec.WriteFields(fields)))
        );
}
