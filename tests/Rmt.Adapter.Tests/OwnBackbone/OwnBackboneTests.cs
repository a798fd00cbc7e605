using System.Globalization;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.OwnBackbone;

public sealed class OwnBackboneContractTests : BackboneContract
{
    protected override IBackbone Create(double dropout) => new OwnBackbone(new OwnTransformer(Tiny.Vocabulary, width: 16, window: 24));
}

/// <summary>A user's own transformer under the adapter learns what can only be learnt with memory. README.md of this folder is the page about it.</summary>
public sealed class OwnBackboneTests
{
    private const int Window = 24, Vocabulary = 40, FirstFact = 3, Facts = 4, FirstNoise = 10, Measured = 500;

    private static readonly LabelSet Labels = new(["north", "east", "south", "west"]);

    // Of the longest documents; RMT_TEST_SEGMENTS=8 is the long form.
    private static int Longest => int.TryParse(Environment.GetEnvironmentVariable("RMT_TEST_SEGMENTS"), CultureInfo.InvariantCulture, out var segments) ? segments : 3;

    [Fact]
    public void Trained_with_memory_it_knows_what_stood_in_the_first_segment_and_without_it_guesses()
    {
        using var remembers = Trained(memoryTokens: 4);
        using var forgets = Trained(memoryTokens: 0);
        for (var segments = 1; segments <= Longest; segments++)
        {
            var (with, without) = (Accuracy(remembers, segments), Accuracy(forgets, segments));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{segments} segments: {with:P1} with memory, {without:P1} without"));
            Assert.True(with >= 0.99, $"{segments} segments: {with}");
            if (segments > 1) Assert.InRange(without, 0.15, 0.35);      // one in four, of 500: ± 5 standard deviations
        }
    }

    private static RecurrentClassifier Trained(int memoryTokens)
    {
        random.manual_seed(1);
        var backbone = new OwnBackbone(new OwnTransformer(Vocabulary, width: 32, Window));
        var model = new RecurrentClassifier(new(backbone, new(Window, memoryTokens, Tiny.Special)), Labels.Count);
        var options = new TrainingOptions
        {
            Updates = 400, Documents = 32, DocumentsPerPart = 32, BackboneRate = 3e-3, MemoryRate = 3e-3, HeadRate = 3e-3, ClipValue = null, ClipNorm = 1,
            EvaluateEvery = 25, TargetAccuracy = 1, Patience = 100,
        };
        // A stage ends when all of 200 documents are right; without memory those of two segments and more end with their budget.
        var stages = Enumerable.Range(1, memoryTokens == 0 ? 2 : Longest).Select(segments => new CurriculumStage(segments, options) { Restarts = memoryTokens == 0 ? null : 2 }).ToArray();
        var segmenter = new Segmenter(model.Adapter.Layout);
        using var curriculum = new Curriculum(model, segmenter, new MemoryReplay(), stages, stage =>
            new(Documents(segmenter, 1, 1 << 20, stage.Segments), Documents(segmenter, 2, 200, stage.Segments)));
        foreach (var _ in curriculum.Run())
        {
        }
        return model;
    }

    // A fact somewhere in the first segment, and as many segments of noise as are asked for: the label is the fact.
    private static GeneratedDocuments Documents(Segmenter segmenter, int seed, int count, int segments) => new(count, index =>
    {
        var dice = new Random(seed * 1_000_003 + index);
        var size = segmenter.Layout.TokensPerSegment;
        var tokens = Enumerable.Range(0, segments * size).Select(_ => dice.Next(FirstNoise, Vocabulary)).ToArray();
        var fact = dice.Next(Facts);
        tokens[dice.Next(size)] = FirstFact + fact;
        return new(tokens, fact);
    });

    private static double Accuracy(RecurrentClassifier model, int segments)
    {
        model.eval();
        var segmenter = new Segmenter(model.Adapter.Layout);
        using var scheduler = new SegmentScheduler(model, segmenter, batchSize: 100);
        foreach (var document in Documents(segmenter, 3, Measured, segments)) scheduler.Add(document.Tokens, tag: document.Label);
        var right = 0;
        while (scheduler.Count > 0)
            right += scheduler.Step().Count(reading => reading.IsLast && reading.Logits.Index().MaxBy(logit => logit.Item).Index == (int)reading.Document.Tag!);
        return (double)right / Measured;
    }
}
