namespace Rmt.Loaders;

/// <summary>A vocabulary in the making: pieces in the order of their ids.</summary>
internal sealed class PieceList(string prefix, IEnumerable<string> first)
{
    private readonly List<string> tokens = [.. first];
    private readonly Dictionary<string, int> ids = first.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);

    public IReadOnlyList<string> Tokens => tokens;

    public int Count => tokens.Count;

    /// <summary>The id of a piece, a new one if it was not there.</summary>
    public int Add(string piece)
    {
        if (!ids.TryGetValue(piece, out var id))
        {
            ids.Add(piece, id = tokens.Count);
            tokens.Add(piece);
        }
        return id;
    }

    /// <summary>Adds pieces in ordinal order.</summary>
    public void AddInOrder(IEnumerable<string> pieces)
    {
        foreach (var piece in pieces.Distinct().Order(StringComparer.Ordinal)) Add(piece);
    }

    /// <summary>Two neighbours as one piece.</summary>
    public int Join(int left, int right) => Add(tokens[left] + (tokens[right].StartsWith(prefix, StringComparison.Ordinal) ? tokens[right][prefix.Length..] : tokens[right]));

    /// <summary>A word character by character.</summary>
    public int[] Spell(string word) => [.. word.EnumerateRunes().Select((rune, i) => ids[i == 0 ? rune.ToString() : prefix + rune])];
}
