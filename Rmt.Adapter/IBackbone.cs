using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>What the adapter needs from a transformer, and nothing more.</summary>
/// <remarks>B documents side by side, L tokens of a window, R rows that are read, H hidden size, E width of token embeddings, C labels.</remarks>
public interface IBackbone : IDisposable
{
    /// <summary>Its parameters, train and eval, device and type.</summary>
    nn.Module Module { get; }

    /// <summary>H: width of hidden states and of memory tokens.</summary>
    int HiddenSize { get; }

    /// <summary>E: width of token embeddings; H but in families with narrow ones, for which the adapter projects memory.</summary>
    int EmbeddingSize => HiddenSize;

    /// <summary>The longest window, memory and special tokens included.</summary>
    int MaxWindow { get; }

    /// <summary>V: token ids are 0 to V − 1.</summary>
    int VocabularySize { get; }

    /// <summary>Whether a token sees only what stands in front of it. Then memory is read in front of a segment and written behind it.</summary>
    bool IsCausal => false;

    /// <summary>Standard deviation of new memory tokens and new heads; for BERT its initializer_range, as the paper's authors have it.</summary>
    double MemoryStd { get; }

    /// <summary>Whether the inside of its layers is not kept while learning, but run again for their gradients, with the same dropout: memory for time.</summary>
    /// <exception cref="NotSupportedException">The backbone cannot do it.</exception>
    bool Recomputes
    {
        get => false;
        set
        {
            if (value) throw new NotSupportedException($"{GetType().Name} keeps the inside of its layers: it cannot compute it again; to hold one segment's alone, train with {nameof(MemoryReplay)}");
        }
    }

    /// <summary>How GELU is computed while reading on a device, where the model's activation is that.</summary>
    /// <exception cref="NotSupportedException">The backbone knows the exact one only.</exception>
    GeluForm Gelu
    {
        get => GeluForm.Exact;
        set
        {
            if (value != GeluForm.Exact) throw new NotSupportedException($"{GetType().Name} computes its activation as its model says: there is no {value} form of it");
        }
    }

    /// <summary>Token embeddings only: no positions, no types, no norm. [B, L] int64 → [B, L, E].</summary>
    Tensor Embed(Tensor tokenIds);

    /// <summary>Everything between token embeddings and the last hidden states: positions, types, norm, layers.</summary>
    /// <param name="embeddings">[B, L, E], memory already in its place.</param>
    /// <param name="mask">[B, L] bool, false at padding; null when nothing is padded.</param>
    /// <param name="rows">The rows that will be read; the last layer need not compute others.</param>
    /// <returns>[B, R, H]</returns>
    Tensor Encode(Tensor embeddings, Tensor? mask, Range rows);

    /// <summary>What <see cref="Embed"/>, memory in its place, and <see cref="Encode"/> come to, in fewer steps, where nothing is learnt and the device has them; null: it is done in those.</summary>
    /// <param name="tokenIds">[B, L] int64</param>
    /// <param name="memory">[B, m, E]</param>
    /// <param name="slots">The m rows of a window that memory takes the place of.</param>
    /// <param name="mask">As for <see cref="Encode"/>.</param>
    /// <param name="rows">As for <see cref="Encode"/>.</param>
    /// <returns>[B, R, H], near <see cref="Encode"/>'s within its type's rounding</returns>
    Tensor? Read(Tensor tokenIds, Tensor memory, Range slots, Tensor? mask, Range rows) => null;

    /// <summary>The vector a classifier reads. [B, R, H], rows from the first that is read on ([CLS]; of a causal backbone the segment's last token) → [B, H].</summary>
    Tensor Pool(Tensor hidden);

    /// <summary>What a classifier puts on the pooled vector, [B, H] → [B, C]: new weights, under the names by which its family saves them.</summary>
    /// <param name="labels">C.</param>
    nn.Module<Tensor, Tensor> NewHead(int labels) => new LinearHead(HiddenSize, labels, MemoryStd);

    /// <summary>Puts weights in the order in which reading wants them, where the backbone has one. The same parameters, which may go on learning; to be
    /// asked again after that or a move, and while nobody reads.</summary>
    void PrepareReading()
    {
    }
}

/// <summary>A backbone that says what each token is followed by.</summary>
public interface ILanguageBackbone : IBackbone
{
    /// <summary>Hidden states → logits of the next token. [B, R, H] → [B, R, V].</summary>
    Tensor Logits(Tensor hidden);

    /// <summary>Begins a window that is read in parts, without gradients. A backbone that keeps what it has read overrides this; else each part costs all in front of it.</summary>
    /// <param name="capacity">Its longest.</param>
    IGrowingWindow BeginWindow(int capacity) => new RereadWindow(this, capacity);
}
