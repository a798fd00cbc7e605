using Rmt.Adapter;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Electra.Tests;

/// <summary>Memory on its way into embeddings that are narrower than itself. There is no reference: the authors' code stops there.</summary>
public sealed class MemoryProjectionTests
{
    [Fact]
    public void A_square_identity_projection_is_the_plain_form()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = Small.Electra(16);
        var layout = new SegmentLayout(24, 4, Tiny.Special);
        using var plain = new RecurrentMemoryAdapter(backbone, layout);
        using var projected = new RecurrentMemoryAdapter(backbone, layout, projects: true);
        plain.eval();
        projected.eval();
        projected.get_parameter("projection.weight")!.copy_((arange(16).unsqueeze(0) == arange(16).unsqueeze(1)).to(float32));
        projected.get_parameter("projection.bias")!.zero_();
        projected.get_parameter("memory")!.copy_(plain.get_parameter("memory")!);
        MemoryState expected = plain.InitialMemory(1), actual = projected.InitialMemory(1);
        foreach (var step in new Segmenter(layout).Batch([Tiny.Document(new(1), 60)], CPU).Steps)
        {
            var (one, other) = (plain.call(step, expected), projected.call(step, actual));
            Near.Equal(one.Hidden, other.Hidden, 1e-6, "hidden states");
            (expected, actual) = (one.Memory, other.Memory);
        }
        Near.Equal(expected.Tokens, actual.Tokens, 1e-6, "memory");
    }

    [Fact]
    public void Memory_is_as_wide_as_hidden_states_and_the_gradient_reaches_projection_and_memory()
    {
        using var scope = NewDisposeScope();
        using var model = new RecurrentClassifier(new(Small.Electra(10), new(24, 4, Tiny.Special)), 3);
        model.Loss(new Segmenter(model.Adapter.Layout).Batch([Tiny.Document(new(2), 80)], CPU), tensor(new long[] { 1 })).backward();
        Assert.Equal([10, 16], model.get_parameter("adapter.projection.weight")!.shape);
        Assert.Equal([4, 16], model.get_parameter("adapter.memory")!.shape);
        foreach (var name in new[] { "adapter.projection.weight", "adapter.projection.bias", "adapter.memory" })
            Assert.True(model.get_parameter(name)!.grad!.abs().max().item<float>() > 1e-9, name);
    }

    [Fact]
    public void What_memory_holds_keeps_its_size_when_it_is_projected_by_new_weights()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        random.manual_seed(3);
        using var model = new RecurrentMemoryAdapter(new ElectraBackbone(new ElectraModel(new() { VocabSize = 5, Layers = 1 })), new(512, 10, Tiny.Special));
        var projected = nn.functional.linear(randn([200, 256]), model.get_parameter("projection.weight")!, model.get_parameter("projection.bias")!);
        Assert.InRange((projected * projected).mean().item<float>(), 0.9f, 1.1f);
    }
}
