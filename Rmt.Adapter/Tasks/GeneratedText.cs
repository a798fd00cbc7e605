namespace Rmt.Adapter;

/// <summary>English and invented words in sentences without an end: statements, questions, speech, numbers, lists, and words in no order; with and without
/// capital letters, marks set off or not.</summary>
/// <remarks>Other people go to other places and are asked after, in the words of the memory tasks; a person, a place or a direction of the tasks is never
/// named, or, if mentions are asked for, never a person together with a place: no sentence is a fact.</remarks>
/// <param name="seed">The same seed, the same text.</param>
/// <param name="mentions">The share of sentences with a person or a place of the tasks, which is no fact, from 0 to 1: real text has such.</param>
/// <exception cref="ArgumentOutOfRangeException">A share outside its range.</exception>
public sealed class GeneratedText(ulong seed, double mentions = 0) : TextReader
{
    private readonly GeneratedSentences sentences = new(new(seed), mentions is >= 0 and <= 1 ? mentions : throw new ArgumentOutOfRangeException(nameof(mentions), mentions, "a share is from 0 to 1"));
    private string sentence = "";
    private int next;

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        var written = 0;
        while (written < buffer.Length)
        {
            if (next == sentence.Length)
                (sentence, next) = (sentences.Next(), 0);
            var count = Math.Min(buffer.Length - written, sentence.Length - next);
            sentence.AsSpan(next, count).CopyTo(buffer[written..]);
            (written, next) = (written + count, next + count);
        }
        return written;
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        _ = Read(one);
        return one[0];
    }

    /// <inheritdoc/>
    public override int Peek()
    {
        if (next == sentence.Length)
            (sentence, next) = (sentences.Next(), 0);
        return sentence[next];
    }
}
