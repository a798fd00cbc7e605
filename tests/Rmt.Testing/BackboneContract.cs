using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Loaders;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>What the adapter relies on in any backbone. A family's tests inherit it and make a small random one.</summary>
public abstract class BackboneContract
{
    private const int MemoryTokens = 4, Labels = 3;

    /// <summary>A new one with weights from the default generator: <see cref="Tiny.Vocabulary"/> tokens, windows of 24 or a few more, weights large enough that each shows.</summary>
    /// <param name="dropout">Everywhere.</param>
    protected abstract IBackbone Create(double dropout);

    /// <summary>Says where it fuses its steps; null: it has none that are fused.</summary>
    protected virtual Action<Fusion>? Fuse(IBackbone backbone) => null;

    [Fact]
    public void What_it_reads_in_fused_steps_it_reads_as_its_layers_are_written()
    {
        using var backbone = Create(0);
        backbone.Module.eval();
        if (Fuse(backbone) is { } fuse) FusedReadingLaw.Holds(backbone, fuse);
        else if (!backbone.IsCausal)
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            Assert.Null(backbone.Read(zeros([1, 8], int64), zeros([1, 2, backbone.EmbeddingSize]), 1..3, null, ..));
        }
    }

    /// <summary>Parameters that no window of the adapter's reaches, though they are loaded and saved: a name, or a prefix that ends in a dot.</summary>
    protected virtual IReadOnlyList<string> Unreached => [];

    [Fact]
    public void Embeddings_hidden_states_pooled_vector_and_logits_have_their_shapes()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        using var head = backbone.NewHead(Labels);
        var embedded = backbone.Embed(Ids(2, 9));
        var hidden = backbone.Encode(embedded, null, ..5);
        Assert.Equal([2, 9, backbone.EmbeddingSize], embedded.shape);
        Assert.Equal([2, 5, backbone.HiddenSize], hidden.shape);
        Assert.Equal([2, backbone.HiddenSize], backbone.Pool(hidden).shape);
        Assert.Equal([2, Labels], head.call(backbone.Pool(hidden)).shape);
    }

    [Fact]
    public void It_says_how_many_tokens_it_knows()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        _ = backbone.Embed(tensor(new[] { backbone.VocabularySize - 1L }, [1, 1]));
        _ = Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => backbone.Embed(tensor(new long[] { backbone.VocabularySize }, [1, 1])));
    }

    [Fact]
    public void A_token_changes_its_own_embedding_and_no_other()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        var ids = Ids(1, 9);
        var other = ids.clone();
        other[0, 4] = tensor(ids[0, 4].item<long>() == 7 ? 8L : 7L);
        var moved = (backbone.Embed(ids) - backbone.Embed(other)).abs().amax([2])[0].data<float>().ToArray();
        Assert.Equal(Enumerable.Range(0, 9).Select(i => i == 4), moved.Select(distance => distance > 0));
    }

    [Fact]
    public void What_stands_behind_the_mask_changes_nothing_in_front_of_it()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        var embedded = backbone.Embed(Ids(1, 20));
        var other = cat([embedded[.., ..9], randn([1, 11, backbone.EmbeddingSize])], 1);
        var mask = (arange(20) < 9).unsqueeze(0);
        Near.Equal(backbone.Encode(embedded, mask, ..9), backbone.Encode(other, mask, ..9), 1e-6, "rows in front of the mask");
        Near.Equal(backbone.Encode(embedded[.., ..9], null, ..), backbone.Encode(other, mask, ..9), 1e-5, "the shorter window");
    }

    [Fact]
    public void The_rows_that_are_read_are_those_of_the_full_layer()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        var embedded = backbone.Embed(Ids(3, 20));
        var mask = (arange(20) < tensor(new long[] { 20, 13, 6 }).unsqueeze(1)).@bool();
        foreach (var seen in new[] { null, mask })
        {
            var full = backbone.Encode(embedded, seen, ..);
            Near.Equal(full[.., 0..5], backbone.Encode(embedded, seen, ..5), 1e-5, "the first five rows");
            if (seen is null) Near.Equal(full[.., 15..20], backbone.Encode(embedded, seen, ^5..), 1e-5, "the last five rows");
        }
    }

    [Fact]
    public void A_batch_gives_each_documents_own_logits_and_memory()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Classifier();
        var dice = new Random(1);
        foreach (var alignment in Enum.GetValues<SegmentAlignment>())
        {
            var segmenter = new Segmenter(model.Adapter.Layout, alignment);
            var full = segmenter.Layout.TokensPerSegment;
            var documents = new[] { 0, 1, full, full + 1, 2 * full + 6, 5 * full }.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length)).ToArray();
            var (logits, memory) = Read(model, segmenter.Batch(documents, CPU));
            for (var i = 0; i < documents.Length; i++)
            {
                var alone = Read(model, segmenter.Batch([documents[i]], CPU));
                Near.Equal(alone.Logits[0], logits[i], 1e-5, $"{alignment}, logits of document {i}");
                Near.Equal(alone.Memory[0], memory[i], 1e-5, $"{alignment}, memory of document {i}");
            }
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(MemoryTokens, true)]
    public void A_token_of_the_first_segment_changes_the_answer_if_and_only_if_there_is_memory(int memoryTokens, bool changes)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Classifier(memoryTokens);
        var segmenter = new Segmenter(model.Adapter.Layout);
        var document = Tiny.Document(new(3), 4 * segmenter.Layout.TokensPerSegment);
        var other = document.ToArray();
        other[0] = other[0] == 3 ? 4 : 3;
        var distance = Near.Distance(model.call(segmenter.Batch([document], CPU)), model.call(segmenter.Batch([other], CPU)));
        Assert.Equal(changes, distance > 1e-7);
    }

    [Fact]
    public void The_gradient_reaches_the_initial_memory_through_five_segments_and_every_parameter()
    {
        using var scope = NewDisposeScope();
        using var model = Classifier();
        var segmenter = new Segmenter(model.Adapter.Layout);
        model.Loss(segmenter.Batch([Tiny.Document(new(5), 5 * segmenter.Layout.TokensPerSegment)], CPU), tensor(new long[] { 1 })).backward();
        Assert.True(model.get_parameter("adapter.memory")!.grad!.abs().max().item<float>() > 1e-9);
        var without = model.named_parameters().Where(entry => entry.parameter.grad is null).Select(entry => entry.name["adapter.backbone.".Length..]);
        Assert.Empty(without.Where(name => !Unreached.Any(prefix => prefix.EndsWith('.') ? name.StartsWith(prefix, StringComparison.Ordinal) : name == prefix)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_replay_gives_the_gradients_of_the_whole_graph(bool everySegment)
    {
        using var scope = NewDisposeScope();
        using var model = Classifier(dropout: 0.1);
        model.train();
        var segmenter = new Segmenter(model.Adapter.Layout);
        var dice = new Random(6);
        var full = segmenter.Layout.TokensPerSegment;
        ReadOnlyMemory<int>[] documents = [Tiny.Document(dice, 0), Tiny.Document(dice, 2 * full + 3), Tiny.Document(dice, 4 * full)];
        var part = new UpdatePart(segmenter.Batch(documents, CPU), tensor(new long[] { 0, 2, 1 })) { EverySegment = everySegment, Seeds = new(3, 5, 1) };
        var (whole, replayed) = (Gradients(model, new BackpropagationThroughTime(), part), Gradients(model, new MemoryReplay(), part));
        Assert.NotEmpty(whole);
        Assert.Equal(whole.Keys, replayed.Keys);
        foreach (var (name, gradient) in whole)
            Near.Equal(gradient, replayed[name], 1e-5 * Math.Max(1, gradient.abs().max().item<float>()), name);
    }

    [Fact]
    public void Layers_whose_inside_is_computed_again_have_the_same_gradients_or_the_backbone_says_that_it_cannot()
    {
        using var scope = NewDisposeScope();
        using var model = Classifier(dropout: 0.1);
        model.train();
        var segmenter = new Segmenter(model.Adapter.Layout);
        var dice = new Random(6);
        ReadOnlyMemory<int>[] documents = [Tiny.Document(dice, 3), Tiny.Document(dice, 2 * segmenter.Layout.TokensPerSegment + 3)];
        var part = new UpdatePart(segmenter.Batch(documents, CPU), tensor(new long[] { 0, 2 })) { Seeds = new(3, 5, 1) };
        var kept = Gradients(model, new BackpropagationThroughTime(), part);
        if (!Recomputes(model.Adapter.Backbone)) return;
        var again = Gradients(model, new BackpropagationThroughTime(), part);
        Assert.Equal(kept.Keys, again.Keys);
        foreach (var (name, gradient) in kept)
            Near.Equal(gradient, again[name], 1e-6 * Math.Max(1, gradient.abs().max().item<float>()), name);
    }

    private static bool Recomputes(IBackbone backbone)
    {
        try
        {
            backbone.Recomputes = Provider.HasExtras;
        }
        catch (NotSupportedException error)
        {
            Assert.Contains(backbone.GetType().Name, error.Message, StringComparison.Ordinal);
        }
        return backbone.Recomputes;
    }

    [Fact]
    public void Gelu_is_exact_unless_said_and_a_backbone_that_has_no_other_form_says_so()
    {
        using var scope = NewDisposeScope();
        using var model = Classifier(dropout: 0);
        var backbone = model.Adapter.Backbone;
        Assert.Equal(GeluForm.Exact, backbone.Gelu);
        backbone.Gelu = GeluForm.Exact;
        try
        {
            backbone.Gelu = GeluForm.Fast;
            Assert.Equal(GeluForm.Fast, backbone.Gelu);
        }
        catch (NotSupportedException error)
        {
            Assert.Contains(backbone.GetType().Name, error.Message, StringComparison.Ordinal);
            Assert.Equal(GeluForm.Exact, backbone.Gelu);
        }
    }

    [Fact]
    public void What_is_saved_and_loaded_reads_the_same()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var folder = new TempFolder();
        using var first = Classifier();
        using var second = Classifier(seed: 8);
        var batch = new Segmenter(first.Adapter.Layout).Batch([Tiny.Document(new(7), 60)], CPU);
        Assert.NotEqual(0, Near.Distance(first.call(batch), second.call(batch)));
        TensorWriter.Write(folder["weights.safetensors"], first.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)));
        using (var file = Checkpoint.Open(folder["weights.safetensors"]))
            _ = WeightLoader.Load(second.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter), file, name => name).RequireComplete();
        Near.Equal(first.call(batch), second.call(batch), 0, "logits");
    }

    [Fact]
    public void All_its_parameters_are_among_the_classifiers()
    {
        using var model = Classifier();
        var names = model.named_parameters().Select(entry => entry.name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(model.Adapter.Backbone.Module.named_parameters(), entry => Assert.Contains($"adapter.backbone.{entry.name}", names));
    }

    [Fact]
    public void Prepared_for_reading_it_reads_the_same_and_learns_on()
    {
        using var scope = NewDisposeScope();
        using var model = Classifier();
        var batch = new Segmenter(model.Adapter.Layout).Batch([Tiny.Document(new(8), 60), Tiny.Document(new(9), 7)], CPU);
        Tensor Answer()
        {
            using var mode = inference_mode();
            return model.call(batch);
        }
        var before = Answer();
        model.Adapter.Backbone.PrepareReading();
        Near.Equal(before, Answer(), 1e-5, "logits");
        model.Loss(batch, tensor(new long[] { 0, 1 })).backward();
        Assert.Contains(model.Adapter.Backbone.Module.parameters(), parameter => parameter.grad is not null);
    }

    [Fact]
    public void Its_layers_end_as_the_window_that_is_not_traced_and_attention_takes_nothing_from_padding()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var backbone = New();
        if (backbone is not ILayeredBackbone layered) return;
        var embedded = backbone.Embed(Ids(3, 20));
        var mask = (arange(20) < tensor(new long[] { 20, 13, 6 }).unsqueeze(1)).@bool();
        var padding = mask.unsqueeze(2).logical_and(mask.logical_not().unsqueeze(1)).unsqueeze(1).expand(3, layered.Heads, 20, 20);      // looked at by a token that is none
        var seen = 0;
        var last = layered.Encode(embedded, mask, reading =>
        {
            Assert.Equal(seen++, reading.Layer);
            Assert.Equal([3, 20, backbone.HiddenSize], reading.Hidden.shape);
            var maps = reading.Attention();
            Near.Equal(ones([3, layered.Heads, 20]), maps.sum(-1), 1e-5, $"layer {reading.Layer}, rows");
            Assert.True(maps.min().item<float>() >= 0);
            Assert.Equal(0, maps.masked_select(padding).abs().sum().item<float>());
        });
        Assert.Equal(layered.Layers, seen);
        var plain = backbone.Encode(embedded, mask, ..);
        Near.Equal(plain.masked_select(mask.unsqueeze(-1)), last.masked_select(mask.unsqueeze(-1)), 1e-5, "last hidden states");
    }

    [Fact]
    public void A_window_longer_than_it_reads_is_refused()
    {
        using var backbone = New();
        var error = Assert.Throws<ArgumentException>(() => new RecurrentMemoryAdapter(backbone, Layout(backbone, MemoryTokens, backbone.MaxWindow + 1)));
        Assert.Contains($"{backbone.MaxWindow + 1}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the {backbone.MaxWindow} the backbone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_step_leaves_no_tensor_but_gradients_and_a_model_that_is_freed_none()
    {
        var empty = Leaks.Baseline();
        using (var model = Classifier(dropout: 0.1))
        {
            model.train();
            model.Adapter.Backbone.PrepareReading();
            var segmenter = new Segmenter(model.Adapter.Layout);
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
        Leaks.Same(empty);
    }

    private IBackbone New(double dropout = 0, int seed = 7)
    {
        random.manual_seed(seed);
        var backbone = Create(dropout);
        backbone.Module.eval();
        return backbone;
    }

    private RecurrentClassifier Classifier(int memoryTokens = MemoryTokens, double dropout = 0, int seed = 7)
    {
        var backbone = New(dropout, seed);
        var model = new RecurrentClassifier(new(backbone, Layout(backbone, memoryTokens, backbone.MaxWindow)), Labels);
        model.eval();
        return model;
    }

    private static SegmentLayout Layout(IBackbone backbone, int memoryTokens, int window) => new(window, memoryTokens, Tiny.Special, backbone.IsCausal);

    private static Tensor Ids(int documents, int length) => randint(3, Tiny.Vocabulary, [documents, length], ScalarType.Int64);

    private static (Tensor Logits, Tensor Memory) Read(RecurrentClassifier model, SegmentBatch batch)
    {
        var memory = model.Adapter.InitialMemory(batch.Documents);
        foreach (var step in batch.Steps) memory = model.Adapter.call(step, memory).Memory;
        return (model.call(batch), memory.Tokens);
    }

    private static Dictionary<string, Tensor> Gradients(RecurrentClassifier model, IBackpropagation backpropagation, UpdatePart part)
    {
        model.zero_grad();
        backpropagation.Backward(model, part).Dispose();
        return model.named_parameters().Where(entry => entry.parameter.grad is not null).ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
    }
}
