using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Gpt2.Tests;

public sealed class Gpt2BackboneTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => Small.Gpt2(dropout);

    [Fact]
    public void What_stands_behind_a_token_changes_nothing_at_it()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var gpt2 = Small.Gpt2();
        gpt2.Module.eval();
        var words = gpt2.Embed(randint(3, Tiny.Vocabulary, [2, 20], ScalarType.Int64));
        var other = cat([words[.., ..9], randn([2, 11, 16])], 1);
        Near.Equal(gpt2.Encode(words, null, ..9), gpt2.Encode(other, null, ..9), 1e-6, "rows in front");
    }
}

internal static class Small
{
    internal static Gpt2Backbone Gpt2(double dropout = 0) => new(new Gpt2Model(new()
    {
        VocabSize = Tiny.Vocabulary, HiddenSize = 16, Layers = 2, Heads = 4, MaxPositions = 24, InitializerRange = 0.2,
        EmbeddingDropout = dropout, HiddenDropout = dropout, AttentionDropout = dropout,
    }));
}
