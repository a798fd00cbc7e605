using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Testing;

namespace Rmt.Roberta.Tests;

public sealed class RobertaBackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => new RobertaBackbone(new RobertaModel(new()
    {
        VocabSize = Tiny.Vocabulary, HiddenSize = 16, Layers = 2, Heads = 4, IntermediateSize = 24, MaxPositions = 26, InitializerRange = 0.2, HiddenDropout = dropout, AttentionDropout = dropout,
    }));

    protected override Action<Fusion> Fuse(IBackbone backbone) => fusion => ((RobertaBackbone)backbone).Model.Fusion = fusion;
}

public sealed class RobertaParityTests : RecurrentBackboneParity
{
    protected override string Folder => "roberta";

    protected override TorchSharp.torch.Tensor Entering(IBackbone backbone, TorchSharp.torch.Tensor words) => ((RobertaBackbone)backbone).Model.Embed(words);
}
