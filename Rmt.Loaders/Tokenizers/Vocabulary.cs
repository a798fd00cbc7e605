namespace Rmt.Loaders;

/// <summary>The tokens of a model, numbered from 0 without a gap.</summary>
public sealed class Vocabulary
{
    private readonly string[] tokens;

    internal Vocabulary(string[] tokens)
    {
        this.tokens = tokens;
        Heads = new PieceTable(tokens, "");
    }

    /// <summary>Number of tokens, one more than the largest id.</summary>
    public int Count => tokens.Length;

    /// <summary>The token of an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    public string this[int id] => (uint)id < (uint)tokens.Length ? tokens[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Ids run from 0 to {tokens.Length - 1}.");

    /// <summary>The id of a token as the file writes it (<c>##ing</c>), or <see langword="null"/>.</summary>
    public int? IdOf(ReadOnlySpan<char> token) => Heads.Find(PieceTable.Hash(token), token) is >= 0 and var id ? id : null;

    /// <summary>Reads a <c>vocab.txt</c>: UTF-8, one token a line, the line's number from 0 is the id.</summary>
    /// <remarks>As the Rust library does, white space at the end of a line, CR included, is no part of the token. Where that library is silent
    /// about a token that stands twice or a line that is empty, this is refused: one of the two ids could never come out.</remarks>
    /// <exception cref="LoadException">Unreadable, larger than 64 MiB, not UTF-8, empty, or a line that is empty or repeated:
    /// named by its number from 1.</exception>
    public static Vocabulary Load(string path)
    {
        var tokens = new List<string>();
        var lines = new Dictionary<string, int>();
        foreach (var line in TextLines.Read(path))
        {
            var token = TrimEnd(line);
            if (token.Length == 0)
                throw new LoadException(path, $"line {tokens.Count + 1} is empty; expected one token a line.");
            tokens.Add(token);
            if (!lines.TryAdd(token, tokens.Count))
                throw new LoadException(path, $"line {tokens.Count} repeats {Quoted.Name(token)} of line {lines[token]}; a token has one id.");
        }
        return tokens.Count > 0 ? new Vocabulary([.. tokens]) : throw new LoadException(path, "is empty; expected one token a line.");
    }

    /// <summary>Every token in the order of ids.</summary>
    internal IReadOnlyList<string> Tokens => tokens;

    /// <summary>Whole tokens: what a word is compared with, and where it may begin.</summary>
    internal PieceTable Heads { get; }

    /// <summary>What may follow inside a word, by what stands behind the prefix.</summary>
    internal PieceTable Tails(string prefix) => new(tokens, prefix);

    // White_Space by our own table: string.TrimEnd asks the machine's.
    private static string TrimEnd(string line)
    {
        var end = line.Length;
        while (end > 0 && CodePoints.Is(line[end - 1], Traits.WhiteSpace))
            end--;
        return line[..end];
    }
}
