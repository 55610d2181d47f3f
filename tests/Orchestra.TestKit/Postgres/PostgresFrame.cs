using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orchestra.TestKit.Postgres;

/// <summary>
/// A message of PostgreSQL's wire protocol: a letter, a length that counts itself, and a body. The
/// first ones of a client come without the letter.
/// </summary>
/// <param name="Type">The letter; '\0' before the start-up message.</param>
/// <param name="Bytes">All of it, as it is forwarded.</param>
internal readonly record struct PostgresFrame(char Type, ReadOnlySequence<byte> Bytes)
{
    private const int LengthBytes = 4;

    private int HeaderBytes => (Type == '\0' ? 0 : 1) + LengthBytes;

    public ReadOnlySequence<byte> Body => Bytes.Slice(HeaderBytes);

    /// <summary>Takes one from the beginning of a buffer, if a whole one is there.</summary>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer,
        bool hasType,
        out PostgresFrame frame
    )
    {
        frame = new(hasType && buffer.Length > 0 ? (char)buffer.FirstSpan[0] : '\0', buffer);
        if (buffer.Length < frame.HeaderBytes)
            return false;
        var length = ReadNumber(buffer.Slice(frame.HeaderBytes - LengthBytes));
        var total = frame.HeaderBytes - LengthBytes + length;
        if (buffer.Length < total)
            return false;
        frame = frame with { Bytes = buffer.Slice(0, total) };
        buffer = buffer.Slice(total);
        return true;
    }

    /// <summary>The number that the body begins with.</summary>
    public int ReadNumber() => ReadNumber(Body);

    /// <summary>The texts that the body begins with, each of which ends with a zero byte.</summary>
    /// <param name="count">How many.</param>
    /// <param name="skip">Bytes before the first.</param>
    public string[] ReadTexts(int count, int skip = 0)
    {
        var reader = new SequenceReader<byte>(Body.Slice(skip));
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadTo(out ReadOnlySequence<byte> text, 0))
                throw new InvalidDataException($"A message «{Type}» has no text number {i}");
            texts[i] = Encoding.UTF8.GetString(text);
        }
        return texts;
    }

    private static int ReadNumber(ReadOnlySequence<byte> bytes)
    {
        Span<byte> number = stackalloc byte[LengthBytes];
        bytes.Slice(0, LengthBytes).CopyTo(number);
        return BinaryPrimitives.ReadInt32BigEndian(number);
    }
}
