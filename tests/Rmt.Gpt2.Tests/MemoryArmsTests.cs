using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Gpt2.Tests;

/// <summary>What a language model loses with its own memory, with none and with another document's.</summary>
public sealed class MemoryArmsTests
{
    [Fact]
    public void With_the_memory_that_was_carried_it_is_the_loss_of_the_model()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Model();
        var documents = Documents(70, 16, 33, 1, 0);
        var arms = new MemoryArms(model, new(model.Adapter.Layout));
        arms.Read(documents);
        var all = SegmentLoss.Sum(arms.Segments);
        Assert.Equal([1, 2, 3, 4, 5], arms.Segments.Select(segment => segment.Segment));
        Assert.Equal([5L, 2, 2, 1, 1], arms.Segments.Select(segment => segment.Documents));
        Assert.Equal(69 + 15 + 32, all.Tokens);
        Assert.Equal(model.call(new Segmenter(model.Adapter.Layout).Batch(documents, CPU)).item<float>(), all.Carried, 1e-5);
    }

    [Fact]
    public void Without_memory_each_segment_is_a_document_but_for_what_its_last_token_is_followed_by()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Model();
        var documents = Documents(32, 32);
        var arms = new MemoryArms(model, new(model.Adapter.Layout));
        arms.Read(documents);
        var segments = documents.Select(document => document[16..]).ToArray();
        Assert.Equal(model.call(new Segmenter(model.Adapter.Layout).Batch(segments, CPU)).item<float>(), arms.Segments[1].Reset, 1e-5);
        Assert.Equal(arms.Segments[0].Carried, arms.Segments[0].Reset);
        Assert.Equal(arms.Segments[0].Carried, arms.Segments[0].Other);
    }

    [Fact]
    public void Anothers_memory_is_what_it_had_before_its_segment_of_the_same_number()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Model();
        var (own, other) = (Documents(32)[0], Documents(5, 48)[1]);
        // The second segment of one document behind the first segment of the other.
        int[] crossed = [.. other[..16].ToArray(), .. own[16..].ToArray()], back = [.. own[..16].ToArray(), .. other[16..32].ToArray()];
        var (arms, alone) = (new MemoryArms(model, new(model.Adapter.Layout)), new MemoryArms(model, new(model.Adapter.Layout)));
        arms.Read([own, other]);
        alone.Read([crossed, back]);
        // The last token of a second segment predicts nothing there, and the first of a third here: only the first document's is compared.
        arms = new(model, new(model.Adapter.Layout));
        arms.Read([own, other[..32]]);
        Assert.Equal(alone.Segments[1].Carried, arms.Segments[1].Other, 1e-5);
        Assert.Equal(arms.Segments[1].Carried, alone.Segments[1].Other, 1e-5);
    }

    [Fact]
    public void Without_memory_tokens_the_three_are_one_and_nothing_is_left_behind()
    {
        using var model = Model(memoryTokens: 0);
        Leaks.None(() =>
        {
            var arms = new MemoryArms(model, new(model.Adapter.Layout));
            arms.Read(Documents(60, 20, 40));
            Assert.All(arms.Segments, segment => Assert.Equal((segment.Carried, segment.Carried), (segment.Reset, segment.Other)));
        });
    }

    [Fact]
    public void Every_document_is_read_beside_another_one()
    {
        var groups = MemoryArms.Groups(Documents(5, 90, 7, 30, 2), 2);
        Assert.Equal([[2, 5], [7, 30, 90]], groups.Select(group => group.Select(document => document.Length)));
        _ = Assert.Throws<ArgumentException>(() => MemoryArms.Groups(Documents(9), 2));
    }

    private static ReadOnlyMemory<int>[] Documents(params int[] lengths)
    {
        var dice = new Random(11);
        return [.. lengths.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length))];
    }

    private static RecurrentLanguageModel Model(int memoryTokens = 4)
    {
        random.manual_seed(7);
        var model = new RecurrentLanguageModel(new(Small.Gpt2(), new(16 + 2 * memoryTokens, memoryTokens, new(null, null, null), isCausal: true)));
        model.eval();
        return model;
    }
}
