using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>A training in a file.</summary>
public sealed class TrainingFileTests : IDisposable
{
    private static readonly TrainingDocument[] Documents = [.. Enumerable.Range(0, 9).Select(i => new TrainingDocument(Tiny.Document(new(i), 10 + 5 * i), i % 3))];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_training_goes_on_from_its_file_and_nothing_else_stays_in_the_folder()
    {
        using var model = Tiny.Classifier();
        using var never = Of(model);
        var losses = never.Run().Select(step =>
        {
            if (step.Update is 1 or 3) TrainingFile.Save(folder["training"], never);
            return step.Loss;
        }).ToList();
        using var other = Tiny.Classifier(seed: 99);
        using var resumed = Of(other);
        TrainingFile.Load(folder["training"], resumed);
        Assert.Equal(losses[3..], resumed.Run().Select(step => step.Loss));
        Assert.Equal(["training"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_cannot_be_gone_on_with_is_refused_with_the_name_of_the_file()
    {
        using var model = Tiny.Classifier();
        using var trainer = Of(model);
        TrainingFile.Save(folder["training"], trainer);
        var whole = File.ReadAllBytes(folder["training"]);
        foreach (var content in new[] { whole[..^1], [.. whole, 0], [], "something else"u8.ToArray() })
        {
            File.WriteAllBytes(folder["training"], content);
            var error = Assert.Throws<LoadException>(() => TrainingFile.Load(folder["training"], trainer));
            Assert.Equal(folder["training"], error.Path);
        }
        File.WriteAllBytes(folder["training"], whole);
        TrainingFile.Load(folder["training"], trainer);
    }

    [Fact]
    public void A_curriculum_goes_on_from_its_file()
    {
        CurriculumStage[] stages = [new(1, Options), new(2, Options)];
        Curriculum Of(RecurrentClassifier model) => new(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), stages, _ => new(Documents, Documents));
        using var model = Tiny.Classifier();
        using var never = Of(model);
        _ = never.Run().Take(2).Last();
        TrainingFile.Save(folder["curriculum"], never);
        using var other = Tiny.Classifier(seed: 99);
        using var resumed = Of(other);
        TrainingFile.Load(folder["curriculum"], resumed);
        Assert.Equal(never.Run(), resumed.Run());
    }

    private static TrainingOptions Options { get; } = new() { Updates = 4, Documents = 4, EvaluateEvery = 2, BackboneRate = 1e-3 };

    private static Trainer Of(RecurrentClassifier model) =>
        new(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), Options, Documents, Documents);
}
