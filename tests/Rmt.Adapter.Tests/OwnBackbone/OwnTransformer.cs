using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.OwnBackbone;

/// <summary>A transformer that somebody has already: it knows nothing of memory, segments or this project. One layer, four heads, positions learnt.</summary>
internal sealed class OwnTransformer : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly Linear queriesKeysValues;
    private readonly Linear mix;
    private readonly Linear widen;
    private readonly Linear narrow;
    private readonly LayerNorm first;
    private readonly LayerNorm second;
    private readonly int heads;

    public OwnTransformer(int vocabulary, int width, int window, int heads = 4) : base(nameof(OwnTransformer))
    {
        (this.heads, Vocabulary, Width, Window) = (heads, vocabulary, width, window);
        words = nn.Embedding(vocabulary, width);
        positions = nn.Embedding(window, width);
        queriesKeysValues = nn.Linear(width, 3 * width);
        mix = nn.Linear(width, width);
        widen = nn.Linear(width, 4 * width);
        narrow = nn.Linear(4 * width, width);
        first = nn.LayerNorm(width);
        second = nn.LayerNorm(width);
        RegisterComponents();
    }

    public int Vocabulary { get; }

    public int Width { get; }

    public int Window { get; }

    public Tensor Words(Tensor ids) => words.call(ids);                                         // [B, L, H]

    /// <summary>Words [B, L, H] and a mask [B, L], true at tokens, or null → hidden states [B, L, H].</summary>
    public override Tensor forward(Tensor embedded, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var x = embedded + positions.call(arange(embedded.shape[1], device: embedded.device));  // [B, L, H]
        var parts = queriesKeysValues.call(first.call(x)).unflatten(2, 3, heads, -1).unbind(2).Select(part => part.transpose(1, 2)).ToArray();      // 3 × [B, heads, L, d]
        var taken = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask?.unsqueeze(1).unsqueeze(1));                      // [B, heads, L, d]
        x = x + mix.call(taken.transpose(1, 2).flatten(2));                                     // [B, L, H]
        x = x + narrow.call(widen.call(second.call(x)).relu());                                 // [B, L, H]
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>All that the adapter has to be told of it.</summary>
internal sealed class OwnBackbone(OwnTransformer model) : IBackbone
{
    public nn.Module Module => model;

    public int HiddenSize => model.Width;

    public int MaxWindow => model.Window;

    public int VocabularySize => model.Vocabulary;

    public double MemoryStd => 0.5;

    public Tensor Embed(Tensor tokenIds) => model.Words(tokenIds);

    public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        return model.call(embeddings, mask)[.., rows].MoveToOuterDisposeScope();                // [B, R, H]
    }

    public Tensor Pool(Tensor hidden) => hidden[.., 0];                                         // [B, H]

    public void Dispose() => model.Dispose();
}
