namespace Rmt.Loaders;

/// <summary>The letters that byte-level BPE writes bytes with, so that any bytes are text: printable bytes of Latin-1 stand for themselves, the others, in
/// their order, for U+0100 and on. A space is <c>Ġ</c>, a line end <c>Ċ</c>.</summary>
/// <remarks>github.com/openai/gpt-2, src/encoder.py, bytes_to_unicode.</remarks>
internal static class ByteLetters
{
    private static readonly char[] LetterOf = Fill();
    private static readonly Dictionary<char, byte> ByteOf = LetterOf.Index().ToDictionary(one => one.Item, one => (byte)one.Index);

    public static char Of(byte value) => LetterOf[value];

    public static bool TryByte(char letter, out byte value) => ByteOf.TryGetValue(letter, out value);

    private static char[] Fill()
    {
        var letters = new char[256];
        var other = 256;
        for (var b = 0; b < 256; b++)
            letters[b] = (char)(b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? b : other++);
        return letters;
    }
}
