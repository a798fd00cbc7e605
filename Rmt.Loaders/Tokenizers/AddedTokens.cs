namespace Rmt.Loaders;

/// <summary>Gives added tokens their ids as the Rust library does: that of the vocabulary, or else the next one behind it.</summary>
internal sealed class AddedTokens(string path, Vocabulary vocabulary)
{
    /// <summary>UTF-16 units of a content. While a text is read, so much of it is held back, and searched again at every place.</summary>
    private const int Longest = 1000;

    /// <summary>UTF-16 units of all contents: what looks for them takes about fifty bytes for each.</summary>
    private const int LongestTogether = 1 << 20;
    private readonly Dictionary<string, AddedToken> byContent = [];
    private readonly List<string> behind = [];
    private int together;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<AddedToken> All => [.. byContent.Values];

    /// <summary>Those that the vocabulary lacks; the first one's id is the vocabulary's size.</summary>
    public string[] Behind => [.. behind];

    public bool Contains(string content) => byContent.ContainsKey(content);

    public int? IdOf(string content) => byContent.TryGetValue(content, out var token) ? token.Id : null;

    /// <param name="token">Its id is the one that the file gives, or -1 where it gives none.</param>
    /// <exception cref="LoadException">Empty, longer than 1,000, too many together, there already, or the file gives it another id than the
    /// vocabulary or its place in the row does.</exception>
    public void Add(AddedToken token)
    {
        var shown = Quoted.Name(token.Content);
        if (token.Content.Length == 0)
            throw new LoadException(path, $"the added token with id {token.Id} is empty.");
        if (token.Content.Length > Longest)
            throw new LoadException(path, $"the added token {shown} has {token.Content.Length} characters; at most {Longest} are looked for.");
        if ((together += token.Content.Length) > LongestTogether)
            throw new LoadException(path, $"the added tokens up to {shown} have {together} characters together; at most {LongestTogether} are looked for.");
        var known = vocabulary.IdOf(token.Content);
        var id = known ?? vocabulary.Count + behind.Count;
        if (token.Id >= 0 && token.Id != id)
            throw new LoadException(path, known is null
                ? $"the added token {shown} has id {token.Id}; expected {id}, the next one that is free, for ids must have no gap."
                : $"the added token {shown} has id {token.Id}, but the vocabulary gives it {id}.");
        if (!byContent.TryAdd(token.Content, token with { Id = id }))
            throw new LoadException(path, $"the added token {shown} stands twice.");
        if (known is null)
            behind.Add(token.Content);
    }
}
