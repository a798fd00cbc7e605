namespace Rmt.Loaders.Tests.Mutations;

/// <summary>A model folder with one file changed in one to three ways. The same seed and number give the same mutant.</summary>
/// <param name="Model">Which of the corpus.</param>
/// <param name="File">The name of the file.</param>
/// <param name="Bytes">What it holds now; <see langword="null"/>: it is gone.</param>
/// <param name="Change">What was done to it.</param>
internal sealed record Mutant(int Model, string File, byte[]? Bytes, string Change)
{
    public static Mutant Make(IReadOnlyList<IReadOnlyDictionary<string, byte[]>> corpus, int seed, int number)
    {
        var random = new Random(HashOf(seed, number));
        var model = random.Next(corpus.Count);
        var names = corpus[model].Keys.ToArray();
        var name = names[random.Next(names.Length)];
        var bytes = corpus[model][name];
        switch (random.Next(25))
        {
            case 0: return new(model, name, bytes[..random.Next(bytes.Length)], "cut off");
            case 1:
                bytes = (byte[])bytes.Clone();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return new(model, name, bytes, "a bit");
            case 2 when random.Next(4) == 0: return new(model, name, null, "gone");
            case 3 when random.Next(2) == 0: return new(model, name, corpus[model][names[random.Next(names.Length)]], "another file");
        }
        var changes = new List<string>();
        for (var times = random.Next(8) switch { < 5 => 1, < 7 => 2, _ => 3 }; times > 0; times--)
        {
            (bytes, var change) = Path.GetExtension(name) switch
            {
                ".json" => JsonMutator.Change(bytes, random),
                ".txt" => VocabularyMutator.Change(bytes, random),
                _ => SafetensorsMutator.Change(bytes, random),
            };
            changes.Add(change);
        }
        return new(model, name, bytes, string.Join(", ", changes));
    }

    // HashCode.Combine differs from run to run.
    private static int HashOf(int seed, int number) => unchecked((seed * 1_000_003) ^ (number * 40_503));
}
