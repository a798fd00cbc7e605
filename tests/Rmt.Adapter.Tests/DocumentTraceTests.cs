using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

public sealed class DocumentTraceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(60)]
    public void Each_segment_says_what_the_scheduler_hears_and_memory_goes_from_one_to_the_next(int length)
    {
        using var model = Tiny.Classifier();
        var segmenter = new Segmenter(Tiny.Layout());
        var tokens = Tiny.Document(new(1), length);
        using var scheduler = new SegmentScheduler(model, segmenter, 1);
        var document = scheduler.Add(tokens);
        using var trace = new DocumentTrace(model, segmenter, tokens);
        using var left = model.Adapter.InitialMemory(1).Tokens[0].clone();
        var read = new List<int>();
        while (!document.IsFinished)
        {
            var expected = Assert.Single(scheduler.Step());
            using var segment = trace.Read();
            Assert.Equal(expected.Segment, segment.Segment);
            Assert.Equal(expected.Logits, segment.Logits);
            Near.Equal(left, segment.MemoryIn, 0, "memory that goes in");
            Assert.Equal(segment.MemoryOut.norm().item<float>(), segment.MemoryNorm(), 1e-4);
            Assert.Equal(Tiny.Layout().WindowOf(segment.Tokens.Length), segment.InputIds.shape[0]);
            Assert.Equal(segment.Tokens.ToArray().Select(id => (long)id), segment.InputIds.data<long>().ToArray()[6..^1]);
            _ = left.copy_(segment.MemoryOut);
            read.AddRange(segment.Tokens.ToArray());
        }
        Assert.Equal(tokens, read);
        Assert.Equal(trace.Segments.Count, trace.SegmentsRead);
        Assert.Throws<InvalidOperationException>(() => trace.Read());
    }

    [Fact]
    public void Showing_the_layers_changes_nothing_but_rounding()
    {
        using var model = Tiny.Classifier();
        var tokens = Tiny.Document(new(2), 40);
        using var plain = new DocumentTrace(model, new(Tiny.Layout()), tokens);
        using var shown = new DocumentTrace(model, new(Tiny.Layout()), tokens);
        for (var i = 0; i < plain.Segments.Count; i++)
        {
            var layers = new List<int>();
            using var a = plain.Read();
            Tensor? last = null;
            using var b = shown.Read(layer =>
            {
                layers.Add(layer.Layer);
                last?.Dispose();
                last = layer.Hidden[0, 1..5].clone().DetachFromDisposeScope();
            });
            using (last)
                Near.Equal(last!, b.MemoryOut, 0, "memory is the last layer's rows 1 to m");
            Assert.Equal([0, 1], layers);
            Near.Equal(a.MemoryOut, b.MemoryOut, 1e-5, "memory");
            Assert.All(a.Logits.Zip(b.Logits), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Between_segments_there_is_one_tensor_and_after_the_trace_none()
    {
        using var model = Tiny.Classifier();
        var before = Leaks.Baseline();
        using (var trace = new DocumentTrace(model, new(Tiny.Layout()), Tiny.Document(new(3), 100)))
        {
            for (var i = 0; i < 3; i++)
            {
                trace.Read(layer => layer.Attention().Dispose()).Dispose();
                Assert.Equal(before + 1, Tensor.TotalCount);
            }
            Assert.Throws<IOException>(() => trace.Read(_ => throw new IOException("disk full")));
            Assert.Equal((3, before + 1), (trace.SegmentsRead, Tensor.TotalCount));
        }
        Leaks.Same(before);
    }

    [Fact]
    public void A_backbone_that_does_not_show_its_layers_says_so()
    {
        using var inner = Tiny.Classifier();
        using var model = new RecurrentClassifier(new(new Closed(inner.Adapter.Backbone), Tiny.Layout()), 3);
        model.eval();
        using var trace = new DocumentTrace(model, new(Tiny.Layout()), Tiny.Document(new(4), 5));
        Assert.Contains("Closed does not show its layers", Assert.Throws<NotSupportedException>(() => trace.Read(_ => { })).Message, StringComparison.Ordinal);
        trace.Read().Dispose();
    }

    [Fact]
    public void A_document_of_another_vocabulary_is_refused()
    {
        using var model = Tiny.Classifier();
        var error = Assert.Throws<ArgumentException>(() => new DocumentTrace(model, new(Tiny.Layout()), new[] { 3, Tiny.Vocabulary }));
        Assert.Contains($"token 1 of the document is {Tiny.Vocabulary}", error.Message, StringComparison.Ordinal);
    }

    private sealed class Closed(IBackbone inner) : PassingBackbone(inner);
}
