using System.Text;
using System.Threading.Channels;

namespace Orchestra.Tests.Events;

/// <summary>What a command writes, a line at a time, for a test that waits for the next.</summary>
internal sealed class Lines : TextWriter
{
    private readonly Channel<string> written = Channel.CreateUnbounded<string>();

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value) => written.Writer.TryWrite(value ?? "");

    public Task<string> NextAsync(CancellationToken patience) =>
        written.Reader.ReadAsync(patience).AsTask();
}
