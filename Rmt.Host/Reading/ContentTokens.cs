using System.Runtime.InteropServices;
using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Reading;

/// <summary>A document's tokens as they come from its tokenizer, without the special tokens that are written inside the text.</summary>
/// <remarks>Four bytes a token are resident, and little more: a large array is made eight times as large as what it must hold, and the kernel gives it pages
/// only where something was written. Joining parts, or doubling, would hold a long document twice.</remarks>
internal sealed class ContentTokens(SpecialTokens special)
{
    private const int Small = 1 << 16;
    private int[] _tokens = new int[256];

    public int Count { get; private set; }

    /// <summary>Takes what is in <paramref name="ids"/>.</summary>
    public void Take(List<int> ids)
    {
        foreach (var id in CollectionsMarshal.AsSpan(ids))
        {
            if (special.Contains(id))
                continue;
            if (Count == _tokens.Length)
                Grow();
            _tokens[Count++] = id;
        }
    }

    /// <summary>Those that are read. Gives them away: nothing can be taken afterwards.</summary>
    public ReadOnlyMemory<int> Keep(Truncation? truncation)
    {
        var all = _tokens.AsMemory(0, Count);
        _tokens = [];
        // A short document waits beside many others, and its array is full to a half at least.
        return truncation is null ? all : truncation.Apply(all.ToArray());
    }

    private void Grow()
    {
        if (Count == Array.MaxLength)
            throw new InputException($"the document has more than {Array.MaxLength} tokens, which is more than can be held");
        var larger = GC.AllocateUninitializedArray<int>((int)Math.Min(Array.MaxLength, (Count < Small ? 2L : 8L) * Count));
        _tokens.CopyTo(larger, 0);
        _tokens = larger;
    }
}
