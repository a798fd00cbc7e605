namespace Rmt.Host.Input;

/// <summary>Stdin that Ctrl-C ends: a read that waits for a pipe or a person cannot be taken back, so it is left behind.</summary>
internal sealed class InterruptibleStream(Stream inner, CancellationToken cancellation) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="OperationCanceledException">Nothing came before the cancellation.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        // Into memory of its own: the read that is left behind may still write there.
        var read = Task.Run(() =>
        {
            var part = new byte[count];
            return part.AsMemory(0, inner.Read(part, 0, count));
        }, cancellation);
        var bytes = read.WaitAsync(cancellation).GetAwaiter().GetResult();
        bytes.Span.CopyTo(buffer.AsSpan(offset));
        return bytes.Length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
