using System.Text.Json;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Host.Tests;

/// <summary>The main job on the main model: long reviews, and the scores of the reference.</summary>
public class RealWeightsTests
{
    private static string Model => Shared.Path("models", "minilm-rmt-reviews");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static (int Code, List<JsonElement> Records, string Error) Classify(string model, string[] args, Action? onFlush, CancellationToken cancellation)
    {
        using var output = new FlushedWriter(onFlush);
        using var error = new StringWriter();
        using var terminal = new Terminal { Out = output, Error = error, OpenInput = () => Stream.Null };
        var code = CommandLine.Run(["classify", "--model", model, .. args], terminal, Models.OfThisBuild(), cancellation);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)], error.ToString());
    }

    [Theory]
    [InlineData("1", 2)]
    [InlineData("3", 8)]
    public void Long_reviews_get_the_reference_s_scores_whatever_the_batch(string batch, int count)
    {
        var expected = File.ReadLines(Shared.Path("golden", "reviews-scores.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(record => record.GetProperty("id").GetString()!);
        var reviews = Directory.GetFiles(Shared.Path("data", "reviews", "sample"), "*.txt").Order(StringComparer.Ordinal).Take(count);
        var (code, records, _) = Classify(Model, ["--batch", batch, .. reviews], null, Token);
        Assert.Equal((ExitCode.Ok, count), (code, records.Count));
        foreach (var record in records)
        {
            var reference = expected[Path.GetFileNameWithoutExtension(record.GetProperty("source").GetString()!)];
            Assert.Equal(reference.GetProperty("label").GetString(), record.GetProperty("label").GetString());
            Assert.Equal(reference.GetProperty("tokens").GetInt32(), record.GetProperty("tokens_total").GetInt32());
            Assert.Equal(reference.GetProperty("segments").GetInt32(), record.GetProperty("segments").GetInt32());
            foreach (var score in reference.GetProperty("scores").EnumerateObject())
                Assert.InRange(record.GetProperty("scores").GetProperty(score.Name).GetDouble() - score.Value.GetDouble(), -5e-5, 5e-5);
        }
    }

    [Fact]
    public void No_tensor_outlives_the_command_however_it_ends()
    {
        var sample = Shared.Path("data", "reviews", "sample");
        using var folder = new TempFolder();
        var good = Directory.GetFiles(sample, "*.txt").Order(StringComparer.Ordinal).Take(3).ToArray();
        var lengthy = folder.Write("long.txt", string.Join(' ', Enumerable.Repeat("film", 20_000)));
        var before = Leaks.Baseline();

        Assert.Equal(ExitCode.Ok, Classify(Model, good[..1], null, Token).Code);
        Leaks.Same(before);

        using var cancellation = new CancellationTokenSource();
        var cancelled = Classify(Model, [good[0], lengthy], cancellation.Cancel, cancellation.Token);
        Assert.Equal((ExitCode.Cancelled, 1), (cancelled.Code, cancelled.Records.Count));
        Assert.Contains("rmt: cancelled", cancelled.Error, StringComparison.Ordinal);
        Leaks.Same(before);

        File.Copy(Path.Combine(Model, "rmt_config.json"), folder["broken", "rmt_config.json"]);
        foreach (var name in new[] { "config.json", "model.safetensors", "tokenizer.json", "vocab.txt" })
            File.Copy(Path.Combine(Model, name), folder["broken", name]);
        var broken = Classify(folder["broken"], good[..1], null, Token);
        Assert.Equal(ExitCode.ModelNotLoadable, broken.Code);
        Assert.Contains("rmt_model.safetensors", broken.Error, StringComparison.Ordinal);
        Leaks.Same(before);
    }

    private sealed class FlushedWriter(Action? onFlush) : StringWriter
    {
        public override void Flush() => onFlush?.Invoke();
    }
}
