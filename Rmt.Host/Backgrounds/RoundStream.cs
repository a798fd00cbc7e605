namespace Rmt.Host.Backgrounds;

/// <summary>A file from a place to its end, and from its beginning to that place.</summary>
/// <param name="file">Disposed with this stream.</param>
/// <param name="begin">Where its text begins, in bytes.</param>
/// <param name="start">From there on, less than its length.</param>
internal sealed class RoundStream(FileStream file, long begin, long start) : Stream
{
    private readonly long _length = file.Length - begin;
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_read == _length)
            return 0;
        var at = begin + (start - begin + _read) % _length;
        file.Position = at;
        var count = file.Read(buffer[..(int)Math.Min(buffer.Length, (at < start ? start : begin + _length) - at)]);
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
