using System.Globalization;
using System.Text;
using Rmt.Loaders;

namespace Rmt.Service;

/// <summary>The text of a document between what is sent and what is kept; what is none is the sender's mistake.</summary>
internal static class DocumentText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes as <c>rmt classify</c> reads a file: UTF-8, or UTF-16 where a byte-order mark says so.</summary>
    /// <exception cref="RequestException">They are no text; the message has the offset of the first bad byte.</exception>
    public static string Decode(byte[] bytes)
    {
        try
        {
            using var text = new StrictTextReader(new MemoryStream(bytes), remedy: "send UTF-8.");
            return text.ReadToEnd();
        }
        catch (NotTextException error)
        {
            throw RequestException.Bad($"the text is {error.Message}");
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
