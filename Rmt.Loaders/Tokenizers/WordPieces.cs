namespace Rmt.Loaders;

/// <summary>A word to the ids of its pieces: the whole word if the vocabulary has it, else from the left always the longest piece; unknown as a
/// whole if any part is.</summary>
/// <remarks>github.com/huggingface/tokenizers, tokenizers/src/models/wordpiece/mod.rs.</remarks>
internal sealed class WordPieces(Vocabulary vocabulary, string prefix, int longestWord, int unknown)
{
    private readonly PieceTable heads = vocabulary.Heads;
    private readonly PieceTable tails = vocabulary.Tails(prefix);

    /// <summary>Code points; a longer word is unknown.</summary>
    public int LongestWord => longestWord;

    /// <summary>The id of a word that cannot be spelled.</summary>
    public int Unknown => unknown;

    /// <param name="word">UTF-16, not empty, not longer than <see cref="LongestWord"/>.</param>
    /// <param name="hash">Of the word.</param>
    /// <param name="hashes">Room for as many as the word has units.</param>
    /// <param name="ids">Gets the ids.</param>
    public void Append(ReadOnlySpan<char> word, uint hash, uint[] hashes, List<int> ids)
    {
        if (word.Length <= heads.Longest && heads.Find(hash, word) is >= 0 and var whole)
        {
            ids.Add(whole);
            return;
        }
        var before = ids.Count;
        var table = heads;
        for (var rest = word; rest.Length > 0; table = tails)
        {
            var id = Longest(table, rest, hashes, out var length);
            if (id < 0)
            {
                ids.RemoveRange(before, ids.Count - before);
                ids.Add(unknown);
                return;
            }
            ids.Add(id);
            rest = rest[length..];
        }
    }

    // A piece never ends inside a surrogate pair: the vocabulary is UTF-8, so none of its tokens does.
    private static int Longest(PieceTable table, ReadOnlySpan<char> rest, uint[] hashes, out int length)
    {
        length = Math.Min(rest.Length, table.Longest);
        var hash = PieceTable.Start;
        for (var i = 0; i < length; i++)
            hashes[i] = hash = PieceTable.Step(hash, rest[i]);
        for (; length > 0; length--)
            if (table.Find(hashes[length - 1], rest[..length]) is >= 0 and var id)
                return id;
        return -1;
    }
}
