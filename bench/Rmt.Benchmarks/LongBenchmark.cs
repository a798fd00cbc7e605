using System.Text.Json;

namespace Rmt.Benchmarks;

/// <summary>The proof that memory does not grow with the document: texts up to two million tokens through the real program.</summary>
internal sealed class LongBenchmark : IBenchmark
{
    private const double Tolerance = 0.05;
    private const int BytesPerToken = 4;        // a right-aligned document is known to its end before it is cut: its ids are held

    private static readonly int[] Sizes = [1 << 16, 1 << 18, 1 << 20, 1 << 21];

    public string Name => "long";

    public string Description => "memory and speed of 'rmt classify' and 'rmt trace' on texts of 65,536 to 2,097,152 tokens; goal: peaks within 5 %, four bytes a token aside";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        var folder = Directory.CreateTempSubdirectory("rmt-long-").FullName;
        try
        {
            SmallModel.Save(folder);
            var right = Measure("classify", Sizes, folder, options, report);
            return Measure("trace", [Sizes[0], Sizes[^1]], folder, options, report) && right;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Measure(string verb, IReadOnlyList<int> sizes, string folder, Options options, Report report)
    {
        var text = Path.Combine(folder, "text.txt");
        var (right, least) = (true, double.PositiveInfinity);
        foreach (var tokens in sizes)
        {
            SmallModel.WriteText(text, tokens);
            report.Say($"{verb} of {tokens:N0} tokens");
            var run = RmtProcess.Run(options.Threads, verb, text, "--model", folder);
            var segments = (tokens + 498) / 499;
            var answer = JsonDocument.Parse(run.Last).RootElement;
            var complete = verb == "classify" ? run.Records == 1 && answer.GetProperty("tokens_total").GetInt32() == tokens && answer.GetProperty("segments").GetInt32() == segments : run.Records == segments;
            var fixedBytes = run.PeakBytes - BytesPerToken * (double)tokens;
            least = Math.Min(least, fixedBytes);
            var flat = fixedBytes <= least * (1 + Tolerance);
            right &= complete && flat;
            report.Add(
                ("verb", verb), ("tokens", tokens), ("segments", segments), ("threads", options.Threads), ("seconds", run.Seconds), ("tokens_per_s", tokens / run.Seconds),
                ("peak_mb", run.PeakBytes / 1e6), ("token_ids_mb", BytesPerToken * tokens / 1e6), ("over_least", fixedBytes / least), ("complete", complete), ("goal_met", flat));
        }
        return right;
    }
}
