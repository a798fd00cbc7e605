using System.Globalization;
using System.Text;

namespace Rmt.Service;

/// <summary>Bytes of a text, as <c>rmt classify</c> reads a file: UTF-8, or UTF-16 where a byte-order mark says so; never with replacement characters.</summary>
internal static class DocumentText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="RequestException">It is not; the message has the offset of the first bad byte.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var (name, encoding, mark) = bytes switch
        {
            [0xFF, 0xFE, ..] => ("UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 2),
            [0xFE, 0xFF, ..] => ("UTF-16", new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 2),
            [0xEF, 0xBB, 0xBF, ..] => ("UTF-8", Strict, 3),
            _ => ("UTF-8", (Encoding)Strict, 0),
        };
        try
        {
            return encoding.GetString(bytes[mark..]);
        }
        catch (DecoderFallbackException error)
        {
            throw RequestException.Bad(string.Create(CultureInfo.InvariantCulture, $"the text is not {name}: the byte at offset {error.Index + mark} belongs to no character; send UTF-8."));
        }
    }

    /// <summary>UTF-8, as the store keeps it.</summary>
    /// <exception cref="RequestException">Half of a surrogate pair.</exception>
    public static byte[] Encode(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw RequestException.Bad(string.Create(CultureInfo.InvariantCulture, $"the text holds half of a surrogate pair at index {error.Index}; it is no character."));
        }
    }
}
