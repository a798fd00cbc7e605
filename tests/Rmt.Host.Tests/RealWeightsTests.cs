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

    private static (int Code, List<JsonElement> Records, string Error) Classify(string model, Action<int>? onFlush = null, CancellationToken cancellation = default, params string[] args)
    {
        using var output = new FlushedWriter(onFlush ?? (_ => { }));
        using var error = new StringWriter();
        using var terminal = new Terminal { Out = output, Error = error, OpenInput = () => Stream.Null };
        var code = CommandLine.Run(["classify", "--model", model, .. args], terminal, new Models(), cancellation);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)], error.ToString());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void Long_reviews_get_the_reference_s_scores_whatever_the_batch(string batch)
    {
        var expected = File.ReadLines(Shared.Path("golden", "reviews-scores.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(record => record.GetProperty("id").GetString()!);
        var (code, records, error) = Classify(Model, args: ["--batch", batch, Shared.Path("data", "reviews", "sample")]);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        Assert.Equal(8, records.Count);
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
        var before = Tensor.TotalCount;

        Assert.Equal(ExitCode.Ok, Classify(Model, args: good[..1]).Code);
        Assert.Equal(before, Tensor.TotalCount);

        using var cancellation = new CancellationTokenSource();
        var cancelled = Classify(Model, _ => cancellation.Cancel(), cancellation.Token, [good[0], lengthy]);
        Assert.Equal((ExitCode.Cancelled, 1), (cancelled.Code, cancelled.Records.Count));
        Assert.Contains("rmt: cancelled", cancelled.Error, StringComparison.Ordinal);
        Assert.Equal(before, Tensor.TotalCount);

        File.Copy(Path.Combine(Model, "rmt_config.json"), folder["broken", "rmt_config.json"]);
        foreach (var name in new[] { "config.json", "model.safetensors", "tokenizer.json", "vocab.txt" })
            File.Copy(Path.Combine(Model, name), folder["broken", name]);
        var broken = Classify(folder["broken"], args: good[0]);
        Assert.Equal(ExitCode.ModelNotLoadable, broken.Code);
        Assert.Contains("rmt_model.safetensors", broken.Error, StringComparison.Ordinal);
        Assert.Equal(before, Tensor.TotalCount);
    }

    private sealed class FlushedWriter(Action<int> onFlush) : StringWriter
    {
        private int _flushes;

        public override void Flush() => onFlush(++_flushes);
    }
}
