namespace Rmt.Host.Input;

/// <summary>The beginning of a text that may have no end.</summary>
/// <param name="text">Disposed with this reader.</param>
/// <param name="length">In UTF-16 units.</param>
internal sealed class FirstCharacters(TextReader text, int length) : TextReader
{
    private int _left = length;

    public override int Read(Span<char> buffer)
    {
        var read = text.Read(buffer[..Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    protected override void Dispose(bool disposing)
    {
        text.Dispose();
        base.Dispose(disposing);
    }
}
