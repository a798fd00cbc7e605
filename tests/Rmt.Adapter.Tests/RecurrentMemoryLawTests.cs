using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

/// <summary>Laws of the recurrence, on a small random BERT.</summary>
public sealed class RecurrentMemoryLawTests
{
    [Fact]
    public void A_batch_of_documents_of_any_lengths_gives_each_documents_own_logits()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Tiny.Classifier();
        var dice = new Random(1);
        foreach (var alignment in Enum.GetValues<SegmentAlignment>())
        {
            var segmenter = new Segmenter(Tiny.Layout(), alignment);
            var documents = new[] { 0, 1, 17, 18, 40, 85 }.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length)).ToArray();
            var together = model.call(segmenter.Batch(documents, CPU));
            for (var i = 0; i < documents.Length; i++)
                Near.Equal(model.call(segmenter.Batch([documents[i]], CPU))[0], together[i], 1e-5, $"{alignment}, document {i}");
        }
    }

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

    [Theory]
    [InlineData(0, false)]
    [InlineData(4, true)]
    public void A_token_of_the_first_segment_changes_the_answer_if_and_only_if_there_is_memory(int memoryTokens, bool changes)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Tiny.Classifier(memoryTokens);
        var segmenter = new Segmenter(Tiny.Layout(memoryTokens));
        var document = Tiny.Document(new(3), 70);
        var other = document.ToArray();
        other[0] = other[0] == 3 ? 4 : 3;
        var distance = Near.Distance(model.call(segmenter.Batch([document], CPU)), model.call(segmenter.Batch([other], CPU)));
        Assert.Equal(changes, distance > 1e-7);
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

    [Fact]
    public void A_training_step_leaves_no_tensor_behind_but_gradients()
    {
        using var model = Tiny.Classifier();
        model.train();
        var segmenter = new Segmenter(Tiny.Layout());
        var dice = new Random(6);
        void Step()
        {
            using var scope = NewDisposeScope();
            model.Loss(segmenter.Batch([Tiny.Document(dice, 40), Tiny.Document(dice, 3)], CPU), tensor(new long[] { 0, 2 }), everySegment: true).backward();
            model.zero_grad();
        }
        Step();
        var before = Leaks.Baseline();
        Step();
        Leaks.Same(before);
    }

    [Fact]
    public void A_window_longer_than_the_backbone_reads_is_refused()
    {
        using var bert = new BertBackbone(new BertModel(Tiny.Bert));
        var error = Assert.Throws<ArgumentException>(() => new RecurrentMemoryAdapter(bert, new SegmentLayout(25, 4, Tiny.Special)));
        Assert.Contains("25", error.Message, StringComparison.Ordinal);
        Assert.Contains("24", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_backbones_parameters_are_among_the_models()
    {
        using var model = Tiny.Classifier();
        var backbone = model.Adapter.Backbone.Module.named_parameters().Count();
        Assert.Equal(backbone + 3, model.named_parameters().Count());     // memory, and weight and bias of the head
    }
}
