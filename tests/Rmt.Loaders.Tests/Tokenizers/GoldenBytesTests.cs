using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Ids and texts of Hugging Face's byte-level BPE (tokenizers 0.23.3): shared/golden/backbones/README.md.</summary>
public class GoldenBytesTests
{
    [Theory]
    [InlineData("roberta")]      // merges as pairs
    [InlineData("gpt2")]         // merges as strings
    public void Ids_are_those_of_the_rust_library_from_tokenizer_json(string model) => Compare(Folder(model), model);

    [Theory]
    [InlineData("roberta", "vocab.json merges.txt")]      // the class's own special tokens
    [InlineData("roberta", "vocab.json merges.txt tokenizer_config.json special_tokens_map.json")]
    [InlineData("gpt2", "vocab.json merges.txt")]
    [InlineData("gpt2", "vocab.json merges.txt tokenizer_config.json special_tokens_map.json")]
    public void A_folder_without_tokenizer_json_gives_the_same_ids(string model, string files)
    {
        using var folder = new TempFolder();
        foreach (var name in files.Split(' '))
            File.Copy(Path.Combine(Folder(model), name), folder[name]);
        Compare(folder.Path, model);
        var (own, whole) = (PretrainedTokenizer.Load(folder.Path), PretrainedTokenizer.Load(Folder(model)));
        Assert.Equal(whole.Special, own.Special);
        Assert.Equal(whole.VocabularySize, own.VocabularySize);
    }

    [Theory]
    [InlineData("roberta")]
    [InlineData("gpt2")]
    public void Merges_may_be_spelled_as_pairs_or_as_strings(string model)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(model), "tokenizer.json")))!;
        var merges = json["model"]!["merges"]!.AsArray();
        json["model"]!["merges"] = new JsonArray([.. merges.Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}"
            : (JsonNode)new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(piece => (JsonNode)piece)]))]);
        using var folder = new TempFolder();
        _ = folder.Write("tokenizer.json", json.ToJsonString());
        Compare(folder.Path, model);
    }

    [Theory]
    [InlineData("roberta")]
    [InlineData("gpt2")]
    public void Golden_texts_cut_anywhere_give_the_golden_ids(string model)
    {
        ITokenizer tokenizer = PretrainedTokenizer.Load(Folder(model));
        var random = new Random(1);
        foreach (var (text, ids) in Cases(model))
        {
            Assert.Equal(ids, Cuts.Encode(tokenizer, text, random, longest: 1 + random.Next(40)));
            Assert.Equal(ids, Cuts.Encode(tokenizer, text, random, longest: 1));
            Assert.Equal(ids, Cuts.Stream(tokenizer, text, threads: 2, part: 1 + random.Next(20)));
        }
    }

    [Theory]
    [InlineData("roberta", 10)]
    [InlineData("gpt2", 0)]
    public void Ids_give_their_text_back_but_for_white_space_before_a_mask(string model, int others)
    {
        var tokenizer = Load(model);
        foreach (var line in File.ReadLines(Shared.Path("golden", "backbones", model, "tokenizer.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var differs = root.TryGetProperty("decoded", out var decoded);
            others -= differs ? 1 : 0;
            Assert.Equal((differs ? decoded : root.GetProperty("text")).GetString(), tokenizer.Decode(Ids(root)));
        }
        Assert.Equal(0, others);
    }

    [Theory]
    [InlineData("roberta")]
    [InlineData("gpt2")]
    public void Any_ids_give_the_text_of_the_rust_library_also_one_by_one(string model)
    {
        var tokenizer = Load(model);
        var count = 0;
        foreach (var line in File.ReadLines(Shared.Path("golden", "backbones", model, "decode.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var (root, ids) = (document.RootElement, Ids(document.RootElement));
            foreach (var (key, skip) in new[] { ("text", false), ("text_without_specials", true) })
            {
                var text = root.GetProperty(key).GetString();
                Assert.Equal(text, tokenizer.Decode(ids, skip));
                var decoding = tokenizer.BeginDecoding(skip);
                Assert.Equal(text, string.Concat(ids.Select(decoding.Append).ToArray()) + decoding.Complete());
            }
            count++;
        }
        Assert.Equal(80, count);
    }

    /// <summary>The tables are generated from Unicode 14.0 and what was added since; .NET 10 knows 16.0. The golden ids are the second witness: the
    /// vocabularies were trained on runs of letters, numbers and marks of all planes.</summary>
    [Fact]
    public void Letters_and_numbers_are_those_of_dotnet_over_all_code_points()
    {
        for (var c = 0; c < 0x110000; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(c);
            Assert.True(category <= UnicodeCategory.OtherLetter == CodePoints.Is(c, Traits.Letter), $"U+{c:X4} {category}");
            Assert.True(category is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber == CodePoints.Is(c, Traits.Number), $"U+{c:X4} {category}");
        }
    }

    private static string Folder(string model) => Shared.Path("golden", "backbones", model);

    private static ByteLevelBpeTokenizer Load(string model) => Assert.IsType<ByteLevelBpeTokenizer>(PretrainedTokenizer.Load(Folder(model)));

    private static void Compare(string folder, string model) => GoldenIds.Compare(PretrainedTokenizer.Load(folder), Cases(model));

    private static List<(string Text, List<int> Ids)> Cases(string model) => GoldenIds.Cases("backbones", model, "tokenizer.jsonl");

    private static int[] Ids(JsonElement line) => [.. line.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
