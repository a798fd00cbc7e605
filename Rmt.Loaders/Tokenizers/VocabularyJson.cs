using System.Text.Json;

namespace Rmt.Loaders;

/// <summary>A vocabulary as a JSON object that gives every token its id: <c>model.vocab</c> of a tokenizer.json, or a vocab.json.</summary>
internal static class VocabularyJson
{
    /// <summary>Reads a <c>vocab.json</c>.</summary>
    public static Vocabulary Load(string path)
    {
        var vocab = JsonFile.Open(path);
        return vocab.Members.Any() ? Read(vocab) : throw new LoadException(path, "is empty; expected an object that gives every token its id.");
    }

    /// <summary>Reads the object; it has members.</summary>
    // As many tokens as ids, each id once, none past the end: so there is no gap either.
    public static Vocabulary Read(JsonFile vocab)
    {
        var tokens = new string[vocab.Members.Count()];
        foreach (var member in vocab.Members)
        {
            var id = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) ? number : -1;
            if (id < 0 || id >= tokens.Length)
                throw vocab.At(member).Wrong($"an id from 0 to {tokens.Length - 1} (there are {tokens.Length} tokens, and ids must have no gap)");
            if (tokens[id] is not null)
                throw vocab.At(member).Wrong($"an id of its own ({Quoted.Name(tokens[id])} has this one already)");
            tokens[id] = member.Name;
        }
        return new Vocabulary(tokens);
    }
}
