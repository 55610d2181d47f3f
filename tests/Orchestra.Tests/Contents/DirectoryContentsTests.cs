using Orchestra.Database.Contents;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.TestKit.Contents;

namespace Orchestra.Tests.Contents;

public sealed class DirectoryContentsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-contents-");

    public static TheoryData<string> Rules => ContentStoreContract.Rules;

    [Theory]
    [MemberData(nameof(Rules))]
    public Task It_keeps_the_contract(string rule) =>
        new ContentStoreContract(new DirectoryContents(folder.FullName)).KeepAsync(rule);

    [Fact]
    public async Task An_upload_that_has_not_ended_is_listed_and_can_be_deleted()
    {
        var store = new DirectoryContents(folder.FullName);
        var sample = SampleContents.OfSize(1000);
        var upload = sample.Of(new OwnerId(Guid.NewGuid()));
        using var begin = new MemoryStream(sample.Bytes[..10]);
        Assert.Equal(new UploadState(10), await store.ReceiveAsync(upload, 0, begin, default));
        Assert.Equal(new UploadState(10), await store.FindUploadAsync(upload, default));

        var stored = Assert.Single(await store.ListAsync(default).ToListAsync());
        Assert.Equal(
            (upload.Owner, upload.Hash, null, 10),
            (stored.Owner, stored.Hash, stored.Upload, stored.Size)
        );
        await store.DeleteAsync(stored, default);
        Assert.Equal(new UploadState(0), await store.FindUploadAsync(upload, default));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
