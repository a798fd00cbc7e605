namespace Rmt.Loaders;

/// <summary>The added tokens of one pass (over the text as written, or over the normalized text) as a trie over code points.</summary>
internal sealed class AddedTokenTrie
{
    private readonly Dictionary<(int Node, int CodePoint), int> edges = [];
    private readonly List<AddedToken?> tokens = [null];
    private readonly List<bool> leads = [false];
    private readonly bool[] asciiBegins = new bool[128];
    private bool othersBegin;

    /// <summary>Whether there is nothing to find.</summary>
    public bool IsEmpty => tokens.Count == 1;

    /// <summary>Whether any of its tokens takes away the white space before it.</summary>
    public bool LeftStrips { get; private set; }

    /// <summary>Whether any of its tokens takes away the white space behind it.</summary>
    public bool RightStrips { get; private set; }

    /// <summary>False, and nothing added, if the same text is there already.</summary>
    public bool Add(ReadOnlySpan<int> text, AddedToken token)
    {
        var node = 0;
        foreach (var codePoint in text)
        {
            if (!edges.TryGetValue((node, codePoint), out var next))
            {
                next = tokens.Count;
                edges.Add((node, codePoint), next);
                tokens.Add(null);
                leads.Add(false);
                leads[node] = true;
            }
            node = next;
        }
        if (tokens[node] is not null)
            return false;
        tokens[node] = token;
        LeftStrips |= token.LeftStrip;
        RightStrips |= token.RightStrip;
        if (text[0] < 128)
            asciiBegins[text[0]] = true;
        else
            othersBegin = true;
        return true;
    }

    /// <summary>Whether a token begins with this code point.</summary>
    public bool Begins(int codePoint) => codePoint < 128 ? asciiBegins[codePoint] : othersBegin && edges.ContainsKey((0, codePoint));

    /// <summary>The code points that tokens begin with.</summary>
    public IEnumerable<int> Beginnings => edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.CodePoint);

    /// <summary>Whether a token has this code point anywhere.</summary>
    public bool Holds(int codePoint) => edges.Keys.Any(edge => edge.CodePoint == codePoint);

    /// <summary>The node behind an edge; 0, the root, if there is no such edge.</summary>
    public int Next(int node, int codePoint) => edges.GetValueOrDefault((node, codePoint));

    /// <summary>Whether a longer token may follow from here.</summary>
    public bool Leads(int node) => leads[node];

    /// <summary>The token that ends here, if one does.</summary>
    public AddedToken? TokenAt(int node) => tokens[node];
}
