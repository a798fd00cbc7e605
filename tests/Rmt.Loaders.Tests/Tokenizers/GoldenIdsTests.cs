using System.Text.Json;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Ids of Hugging Face's Rust library (tokenizers 0.23.3) for some 3,300 texts a vocabulary: shared/golden/tokenizer.md.</summary>
public class GoldenIdsTests
{
    [Fact]
    public void Cased_ids_are_those_of_the_rust_library() =>
        Compare(WordPieceTokenizer.Load(Shared.Path("data", "vocab", "bert-base-cased")), Cases("tokenizer-cased.jsonl"));

    [Fact]
    public void Cased_ids_do_not_need_a_tokenizer_config() =>
        Compare(WordPieceTokenizer.LoadVocabulary(Shared.Path("data", "vocab", "bert-base-cased", "vocab.txt")), Cases("tokenizer-cased.jsonl"));

    [Fact]
    public void Uncased_ids_are_those_of_the_rust_library_from_tokenizer_json() =>
        Compare(WordPieceTokenizer.Load(Shared.Path("models", "minilm-l6")), Cases("tokenizer-uncased.jsonl"));

    [Fact]
    public void Uncased_ids_are_those_of_the_rust_library_from_vocab_txt() =>
        Compare(WordPieceTokenizer.LoadVocabulary(Shared.Path("models", "minilm-l6", "vocab.txt")), Cases("tokenizer-uncased.jsonl"));

    [Fact]
    public void A_folder_without_tokenizer_json_gives_the_same_ids()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "vocab.txt", "tokenizer_config.json", "special_tokens_map.json" })
            File.Copy(Shared.Path("models", "minilm-l6", name), folder[name]);
        Compare(WordPieceTokenizer.Load(folder.Path), Cases("tokenizer-uncased.jsonl"));
    }

    [Theory]
    [InlineData("tokenizer-cased.jsonl", "data/vocab/bert-base-cased")]
    [InlineData("tokenizer-uncased.jsonl", "models/minilm-l6")]
    public void Golden_texts_cut_anywhere_give_the_golden_ids(string golden, string folder)
    {
        ITokenizer tokenizer = WordPieceTokenizer.Load(Shared.Path(folder.Split('/')));
        var random = new Random(1);
        foreach (var (text, ids) in Cases(golden))
        {
            Assert.Equal(ids, Cuts.Encode(tokenizer, text, random, longest: 1 + random.Next(40)));
            if (text.Length < 3000)
                Assert.Equal(ids, Cuts.Encode(tokenizer, text, random, longest: 1));
        }
    }

    [Fact]
    public void The_unicode_tables_are_the_measured_ones()
    {
        using var measured = JsonDocument.Parse(File.ReadAllBytes(Shared.Path("golden", "bert-unicode.json")));
        foreach (var (name, trait) in new[] { ("dropped", Traits.Dropped), ("space", Traits.Space), ("ideograph", Traits.Ideograph),
            ("punctuation", Traits.Punctuation), ("stripped_mark", Traits.StrippedMark) })
        {
            var expected = new HashSet<int>();
            foreach (var range in measured.RootElement.GetProperty(name).EnumerateArray())
            {
                var ends = range.GetString()!.Split('-').Select(end => Convert.ToInt32(end, 16)).ToArray();
                expected.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
            }
            Assert.NotEmpty(expected);
            for (var c = 0; c < 0x110000; c++)
                Assert.True(expected.Contains(c) == CodePoints.Is(c, trait), $"U+{c:X4} {name}");
        }
    }

    private static void Compare(ITokenizer tokenizer, List<(string Text, List<int> Ids)> cases)
    {
        Assert.True(cases.Count > 3000);
        var different = cases.Where(c => !tokenizer.Encode(c.Text).SequenceEqual(c.Ids)).ToList();
        Assert.True(different.Count == 0, $"{different.Count} of {cases.Count} differ, first: {different.Select(Report).FirstOrDefault()}");

        string Report((string Text, List<int> Ids) c)
        {
            var ids = tokenizer.Encode(c.Text);
            var at = ids.Zip(c.Ids).TakeWhile(pair => pair.First == pair.Second).Count();
            return $"{JsonSerializer.Serialize(c.Text[..Math.Min(200, c.Text.Length)])} at id {at}: "
                + $"[{string.Join(' ', ids.Skip(at).Take(8))}] for [{string.Join(' ', c.Ids.Skip(at).Take(8))}]";
        }
    }

    private static List<(string Text, List<int> Ids)> Cases(string file)
    {
        var cases = new List<(string, List<int>)>();
        foreach (var line in File.ReadLines(Shared.Path("golden", file)))
        {
            using var document = JsonDocument.Parse(line);
            cases.Add((document.RootElement.GetProperty("text").GetString()!,
                [.. document.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]));
        }
        return cases;
    }
}
