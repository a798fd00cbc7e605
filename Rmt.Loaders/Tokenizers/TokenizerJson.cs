using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>Reads a <c>tokenizer.json</c> as Hugging Face's Rust library writes it.</summary>
internal static class TokenizerJson
{
    /// <param name="path">The file.</param>
    /// <param name="folder">Where smaller files may name the special tokens; <see langword="null"/>: they have their class's names.</param>
    public static PretrainedTokenizer Load(string path, string? folder)
    {
        var root = JsonFile.Open(path);
        _ = root.Choice("version", ["1.0"], orElse: "1.0");
        var model = root.Inner("model");
        return Kind(model) switch
        {
            "WordPiece" => WordPieceJson.Read(root, model, _ => Names(_ => SpecialRoles.Bert)),
            "BPE" => BpeJson.Read(root, model, has => Names(name => SpecialRoles.OfBytes(name, has))),
            _ => throw model.Wrong("type", "\"WordPiece\" (the BERT family) or \"BPE\" (byte-level: RoBERTa, GPT-2), the kinds that are supported"),
        };

        SpecialNames Names(Func<string?, SpecialRoles> familyOf) =>
            (folder is null ? TokenizerConfig.Of(familyOf(null)) : TokenizerConfig.Read(folder, familyOf)).Names;
    }

    /// <summary>An object whose type is the one that is supported.</summary>
    public static JsonFile Typed(JsonFile root, string name, string expected)
    {
        var part = root.Inner(name);
        return part.Text("type") == expected ? part : throw part.Wrong("type", $"\"{expected}\", the kind that is supported");
    }

    public static Vocabulary ReadVocabulary(JsonFile model)
    {
        var vocab = model.Inner("vocab");
        return vocab.Members.Any() ? VocabularyJson.Read(vocab) : throw model.Wrong("vocab", "an object that gives every token its id", "an empty one");
    }

    public static AddedTokens ReadAddedTokens(JsonFile root, Vocabulary vocabulary)
    {
        var added = new AddedTokens(root.Path, vocabulary);
        foreach (var token in root.Items("added_tokens"))
            added.Add(ReadAddedToken(token));
        return added;
    }

    // Files of before 2021 have no type; only WordPiece has a longest word, of the others that are read only BPE has merges.
    private static string? Kind(JsonFile model) => model.OptionalText("type")
        ?? (model.Has("max_input_chars_per_word") ? "WordPiece" : model.Has("merges") ? "BPE" : null);

    private static AddedToken ReadAddedToken(JsonFile token)
    {
        if (token.Kind != JsonValueKind.Object)
            throw token.Wrong("an object");
        return new(token.Whole("id", 0, int.MaxValue), token.Text("content"))
        {
            SingleWord = token.Flag("single_word"),
            LeftStrip = token.Flag("lstrip"),
            RightStrip = token.Flag("rstrip"),
            Normalized = token.Flag("normalized"),
            Special = token.Flag("special"),
        };
    }

    /// <summary>What the file asks for and is not done.</summary>
    public static List<string> Ignored(JsonFile root)
    {
        var ignored = new List<string>();
        if (root.OptionalInner("truncation") is { } truncation)
            ignored.Add($"truncation{(truncation.TryGet("max_length", out var length) ? $" to {Quoted.Value(length)} tokens" : "")}");
        if (root.OptionalInner("padding") is { } padding)
            ignored.Add($"padding{(padding.Optional("strategy") is { Kind: JsonValueKind.Object } strategy && strategy.TryGet("Fixed", out var length) ? $" to {Quoted.Value(length)} tokens" : "")}");
        return ignored;
    }
}
