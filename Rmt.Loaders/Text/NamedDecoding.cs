using System.Text;

namespace Rmt.Loaders;

/// <summary>An encoding that the user named, code pages included.</summary>
internal sealed class NamedDecoding : ITextDecoding
{
    private readonly Encoding _encoding;

    static NamedDecoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <exception cref="ArgumentException">There is no encoding of this name.</exception>
    /// <exception cref="NotSupportedException">There is one, and nothing is read with it.</exception>
    public NamedDecoding(string name) => _encoding = Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    public string Name => _encoding.WebName;

    public static bool Exists(string name)
    {
        try
        {
            return new NamedDecoding(name).Name.Length > 0;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)      // .NET knows UTF-7, and refuses it
        {
            return false;
        }
    }

    // A decoder keeps a cut-off character to itself, and the place of a bad byte is then lost. So each call decodes whole characters
    // with a fresh one, and gives back up to this many bytes that may belong to a character that is not complete (GB 18030 has four).
    private const int LongestCharacter = 8;

    public (int Consumed, int Written, bool Bad) Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool atEnd)
    {
        for (var left = 0; left <= Math.Min(LongestCharacter, bytes.Length); left++)
        {
            try
            {
                var written = _encoding.GetChars(bytes[..^left], chars);
                return (bytes.Length - left, written, Bad: atEnd && left > 0);
            }
            catch (DecoderFallbackException error) when (atEnd || error.Index < bytes.Length - LongestCharacter)
            {
                var good = Math.Max(0, error.Index);
                return (good, _encoding.GetChars(bytes[..good], chars), Bad: true);
            }
            catch (DecoderFallbackException)
            {
                // Perhaps only cut off: without its last bytes it may be whole.
            }
        }
        return (0, 0, Bad: bytes.Length > LongestCharacter);
    }
}
