namespace Rmt.Loaders;

/// <summary>Finds a tokenizer in a model folder and puts together what its files say.</summary>
internal static class TokenizerFolder
{
    public static PretrainedTokenizer Load(string folder)
    {
        if (Find("tokenizer.json") is { } json)
            return TokenizerJson.Load(json, folder);
        if (Find("vocab.txt") is { } file)
            return FromVocabulary(file, TokenizerConfig.Read(folder, _ => SpecialRoles.Bert), null);
        return Find("vocab.json") is { } bytes ? FromMerges(folder, bytes, Find("merges.txt"))
            : throw new LoadException(folder, "holds neither tokenizer.json nor vocab.txt, nor vocab.json with merges.txt; a model folder has one of them.");

        string? Find(string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;
    }

    public static WordPieceTokenizer LoadVocabulary(string file, WordPieceOptions? options) =>
        FromVocabulary(file, TokenizerConfig.Of(SpecialRoles.Bert), options);

    private static WordPieceTokenizer FromVocabulary(string file, TokenizerConfig config, WordPieceOptions? options)
    {
        config.RefuseOtherClasses("\"BertTokenizer\" or one that does the same (DistilBert, Electra, MPNet, …), since there is only a vocab.txt");
        var vocabulary = Vocabulary.Load(file);
        options ??= config.Options(HasCapitals(vocabulary));
        return new WordPieceTokenizer(file, vocabulary, options, Added(file, vocabulary, config), config.Names);
    }

    private static ByteLevelBpeTokenizer FromMerges(string folder, string file, string? merges)
    {
        if (merges is null)
            throw new LoadException(folder, "holds vocab.json without merges.txt; byte-level BPE needs both, or tokenizer.json.");
        var vocabulary = VocabularyJson.Load(file);
        var config = TokenizerConfig.Read(folder, name => SpecialRoles.OfBytes(name, token => vocabulary.IdOf(token) is not null));
        config.RefuseOtherClasses("\"RobertaTokenizer\", \"GPT2Tokenizer\" or one that does the same (Longformer, Bart, …), since there are only vocab.json and merges.txt");
        var table = BpeMerges.Load(merges, vocabulary);
        return new ByteLevelBpeTokenizer(file, vocabulary, table, Added(file, vocabulary, config), config.Names, config.PrefixSpace);
    }

    private static AddedTokens Added(string file, Vocabulary vocabulary, TokenizerConfig config)
    {
        var added = new AddedTokens(file, vocabulary);
        foreach (var token in config.Numbered.OrderBy(token => token.Id))
            added.Add(token);
        // A role whose token the vocabulary lacks is left out, as BertWordPieceTokenizer does; those that a model needs are asked for later.
        var roles = config.Roles.Values.Where(token => vocabulary.IdOf(token.Content) is not null);
        foreach (var token in roles.Concat(config.Additional))
            if (!added.Contains(token.Content))
                added.Add(token);
        return added;
    }

    private static bool HasCapitals(Vocabulary vocabulary) =>
        vocabulary.Tokens.Any(token => !(token[0] == '[' && token[^1] == ']')
            && token.EnumerateRunes().Any(rune => CodePoints.Is(rune.Value, Traits.Upper)));
}
