using System.Runtime.InteropServices;
using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Reading;

/// <summary>A document's tokens as they come from its tokenizer, without the special tokens that are written inside the text.</summary>
/// <remarks>Four bytes a token, while it grows up to ten: a list that is copied at its end would take twelve.</remarks>
internal sealed class ContentTokens(SpecialTokens special)
{
    private int[] _tokens = [];

    public int Count { get; private set; }

    /// <summary>Takes what is in <paramref name="ids"/> and empties it.</summary>
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
        ids.Clear();
    }

    /// <summary>Those that are read.</summary>
    public ReadOnlyMemory<int> Keep(Truncation? truncation) =>
        truncation is null || Count <= truncation.MaxTokens ? _tokens.AsMemory(0, Count) : truncation.Apply(_tokens[..Count]);

    private void Grow()
    {
        if (Count == Array.MaxLength)
            throw new InputException($"the document has more than {Array.MaxLength} tokens, which is more than can be held");
        Array.Resize(ref _tokens, (int)Math.Min(Array.MaxLength, Math.Max(256L, Count * 3L / 2)));
    }
}
