using System.Text;

namespace Rmt.Loaders;

/// <summary>A pre-token to ids: from the cache, or as UTF-8 through the merges. Belongs to one thread.</summary>
internal sealed class BytePieces(PreTokenCache cache, PairMerger merger)
{
    private byte[] bytes = new byte[3 * PreTokenCache.Longest];

    /// <param name="preToken">UTF-16; halves of surrogate pairs are U+FFFD.</param>
    /// <param name="ids">Gets the ids.</param>
    public void Append(ReadOnlySpan<char> preToken, List<int> ids)
    {
        var slot = 0;
        var keeps = preToken.Length <= PreTokenCache.Longest;
        if (keeps && cache.TryAppend(preToken, out slot, ids))
            return;
        var most = Encoding.UTF8.GetMaxByteCount(preToken.Length);
        if (bytes.Length < most)
            bytes = new byte[most];
        var before = ids.Count;
        merger.Append(bytes.AsSpan(0, Encoding.UTF8.GetBytes(preToken, bytes)), ids);
        if (keeps)
            cache.Keep(preToken, slot, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids)[before..]);
    }
}
