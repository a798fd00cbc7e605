using Rmt.Adapter;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Gpt2.Tests;

/// <summary>Going on with a text: the authors' tokens, and the laws that hold wherever a text is left and gone on with.</summary>
public sealed class GenerationTests
{
    private static readonly GenerationOptions Drawn = new() { Temperature = 0.9, TopK = 40, TopP = 0.95, Seed = 11 };

    // 16 tokens a segment with 4 of memory.
    private static RecurrentLanguageModel Model(int memoryTokens = 4, Func<Gpt2Backbone, IBackbone>? port = null)
    {
        _ = random.manual_seed(3);
        var gpt2 = Small.Gpt2();
        return new(new(port?.Invoke(gpt2) ?? gpt2, new(gpt2.MaxWindow, memoryTokens, new(null, null, null), isCausal: true)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int[] Generated(RecurrentLanguageModel model, ReadOnlySpan<int> prompt, GenerationOptions options)
    {
        using var generator = new RecurrentGenerator(model);
        generator.Read(prompt, Cancellation);
        return [.. generator.Generate(options, Cancellation)];
    }

    [Theory]
    [InlineData("generate_two"), InlineData("generate_three")]
    public void Greedy_tokens_are_those_of_the_authors_code(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new Golden("backbones", "gpt2", "rmt.safetensors");
        using var model = LanguageCheckpoint.Begin(ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2")), memoryTokens: 4, window: 64);
        using (no_grad()) model.Model.get_parameter("adapter.memory")!.copy_(golden["memory"]);
        Assert.Equal(golden.Ids($"{name}.new_ids"), Generated(model.Model, golden.Ids($"{name}.prompt_ids"), new() { MaxTokens = 24 }));
    }

    public static TheoryData<int, int, int, bool, int> Lengths
    {
        get
        {
            var data = new TheoryData<int, int, int, bool, int>();
            foreach (var drawn in new[] { false, true })
                foreach (var (prompt, first, second) in new[] { (1, 40, 30), (5, 11, 50), (16, 16, 16), (15, 1, 1), (16, 1, 33), (53, 0, 20), (7, 73, 0) })
                    foreach (var memory in new[] { 4, 0 }) data.Add(prompt, first, second, drawn, memory);
            return data;
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Going_on_in_two_parts_is_going_on_in_one(int prompt, int first, int second, bool drawn, int memoryTokens)
    {
        using var model = Model(memoryTokens);
        var how = drawn ? Drawn : new();
        var text = Tiny.Document(new(prompt), prompt);
        var whole = Generated(model, text, how with { MaxTokens = first + second });
        int[] begun = [.. text, .. Generated(model, text, how with { MaxTokens = first })];
        Assert.Equal(whole, (int[])[.. begun[prompt..], .. Generated(model, begun, how with { MaxTokens = second })]);
    }

    [Fact]
    public void A_text_that_was_put_down_is_gone_on_with_elsewhere()
    {
        using var model = Model();
        var text = Tiny.Document(new(1), 37);
        var whole = Generated(model, text, Drawn with { MaxTokens = 60 });
        for (var left = 0; left < whole.Length; left += 7)
        {
            GenerationState state;
            using (var before = new RecurrentGenerator(model))
            {
                before.Read(text, Cancellation);
                Assert.Equal(whole[..left], before.Generate(Drawn, Cancellation).Take(left));
                state = before.State;
                Assert.Equal((37 + left, (37 + left - 1) / 16), (before.Tokens, before.SegmentsRead));
            }
            using var after = new RecurrentGenerator(model, state);
            Assert.Equal(whole[left..], after.Generate(Drawn with { MaxTokens = 60 - left }, Cancellation));
        }
    }

    [Fact]
    public void What_is_kept_changes_no_logit_and_a_text_may_come_in_any_parts()
    {
        using var model = Model();
        using var plain = Model(port: gpt2 => new Forgetful(gpt2));
        using var kept = new RecurrentGenerator(model);
        using var reread = new RecurrentGenerator(plain);
        var text = Tiny.Document(new(2), 70);
        for (var i = 0; i < text.Length; i++)
        {
            kept.Read(text.AsSpan(i, 1), Cancellation);
            reread.Read(text.AsSpan(i, 1), Cancellation);
            if (i % 3 == 1) continue;       // some come two at once
            var (ours, theirs) = (kept.Logits(), reread.Logits());
            Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            Assert.Equal(ours, kept.Logits());
        }
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var batch = new Segmenter(model.Adapter.Layout).Batch([text], CPU);
        var memory = batch.Steps.SkipLast(1).Aggregate(model.Adapter.InitialMemory(1), (state, step) => model.Step(step, state).Memory);
        Near.Equal(model.Step(batch.Steps[^1], memory).Logits[0, ^1], tensor(kept.Logits()), 1e-5, "logits of the whole document's last step");
    }

    [Fact]
    public void A_prompt_is_read_once_however_long_it_is()
    {
        var counted = new Counted();
        using var model = Model(port: gpt2 => counted.Of(gpt2));
        using var generator = new RecurrentGenerator(model);
        generator.Read(Tiny.Document(new(3), 16 * 20), Cancellation);
        _ = generator.Logits();
        Assert.Equal(16 * 20, counted.Embedded);
        _ = generator.Generate(new() { MaxTokens = 40 }, Cancellation).Count();
        Assert.Equal(16 * 20 + 39, counted.Embedded);       // nobody asked what follows the last one
    }

    [Fact]
    public void It_ends_at_a_stop_token_at_the_most_and_where_it_is_told()
    {
        using var model = Model();
        var text = Tiny.Document(new(4), 20);
        var whole = Generated(model, text, Drawn with { MaxTokens = 30 });
        var stop = whole[12];
        Assert.Equal(whole[..Array.IndexOf(whole, stop)], Generated(model, text, Drawn with { MaxTokens = 30, StopTokens = [stop] }));
        using var generator = new RecurrentGenerator(model);
        using var cancellation = new CancellationTokenSource();
        generator.Read(text, Cancellation);
        var made = new List<int>();
        void Make()
        {
            foreach (var token in generator.Generate(Drawn, cancellation.Token))
            {
                made.Add(token);
                if (made.Count == 8) cancellation.Cancel();
            }
        }
        Assert.Throws<OperationCanceledException>(Make);
        Assert.Equal(whole[..8], made);
        Assert.Equal(whole[8..], generator.Generate(Drawn with { MaxTokens = 22 }, Cancellation));
    }

    [Fact]
    public void Nothing_is_left_and_no_graph_is_kept()
    {
        using var model = Model();
        _ = Generated(model, [5, 6], Drawn with { MaxTokens = 40 });
        Leaks.None(() => _ = Generated(model, Tiny.Document(new(5), 50), Drawn with { MaxTokens = 40 }));
    }

    [Fact]
    public void What_cannot_be_is_refused_in_words()
    {
        using var model = Model();
        using var generator = new RecurrentGenerator(model);
        Assert.Contains("no text", Assert.Throws<InvalidOperationException>(() => generator.Generate(null, Cancellation)).Message, StringComparison.Ordinal);
        generator.Read([5], Cancellation);
        foreach (var wrong in new[] { Drawn with { MaxTokens = -1 }, Drawn with { Temperature = -1 }, Drawn with { Temperature = double.NaN }, Drawn with { TopK = 0 }, Drawn with { TopP = 0 }, Drawn with { TopP = 1.5 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => generator.Generate(wrong, Cancellation));
        Assert.Contains("memory", Assert.Throws<ArgumentException>(() => new RecurrentGenerator(model, new(1, new float[3], default))).Message, StringComparison.Ordinal);
        Assert.Contains("17", Assert.Throws<ArgumentException>(() => new RecurrentGenerator(model, new(0, default, new int[17]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_document_is_read_where_there_is_memory_and_refused_where_there_is_none()
    {
        using var scope = NewDisposeScope();
        using var with = Model();
        Assert.Equal(0, with.call(new Segmenter(with.Adapter.Layout).Batch([Array.Empty<int>()], CPU)).item<float>());
        using var without = Model(memoryTokens: 0);
        var segmenter = new Segmenter(without.Adapter.Layout);
        Assert.Contains("without memory tokens", Assert.Throws<ArgumentException>(() => without.call(segmenter.Batch([Array.Empty<int>(), new[] { 5, 6 }], CPU))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_another_vocabulary_is_refused_and_nothing_of_it_was_read()
    {
        using var model = Model();
        using var generator = new RecurrentGenerator(model);
        var vocabulary = model.Adapter.Backbone.VocabularySize;
        Assert.Contains($"token 1 of the text is {vocabulary}", Assert.Throws<ArgumentException>(() => generator.Read([3, vocabulary], Cancellation)).Message, StringComparison.Ordinal);
        Assert.Equal(0, generator.Tokens);
        Assert.Contains("token 0 of the open segment is -1", Assert.Throws<ArgumentException>(() => new RecurrentGenerator(model, new(0, default, new[] { -1 }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_comes_as_it_is_made_whole_characters_only()
    {
        using var model = LanguageCheckpoint.Begin(ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2")), memoryTokens: 4, window: 24);
        const string text = "We the people of the United States, in order to form a more perfect union";
        var how = Drawn with { MaxTokens = 50 };
        var ids = Generated(model.Model, model.Tokenizer.Encode(text).ToArray(), how);
        Assert.Equal(((ByteLevelBpeTokenizer)model.Tokenizer).Decode(ids), string.Concat(model.Generate(text, how, Cancellation)));
    }

    // A backbone of one's own, which keeps nothing.
    private class Forgetful(Gpt2Backbone gpt2) : ILanguageBackbone
    {
        protected Gpt2Backbone Gpt2 => gpt2;

        public nn.Module Module => gpt2.Module;

        public int HiddenSize => gpt2.HiddenSize;

        public int MaxWindow => gpt2.MaxWindow;

        public int VocabularySize => gpt2.VocabularySize;

        public bool IsCausal => true;

        public double MemoryStd => gpt2.MemoryStd;

        public virtual Tensor Embed(Tensor tokenIds) => gpt2.Embed(tokenIds);

        public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => gpt2.Encode(embeddings, mask, rows);

        public Tensor Pool(Tensor hidden) => gpt2.Pool(hidden);

        public Tensor Logits(Tensor hidden) => gpt2.Logits(hidden);

        public void Dispose() => gpt2.Dispose();
    }

    private sealed class Counted
    {
        public long Embedded { get; private set; }

        public IBackbone Of(Gpt2Backbone gpt2) => new Counting(gpt2, this);

        private sealed class Counting(Gpt2Backbone gpt2, Counted counted) : Forgetful(gpt2), ILanguageBackbone
        {
            public override Tensor Embed(Tensor tokenIds)
            {
                counted.Embedded += tokenIds.numel();
                return base.Embed(tokenIds);
            }

            public IGrowingWindow BeginWindow(int capacity) => Gpt2.BeginWindow(capacity);
        }
    }
}
