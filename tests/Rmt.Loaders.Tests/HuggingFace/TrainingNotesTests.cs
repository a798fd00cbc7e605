using System.Text.Json;

namespace Rmt.Loaders.Tests;

public sealed class TrainingNotesTests
{
    [Theory]
    [InlineData("""{"task":"detect","segments":7}""", "detect", 7)]
    [InlineData("""{"task":"reason","stages":"1,2,4..6"}""", "reason", 6)]
    [InlineData("""{"task":"memorize","stages":[{"segments":1,"updates":300},{"segments":3}]}""", "memorize", 3)]
    [InlineData("""{"segments":[1,2,5,4]}""", null, 5)]
    [InlineData("""{"task":7,"segments":"many","stages":"1"}""", null, null)]
    [InlineData("""{"segments":-1}""", null, null)]
    [InlineData("""{"epochs":8}""", null, null)]
    [InlineData("[1]", null, null)]
    public void What_is_not_understood_is_not_known(string training, string? task, int? segments)
    {
        var config = new RmtConfig { TaskType = RmtConfig.Classification, MemoryTokens = 1, SegmentSize = 1, InputSize = 5, Training = JsonDocument.Parse(training).RootElement };
        Assert.Equal(new(task, segments), TrainingNotes.Of(config));
    }

    [Fact]
    public void A_plain_model_says_nothing() => Assert.Equal(new(null, null), TrainingNotes.Of(null));
}
