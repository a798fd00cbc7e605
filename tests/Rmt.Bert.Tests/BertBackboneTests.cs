using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Bert.Tests;

public sealed class BertBackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => new BertBackbone(new BertModel(Tiny.Bert with { HiddenDropout = dropout, AttentionDropout = dropout }));

    protected override Action<Fusion> Fuse(IBackbone backbone) => fusion => ((BertBackbone)backbone).Model.Fusion = fusion;
}
