using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Gpt2;
using Rmt.Loaders;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Language;

/// <summary>A random GPT-2 goes on with a text of 512 tokens, with what it read kept, beside transformers where Python has it.</summary>
internal sealed class GenerateBenchmark : IBenchmark
{
    private const int Window = 1024, MemoryTokens = 10, Prompt = 512, NewTokens = 64, Rounds = 3, Border = 8;

    public string Name => "generate";

    public string Description => "ms of a new token of a GPT-2 with memory and without, beside reading the window again each time, and transformers if Python has it";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        set_num_threads(options.Threads);
        var right = true;
        foreach (var shape in options.Shapes)
        {
            var folder = Directory.CreateTempSubdirectory("rmt-bench-");
            try
            {
                var (prompt, file) = Write(folder.FullName, Shapes.Of(shape));
                foreach (var type in options.Types) right &= Measure(shape, type, folder.FullName, prompt, file, options, report);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
        return right;
    }

    private static bool Measure(string shape, string type, string folder, int[] prompt, string file, Options options, Report report)
    {
        using var model = Load(folder, MemoryTokens, type, options.Device);
        var (_, withMemory, processor) = Best(model, prompt[..Prompt]);
        var border = Crossing(model, prompt);
        using var plain = Load(folder, 0, type, options.Device);
        var (ids, kept, _) = Best(plain, prompt[..Prompt]);
        var again = Reread(plain, prompt[..(Prompt + NewTokens / 2)]);
        var theirs = TransformersGpt2.Run(folder, file, NewTokens, type, Rounds, options, out var why);
        if (theirs is null) report.Say($"ours alone: {why}");
        var same = theirs?.Ids.SequenceEqual(ids);
        report.Add(
            ("shape", shape), ("dtype", type), ("threads", options.Threads), ("prompt", Prompt), ("new_tokens", NewTokens),
            ("ms_token", withMemory), ("processor_ms_token", processor), ("ms_token_plain", kept), ("ms_token_window_read_again", again), ("ms_token_behind_full_segment", border),
            ("transformers_ms_token", theirs?.Milliseconds), ("transformers_over_ours", theirs?.Milliseconds / kept), ("same_tokens", same), ("versions", theirs?.Versions));
        return same != false || type != "fp32";     // in bf16 another rounding may take another token
    }

    private static RecurrentLanguageModel Load(string folder, int memoryTokens, string type, string device)
    {
        manual_seed(1);
        var backbone = AutoBackbone.Load(ModelFolder.Open(folder));
        var model = new RecurrentLanguageModel(new(backbone, new(Window, memoryTokens, new(null, null, null), isCausal: true)));
        _ = model.to(torch.device(device), type == "bf16" ? bfloat16 : float32);
        backbone.PrepareReading();
        return model;
    }

    // The tokens, the first of which comes out of the prompt and is not measured; of the others the median by the clock and the mean of processor time, each of the best round.
    private static (int[] Ids, double Milliseconds, double Processor) Best(RecurrentLanguageModel model, int[] prompt)
    {
        var (best, least) = (double.MaxValue, double.MaxValue);
        int[] ids = [];
        for (var round = 0; round < Rounds; round++)
        {
            using var generator = new RecurrentGenerator(model);
            generator.Read(prompt);
            var times = new List<double>();
            var made = new List<int>();
            var begun = Stopwatch.GetTimestamp();
            var worked = TimeSpan.Zero;
            foreach (var id in generator.Generate(new() { MaxTokens = NewTokens + 1 }))
            {
                made.Add(id);
                if (made.Count == 1) worked = Environment.CpuUsage.TotalTime;
                else times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                begun = Stopwatch.GetTimestamp();
            }
            (ids, best, least) = ([.. made], Math.Min(best, times.Median()), Math.Min(least, (Environment.CpuUsage.TotalTime - worked).TotalMilliseconds / times.Count));
        }
        return (ids, best, least);
    }

    // A token without anything kept: the window so far, the last layer in its last row only.
    private static double Reread(RecurrentLanguageModel model, int[] prompt) => Enumerable.Range(0, Rounds).Select(round =>
    {
        using var generator = new RecurrentGenerator(model);
        generator.Read(prompt);
        var begun = Stopwatch.GetTimestamp();
        _ = generator.Logits();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }).Min();

    // The token for which memory is written, and that the next segment begins with.
    private static double Crossing(RecurrentLanguageModel model, int[] prompt)
    {
        using var generator = new RecurrentGenerator(model);
        generator.Read(prompt.AsSpan(0, model.Adapter.Layout.TokensPerSegment - Border));
        var slowest = 0.0;
        var begun = 0L;
        foreach (var _ in generator.Generate(new() { MaxTokens = 2 * Border }))
        {
            if (begun != 0) slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            begun = Stopwatch.GetTimestamp();
        }
        return slowest;
    }

    private static (int[] Prompt, string File) Write(string folder, Bert.BertConfig shape)
    {
        manual_seed(7);
        var config = new Gpt2Config { HiddenSize = shape.HiddenSize, Layers = shape.Layers, Heads = shape.Heads, InnerSize = shape.IntermediateSize };
        using (var scope = NewDisposeScope())
        using (var model = new Gpt2Model(config))
            TensorWriter.Write(Path.Combine(folder, "model.safetensors"), model.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)));
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "gpt2", ["vocab_size"] = config.VocabSize, ["n_embd"] = config.HiddenSize, ["n_layer"] = config.Layers,
            ["n_head"] = config.Heads, ["n_inner"] = config.InnerSize!, ["n_positions"] = config.MaxPositions, ["activation_function"] = config.Activation,
        }));
        var dice = new SplitMix64(7);
        int[] prompt = [.. Enumerable.Range(0, Window).Select(_ => (int)dice.Next(config.VocabSize))];
        var file = Path.Combine(folder, "prompt.json");
        File.WriteAllText(file, JsonSerializer.Serialize(prompt[..Prompt]));
        return (prompt, file);
    }
}
