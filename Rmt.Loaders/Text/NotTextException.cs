using System.Globalization;

namespace Rmt.Loaders;

/// <summary>Bytes are not text in the encoding that they are read in. The message names the encoding, the place and what to do; the name of the file is whoever's who opened it.</summary>
public sealed class NotTextException : IOException
{
    /// <param name="encoding">What was expected.</param>
    /// <param name="offset">Of the first byte that belongs to no character, in bytes from the beginning.</param>
    /// <param name="remedy">What whoever sees this can do.</param>
    public NotTextException(string encoding, long offset, string remedy)
        : base(string.Create(CultureInfo.InvariantCulture, $"not {encoding}: the byte at offset {offset} belongs to no character; {remedy}")) => Offset = offset;

    /// <summary>Of the first byte that belongs to no character, in bytes from the beginning.</summary>
    public long Offset { get; }
}
