using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

/// <summary>Laws of the recurrence, on a small random BERT.</summary>
public sealed class RecurrentMemoryLawTests
{
    [Fact]
    public void Without_memory_the_adapter_is_the_backbone_on_the_last_segment()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Tiny.Classifier(memoryTokens: 0);
        var segmenter = new Segmenter(Tiny.Layout(0));
        var document = Tiny.Document(new(2), 30);
        var window = new long[24];
        segmenter.Layout.Fill(document.AsSpan()[segmenter.Split(30)[1]], window);
        var bert = ((BertBackbone)model.Adapter.Backbone).Model;
        var plain = bert.call(bert.Words(tensor(window, [1, window.Length])), null, ..);
        Near.Equal(model.Head(plain), model.call(segmenter.Batch([document], CPU)), 1e-5, "logits");
    }

    [Fact]
    public void Memory_of_a_document_not_yet_begun_stays_initial()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Tiny.Classifier();
        var segmenter = new Segmenter(Tiny.Layout());
        var dice = new Random(4);
        var initial = model.Adapter.InitialMemory(2);
        var first = segmenter.Batch([Tiny.Document(dice, 5), Tiny.Document(dice, 50)], CPU).Steps[0];
        var after = model.Adapter.call(first, initial).Memory.Tokens;
        Assert.Equal(0, Near.Distance(initial.Tokens[0], after[0]));
        Assert.NotEqual(0, Near.Distance(initial.Tokens[1], after[1]));
    }

    [Fact]
    public void The_gradient_reaches_the_initial_memory_through_five_segments_and_is_the_one_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier().to(float64);
        var segmenter = new Segmenter(Tiny.Layout());
        ReadOnlyMemory<int>[] documents = [Tiny.Document(new(5), 80)];
        var label = tensor(new long[] { 1 });
        var memory = model.get_parameter("adapter.memory")!;
        model.Loss(segmenter.Batch(documents, CPU), label).backward();
        var gradient = memory.grad!;
        Assert.True(gradient.abs().max().item<double>() > 1e-9);

        using var mode = no_grad();
        const double H = 1e-5;
        foreach (var (i, j) in new[] { (0, 0), (1, 7), (3, 15) })
        {
            var value = memory[i, j].item<double>();
            double At(double moved)
            {
                memory[i, j] = tensor(moved);
                return model.Loss(segmenter.Batch(documents, CPU), label).item<double>();
            }
            var difference = (At(value + H) - At(value - H)) / (2 * H);
            memory[i, j] = tensor(value);
            Assert.Equal(difference, gradient[i, j].item<double>(), 1e-9 + 1e-5 * Math.Abs(difference));
        }
    }
}
