using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests.Pretrained;

public sealed class ReadingChoiceTests
{
    private static readonly HubCache NoCache = new(Path.Combine(Path.GetTempPath(), "no-such-cache"));

    [Fact]
    public void A_classifier_is_loaded_as_it_was_asked_for()
    {
        var before = Leaks.Baseline();
        using (var classifier = new ReadingChoice("cpu", "bfloat16", GeluForm.Fast).Load(Shared.Path("models", "minilm-rmt-reviews"), NoCache, SegmentAlignment.Left))
        {
            Assert.All(classifier.Model.parameters(), parameter => Assert.Equal(NumberTypes.Named("bfloat16"), parameter.dtype));
            Assert.Equal((GeluForm.Fast, SegmentAlignment.Left), (classifier.Model.Adapter.Backbone.Gelu, classifier.Segmenter.Alignment));
        }
        Leaks.Same(before);
    }

    [Fact]
    public void A_family_without_the_form_is_refused_and_leaves_no_tensor()
    {
        using var folder = new TempFolder();
        var origin = ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2"));
        using (var classifier = RmtCheckpoint.Begin(origin, new(["no", "yes"]), memoryTokens: 4, window: 24))
        {
            var config = new RmtConfig { TaskType = RmtConfig.Classification, MemoryTokens = 4, SegmentSize = 16, InputSize = 24, Labels = ["no", "yes"] };
            RmtCheckpoint.Save(folder.Path, classifier, origin, config, backboneTrained: true);
        }
        var before = Leaks.Baseline();
        _ = Assert.Throws<NotSupportedException>(() => new ReadingChoice("cpu", "float32", GeluForm.Fast).Load(folder.Path, NoCache));
        Leaks.Same(before);
        new ReadingChoice("cpu", "float32", GeluForm.Exact).Load(folder.Path, NoCache).Dispose();
    }
}
