using System.Text;

namespace Orchestra.Tests.Measuring;

/// <summary>A message of protobuf without its schema: the fields of variable length, by number.</summary>
internal sealed class Protobuf
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes)> fields = [];

    public static Protobuf Read(ReadOnlyMemory<byte> message)
    {
        var read = new Protobuf();
        while (message.Length > 0)
        {
            var key = ReadVarint(ref message);
            switch (key & 7)
            {
                case 0:
                    ReadVarint(ref message);
                    break;
                case 1:
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)ReadVarint(ref message);
                    read.fields.Add(((int)(key >> 3), message[..length]));
                    message = message[length..];
                    break;
                case 5:
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"A field of kind {key & 7}");
            }
        }
        return read;
    }

    public IEnumerable<Protobuf> Messages(int number) => Fields(number).Select(Read);

    public string Text(int number) => Encoding.UTF8.GetString(Fields(number).FirstOrDefault().Span);

    public string Hex(int number) => Convert.ToHexStringLower(Fields(number).FirstOrDefault().Span);

    private IEnumerable<ReadOnlyMemory<byte>> Fields(int number) =>
        fields.Where(field => field.Number == number).Select(field => field.Bytes);

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        var value = 0UL;
        for (var (at, shift) = (0, 0); ; at++, shift += 7)
        {
            var next = message.Span[at];
            value |= (ulong)(next & 0x7f) << shift;
            if (next >= 0x80)
                continue;
            message = message[(at + 1)..];
            return value;
        }
    }
}
