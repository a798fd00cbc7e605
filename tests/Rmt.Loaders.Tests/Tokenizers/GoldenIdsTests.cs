using System.Text.Json;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Ids of Hugging Face's Rust library (tokenizers 0.23.3) for some 3,300 texts a vocabulary: shared/golden/tokenizer.md.</summary>
public class GoldenIdsTests
{
    [Fact]
    public void Cased_ids_are_those_of_the_rust_library() =>
        GoldenIds.Compare(WordPieceTokenizer.Load(Shared.Path("data", "vocab", "bert-base-cased")), GoldenIds.Cases("tokenizer-cased.jsonl"));

    [Fact]
    public void Cased_ids_do_not_need_a_tokenizer_config() =>
        GoldenIds.Compare(WordPieceTokenizer.LoadVocabulary(Shared.Path("data", "vocab", "bert-base-cased", "vocab.txt")), GoldenIds.Cases("tokenizer-cased.jsonl"));

    [Fact]
    public void Uncased_ids_are_those_of_the_rust_library_from_tokenizer_json() =>
        GoldenIds.Compare(WordPieceTokenizer.Load(Shared.Path("models", "minilm-l6")), GoldenIds.Cases("tokenizer-uncased.jsonl"));

    [Fact]
    public void Uncased_ids_are_those_of_the_rust_library_from_vocab_txt() =>
        GoldenIds.Compare(WordPieceTokenizer.LoadVocabulary(Shared.Path("models", "minilm-l6", "vocab.txt")), GoldenIds.Cases("tokenizer-uncased.jsonl"));

    [Fact]
    public void A_folder_without_tokenizer_json_gives_the_same_ids()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "vocab.txt", "tokenizer_config.json", "special_tokens_map.json" })
            File.Copy(Shared.Path("models", "minilm-l6", name), folder[name]);
        GoldenIds.Compare(WordPieceTokenizer.Load(folder.Path), GoldenIds.Cases("tokenizer-uncased.jsonl"));
    }

    [Theory]
    [InlineData("tokenizer-cased.jsonl", "data/vocab/bert-base-cased")]
    [InlineData("tokenizer-uncased.jsonl", "models/minilm-l6")]
    public void Golden_texts_cut_anywhere_give_the_golden_ids(string golden, string folder)
    {
        ITokenizer tokenizer = WordPieceTokenizer.Load(Shared.Path(folder.Split('/')));
        var random = new Random(1);
        foreach (var (text, ids) in GoldenIds.Cases(golden))
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
}
