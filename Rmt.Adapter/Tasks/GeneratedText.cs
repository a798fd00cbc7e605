namespace Rmt.Adapter;

/// <summary>English sentences without an end, drawn from a grammar of some 10¹⁰ of them. None names a person or a place of the memory tasks, a way to
/// get there, a direction or a question.</summary>
/// <param name="seed">The same seed, the same text.</param>
public sealed class GeneratedText(ulong seed) : TextReader
{
    private static readonly string[] Openings =
    [
        "In the early morning", "After a long winter", "Towards the end of the year", "As the rain began to fall", "For the first time in months", "On a quiet afternoon",
        "Without any warning", "Late in the summer", "Before the sun rose", "While the wind grew stronger", "Once the music had ended", "During the second week",
        "To the surprise of many", "Not long after", "Despite the cold", "Some years later",
    ];

    private static readonly string[] Adjectives =
    [
        "old", "young", "quiet", "clever", "heavy", "small", "broken", "bright", "careful", "famous", "gentle", "hungry", "narrow", "patient", "proud", "simple",
        "strange", "tall", "tired", "warm", "wooden", "golden", "honest", "lonely",
    ];

    private static readonly string[] Subjects =
    [
        "farmer", "teacher", "doctor", "painter", "sailor", "baker", "merchant", "captain", "writer", "engineer", "soldier", "singer", "judge", "poet", "student",
        "visitor", "neighbour", "child", "horse", "bird", "dog", "fox", "wolf", "cat",
    ];

    private static readonly string[] Verbs =
    [
        "found", "carried", "remembered", "watched", "painted", "repaired", "described", "forgot", "bought", "sold", "admired", "studied", "lost", "noticed", "hid",
        "collected", "ignored", "protected", "wanted", "drew", "measured", "followed", "discovered", "questioned",
    ];

    private static readonly string[] Things =
    [
        "letter", "bridge", "lamp", "river", "mountain", "boat", "clock", "coat", "coin", "mirror", "piano", "ship", "stone", "tree", "wheel", "window", "book", "map",
        "story", "song", "picture", "machine", "flower", "field", "tower", "train", "basket", "blanket", "candle", "drum", "engine", "fence", "glass", "hammer", "island",
        "ladder", "newspaper", "promise", "rumour", "secret",
    ];

    private static readonly string[] Endings =
    [
        "with great care", "without a word", "for many years", "more than once", "and said nothing about it", "as nobody had before", "almost by accident",
        "in spite of the weather", "for a very good reason", "and smiled", "until it grew dark", "again and again", "with some difficulty", "to everyone's delight",
        "and thought of the sea", "as if it were a dream",
    ];

    private readonly SplitMix64 dice = new(seed);
    private string sentence = "";
    private int next;

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        var written = 0;
        while (written < buffer.Length)
        {
            if (next == sentence.Length)
                (sentence, next) = (Sentence(), 0);
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
            (sentence, next) = (Sentence(), 0);
        return sentence[next];
    }

    private string Sentence()
    {
        string Subject() => $"{dice.Of(Adjectives)} {dice.Of(Subjects)}";
        string Thing() => $"{dice.Of(Adjectives)} {dice.Of(Things)}";
        return dice.Next(4) switch
        {
            0 => $"{dice.Of(Openings)}, the {Subject()} {dice.Of(Verbs)} a {dice.Of(Things)}. ",
            1 => $"The {Subject()} {dice.Of(Verbs)} the {Thing()} {dice.Of(Endings)}. ",
            2 => $"{dice.Of(Openings)}, every {dice.Of(Subjects)} {dice.Of(Verbs)} the {dice.Of(Things)} {dice.Of(Endings)}. ",
            _ => $"One {dice.Of(Subjects)} {dice.Of(Verbs)} the {Thing()}, and another {dice.Of(Verbs)} the {dice.Of(Things)}. ",
        };
    }
}
