using System.Globalization;
using System.Text;

namespace Rmt.Host.Input;

/// <summary>Comma-separated values as RFC 4180 has them: a field in quotes may hold commas, line breaks and, doubled, quotes.</summary>
/// <param name="path">For messages.</param>
/// <param name="text">Read once, a character at a time.</param>
internal sealed class Csv(string path, TextReader text)
{
    private readonly StringBuilder _field = new();
    private long _line = 1;

    /// <summary>The rows, each with the line it begins in, from 1.</summary>
    /// <exception cref="InputException">A quote where none may be, or one that is not closed.</exception>
    public IEnumerable<(long Line, List<string> Fields)> Rows()
    {
        while (text.Peek() >= 0)
        {
            var (begin, fields) = (_line, new List<string>());
            do fields.Add(Field());
            while (Next(','));
            EndOfRow();
            yield return (begin, fields);
        }
    }

    private string Field()
    {
        _ = _field.Clear();
        if (Next('"'))
            Quoted();
        else
            while (text.Peek() is >= 0 and not (',' or '\n' or '\r'))
                Add(text.Read() is var letter and not '"' ? letter : throw Wrong(_line, "a quote inside a field that does not begin with one"));
        return _field.ToString();
    }

    private void Quoted()
    {
        var begin = _line;
        for (int letter; (letter = text.Read()) >= 0;)
        {
            if (letter == '"' && !Next('"'))
            {
                if (text.Peek() is >= 0 and not (',' or '\n' or '\r'))
                    throw Wrong(_line, "text behind the quote that ends a field");
                return;
            }
            Add(letter);
            _line += letter == '\n' ? 1 : 0;
        }
        throw Wrong(begin, "a quote that is not closed to the end of the file");
    }

    private void EndOfRow()
    {
        _ = Next('\r');
        if (!Next('\n') && text.Peek() >= 0)
            throw Wrong(_line, "a carriage return without a line feed");
        _line++;
    }

    private void Add(int letter) => _ = _field.Append((char)letter);

    private bool Next(char letter)
    {
        if (text.Peek() != letter)
            return false;
        _ = text.Read();
        return true;
    }

    private InputException Wrong(long line, string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"{path}:{line}: {what}; a field with a quote, a comma or a line break in it stands in quotes, and a quote in it is doubled"));
}
