namespace Rmt.Loaders;

/// <summary>Finds a tokenizer in a model folder and puts together what its files say.</summary>
internal static class TokenizerFolder
{
    public static WordPieceTokenizer Load(string folder)
    {
        var config = TokenizerConfig.Read(folder);
        if (Path.Combine(folder, "tokenizer.json") is var json && File.Exists(json))
            return TokenizerJson.Load(json, config.Names);
        if (Path.Combine(folder, "vocab.txt") is var file && File.Exists(file))
            return FromVocabulary(file, config, null);
        throw new LoadException(folder, "holds neither tokenizer.json nor vocab.txt; a BERT folder has one of them.");
    }

    public static WordPieceTokenizer LoadVocabulary(string file, WordPieceOptions? options) =>
        FromVocabulary(file, new TokenizerConfig(), options);

    private static WordPieceTokenizer FromVocabulary(string file, TokenizerConfig config, WordPieceOptions? options)
    {
        config.RefuseOtherClasses();
        var vocabulary = Vocabulary.Load(file);
        options ??= config.Options(HasCapitals(vocabulary));
        var added = new AddedTokens(file, vocabulary);
        foreach (var token in config.Numbered.OrderBy(token => token.Id))
            added.Add(token);
        // A role whose token the vocabulary lacks is left out, as BertWordPieceTokenizer does; those that a model needs are asked for later.
        var roles = config.Roles.Values.Where(token => vocabulary.IdOf(token.Content) is not null);
        foreach (var token in roles.Concat(config.Additional))
            if (!added.Contains(token.Content))
                added.Add(token);
        return new WordPieceTokenizer(file, vocabulary, options, added, config.Names);
    }

    private static bool HasCapitals(Vocabulary vocabulary) =>
        vocabulary.Tokens.Any(token => !(token[0] == '[' && token[^1] == ']')
            && token.EnumerateRunes().Any(rune => CodePoints.Is(rune.Value, Traits.Upper)));
}
