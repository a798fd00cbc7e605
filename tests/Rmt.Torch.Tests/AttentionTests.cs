using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>However attention is computed, with a graph or without, it is softmax(QKᵀ/√d)V.</summary>
public class AttentionTests
{
    // Lengths around whole vectors and tiles, one row of queries as of all, and widths of heads that some ways cannot do.
    public static TheoryData<int, int, int, bool> Shapes =>
        new(from shape in new[] { (1, 32), (7, 32), (8, 32), (9, 32), (100, 32), (511, 32), (512, 32), (65, 64), (33, 96), (64, 80), (20, 16), (20, 24) }
            from rows in new[] { 1, shape.Item1 }
            from masked in new[] { false, true }
            select (rows, shape.Item1, shape.Item2, masked));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Without_a_graph_it_is_the_formula_as_nearly_as_with_one(int rows, int length, int width, bool masked)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(rows + length);
        Tensor Heads(int tokens) => (randn(2, tokens, 3, width) * 2).transpose(1, 2);              // [B, heads, L, d], strided as a layer's are
        Tensor q = Heads(rows), k = Heads(length), v = Heads(length);
        var mask = masked ? rand(2, 1, 1, length) > 0.3 : null;
        mask?[.., .., .., 0].fill_(true);
        Tensor Read(ScalarType type)
        {
            using var mode = inference_mode();
            return nn.functional.scaled_dot_product_attention(q.to(type), k.to(type), v.to(type), mask);
        }
        var scores = q.to(float64).matmul(k.to(float64).transpose(2, 3)) / Math.Sqrt(width);
        if (mask is not null) scores = scores.masked_fill(mask.logical_not(), double.NegativeInfinity);
        var expected = nn.functional.softmax(scores, -1).matmul(v.to(float64));
        // With a graph libtorch's own form runs: without one it may be no farther off than twice as much, beside what rounding a score of 30 makes of its exponential.
        foreach (var (type, most) in new[] { (float32, 2e-5), (bfloat16, 1.0) })
        {
            using var graph = q.detach().to(type).requires_grad_();
            var own = Near.Distance(nn.functional.scaled_dot_product_attention(graph, k.to(type), v.to(type), mask).detach(), expected);
            Assert.InRange(own, 0, most);
            Near.Equal(expected, Read(type), 2 * own + 2e-6, $"{type}");
        }
    }

    // Kernels of ours read addresses, whatever device they are of.
    [Theory]
    [InlineData(16, false)]
    [InlineData(32, false)]
    [InlineData(32, true)]
    public void What_is_on_another_device_is_refused(int width, bool narrow)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        Tensor Heads(string device) => ones([2, 3, 5, width], narrow ? bfloat16 : float32, new Device(device));
        var (here, elsewhere, seen) = (Heads("cpu"), Heads("meta"), ones([2, 1, 1, 5], @bool));
        foreach (var refused in new Func<Tensor>[]
                 {
                     () => nn.functional.scaled_dot_product_attention(here, elsewhere, here, seen),
                     () => nn.functional.scaled_dot_product_attention(here, here, elsewhere, seen),
                     () => nn.functional.scaled_dot_product_attention(here, here, here, seen.to(new Device("meta"))),
                 })
            Assert.Contains("on one device", Assert.Throws<TorchException>(refused).Message, StringComparison.Ordinal);
    }
}
