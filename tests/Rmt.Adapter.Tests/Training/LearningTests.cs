using Rmt.Bert;
using Rmt.Testing;
using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.Training;

/// <summary>Layers that learn in fused steps, or whose inside is computed again, have the gradients of layers as they are written.</summary>
public sealed class LearningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public LearningTests() => Assert.SkipUnless(Provider.HasExtras, "fused steps are an extra of Rmt.Torch");

    public void Dispose() => scope.Dispose();

    public static TheoryData<bool, string> EitherWay => new(DeviceKinds.Times([false, true]));

    public static TheoryData<string> EveryDevice => new(DeviceKinds.All);

    // Devices add up in no fixed order where many numbers go to one place, as gradients of word rows do.
    private static double Rounding(string device) => device == "cpu" ? 1e-6 : 1e-4;

    [Theory, MemberData(nameof(EitherWay))]
    public void Fused_steps_give_the_gradients_of_layers_as_they_are_written(bool everySegment, string device) =>
        Same(Gradients(Fusion.Never, 0, new BackpropagationThroughTime(), everySegment, device: device), Gradients(Fusion.Everywhere, 0, new BackpropagationThroughTime(), everySegment, device: device), 1e-4);

    [Fact]
    public void On_a_CPU_layers_learn_as_they_are_written()
    {
        var plain = Gradients(Fusion.Never, 0, new BackpropagationThroughTime(), everySegment: true);
        Same(plain, Gradients(Fusion.OnDevices, 0, new BackpropagationThroughTime(), everySegment: true), 0);
    }

    [Theory, MemberData(nameof(EitherWay))]
    public void Fused_steps_are_replayed_with_the_same_dropout(bool everySegment, string device)
    {
        var whole = Gradients(Fusion.Everywhere, 0.1, new BackpropagationThroughTime(), everySegment, device: device);
        Same(whole, Gradients(Fusion.Everywhere, 0.1, new MemoryReplay(), everySegment, device: device), 10 * Rounding(device));
        Assert.NotEqual(whole.Loss, Gradients(Fusion.Everywhere, 0, new MemoryReplay(), everySegment, device: device).Loss);
    }

    public static TheoryData<Fusion, bool, string> Ways =>
        new(DeviceKinds.Times(from fusion in new[] { Fusion.Never, Fusion.Everywhere } from replays in new[] { false, true } select (fusion, replays)).Select(one => (one.Value.fusion, one.Value.replays, one.Device)));

    [Theory, MemberData(nameof(Ways))]
    public void Layers_whose_inside_is_computed_again_have_the_same_gradients_dropout_included(Fusion fusion, bool replays, string device)
    {
        IBackpropagation way = replays ? new MemoryReplay() : new BackpropagationThroughTime();
        var kept = Gradients(fusion, 0.1, way, everySegment: true, device: device);
        Same(kept, Gradients(fusion, 0.1, way, everySegment: true, recomputes: true, device: device), Rounding(device));
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void With_products_in_bfloat16_fused_steps_keep_residuals_wide_and_are_no_farther_from_float32(string device)
    {
        var wide = Gradients(Fusion.Never, 0, new BackpropagationThroughTime(), true, device: device);
        double Distance(Fusion fusion, bool recomputes = false)
        {
            var narrow = Gradients(fusion, 0, new BackpropagationThroughTime(), true, recomputes, narrow: true, device: device);
            return Math.Sqrt(wide.Values.Sum(entry => (narrow.Values[entry.Key] - entry.Value).square().sum().item<float>()));
        }
        var (plain, fused, again) = (Distance(Fusion.Never), Distance(Fusion.Everywhere), Distance(Fusion.Everywhere, recomputes: true));
        TestContext.Current.TestOutputHelper?.WriteLine($"from float32: plain {plain:E2}, fused {fused:E2}, computed again {again:E2}");
        Assert.InRange(fused, 0, 1.3 * plain);      // a small model's rounding is a few numbers' luck
        Assert.InRange(again, 0, 1.3 * plain);
    }

    [Fact]
    public void Inside_of_layers_that_is_computed_again_is_not_held()
    {
        long Bytes(bool recomputes)
        {
            using var inner = NewDisposeScope();
            using var model = Tiny.Classifier();
            model.train();
            model.Adapter.Backbone.Recomputes = recomputes;
            CpuMemory.SetLimit(0);
            CpuMemory.SetLimit(CpuMemory.DefaultLimit);
            new BackpropagationThroughTime().Backward(model, Part(model, [.. Enumerable.Repeat(17 * 16, 8)], false));
            return CpuMemory.Kept;
        }
        Bytes(true);
        var (kept, again) = (Bytes(false), Bytes(true));
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes: kept {kept}, computed again {again}");
        Assert.True(again < 0.5 * kept);
    }

    [Fact]
    public void A_training_that_recomputes_is_the_same_training_and_leaves_the_backbone_as_it_was()
    {
        List<double> Losses(bool recompute)
        {
            using var model = Tiny.Classifier();
            var documents = Documents([30, 20, 50, 44]).Select((tokens, i) => new TrainingDocument(tokens, i % 3)).ToList();
            using var trainer = new Trainer(model, new(Tiny.Layout()), new BackpropagationThroughTime(),
                new() { Updates = 4, Documents = 4, DocumentsPerPart = 2, EvaluateEvery = 0, BackboneRate = 1e-3, Recompute = recompute }, documents, []);
            Assert.Equal(recompute, model.Adapter.Backbone.Recomputes);
            var losses = trainer.Run().Select(step => step.Loss).ToList();
            trainer.Dispose();
            Assert.False(model.Adapter.Backbone.Recomputes);
            return losses;
        }
        // Not to the bit: without a graph, attention adds up in another order on some processors.
        foreach (var (kept, again) in Losses(false).Zip(Losses(true))) Assert.Equal(kept, again, 1e-5);
    }

    private static ReadOnlyMemory<int>[] Documents(int[] lengths)
    {
        var dice = new Random(11);
        return [.. lengths.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length))];
    }

    private static UpdatePart Part(RecurrentClassifier model, int[] lengths, bool everySegment) =>
        new(new Segmenter(Tiny.Layout()).Batch(Documents(lengths), model.Adapter.Device), tensor(lengths.Select((_, i) => (long)(i % 3)).ToArray(), device: model.Adapter.Device))
        {
            EverySegment = everySegment, Seeds = new(3, 5, 1),
        };

    private static (float Loss, Dictionary<string, Tensor> Values) Gradients(
        Fusion fusion, double dropout, IBackpropagation way, bool everySegment, bool recomputes = false, bool narrow = false, string device = "cpu")
    {
        using var model = Tiny.Classifier(dropout: dropout, fusion: fusion);
        model.to(new Device(device));
        model.train();
        model.Adapter.Backbone.Recomputes = recomputes;
        var part = Part(model, [0, 3, 40, 85], everySegment);
        var loss = way.Backward(model, narrow ? part with { Autocast = ScalarType.BFloat16 } : part).item<float>();
        return (loss, model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad?.cpu().clone() ?? zeros_like(entry.parameter).cpu().detach()));
    }

    // Relative to the largest gradient of the parameter; the key's bias shifts all scores alike, and has none but for rounding.
    private static void Same((float Loss, Dictionary<string, Tensor> Values) expected, (float Loss, Dictionary<string, Tensor> Values) actual, double tolerance)
    {
        Assert.Equal(expected.Loss, actual.Loss, tolerance);
        foreach (var (name, value) in expected.Values)
        {
            var scale = expected.Values[name.Replace("key.bias", "query.bias", StringComparison.Ordinal)].abs().max().item<float>();
            var difference = Near.Distance(actual.Values[name], value) / Math.Max(scale, 1e-30);
            Assert.True(difference <= tolerance, $"{name}: {difference:E2}");
        }
    }
}
