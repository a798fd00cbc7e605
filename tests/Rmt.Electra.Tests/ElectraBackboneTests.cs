using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Testing;

namespace Rmt.Electra.Tests;

public sealed class ElectraBackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => Small.Electra(16, dropout);

    protected override Action<Fusion> Fuse(IBackbone backbone) => fusion => ((ElectraBackbone)backbone).Model.Fusion = fusion;
}

/// <summary>Embeddings narrower than hidden states: memory is projected on its way in.</summary>
public sealed class NarrowElectraBackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => Small.Electra(10, dropout);

    protected override Action<Fusion> Fuse(IBackbone backbone) => fusion => ((ElectraBackbone)backbone).Model.Fusion = fusion;
}

internal static class Small
{
    internal static ElectraBackbone Electra(int embeddingSize, double dropout = 0) => new(new ElectraModel(new()
    {
        VocabSize = Tiny.Vocabulary, HiddenSize = 16, EmbeddingSize = embeddingSize, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 24, InitializerRange = 0.2,
        HiddenDropout = dropout, AttentionDropout = dropout,
    }));
}
