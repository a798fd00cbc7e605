using System.Buffers;
using System.Text.Unicode;

namespace Rmt.Loaders;

internal sealed class Utf8Decoding : ITextDecoding
{
    public string Name => "UTF-8";

    public (int Consumed, int Written, bool Bad) Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool atEnd)
    {
        var status = Utf8.ToUtf16(bytes, chars, out var consumed, out var written, replaceInvalidSequences: false, isFinalBlock: atEnd);
        return (consumed, written, status == OperationStatus.InvalidData);
    }
}
