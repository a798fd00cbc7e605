using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class ByteLevelBpeFilesTests : IDisposable
{
    private static readonly string[] Merges = ["Ġ t", "h e", "Ġt he"];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("normalizer", """{"type":"NFC"}""", "normalizer must be null: byte-level BPE reads a text as it is written, found an object")]
    [InlineData("pre_tokenizer.type", "\"Whitespace\"", "pre_tokenizer.type must be \"ByteLevel\", the kind that is supported, found \"Whitespace\"")]
    [InlineData("pre_tokenizer.use_regex", "false", "pre_tokenizer.use_regex must be true: words are parted by GPT-2's pattern, found false")]
    [InlineData("pre_tokenizer.add_prefix_space", "\"yes\"", "pre_tokenizer.add_prefix_space must be true or false, found \"yes\"")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer must be an object, found null")]
    [InlineData("post_processor.type", "\"Sequence\"", "post_processor.type must be one of ByteLevel, RobertaProcessing, TemplateProcessing, the kinds that are supported, found \"Sequence\"")]
    [InlineData("decoder", "null", "decoder must be an object, found null")]
    [InlineData("decoder.type", "\"WordPiece\"", "decoder.type must be \"ByteLevel\", the kind that is supported, found \"WordPiece\"")]
    [InlineData("model.dropout", "0.1", "model.dropout must be null or 0: the same text must give the same ids, found 0.1")]
    [InlineData("model.byte_fallback", "true", "model.byte_fallback must be false, which is what is supported, found true")]
    [InlineData("model.ignore_merges", "true", "model.ignore_merges must be false, which is what is supported, found true")]
    [InlineData("model.end_of_word_suffix", "\"x\"", "model.end_of_word_suffix must be null or empty: pieces are bytes and nothing more, found \"x\"")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix must be null or empty")]
    [InlineData("model.unk_token", "3", "model.unk_token must be a string, found 3")]
    [InlineData("model.merges", "null", "model.merges must be a list, found null")]
    [InlineData("model.merges", "{}", "model.merges must be a list, found an object")]
    [InlineData("model.merges", "[1]", "model.merges[0] must be a pair [\"a\", \"b\"] or a string of two pieces with one space between them, found 1")]
    [InlineData("model.merges", "[\"a\"]", "model.merges[0] must be a pair")]
    [InlineData("model.merges", "[\"a b c\"]", "model.merges[0] must be a pair")]
    [InlineData("model.merges", "[[\"a\"]]", "model.merges[0] must be a pair")]
    [InlineData("model.merges", "[[\"h\",\"e\"],[\"a\",1]]", "model.merges[1] must be a pair")]
    [InlineData("model.merges", "[\"h e\",\"a b\"]", "model.merges[1] merges 'a' and 'b', but the vocabulary has no 'ab'")]
    [InlineData("model.merges", "[\"xx e\"]", "model.merges[0] merges 'xx' and 'e', but the vocabulary has no 'xx'")]
    [InlineData("model.merges", "[\"h e\",[\"h\",\"e\"]]", "model.merges[1] merges 'h' and 'e' a second time")]
    [InlineData("model.vocab", "{}", "model.vocab must be an object that gives every token its id, found an empty one")]
    [InlineData("model.vocab.he", "36", "model.vocab.he must be an id of its own ('$' has this one already), found 36")]
    [InlineData("model.vocab.he", "9999", "model.vocab.he must be an id from 0 to 258")]
    [InlineData("model.type", "\"Unigram\"", "model.type must be \"WordPiece\" (the BERT family) or \"BPE\" (byte-level: RoBERTa, GPT-2), the kinds that are supported, found \"Unigram\"")]
    [InlineData("version", "\"2.0\"", "version must be \"1.0\", found \"2.0\"")]
    public void What_is_wrong_in_tokenizer_json_is_named_with_its_place(string place, string value, string problem)
    {
        var json = OwnBytes.Json(Merges);
        Write(json);
        _ = PretrainedTokenizer.Load(folder.Path);      // right so far
        var steps = place.Split('.');
        var at = steps[..^1].Aggregate((JsonNode)json, (node, step) => node[step]!);
        at[steps[^1]] = JsonNode.Parse(value);
        Write(json);
        Refused("tokenizer.json", problem);
    }

    [Fact]
    public void A_byte_that_the_vocabulary_lacks_is_named()
    {
        var json = OwnBytes.Json([]);
        var vocab = json["model"]!["vocab"]!.AsObject();
        _ = vocab.Remove("Ġ");
        foreach (var (id, name) in vocab.Select(member => member.Key).ToList().Index())
            vocab[name] = id;
        Write(json);
        Refused("tokenizer.json", "has no token 'Ġ', which stands for the byte 0x20; a byte-level vocabulary has all 256");
    }

    [Theory]
    [InlineData("unk_token", "\"\"")]             // as GPT-2's own file has it
    [InlineData("unk_token", "\"<unk>\"")]
    [InlineData("dropout", "0.0")]
    [InlineData("fuse_unk", "true")]
    [InlineData("type", null)]                    // files of before 2021
    [InlineData("ignore_merges", null)]
    public void What_changes_nothing_is_read(string key, string? value)
    {
        var json = OwnBytes.Json(Merges);
        if (value is null)
            _ = json["model"]!.AsObject().Remove(key);
        else
            json["model"]![key] = JsonNode.Parse(value);
        Write(json);
        Assert.Equal("Ġthe", PretrainedTokenizer.Load(folder.Path) is ITokenizer tokenizer ? tokenizer.Tokens(" the") : null);
    }

    [Fact]
    public void A_token_with_white_space_beside_one_that_takes_white_space_away_is_refused_where_both_cannot_be_right()
    {
        Write(OwnBytes.Json(Merges, false, new AddedToken(-1, "a b") { Normalized = true }, new AddedToken(-1, "<m>") { LeftStrip = true }));
        Refused("tokenizer.json", "the added token 'a b' has white space in it");
    }

    [Theory]
    [InlineData("merges.txt", "h e x", "line 2 must be two pieces with one space between them, found 'h e x'")]
    [InlineData("merges.txt", "h e\n\nĠ t", "line 3 must be two pieces with one space between them, found ''")]
    [InlineData("merges.txt", "a b", "line 2 merges 'a' and 'b', but the vocabulary has no 'ab'")]
    [InlineData("merges.txt", "h e\nh e", "line 3 merges 'h' and 'e' a second time")]
    [InlineData("vocab.json", "{}", "is empty; expected an object that gives every token its id")]
    [InlineData("vocab.json", "[]", "must hold a JSON object")]
    [InlineData("vocab.json", """{"a":1}""", "a must be an id from 0 to 0")]
    [InlineData("tokenizer_config.json", """{"tokenizer_class":"CLIPTokenizer"}""", "tokenizer_class must be \"RobertaTokenizer\", \"GPT2Tokenizer\" or one that does the same")]
    [InlineData("tokenizer_config.json", """{"add_prefix_space":1}""", "add_prefix_space must be true or false, found 1")]
    public void What_is_wrong_in_the_older_files_is_named_with_its_place(string file, string content, string problem)
    {
        Older();
        _ = PretrainedTokenizer.Load(folder.Path);
        _ = folder.Write(file, file == "merges.txt" ? "#version: 0.2\n" + content : content);
        Refused(file, problem);
    }

    [Fact]
    public void A_vocabulary_without_merges_is_refused()
    {
        Older();
        File.Delete(folder["merges.txt"]);
        Assert.Contains("vocab.json without merges.txt", Assert.Throws<LoadException>(() => PretrainedTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h e\nĠ t\nĠt he\n")]
    [InlineData("#version: 0.2\r\nh e\r\nĠ t\r\nĠt he\r\n")]
    [InlineData("#version: 0.2\nh e\nĠ t\nĠt he")]
    public void Merges_have_a_version_or_none_and_any_line_ends(string merges)
    {
        Older();
        _ = folder.Write("merges.txt", merges);
        Assert.Equal("Ġthe", ((ITokenizer)PretrainedTokenizer.Load(folder.Path)).Tokens(" the"));
    }

    [Theory]
    [InlineData("<s> <pad> </s> <unk> <mask>", null, "a <mask> <s>")]
    [InlineData("<|endoftext|>", null, "a <|endoftext|>")]
    [InlineData("<s> <pad> </s> <unk> <mask> <|endoftext|>", "GPT2Tokenizer", "a <|endoftext|>")]
    [InlineData("<s> <pad> </s> <unk> <mask> <|endoftext|>", "RobertaTokenizerFast", "a <mask> <s>")]
    public void A_class_has_its_own_special_tokens_where_no_file_says_them(string special, string? tokenizerClass, string tokens)
    {
        Older(special.Split(' '));
        if (tokenizerClass is not null)
            _ = folder.Write("tokenizer_config.json", $$"""{"tokenizer_class":"{{tokenizerClass}}"}""");
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.Equal(tokens, ((ITokenizer)tokenizer).Tokens(tokens.Replace(" <s>", "<s>", StringComparison.Ordinal).Replace(" <|", "<|", StringComparison.Ordinal)));
        Assert.Equal(tokens.Contains("<s>", StringComparison.Ordinal) ? new SpecialTokens(260, 259, 261) : new SpecialTokens(null, null, null), tokenizer.Special);
    }

    [Fact]
    public void WordPiece_is_asked_for_and_told_what_is_there()
    {
        Older();
        Assert.Contains("byte-level BPE", Assert.Throws<LoadException>(() => WordPieceTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    private void Older(params string[] special)
    {
        var vocabulary = OwnBytes.Vocabulary(Merges).Concat(special);
        _ = folder.Write("vocab.json", new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))).ToJsonString());
        _ = folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', Merges) + "\n");
    }

    private void Write(JsonObject json) => _ = folder.Write("tokenizer.json", json.ToJsonString());

    private void Refused(string file, string problem)
    {
        var error = Assert.Throws<LoadException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Equal(Path.Combine(folder.Path, file), error.Path);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
