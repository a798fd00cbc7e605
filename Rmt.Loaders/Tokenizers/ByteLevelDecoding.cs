using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>Ids to text, one by one: bytes of a character that is not whole yet wait for the next. Belongs to one thread.</summary>
/// <remarks>What no character can begin with, or go on with, is one U+FFFD for each longest part that could have been one, as Rust and the Unicode Standard
/// (section 3.9) do.</remarks>
public sealed class ByteLevelDecoding : ITokenDecoding
{
    private readonly ByteLevelBpeTokenizer tokenizer;
    private readonly bool skipSpecialTokens;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();

    internal ByteLevelDecoding(ByteLevelBpeTokenizer tokenizer, bool skipSpecialTokens) =>
        (this.tokenizer, this.skipSpecialTokens) = (tokenizer, skipSpecialTokens);

    /// <inheritdoc/>
    public string Append(int id)
    {
        var token = tokenizer.Token(id);
        return skipSpecialTokens && tokenizer.IsSpecial(id) ? "" : Text(BytesOf(token), flush: false);
    }

    /// <summary>What is left: U+FFFD for bytes that waited. Another text may begin.</summary>
    public string Complete() => Text([], flush: true);

    private string Text(ReadOnlySpan<byte> bytes, bool flush)
    {
        var text = new char[decoder.GetCharCount(bytes, flush)];
        return new(text, 0, decoder.GetChars(bytes, text, flush));
    }

    // An added token may hold letters that stand for no byte; then it is its own text.
    private static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
            if (!ByteLetters.TryByte(token[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(token);
        return bytes;
    }
}
