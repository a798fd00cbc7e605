using System.Globalization;
using System.Text;

namespace Rmt.Adapter;

/// <summary>Sentences of some 5 to 40 words, in passages each of which has a style: capital letters or none, marks set off or not, few invented words or many.</summary>
internal sealed class GeneratedSentences
{
    private const int LongestPassage = 14;

    private readonly SplitMix64 dice;
    private readonly double mentions;
    private readonly InventedWords invented;
    private readonly Func<string>[] kinds;
    private int left;                   // sentences of the passage
    private long inventedInHundred;
    private bool lowerCase, setOff;

    public GeneratedSentences(SplitMix64 dice, double mentions)
    {
        (this.dice, this.mentions, invented) = (dice, mentions, new(dice));
        kinds = [Plain, Plain, Joined, Loose, Loose, Loose, Motion, Motion, Whereabouts, Question, Speech, Numbers, Series];
    }

    /// <summary>A sentence and the blank behind it.</summary>
    public string Next()
    {
        if (left == 0) BeginPassage();
        var sentence = dice.Next(1_000_000) < mentions * 1_000_000 ? Mention() : dice.Of(kinds)();
        sentence = char.ToUpperInvariant(sentence[0]) + sentence[1..];
        if (lowerCase) sentence = sentence.ToLowerInvariant();
        if (setOff) sentence = SetOff(sentence);
        return sentence + (--left == 0 ? dice.Of(["\n", "\n\n", " "]) : " ");
    }

    private void BeginPassage()
    {
        left = 1 + (int)dice.Next(LongestPassage);
        inventedInHundred = dice.Of([0L, 3, 10, 40]);
        (lowerCase, setOff) = (OneIn(4), OneIn(4));
    }

    private string Plain() => OneIn(2) ? $"{dice.Of(EnglishWords.Openings)}, {Clause()}." : $"{Clause()} {dice.Of(EnglishWords.Endings)}.";

    private string Joined() => $"{Clause()}{dice.Of([", ", "; ", " "])}{dice.Of(EnglishWords.Joints)} {Clause()}{dice.Of([".", ".", ".", "!", "..."])}";

    // Words as frequent as in English, in no order that means anything.
    private string Loose()
    {
        var text = new StringBuilder();
        for (var (i, count) = (0L, 5 + dice.Next(36)); i < count; i++)
        {
            var word = OneIn(2) ? Frequent(EnglishWords.Little) : Content();
            if (i > 0) text.Append(dice.Next(30) switch { 0 or 1 => ", ", 2 when OneIn(3) => "; ", 3 when OneIn(3) => " - ", 4 when OneIn(4) => ": ", _ => " " });
            text.Append(OneIn(60) && i > 0 ? $"({word} {Content()})" : word);
        }
        return text.Append(dice.Of([".", ".", ".", ".", "?", "!", "..."])).ToString();
    }

    private string Motion() => OneIn(2) ? $"{Person()} {dice.Of(EnglishWords.Motions)} to {Place()}."
        : $"{dice.Of(EnglishWords.Openings)}, {Person()} {dice.Of(EnglishWords.Motions)} to {Place()}{dice.Of([".", " and " + dice.Of(EnglishWords.Verbs) + " " + Thing() + ".", " " + dice.Of(EnglishWords.Endings) + "."])}";

    private string Whereabouts() => OneIn(2) ? $"{Person()} {dice.Of(["is", "was", "stayed", "waited"])} {dice.Of(["in", "at", "near", "behind"])} {Place()}."
        : $"{Place()} {dice.Of(["is", "was", "lies"])} {dice.Of(["near", "behind", "above", "below", "opposite", "not far from"])} {Place()}.";

    private string Question() => dice.Next(6) switch
    {
        0 or 1 => $"Where {dice.Of(["is", "was"])} {Person()}?",
        2 => $"What is {dice.Of(EnglishWords.Prepositions)} {Place()}?",
        3 => $"Who {Verb()} {Thing()}?",
        4 => $"Why was {Thing()} so {Adjective()}?",
        _ => $"How many {Noun()}s did {Person()} see in {Place()}?",
    };

    private string Speech()
    {
        var (open, close) = dice.Of([("\"", "\""), ("\"", "\""), ("'", "'"), ("“", "”"), ("``", "''")]);
        return OneIn(2) ? $"{open}{Clause()},{close} said {Person()}." : $"{Person()} {dice.Of(["said", "asked", "wrote", "cried"])}: {open}{Clause()}{dice.Of(["!", "?", "."])}{close}";
    }

    private string Numbers() => dice.Next(4) switch
    {
        0 => $"In {1700 + dice.Next(330)}, {Number()} {Noun()}s {Verb()} {Thing()}.",
        1 => $"{Person()} {Verb()} {Number()} {Noun()}s for ${Number()}.",
        2 => $"{dice.Next(101)}{dice.Of(["%", " percent", "." + dice.Next(10) + "%"])} of {Thing()} {Verb()} {Number()} {Noun()}s {dice.Of(EnglishWords.Endings)}.",
        _ => $"{Clause()} ({1 + dice.Next(31)} {dice.Of(["January", "March", "May", "June", "July", "October"])} {1700 + dice.Next(330)}, {dice.Next(24)}:{10 + dice.Next(50)}).",
    };

    private string Series() => $"{Person()} {Verb()} {string.Join(", ", Enumerable.Range(0, 2 + (int)dice.Next(4)).Select(_ => Thing()))} and {Thing()}.";

    // A name or a place of the tasks, never both, and nobody goes anywhere: no fact.
    private string Mention() => OneIn(2) ? $"{dice.Of(MovingFacts.Names)} {Verb()} {Thing()}." : $"{Thing()} {Verb()} the {dice.Of(MovingFacts.Labels.Names)} {dice.Of(["of", "and", "for"])} {Thing()}.";

    private string Clause() => $"{(OneIn(4) ? Person() : Thing())} {(OneIn(6) ? dice.Of(EnglishWords.Adverbs) + " " : "")}{Verb()} {Thing()}{(OneIn(3) ? $" {dice.Of(EnglishWords.Prepositions)} {Thing()}" : "")}";

    private string Thing() => $"{(OneIn(20) ? dice.Of(EnglishWords.Names) + "'s" : dice.Of(["the", "the", "the", "a", "this", "his", "her", "their", "every", "another", "no", "our"]))} {(OneIn(2) ? Adjective() + " " : "")}{Noun()}{(OneIn(8) ? $" of the {Noun()}" : "")}";

    private string Person() => dice.Next(5) switch
    {
        0 => $"the {Noun()}",
        1 => invented.Name(),
        2 when OneIn(3) => $"{dice.Of(EnglishWords.Names)} {invented.Name()}",
        3 when OneIn(3) => dice.Of(["he", "she", "they", "we", "i", "you"]),
        _ => dice.Of(EnglishWords.Names),
    };

    private string Place() => dice.Next(4) switch
    {
        0 => OneIn(2) ? dice.Of(EnglishWords.Cities) : invented.Name(),
        1 => $"the {Adjective()} {dice.Of(EnglishWords.Places)}",
        _ => $"the {(Strange() ? invented.Word() : dice.Of(EnglishWords.Places))}",
    };

    private string Number() => dice.Next(5) switch
    {
        0 => (1 + dice.Next(9)).ToString(CultureInfo.InvariantCulture),
        1 => dice.Next(1000).ToString(CultureInfo.InvariantCulture),
        2 => dice.Next(10_000_000).ToString("N0", CultureInfo.InvariantCulture),
        3 => $"{dice.Next(100)}.{dice.Next(100)}",
        _ => $"{2 + dice.Next(98)} {dice.Of(["hundred", "thousand", "million", "dozen"])}",
    };

    private string Content() => dice.Next(8) switch
    {
        0 or 1 => Verb(),
        2 or 3 => Adjective(),
        4 => dice.Of(EnglishWords.Adverbs),
        5 when OneIn(4) => OneIn(2) ? invented.Name() : dice.Of(EnglishWords.Names),
        5 when OneIn(8) => Number(),
        _ => Noun(),
    };

    private string Noun() => Strange() ? invented.Word() : dice.Of(EnglishWords.Nouns);

    private string Verb() => Strange() ? invented.Word() : dice.Of(EnglishWords.Verbs);

    private string Adjective() => Strange() ? invented.Word() : dice.Of(EnglishWords.Adjectives);

    private bool Strange() => dice.Next(100) < inventedInHundred;

    private bool OneIn(long count) => dice.Next(count) == 0;

    private string Frequent(string[] list) => list[Math.Min(dice.Next(list.Length), dice.Next(list.Length))];

    // Marks between blanks, as collections of tokenized text have them; those within numbers stay.
    private static string SetOff(string text)
    {
        var apart = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var mark = ",.;:!?\"()“”".Contains(text[i], StringComparison.Ordinal) && !(i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]));
            if (mark && apart.Length > 0 && apart[^1] != ' ') apart.Append(' ');
            if (text[i] != ' ' || apart.Length == 0 || apart[^1] != ' ') apart.Append(text[i]);
            if (mark && i + 1 < text.Length) apart.Append(' ');
        }
        return apart.ToString();
    }
}
