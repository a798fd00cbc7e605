namespace Rmt.Loaders;

/// <summary>The bytes of a pre-token to pieces: of all neighbours that the table joins, always the pair of the lowest rank, the leftmost of equal ones.</summary>
/// <remarks>A heap holds the pairs, a linked list the pieces: n bytes take at most 3 n pairs through the heap, so O(n log n) also where a pre-token is a
/// megabyte. github.com/huggingface/tokenizers, tokenizers/src/models/bpe/word.rs. Belongs to one thread.</remarks>
internal sealed class PairMerger(MergeTable merges, int[] idOfByte)
{
    private const int None = -1;

    private readonly PriorityQueue<int, ulong> pairs = new();        // where a pair begins, by rank, then by place
    private int[] piece = new int[64], next = new int[64], previous = new int[64];

    /// <summary>Pairs that were looked up, of all pre-tokens together: what the work is measured by.</summary>
    public long PairsSeen { get; private set; }

    /// <param name="bytes">Of the pre-token.</param>
    /// <param name="ids">Gets the ids.</param>
    public void Append(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        Spell(bytes);
        while (pairs.TryDequeue(out var at, out var order))
            if (Find(at, out var rank, out var joined) && rank == (int)(order >> 32))       // what was there may have been joined since
                Join(at, joined);
        for (var at = bytes.Length > 0 ? 0 : None; at != None; at = next[at])
            ids.Add(piece[at]);
    }

    private void Spell(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > piece.Length)
        {
            var room = Math.Max(bytes.Length, (int)Math.Min(2L * piece.Length, Array.MaxLength));
            (piece, next, previous) = (new int[room], new int[room], new int[room]);
        }
        for (var i = 0; i < bytes.Length; i++)
            (piece[i], previous[i], next[i]) = (idOfByte[bytes[i]], i - 1, i + 1 < bytes.Length ? i + 1 : None);
        for (var i = 0; i + 1 < bytes.Length; i++)
            Offer(i);
    }

    private void Join(int at, int joined)
    {
        var right = next[at];
        (piece[at], next[at]) = (joined, next[right]);
        if (next[right] != None)
            previous[next[right]] = at;
        next[right] = None;         // no pair begins there any more
        if (previous[at] != None)
            Offer(previous[at]);
        Offer(at);
    }

    private void Offer(int at)
    {
        if (Find(at, out var rank, out _))
            pairs.Enqueue(at, ((ulong)rank << 32) | (uint)at);
    }

    private bool Find(int at, out int rank, out int joined)
    {
        PairsSeen++;
        (rank, joined) = (0, 0);
        return next[at] != None && merges.TryFind(piece[at], piece[next[at]], out rank, out joined);
    }
}
