using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class TokenizerFolderTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_without_a_tokenizer_is_refused()
    {
        Assert.Contains("neither tokenizer.json nor vocab.txt", Refused().Message, StringComparison.Ordinal);
        Assert.Equal(folder.Path, Refused().Path);
    }

    [Fact]
    public void Tokenizer_json_goes_before_vocab_txt()
    {
        Vocabulary("a");
        Assert.Equal(5, Load().VocabularySize);
        _ = folder.Write("tokenizer.json", OwnTokenizer.Json([.. OwnTokenizer.Specials, "b", "c"]).ToJsonString());
        Assert.Equal(6, Load().VocabularySize);
    }

    [Theory]
    [InlineData("{}", true, null, true)]              // transformers' defaults
    [InlineData("""{"do_lower_case":false,"strip_accents":true,"tokenize_chinese_chars":false}""", false, true, false)]
    [InlineData("""{"do_lower_case":true,"strip_accents":false,"tokenize_chinese_chars":true}""", true, false, true)]
    [InlineData("""{"do_lower_case":null,"strip_accents":null,"tokenize_chinese_chars":null}""", true, null, true)]
    public void Options_come_from_tokenizer_config(string config, bool lowercase, bool? strip, bool ideographs)
    {
        Vocabulary("a", "B");
        _ = folder.Write("tokenizer_config.json", config);
        var options = Load().Options;
        Assert.Equal((lowercase, strip, ideographs), (options.Lowercase, options.StripAccents, options.SplitIdeographs));
    }

    [Theory]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer.json")]
    public void Special_tokens_may_have_other_names_as_strings_or_objects(string kind)
    {
        string[] vocabulary = ["<s>", "<pad>", "</s>", "[UNK]", "a", "<mask>"];
        _ = folder.Write("vocab.txt", string.Join('\n', vocabulary));
        if (kind == "tokenizer.json")
            _ = folder.Write(kind, OwnTokenizer.Json(vocabulary).ToJsonString());
        _ = folder.Write("tokenizer_config.json", """
            {"cls_token":"<s>","pad_token":{"__type":"AddedToken","content":"<pad>","single_word":false},"tokenizer_class":"MPNetTokenizer",
             "mask_token":{"content":"<mask>","lstrip":true}, "sep_token":"wrong"}
            """);
        _ = folder.Write("special_tokens_map.json", """{"sep_token":"</s>"}""");
        var tokenizer = Load();
        Assert.Equal(new SpecialTokens(1, 0, 2), tokenizer.Special);
        if (kind == "vocab.txt")
            Assert.True(Assert.Single(tokenizer.AddedTokens, token => token.Content == "<mask>").LeftStrip);
    }

    [Fact]
    public void Added_tokens_json_gives_ids_behind_the_vocabulary()
    {
        Vocabulary("a");
        _ = folder.Write("added_tokens.json", """{"[Z]":6,"Yes":5}""");
        _ = folder.Write("special_tokens_map.json", """{"additional_special_tokens":["[Z]",{"content":"[a]"}]}""");
        ITokenizer tokenizer = Load();
        Assert.Equal([5, 6, 7], tokenizer.Encode("YES[Z][a]"));      // "Yes" is not special, therefore normalized
        Assert.Equal(8, tokenizer.VocabularySize);
        _ = Assert.Single(Load().AddedTokens, token => token is { Content: "Yes", Normalized: true, Special: false });
        _ = Assert.Single(Load().AddedTokens, token => token is { Content: "[Z]", Normalized: false, Special: true });
    }

    [Fact]
    public void Added_tokens_decoder_holds_everything_that_the_older_files_held()
    {
        Vocabulary("a");
        _ = folder.Write("tokenizer_config.json", """
            {"added_tokens_decoder":{"3":{"content":"[SEP]","special":true},"5":{"content":"Yes"},
             "6":{"content":"no","normalized":false,"single_word":true}}}
            """);
        _ = folder.Write("added_tokens.json", """{"[Z]":5}""");
        _ = folder.Write("special_tokens_map.json", """{"sep_token":"wrong"}""");
        ITokenizer tokenizer = Load();
        Assert.Equal([5, 6, 1], tokenizer.Encode("yes no nox"));
        Assert.Equal(7, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "{", "is not JSON")]
    [InlineData("tokenizer_config.json", """{"do_lower_case":"no"}""", "do_lower_case must be true or false, found \"no\"")]
    [InlineData("tokenizer_config.json", """{"cls_token":1}""", "cls_token must be a string or an object with \"content\", found 1")]
    [InlineData("tokenizer_config.json", """{"cls_token":{}}""", "cls_token.content is missing; it must be a string")]
    [InlineData("tokenizer_config.json", """{"cls_token":{"content":"[CLS]","lstrip":3}}""", "cls_token.lstrip must be true or false, found 3")]
    [InlineData("tokenizer_config.json", """{"tokenizer_class":"BertJapaneseTokenizer"}""", "tokenizer_class must be \"BertTokenizer\" or one that does the same (DistilBert, Electra, MPNet, …), since there is only a vocab.txt, found \"BertJapaneseTokenizer\"")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder":[]}""", "added_tokens_decoder must be an object, found a list")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder":{"x":{"content":"y"}}}""", "added_tokens_decoder.x must be named by the token's id, a whole number of 0 or more")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder":{"-1":{"content":"y"}}}""", "added_tokens_decoder.-1 must be named by the token's id, a whole number of 0 or more")]
    [InlineData("special_tokens_map.json", "[]", "must hold a JSON object at byte 0, found a list")]
    [InlineData("special_tokens_map.json", """{"additional_special_tokens":"x"}""", "additional_special_tokens must be a list, found \"x\"")]
    [InlineData("added_tokens.json", """{"x":"5"}""", "x must be a whole number from 0 to 2147483647, found \"5\"")]
    public void What_is_wrong_in_a_smaller_file_is_named_with_its_place(string file, string content, string problem)
    {
        Vocabulary("a");
        _ = folder.Write(file, content);
        var error = Refused();
        Assert.Equal(Path.Combine(folder.Path, file), error.Path);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"x":7}""", "the added token 'x' has id 7; expected 5")]
    [InlineData("""{"x":5,"y":5}""", "the added token 'y' has id 5; expected 6")]
    [InlineData("""{"a":5}""", "the added token 'a' has id 5, but the vocabulary gives it 4")]
    public void Ids_of_added_tokens_that_cannot_be_are_refused(string added, string problem)
    {
        Vocabulary("a");
        _ = folder.Write("added_tokens.json", added);
        Assert.Contains(problem, Refused().Message, StringComparison.Ordinal);
    }

    private void Vocabulary(params string[] words) => _ = folder.Write("vocab.txt", string.Join('\n', [.. OwnTokenizer.Specials, .. words]));

    private WordPieceTokenizer Load() => WordPieceTokenizer.Load(folder.Path);

    private LoadException Refused() => Assert.Throws<LoadException>(Load);
}
