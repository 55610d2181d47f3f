using System.Text;
using CsCheck;
using Orchestra.Sync.Search;

namespace Orchestra.Tests.Meaning;

public sealed class RankFusionTests
{
    private static readonly Gen<SearchPosition[]> Lists = Gen.Int[0, 30]
        .HashSet[0, 20]
        .Select(ids => ids.Select((id, place) => Row(id, 1f / (place + 1))).ToArray());

    [Fact]
    public void What_both_lists_have_comes_before_what_one_has_at_the_same_place()
    {
        var fused = RankFusion.Of([Row(1), Row(2), Row(3)], [Row(4), Row(2), Row(5)]);
        Assert.Equal(["2", "1", "4", "3", "5"], fused.Select(Name));
        Assert.Equal(2f / (RankFusion.K + 2), fused[0].Rank);
    }

    [Fact]
    public void Each_row_is_there_once_and_no_row_is_lost_or_made_up() =>
        Gen.Select(Lists, Lists)
            .Sample(
                (one, other) =>
                    RankFusion
                        .Of(one, other)
                        .Select(Name)
                        .Order()
                        .SequenceEqual(one.Concat(other).Select(Name).Distinct().Order())
            );

    [Fact]
    public void A_row_that_moves_up_in_a_list_does_not_move_down_in_the_whole() =>
        Gen.Select(Lists, Lists, Gen.Int[1, 19])
            .Sample(
                (one, other, place) =>
                {
                    if (place >= one.Length)
                        return true;
                    var better = one.ToArray();
                    (better[place - 1], better[place]) = (better[place], better[place - 1]);
                    var row = Name(one[place]);
                    return PlaceOf(row, RankFusion.Of(better, other))
                        <= PlaceOf(row, RankFusion.Of(one, other));
                }
            );

    [Fact]
    public void Ranks_and_the_order_of_the_lists_do_not_matter() =>
        Gen.Select(Lists, Lists)
            .Sample(
                (one, other) =>
                    RankFusion
                        .Of(one, other)
                        .SequenceEqual(
                            RankFusion.Of([.. other.Select(row => row with { Rank = 7 })], one)
                        )
            );

    [Fact]
    public void No_list_is_looked_at_beyond_its_depth() =>
        Assert.Equal(
            RankFusion.Depth,
            RankFusion.Of([.. Enumerable.Range(0, 300).Select(id => Row(id))]).Count
        );

    [Fact]
    public void A_text_is_cut_between_characters_where_the_model_s_patience_ends()
    {
        var text = EmbeddedText.Of(["", "a", "", new string('é', 5_000)]);
        Assert.StartsWith("a\né", text.Text, StringComparison.Ordinal);
        Assert.Equal(EmbeddedText.MaxBytes, Encoding.UTF8.GetByteCount(text.Text));
        Assert.Equal("", EmbeddedText.Of(["", " \n"]).Text);
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            EmbeddedText.Of(["abc"]).Hash
        );
    }

    private static SearchPosition Row(int id, float rank = 1) =>
        new(rank, new Guid(id, 0, 0, new byte[8]), "notes");

    private static string Name(SearchPosition row) => $"{row.Id.ToByteArray()[0]}";

    private static int PlaceOf(string row, List<SearchPosition> rows) =>
        rows.FindIndex(item => Name(item) == row);
}
