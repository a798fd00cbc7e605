using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Testing;

namespace Rmt.DistilBert.Tests;

public sealed class DistilBertBackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => new DistilBertBackbone(new DistilBertModel(new()
    {
        VocabSize = Tiny.Vocabulary, HiddenSize = 16, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 24, InitializerRange = 0.2,
        HiddenDropout = dropout, AttentionDropout = dropout, ClassifierDropout = dropout,
    }));

    protected override Action<Fusion> Fuse(IBackbone backbone) => fusion => ((DistilBertBackbone)backbone).Model.Fusion = fusion;
}

public sealed class DistilBertParityTests : RecurrentBackboneParity
{
    protected override string Folder => "distilbert";

    protected override TorchSharp.torch.Tensor Entering(IBackbone backbone, TorchSharp.torch.Tensor words) => ((DistilBertBackbone)backbone).Model.Embed(words);
}
