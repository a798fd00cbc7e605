using System.Diagnostics;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks;

/// <summary>Long reviews from pretrained weights: RMT over all tokens beside what is usually done with a BERT of 512.</summary>
internal sealed class FineTuningBenchmark : IBenchmark
{
    public const string EverySegment = "rmt_every_segment";

    private static readonly Dictionary<string, Func<ReadOnlyMemory<int>, IReadOnlyList<int[]>>> Windows = new()
    {
        ["first_512"] = DocumentWindows.First, ["head_tail"] = DocumentWindows.HeadAndTail, ["window_mean"] = DocumentWindows.All,
    };

    private static readonly string[] Methods = [.. Windows.Keys, "rmt", EverySegment];

    public string Name => "finetuning";

    public string Description => "test accuracy on long reviews of RMT (loss after the last segment, after every one), first 512, head + tail, mean over windows; three seeds";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        torch.set_num_threads(options.Threads);
        var folder = ModelFolder.OpenAny(options.Model ?? throw new FormatException("'finetuning' needs --model DIR, a pretrained BERT"));
        var tokenizer = WordPieceTokenizer.Load(options.Model);
        var reviews = ReviewSets.Load(options.Data ?? throw new FormatException("'finetuning' needs --data DIR, with train.jsonl, valid.jsonl and test.jsonl"), tokenizer);
        var file = new ResultFile(options.Output);
        var runs = Runs(options).ToList();
        var left = runs.Where(run => !file.Has(run)).ToList();
        report.Say($"{reviews.Training.Count} reviews to train on, {reviews.Validation.Count} to choose by, {reviews.Test.Count} to test; {left.Count} of {runs.Count} trainings are to be done");
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < left.Count; i++)
        {
            var result = Train(left[i], BertCheckpoint.Load(folder), tokenizer.Special, reviews, options, report, (clock, Done: i, left.Count));
            file.Add(result);
            var run = result.Run;
            report.Add(
                ("method", run.Method), ("seed", run.Seed), ("memory_tokens", run.MemoryTokens), ("curriculum", run.Curriculum), ("epochs", run.Epochs), ("dtype", run.Dtype),
                ("valid_accuracy", result.ValidAccuracy), ("test_accuracy", result.TestAccuracy), ("seconds", result.Seconds));
        }
        Console.Error.WriteLine(file.Markdown());
        return true;
    }

    // All methods with one seed, then with the next: what is stopped early has compared something.
    private static IEnumerable<FineTuningRun> Runs(Options options)
    {
        var type = options.Types is [var one] ? one : options.Device == "cuda" ? "bf16" : "fp32";
        foreach (var seed in options.Seeds)
            foreach (var method in options.MethodsAmong(Methods))
                if (Windows.ContainsKey(method)) yield return new(method, seed, null, false, options.Epochs, type);
                else foreach (var memory in options.MemoryTokens) yield return new(method, seed, memory, options.Curriculum, options.Epochs, type);
    }

    private static FineTuningResult Train(FineTuningRun run, BertModel bert, SpecialTokens special, ReviewSets reviews, Options options, Report report, (Stopwatch Clock, int Done, int Count) all)
    {
        var device = torch.device(options.Device);
        using IFineTuning tuning = Windows.TryGetValue(run.Method, out var windows)
            ? new WindowFineTuning(run, bert, special, reviews, device, windows)
            : new RecurrentFineTuning(run, bert, special, reviews, device);
        var (clock, losses, validation) = (Stopwatch.StartNew(), new List<double>(), new List<double>());
        foreach (var step in tuning.Train())
        {
            losses.Add(step.Loss);
            if (step.Accuracy is not { } accuracy) continue;
            validation.Add(accuracy);
            var done = all.Done + (double)step.Update / step.Updates;
            report.Say(string.Create(CultureInfo.InvariantCulture,
                $"{run}: update {step.Update} of {step.Updates}, loss {losses.Average():0.000}, valid {100 * accuracy:0.0} %; {clock.Elapsed.TotalMinutes:0.0} min, all trainings {all.Clock.Elapsed.TotalMinutes * (all.Count / done - 1):0} min more"));
            losses.Clear();
        }
        var valid = tuning.Accuracy(reviews.Validation);
        return new(run, validation, valid, tuning.Accuracy(reviews.Test), clock.Elapsed.TotalSeconds);
    }
}
