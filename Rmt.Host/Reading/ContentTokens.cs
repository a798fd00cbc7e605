using System.Runtime.InteropServices;
using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Reading;

/// <summary>A document's tokens as they come from its tokenizer, without the special tokens that are written inside the text.</summary>
/// <remarks>Kept in parts, which are joined once: four bytes a token, eight while they are joined. One array that grows
/// would leave more than that behind as garbage.</remarks>
internal sealed class ContentTokens(SpecialTokens special)
{
    private const int LargestPart = 1 << 20;
    private readonly List<int[]> _parts = [];   // all but the last are full
    private int _free;                          // in the last

    public int Count { get; private set; }

    /// <summary>Takes what is in <paramref name="ids"/>.</summary>
    public void Take(List<int> ids)
    {
        foreach (var id in CollectionsMarshal.AsSpan(ids))
        {
            if (special.Contains(id))
                continue;
            if (_free == 0)
                AddPart();
            _parts[^1][^_free--] = id;
            Count++;
        }
    }

    /// <summary>Those that are read. Gives them away: nothing can be taken afterwards.</summary>
    public int[] Keep(Truncation? truncation)
    {
        var all = new int[Count];
        var at = 0;
        foreach (var part in _parts)
        {
            var count = Math.Min(part.Length, Count - at);
            part.AsSpan(0, count).CopyTo(all.AsSpan(at));
            at += count;
        }
        _parts.Clear();
        return truncation?.Apply(all) ?? all;
    }

    private void AddPart()
    {
        if (Count > Array.MaxLength - LargestPart)
            throw new InputException($"the document has more than {Array.MaxLength - LargestPart} tokens, which is more than can be held");
        _parts.Add(new int[_free = _parts.Count == 0 ? 256 : Math.Min(LargestPart, _parts[^1].Length * 2)]);
    }
}
