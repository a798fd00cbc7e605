using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public class TokenizerJsonTests
{
    [Fact]
    public void Truncation_and_padding_are_ignored_and_said_to_be()
    {
        var json = OwnTokenizer.Json();
        json["truncation"] = JsonNode.Parse("""{"max_length":2,"strategy":"LongestFirst","stride":0}""");
        json["padding"] = JsonNode.Parse("""{"strategy":{"Fixed":128},"direction":"Right","pad_id":0,"pad_token":"[PAD]"}""");
        var tokenizer = Load(json);
        Assert.Equal(["truncation to 2 tokens", "padding to 128 tokens"], tokenizer.Ignored);
        Assert.Equal(5, ((ITokenizer)tokenizer).Encode("a a a a a").Count);
        json["padding"] = JsonNode.Parse("""{"strategy":"BatchLongest"}""");
        Assert.Equal("padding", Load(json).Ignored[1]);
        Assert.Empty(Load(OwnTokenizer.Json()).Ignored);
    }

    [Fact]
    public void A_file_of_before_2021_does_not_name_its_model()
    {
        var json = OwnTokenizer.Json();
        _ = json["model"]!.AsObject().Remove("type");
        Assert.Equal([4], ((ITokenizer)Load(json)).Encode("a"));
    }

    [Theory]
    // Other tokenizers, by name.
    [InlineData("model.type", "\"Unigram\"", "model.type must be \"WordPiece\" (the BERT family) or \"BPE\" (byte-level: RoBERTa, GPT-2), the kinds that are supported, found \"Unigram\"")]
    [InlineData("normalizer.type", "\"Sequence\"", "normalizer.type must be \"BertNormalizer\", the kind that is supported, found \"Sequence\"")]
    [InlineData("normalizer", "null", "normalizer must be an object, found null")]
    [InlineData("pre_tokenizer.type", "\"Whitespace\"", "pre_tokenizer.type must be \"BertPreTokenizer\", the kind that is supported, found \"Whitespace\"")]
    [InlineData("pre_tokenizer", null, "pre_tokenizer is missing; it must be an object")]
    [InlineData("version", "\"2.0\"", "version must be \"1.0\", found \"2.0\"")]
    // Missing, or of another type.
    [InlineData("model", null, "model is missing; it must be an object")]
    [InlineData("model", "[]", "model must be an object, found a list")]
    [InlineData("model.vocab", null, "model.vocab is missing; it must be an object")]
    [InlineData("model.vocab", "[]", "model.vocab must be an object, found a list")]
    [InlineData("model.vocab", "{}", "model.vocab must be an object that gives every token its id, found an empty one")]
    [InlineData("model.unk_token", "1", "model.unk_token must be a string, found 1")]
    [InlineData("model.unk_token", "\"<unk>\"", "has no token '<unk>'")]
    [InlineData("model.unk_token", "\"\\ud800\"", "has a string that is not Unicode at byte")]
    [InlineData("model.continuing_subword_prefix", null, "model.continuing_subword_prefix is missing; it must be a string")]
    [InlineData("model.max_input_chars_per_word", "0", "model.max_input_chars_per_word must be a whole number from 1 to 10000, found 0")]
    [InlineData("model.max_input_chars_per_word", "1e9", "found 1e9")]
    [InlineData("model.max_input_chars_per_word", "10001", "found 10001")]
    [InlineData("normalizer.lowercase", "\"yes\"", "normalizer.lowercase must be true or false, found \"yes\"")]
    [InlineData("normalizer.clean_text", null, "normalizer.clean_text is missing; it must be true or false")]
    [InlineData("normalizer.strip_accents", "0", "normalizer.strip_accents must be true or false, found 0")]
    [InlineData("added_tokens", "{}", "added_tokens must be a list, found an object")]
    // Ids.
    [InlineData("model.vocab.a", "3", "model.vocab.a must be an id of its own ('[SEP]' has this one already), found 3")]
    [InlineData("model.vocab.a", "5", "model.vocab.a must be an id from 0 to 4 (there are 5 tokens, and ids must have no gap), found 5")]
    [InlineData("model.vocab.a", "-1", "found -1")]
    [InlineData("model.vocab.a", "4.5", "found 4.5")]
    [InlineData("model.vocab.a", "99999999999999999999", "found 99999999999999999999")]
    [InlineData("model.vocab.a", "\"4\"", "found \"4\"")]
    [InlineData("model.vocab.b", "2147483647", "must be an id from 0 to 5")]
    [InlineData("model.vocab.[CLS]", null, "must be an id from 0 to 3")]
    [InlineData("added_tokens[0].id", "7", "the added token '[X]' has id 7; expected 5, the next one that is free, for ids must have no gap")]
    [InlineData("added_tokens[0].id", "-1", "added_tokens[0].id must be a whole number from 0 to 2147483647, found -1")]
    [InlineData("added_tokens[0].content", "\"a\"", "the added token 'a' has id 5, but the vocabulary gives it 4")]
    [InlineData("added_tokens[0].content", "\"\"", "the added token with id 5 is empty")]
    [InlineData("added_tokens[0].content", "null", "added_tokens[0].content must be a string, found null")]
    [InlineData("added_tokens[0].lstrip", "1", "added_tokens[0].lstrip must be true or false, found 1")]
    [InlineData("added_tokens[0].special", null, "added_tokens[0].special is missing; it must be true or false")]
    [InlineData("added_tokens[1].content", "\"[X]\"", "the added token '[X]' stands twice")]
    public void What_is_wrong_is_named_with_its_place(string place, string? value, string problem)
    {
        var json = OwnTokenizer.Json(null, null, new AddedToken(-1, "[X]"), new AddedToken(-1, "[Y]"));
        _ = Load(json);    // right so far
        var text = json.ToJsonString();
        Assert.Contains(problem, Refused(Changed(text, place, value)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_added_token_that_stands_twice_is_refused()
    {
        var json = OwnTokenizer.Json(null, null, new AddedToken(-1, "a"), new AddedToken(-1, "a"));
        Assert.Contains("the added token 'a' stands twice", Refused(json.ToJsonString()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[PAD]")]
    [InlineData("[CLS]")]
    [InlineData("[SEP]")]
    [InlineData("[UNK]")]
    public void A_special_token_that_is_missing_is_named(string token)
    {
        var json = OwnTokenizer.Json([.. OwnTokenizer.Specials.Where(special => special != token), "a"]);
        Assert.Contains($"tokenizer.json: has no token '{token}'", Refused(json.ToJsonString()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{} x")]
    [InlineData("// a comment\n{}")]
    [InlineData("{\"model\":{},\"model\":{}}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"\\udc00\":0}}}")]
    [InlineData("\uFEFF{}")]
    public void What_is_no_json_object_is_refused_with_its_file(string content) => Refused(content);

    [Fact]
    public void Json_nested_without_end_is_refused() => Refused(string.Concat(Enumerable.Repeat("[", 1_000_000)));

    private static WordPieceTokenizer Load(JsonObject json)
    {
        using var folder = new TempFolder();
        return WordPieceTokenizer.LoadTokenizerJson(folder.Write("tokenizer.json", json.ToJsonString()));
    }

    private static LoadException Refused(string content)
    {
        using var folder = new TempFolder();
        var path = folder.Write("tokenizer.json", content);
        var error = Assert.Throws<LoadException>(() => WordPieceTokenizer.LoadTokenizerJson(path));
        Assert.Equal(path, error.Path);
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        return error;
    }

    // The value goes in as text, so that numbers and halves of surrogate pairs stay as they are written.
    private static string Changed(string text, string place, string? value)
    {
        const string mark = "the value to be changed";
        var json = JsonNode.Parse(text)!;
        var steps = place.StartsWith("model.vocab.", StringComparison.Ordinal) ? ["model", "vocab", place["model.vocab.".Length..]]
            : place.Split('.');
        var at = json;
        foreach (var step in steps[..^1])
            at = step.EndsWith(']') ? at["added_tokens"]![step[^2] - '0']! : at[step]!;
        if (value is null)
            _ = at.AsObject().Remove(steps[^1]);
        else
            at[steps[^1]] = mark;
        return json.ToJsonString().Replace($"\"{mark}\"", value, StringComparison.Ordinal);
    }
}
