using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>One document of 4,096 full segments at batch 1, from its ids and from its text to its label.</summary>
internal sealed class DocumentPart : IGpuPart
{
    /// <summary>The parts of its lines.</summary>
    public const string Ids = "document", Text = "document, from text";

    private const double Goal = 2.45;       // seconds of 4,096 segments of BERT-base on one H200

    public string Name => Ids;

    /// <summary>Segments, where nobody says: two million tokens.</summary>
    public const int Long = 4096;

    public bool Run(GpuRun run)
    {
        foreach (var shape in run.Shapes)
        {
            var lines = new List<GpuLine>();
            foreach (var way in run.Ways)
                if (FromIds(run, shape, way) is { } line && !way.IsPlain) lines.Add(line);
            _ = run.Measure(new(Text, shape, 1, GpuLine.Us, run.Way.Name), line => FromText(run, shape, line));
            run.AskRivals(shape, [1], pass: 0);
            foreach (var line in lines)
                run.CompareAtEnd(line, shape == "base" ? FormattableString.Invariant($"≤ {Goal} s") : null, comparison =>
                    shape == "base" && run.Options.Device == "cuda" && run.Segments == Long ? comparison.Ours.Seconds <= Goal : null);
        }
        return true;
    }

    private static GpuLine? FromIds(GpuRun run, string shape, Way way)
    {
        using var model = run.Model(shape, way);
        if (model is null) return null;
        return run.Measure(new(Ids, shape, 1, GpuLine.Us, way.Name), line =>
        {
            var segmenter = new Segmenter(model.Adapter.Layout);
            var tokens = RandomModel.Tokens(run.Segments * model.Adapter.Layout.TokensPerSegment);
            _ = Read(run, model, segmenter, tokens.AsMemory(0, Math.Min(tokens.Length, 16 * model.Adapter.Layout.TokensPerSegment)));
            var clock = Stopwatch.StartNew();
            var steps = Read(run, model, segmenter, tokens);
            var seconds = clock.Elapsed.TotalSeconds;
            return line with
            {
                Seconds = seconds,
                TokensPerSecond = tokens.Length / seconds,
                PeakMib = run.PeakMib(),
                Milliseconds = seconds * 1000 / steps,
                Calls = steps,
            };
        });
    }

    // To the logits of the last segment, which are read and so waited for.
    private static int Read(GpuRun run, RecurrentClassifier model, Segmenter segmenter, ReadOnlyMemory<int> tokens)
    {
        using var scheduler = new SegmentScheduler(model, segmenter, 1) { AnswersOnly = true };
        var document = scheduler.Add(tokens);
        while (!document.IsFinished)
        {
            run.Limit.ThrowIfOver();
            _ = scheduler.Step();
        }
        return document.SegmentsRead;
    }

    // A model of the embedded vocabulary, so that a word is a token as in real text; its word rows are fewer, which no step notices.
    private static GpuLine FromText(GpuRun run, string shape, GpuLine line)
    {
        var folder = Directory.CreateTempSubdirectory("rmt-bench-");
        try
        {
            using var classifier = Begin(folder.FullName, shape);
            classifier.Model.to(run.Device, run.ScalarType);
            run.Way.Take(classifier.Model);
            var text = Generated(classifier.Tokenizer, run.Segments * classifier.Segmenter.Layout.TokensPerSegment);
            _ = classifier.Classify(text[..Math.Min(text.Length, 20_000)]);
            var clock = Stopwatch.StartNew();
            var answer = run.Classify(classifier, [text], batchSize: 1)[0];
            var seconds = clock.Elapsed.TotalSeconds;
            return line with
            {
                Seconds = seconds,
                TokensPerSecond = answer.TokensRead / seconds,
                PeakMib = run.PeakMib(),
                Milliseconds = seconds * 1000 / answer.Segments,
                Calls = answer.Segments,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static DocumentClassifier Begin(string folder, string shape)
    {
        var vocabulary = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "models", "default", "vocab.txt"));
        var config = Shapes.Of(shape);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "bert", ["vocab_size"] = vocabulary.Length, ["hidden_size"] = config.HiddenSize, ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads, ["intermediate_size"] = config.IntermediateSize, ["max_position_embeddings"] = config.MaxPositions,
        }));
        torch.manual_seed(RandomModel.Seed);
        return RmtCheckpoint.Begin(ModelFolder.OpenAny(folder), new(["no", "yes"]), RandomModel.MemoryTokens, drawn: true);
    }

    /// <summary>Sentences of about so many tokens: within a few of a thousand.</summary>
    public static string Generated(ITokenizer tokenizer, int tokens)
    {
        const int Sample = 200_000;
        var perToken = Sample / (double)tokenizer.Encode(Letters(Sample)).Count;
        return Letters((int)(tokens * perToken));
    }

    private static string Letters(int count)
    {
        var buffer = new char[count];
        using var text = new GeneratedText(RandomModel.Seed);
        _ = text.Read(buffer.AsSpan());
        return new StringBuilder(count).Append(buffer).ToString();
    }
}
