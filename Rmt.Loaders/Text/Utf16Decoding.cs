using System.Buffers.Binary;

namespace Rmt.Loaders;

internal sealed class Utf16Decoding(bool bigEndian) : ITextDecoding
{
    public string Name => bigEndian ? "UTF-16 (big endian)" : "UTF-16";

    public (int Consumed, int Written, bool Bad) Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool atEnd)
    {
        int written = 0, at = 0;
        for (; at + 2 <= bytes.Length; at += 2)
        {
            var unit = Unit(bytes[at..]);
            if (char.IsLowSurrogate(unit))
                return (at, written, true);
            if (char.IsHighSurrogate(unit))
            {
                if (at + 4 > bytes.Length)
                    break;
                var low = Unit(bytes[(at + 2)..]);
                if (!char.IsLowSurrogate(low))
                    return (at, written, true);
                chars[written++] = unit;
                (unit, at) = (low, at + 2);
            }
            chars[written++] = unit;
        }
        return (at, written, atEnd && at < bytes.Length);
    }

    private char Unit(ReadOnlySpan<byte> bytes) =>
        (char)(bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes));
}
