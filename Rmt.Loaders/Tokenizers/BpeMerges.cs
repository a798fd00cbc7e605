namespace Rmt.Loaders;

/// <summary>Reads the merges of byte-level BPE, in the order in which they were learnt: lines of a <c>merges.txt</c>, or <c>model.merges</c> of a
/// tokenizer.json as strings <c>"a b"</c> or as pairs.</summary>
internal static class BpeMerges
{
    private const string Spelling = "two pieces with one space between them";

    /// <summary>Reads a <c>merges.txt</c>; lines that begin with <c>#version</c> are none, as in the Rust library.</summary>
    /// <exception cref="LoadException">A line is no merge, or one that cannot be; named by its number from 1.</exception>
    public static MergeTable Load(string path, Vocabulary vocabulary)
    {
        var lines = TextLines.Read(path).Select((line, i) => (Text: line.TrimEnd('\r'), Place: $"line {i + 1}"))
            .Where(line => !line.Text.StartsWith("#version", StringComparison.Ordinal)).ToList();
        return Table(path, vocabulary, lines.Count, lines.Select(line =>
            (line.Place, Pair(line.Text) ?? throw new LoadException(path, $"{line.Place} must be {Spelling}, found {Quoted.Name(line.Text)}."))));
    }

    /// <summary>Reads <c>merges</c> of the model.</summary>
    /// <exception cref="LoadException">An item is no merge, or one that cannot be; named by its place in the list.</exception>
    public static MergeTable Read(JsonFile model, Vocabulary vocabulary)
    {
        if (!model.Has("merges"))
            throw model.Wrong("merges", "a list");
        var items = model.Items("merges").ToList();
        return Table(model.Path, vocabulary, items.Count, items.Select((item, i) => ($"model.merges[{i}]", Pair(item))));
    }

    private static (string Left, string Right) Pair(JsonFile item) =>
        (item.AsTexts() is [var left, var right] ? (left, right) : item.AsText() is { } text ? Pair(text) : null)
        ?? throw item.Wrong($"a pair [\"a\", \"b\"] or a string of {Spelling}");

    private static (string Left, string Right)? Pair(string text) =>
        text.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : null;

    private static MergeTable Table(string path, Vocabulary vocabulary, int count, IEnumerable<(string Place, (string Left, string Right) Pair)> merges)
    {
        var table = new MergeTable(count);
        foreach (var (place, (left, right)) in merges)
        {
            if (!table.Add(Id(left), Id(right), Id(left + right)))
                throw new LoadException(path, $"{place} merges {Quoted.Name(left)} and {Quoted.Name(right)} a second time; a pair has one place in the order.");

            int Id(string piece) => vocabulary.IdOf(piece)
                ?? throw new LoadException(path, $"{place} merges {Quoted.Name(left)} and {Quoted.Name(right)}, but the vocabulary has no {Quoted.Name(piece)}.");
        }
        return table;
    }
}
