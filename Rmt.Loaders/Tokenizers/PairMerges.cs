using System.Runtime.InteropServices;

namespace Rmt.Loaders;

/// <summary>Words as rows of pieces, whose most frequent pair of neighbours is made one piece, again and again.</summary>
/// <remarks>A heap holds the pairs by their counts. A count that sank since it was put there is put back when it comes up; one that rose is put there again at
/// once. A merge looks only at the words that hold its pair.</remarks>
internal sealed class PairMerges
{
    private readonly PieceList pieces;
    private readonly List<(int[] Pieces, long Count)> words;
    private readonly Dictionary<(int Left, int Right), Pair> pairs = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, int Left, int Right)> heap =
        new(Comparer<(long Count, int Left, int Right)>.Create((a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : (a.Left, a.Right).CompareTo((b.Left, b.Right))));

    private sealed class Pair
    {
        public long Count;
        public readonly List<int> Words = [];       // where it stands, or stood
    }

    public PairMerges(IEnumerable<(int[] Pieces, long Count)> words, PieceList pieces)
    {
        (this.pieces, this.words) = (pieces, [.. words]);
        for (var i = 0; i < this.words.Count; i++) Count(i, 1, null);
        foreach (var pair in pairs.Keys) Push(pair);
    }

    /// <summary>Merges until there are so many pieces, or no pair.</summary>
    public void Run(int size)
    {
        while (pieces.Count < size && heap.TryDequeue(out var pair, out var expected))
        {
            var found = pairs[pair];
            if (found.Count != expected.Count)
            {
                if (found.Count > 0 && found.Count < expected.Count) Push(pair);
                continue;
            }
            if (found.Count > 0) Merge(pair, found);
        }
    }

    private void Merge((int Left, int Right) pair, Pair found)
    {
        var joined = pieces.Join(pair.Left, pair.Right);
        var risen = new HashSet<(int Left, int Right)>();
        var last = -1;
        foreach (var word in found.Words.Order().ToList())
        {
            if (word == last) continue;
            last = word;
            var before = words[word];
            if (Joined(before.Pieces, pair, joined) is not { } after) continue;
            Count(word, -1, null);
            words[word] = (after, before.Count);
            Count(word, 1, piece => piece == joined, risen);
        }
        found.Words.Clear();
        foreach (var one in risen) Push(one);
    }

    // Null where the word no longer holds the pair.
    private static int[]? Joined(int[] row, (int Left, int Right) pair, int joined)
    {
        var after = new List<int>(row.Length);
        for (var i = 0; i < row.Length; i++)
        {
            var both = i + 1 < row.Length && (row[i], row[i + 1]) == pair;
            after.Add(both ? joined : row[i]);
            if (both) i++;
        }
        return after.Count < row.Length ? [.. after] : null;
    }

    // Adds the word's pairs, or takes them away; only pairs of the new piece can have risen, and are new to the word.
    private void Count(int word, int sign, Func<int, bool>? isNew, HashSet<(int Left, int Right)>? risen = null)
    {
        var (row, count) = words[word];
        for (var i = 0; i + 1 < row.Length; i++)
        {
            var pair = (row[i], row[i + 1]);
            var found = CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _) ??= new();
            found.Count += sign * count;
            if (sign < 0 || (isNew is not null && !isNew(row[i]) && !isNew(row[i + 1]))) continue;
            found.Words.Add(word);
            risen?.Add(pair);
        }
    }

    private void Push((int Left, int Right) pair) => heap.Enqueue(pair, (pairs[pair].Count, pair.Left, pair.Right));
}
