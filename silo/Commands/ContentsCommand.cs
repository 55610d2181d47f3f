using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Commands;

internal static class ContentsCommand
{
    private const int Page = 500;

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "Reads all bytes and compares them with their hashes",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "contents",
            """
            Reads all contents of files that rows say are there and says which are missing or are not
            what their hash says. Changes nothing. With PostgreSQL silos may run; the embedded store is
            its silo's alone, so stop that one first.
            """
        )
        {
            Verify,
        };
        command.SetAction((_, cancellation) => RunAsync(cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var builder = SiloHost.NewBuilder();
        var settings = StoreSettings.Read(builder.Configuration);
        var contents =
            ContentSetup.Open(ContentSettings.Read(builder.Configuration))
            ?? throw new SettingException(
                "No contents are kept: set Orchestra:Contents:Directory or Orchestra:Contents:S3:Bucket."
            );
        using var data = settings.Postgres is null
            ? DataDirectory.Claim(settings.DataDirectory)
            : null;
        await using var store = await OpenStore.OpenAsync(
            settings,
            data,
            TimeProvider.System,
            cancellation
        );
        using (contents as IDisposable)
            return await VerifyAsync(store.Store, contents, cancellation);
    }

    private static async Task<int> VerifyAsync(
        ISyncStore store,
        IContentStore contents,
        CancellationToken cancellation
    )
    {
        var (count, bytes) = (0L, 0L);
        var findings = new List<string>();
        await ProgressBar.ShowAsync(
            "contents",
            await CountAsync(store, cancellation),
            async bar =>
            {
                await foreach (var (owner, content) in ListAsync(store, cancellation))
                {
                    await using var stream = await contents.OpenAsync(owner, content, cancellation);
                    if (stream is null)
                        findings.Add($"{owner} {content.Hash}: its bytes are missing");
                    else if (await HashAsync(stream, cancellation) != content.Hash)
                        findings.Add($"{owner} {content.Hash}: its bytes are others");
                    bytes += content.Size;
                    bar(++count);
                }
                return count;
            }
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count} contents, {bytes} bytes: {findings.Count} findings."
            )
        );
        foreach (var finding in findings)
            Console.WriteLine($"  {finding}");
        return findings.Count == 0 ? 0 : CommandLine.Failed;
    }

    private static async Task<ContentHash> HashAsync(
        Stream stream,
        CancellationToken cancellation
    ) => ContentHash.Of(await SHA256.HashDataAsync(stream, cancellation));

    private static async Task<long> CountAsync(ISyncStore store, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var _ in ListAsync(store, cancellation))
            count++;
        return count;
    }

    private static async IAsyncEnumerable<OwnerContent> ListAsync(
        ISyncStore store,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        OwnerContent? last = null;
        while (await store.ListContentsAsync(last, Page, cancellation) is { Count: > 0 } page)
        {
            foreach (var content in page)
                yield return content;
            last = page[^1];
        }
    }
}
