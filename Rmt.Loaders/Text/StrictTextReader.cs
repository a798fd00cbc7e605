namespace Rmt.Loaders;

/// <summary>Text of any length from bytes, UTF-8 unless a byte-order mark or the user says otherwise; never with replacement characters.</summary>
public sealed class StrictTextReader : TextReader
{
    private readonly Stream _stream;
    private readonly string _remedy;
    private readonly byte[] _bytes = new byte[1 << 16];
    private readonly char[] _chars = new char[2 << 16];
    private ITextDecoding? _decoding;
    private long _offset;                 // of _bytes[0] in the stream
    private int _byteCount;
    private int _next;                    // in _chars
    private int _charCount;
    private bool _streamEnded;
    private bool _begun;

    /// <param name="stream">Disposed with this reader.</param>
    /// <param name="encoding">A name, or <see langword="null"/>: UTF-8, or what a byte-order mark says.</param>
    /// <param name="remedy">What whoever sees that it is no text can do: the end of the sentence.</param>
    /// <exception cref="ArgumentException">There is no encoding of this name.</exception>
    public StrictTextReader(Stream stream, string? encoding = null, string remedy = "name its encoding")
    {
        (_stream, _remedy) = (stream, remedy);
        _decoding = encoding is null ? null : new NamedDecoding(encoding);
    }

    /// <summary>Whether there is an encoding of this name; code pages are.</summary>
    public static bool Knows(string encoding) => NamedDecoding.Exists(encoding);

    /// <inheritdoc/>
    /// <exception cref="NotTextException">A byte belongs to no character; what stands before it was given out.</exception>
    public override int Read(Span<char> buffer)
    {
        if (!Fill())
            return 0;
        var count = Math.Min(buffer.Length, _charCount - _next);
        _chars.AsSpan(_next, count).CopyTo(buffer);
        _next += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read() => Fill() ? _chars[_next++] : -1;

    /// <inheritdoc/>
    public override int Peek() => Fill() ? _chars[_next] : -1;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _stream.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Sees to it that a character is there; false at the end.</summary>
    private bool Fill()
    {
        while (_next == _charCount)
        {
            if (_streamEnded && _byteCount == 0)
                return false;
            ReadBytes();
            _decoding ??= ByByteOrderMark();
            var (consumed, written, bad) = _decoding.Decode(_bytes.AsSpan(0, _byteCount), _chars, _streamEnded);
            if (bad && written == 0)
                throw new NotTextException(_decoding.Name, _offset + consumed, _remedy);

            // What was good before a bad byte is given out first; the bad one is then met again, at the front.
            _bytes.AsSpan(consumed, _byteCount - consumed).CopyTo(_bytes);
            _byteCount -= consumed;
            _offset += consumed;
            (_next, _charCount) = (0, written);
            if (!_begun && written > 0)
                _next = _chars[0] == '\uFEFF' ? 1 : 0;
            _begun |= written > 0;
        }
        return true;
    }

    private void ReadBytes()
    {
        // At least three bytes, if there are as many: a byte-order mark must not be missed because a pipe delivers slowly.
        var least = _decoding is null ? 3 : _byteCount + 1;
        while (!_streamEnded && _byteCount < Math.Min(least, _bytes.Length))
        {
            var read = _stream.Read(_bytes.AsSpan(_byteCount));
            _streamEnded = read == 0;
            _byteCount += read;
        }
    }

    // Only UTF-16 needs to be told apart; the mark of UTF-8 is one character, dropped like that of UTF-16 once it is decoded.
    private ITextDecoding ByByteOrderMark() => _bytes.AsSpan(0, _byteCount) switch
    {
        [0xFF, 0xFE, ..] => new Utf16Decoding(bigEndian: false),
        [0xFE, 0xFF, ..] => new Utf16Decoding(bigEndian: true),
        _ => new Utf8Decoding(),
    };
}
