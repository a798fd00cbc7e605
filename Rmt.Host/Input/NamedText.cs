namespace Rmt.Host.Input;

/// <summary>A text whose every complaint begins with the name of its file, when it is opened and while it is read.</summary>
internal sealed class NamedText : TextReader
{
    private readonly string _name;
    private readonly TextReader _text;
    private readonly Func<Exception, Exception>? _inWords;

    /// <param name="name">Of its file.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="inWords">What is told of a complaint; null: what it says.</param>
    /// <exception cref="InputException">It cannot be opened.</exception>
    public NamedText(string name, Func<TextReader> open, Func<Exception, Exception>? inWords = null)
    {
        (_name, _inWords) = (name, inWords);
        _text = Named(open);
    }

    public override int Read(Span<char> buffer)
    {
        try
        {
            return _text.Read(buffer);
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            throw Named(error);
        }
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read() => Named(_text.Read);

    public override int Peek() => Named(_text.Peek);

    protected override void Dispose(bool disposing)
    {
        _text.Dispose();
        base.Dispose(disposing);
    }

    private T Named<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            throw Named(error);
        }
    }

    private InputException Named(Exception error) => new($"{_name}: {(_inWords?.Invoke(error) ?? error).Message}");
}
