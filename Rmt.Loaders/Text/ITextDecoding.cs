namespace Rmt.Loaders;

/// <summary>One encoding, strictly: bytes to UTF-16, and the place of the first byte that is not of it.</summary>
internal interface ITextDecoding
{
    string Name { get; }

    /// <summary>Decodes as much as it can.</summary>
    /// <param name="bytes">What is not yet consumed, with what follows it.</param>
    /// <param name="chars">Has room for at least two characters a byte.</param>
    /// <param name="atEnd">Nothing follows: a character that is cut off is bad.</param>
    /// <returns>Bytes consumed and characters written; when <c>Bad</c>, the first bad byte is the next after those consumed.</returns>
    (int Consumed, int Written, bool Bad) Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool atEnd);
}
