using System.Text.RegularExpressions;

namespace Rmt.Adapter.Tests;

public partial class GeneratedTextTests
{
    private static readonly string[] People = [.. MovingFacts.All.Select(problem => problem.Facts[0].Split(' ')[0]).Distinct()];
    private static readonly string[] Places = [.. MovingFacts.Labels.Names];
    private static readonly string[] Directions = ["north", "south", "east", "west"];

    private static string Text(int length, ulong seed = 1, double mentions = 0)
    {
        using var text = new GeneratedText(seed, mentions);
        var characters = new char[length];
        Assert.Equal(length, text.Read(characters, 0, length));
        return new(characters);
    }

    [Fact]
    public void It_is_read_the_same_in_parts_of_any_size()
    {
        using var parts = new GeneratedText(8);
        var expected = Text(500, 8);
        var dice = new Random(1);
        for (var at = 0; at < 500;)
        {
            Assert.Equal(expected[at], (char)parts.Peek());
            Assert.Equal(expected[at++], (char)parts.Read());
            var part = new char[Math.Min(dice.Next(1, 40), 500 - at)];
            Assert.Equal(part.Length, parts.Read(part, 0, part.Length));
            Assert.Equal(expected.AsSpan(at, part.Length).ToString(), new string(part));
            at += part.Length;
        }
    }

    [Fact]
    public void No_person_place_or_direction_of_the_tasks_is_named_in_any_case()
    {
        var words = Letters().Matches(Text(4_000_000)).Select(match => match.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Empty(words.Intersect([.. People, .. Places, .. Directions], StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Mentions_name_people_and_places_of_the_tasks_never_both_in_a_sentence()
    {
        var sentences = Text(2_000_000, mentions: 0.2).Split(['.', '?', '!', ':', '\n']);
        bool Names(string sentence, string[] words) => Letters().Matches(sentence).Any(match => words.Contains(match.Value, StringComparer.OrdinalIgnoreCase));
        Assert.All(People.Concat(Places), word => Assert.Contains(sentences, sentence => Names(sentence, [word])));
        Assert.DoesNotContain(sentences, sentence => Names(sentence, People) && Names(sentence, Places));
        Assert.DoesNotContain(sentences, sentence => Names(sentence, Directions));
        Assert.InRange(sentences.Count(sentence => Names(sentence, [.. People, .. Places])) / (double)sentences.Length, 0.1, 0.25);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GeneratedText(1, 1.1));
    }

    [Fact]
    public void Others_go_to_other_places_and_are_asked_after_in_the_words_of_the_tasks()
    {
        var text = Text(1_000_000);
        Assert.All(MovingFacts.All.Select(problem => problem.Facts[0].Split(' ', 2)[1].Split(" to ")[0]).Distinct(), action => Assert.Contains($" {action} to the ", text, StringComparison.Ordinal));
        Assert.InRange(Regex.Count(text, "Where is [A-Z][a-z]+\\?"), 10, 1_000);
        Assert.InRange(Regex.Count(text, "where is [a-z]+ ?\\?"), 10, 1_000);
    }

    [Fact]
    public void Nearly_every_pair_of_letters_occurs_and_every_mark()
    {
        var text = Text(4_000_000);
        var pairs = Letters().Matches(text).SelectMany(match => match.Value.Zip(match.Value.Skip(1), (a, b) => $"{a}{b}")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.InRange(pairs.Count, 600, 26 * 26);          // no word holds qx or jv
        Assert.All("0123456789,.;:!?\"'()-$%“”`", mark => Assert.Contains(mark, text));
    }

    [Fact]
    public void Sentences_are_as_long_as_in_real_text()
    {
        var lengths = Text(1_000_000).Split(['.', '?', '!', '\n']).Select(sentence => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length).Where(length => length > 1).Order().ToList();
        Assert.InRange(lengths[lengths.Count / 2], 8, 25);
        Assert.InRange(lengths[lengths.Count * 95 / 100], 25, 45);
    }

    [GeneratedRegex("[a-z]+", RegexOptions.IgnoreCase)]
    private static partial Regex Letters();
}
