using System.Diagnostics;
using System.Runtime.InteropServices;
using Rmt.Bert;
using Rmt.Loaders;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>A BERT-base of random weights loaded from its folder, beside plain reading of the same file and copying of as many bytes.</summary>
internal sealed class LoadBenchmark : IBenchmark
{
    private const int Rounds = 7;

    public string Name => "load";

    public string Description => "seconds and GB/s from a folder to a BERT-base (436 MB in a temporary folder), beside reading and copying as many bytes";

    public bool OnlyWhenNamed => false;

    public bool Run(Options options, Report report)
    {
        var folder = Directory.CreateTempSubdirectory("rmt-bench-");
        try
        {
            var config = new BertConfig();
            var file = Path.Combine(folder.FullName, "model.safetensors");
            Write(folder.FullName, file, config);
            var size = new FileInfo(file).Length;
            var before = Resident.Now();
            Add("load", Best(() => BertCheckpoint.Load(ModelFolder.Open(folder.FullName)).Dispose()), Resident.Peak() - before);
            Add("read into fresh memory", Best(() =>
            {
                using var fresh = empty([size], uint8);
                Read(file, fresh);
            }), null);
            using var from = ones([size], uint8);
            using var to = ones([size], uint8);
            Add("read into memory that is there", Best(() => Read(file, to)), null);
            Add("copy", Best(() => from.bytes.CopyTo(to.bytes)), null);
            return true;

            void Add(string what, double seconds, double? more) =>
                report.Add(("what", what), ("bytes", size), ("seconds", seconds), ("gb_per_s", size / seconds / 1e9), ("more_resident_mb", more));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Without a model in memory: one whose weights are written never was resident.
    private static void Write(string folder, string file, BertConfig config)
    {
        List<(string Name, long[] Shape)> parameters;
        using (var model = new BertModel(config, withPooler: true, initialize: false))
            parameters = [.. model.named_parameters().Select(entry => (entry.name, entry.parameter.shape))];
        var numbers = new float[1 << 18];
        var random = new Random(1);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = (random.NextSingle() - 0.5f) / 25;
        SafetensorsWriter.Write(file, parameters.Select(parameter => new TensorSource(parameter.Name, Dtype.F32, parameter.Shape, stream =>
        {
            for (var left = TensorEntry.ItemsOf(parameter.Shape); left > 0; left -= numbers.Length)
                stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan(0, (int)Math.Min(left, numbers.Length))));
        })), new Dictionary<string, string> { ["format"] = "pt" });
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type":"bert","vocab_size":{{config.VocabSize}},"hidden_size":{{config.HiddenSize}},"num_hidden_layers":{{config.Layers}},
             "num_attention_heads":{{config.Heads}},"intermediate_size":{{config.IntermediateSize}},"max_position_embeddings":{{config.MaxPositions}}}
            """);
    }

    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            action();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return best;
    }

    private static void Read(string file, Tensor target)
    {
        using var handle = File.OpenHandle(file);
        var left = target.bytes;
        for (var at = 0L; left.Length > 0;)
        {
            var read = RandomAccess.Read(handle, left, at);
            left = left[read..];
            at += read;
        }
    }
}
