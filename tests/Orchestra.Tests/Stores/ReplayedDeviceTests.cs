using Orchestra.Sync;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Stores;

/// <summary>The checker of pages must see through a doctored one.</summary>
public sealed class ReplayedDeviceTests
{
    private readonly ReplayedDevice device = new(Cursor.Start(0));
    private readonly ChangesPage page;

    public ReplayedDeviceTests()
    {
        var owner = new OwnerHistory(Guid.NewGuid());
        owner.Create("projects", ("name", FieldValue.Text("Apollo")));
        owner.Create("projects", ("name", FieldValue.Text("Gemini")));
        var commit = owner.Commit();
        page = LogPage.OfCommit(commit.Head, commit.Log);
    }

    [Fact]
    public void An_honest_page_is_taken()
    {
        device.Apply(page);
        Assert.Equal(2, device.LiveRows);
    }

    [Fact]
    public void A_page_that_begins_after_the_cursor_is_refused() =>
        AssertRefused(page with { From = 1 });

    [Fact]
    public void A_page_without_one_of_its_rows_is_refused() =>
        AssertRefused(page with { Entries = [page.Entries[1]] });

    [Fact]
    public void A_page_out_of_order_is_refused() =>
        AssertRefused(page with { Entries = [page.Entries[1], page.Entries[0]] });

    [Fact]
    public void A_page_with_more_than_it_says_is_refused() => AssertRefused(page with { To = 1 });

    [Fact]
    public void A_page_that_does_not_get_on_is_refused() =>
        AssertRefused(page with { To = 0, More = true, Entries = [] });

    private void AssertRefused(ChangesPage doctored) =>
        Assert.Throws<InvariantException>(() => device.Apply(doctored));
}
