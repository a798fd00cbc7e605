using System.Text.Json;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Host.Tests;

public sealed class InspectTests
{
    private static readonly HubCache NoCache = new("no-such-cache");

    private static JsonElement Inspect(string path, out string error)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("inspect", path));
        error = session.Error;
        return Assert.Single(session.Records);
    }

    [Fact]
    public void A_saved_classifier_is_told_with_its_sizes_labels_and_what_of_its_tokenizer_is_ignored()
    {
        var path = Shared.Path("models", "minilm-rmt-reviews");
        var record = Inspect(path, out var error);
        Assert.Equal(["path", "model_type", "parameters", "bytes", "dtype", "config", "tokenizer", "adapter", "left_aside", "tensors"], record.EnumerateObject().Select(member => member.Name));
        Assert.Equal((path, "bert"), (record.GetProperty("path").GetString(), record.GetProperty("model_type").GetString()));
        Assert.Equal(22_713_216 + 10 * 384 + 2 * 384 + 2, record.GetProperty("parameters").GetInt64());       // MiniLM-L6's published 22.7 million, memory, head
        Assert.Equal(30522, record.GetProperty("config").GetProperty("vocab_size").GetInt32());
        Assert.Equal("""["truncation to 128 tokens","padding to 128 tokens"]""", record.GetProperty("tokenizer").GetProperty("ignored").GetRawText());
        Assert.Contains("truncation to 128 tokens", error, StringComparison.Ordinal);
        var adapter = record.GetProperty("adapter");
        Assert.Equal(("classifier", JsonValueKind.Null), (adapter.GetProperty("use").GetString(), adapter.GetProperty("problem").ValueKind));
        Assert.Equal((10, 499, 512), (adapter.GetProperty("num_mem_tokens").GetInt32(), adapter.GetProperty("segment_size").GetInt32(), adapter.GetProperty("input_size").GetInt32()));
        Assert.Equal("""["neg","pos"]""", adapter.GetProperty("labels").GetRawText());
        Assert.Contains("""{"name":"memory","dtype":"F32","shape":[10,384]}""", record.GetProperty("tensors").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plain_model_can_be_a_backbone()
    {
        var adapter = Inspect(Shared.Path("models", "minilm-l6"), out _).GetProperty("adapter");
        Assert.Equal("backbone", adapter.GetProperty("use").GetString());
        Assert.Contains("rmt_config.json", adapter.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_language_model_is_told_with_the_tensors_that_are_left_aside()
    {
        using var target = new TempFolder();
        var origin = ModelFolder.Open(Shared.Path("golden", "backbones", "gpt2"));
        using (var model = LanguageCheckpoint.Begin(origin, memoryTokens: 4, window: 64))
            LanguageCheckpoint.Save(target.Path, model, origin, LanguageCheckpoint.Settings(model, origin.Path), backboneTrained: false);
        var record = Inspect(target.Path, out _);
        var adapter = record.GetProperty("adapter");
        Assert.Equal(("language_model", "CAUSAL_LM", 56), (adapter.GetProperty("use").GetString(), adapter.GetProperty("task_type").GetString(), adapter.GetProperty("segment_size").GetInt32()));
        Assert.Equal("""["score.weight"]""", record.GetProperty("left_aside").GetRawText());
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("inspect", target.Path, "--output", "table"));
        Assert.Contains("language model: ready to go on with texts", session.Out, StringComparison.Ordinal);
        Assert.Contains("1 tensor: score.weight", session.Out, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "another family", "found \"t5\"" },
        { "no head", "rmt_model.safetensors" },
        { "no pooler", "pooler.dense.weight" },
        { "no weights", "no weights of a backbone" },
        { "another vocabulary", "30523" },
        { "more memory than saved", "[11, 384]" },
        { "more layers", "num_hidden_layers" },
        { "no vocabulary", "neither tokenizer.json nor vocab.txt" },
        { "a base that is not there", "no-such-model" },
        { "a language model", "what follows a token" },
    };

    [Theory, MemberData(nameof(Damages))]
    public void What_cannot_be_used_says_why_in_the_words_of_whoever_tries(string damage, string why)
    {
        using var copy = new ModelCopy("models", "minilm-rmt-reviews");
        Break(copy, damage);
        var adapter = Inspect(copy.Path, out _).GetProperty("adapter");
        Assert.Equal("none", adapter.GetProperty("use").GetString());
        Assert.Contains(why, adapter.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Func<IDisposable> load = damage == "a language model" ? () => LanguageCheckpoint.Load(copy.Path, NoCache) : () => RmtCheckpoint.Load(copy.Path, NoCache);
        Assert.Equal(Assert.Throws<LoadException>(() => load()).Message, adapter.GetProperty("problem").GetString());
    }

    private static void Break(ModelCopy copy, string damage)
    {
        switch (damage)
        {
            case "another family": copy.Set("config.json", "model_type", "t5"); break;
            case "no head": copy.Delete("rmt_model.safetensors"); break;
            case "no pooler": Leave(copy.FileOf("model.safetensors"), name => !name.Contains("pooler", StringComparison.Ordinal)); break;
            case "no weights": copy.Delete("model.safetensors"); copy.Set("rmt_config.json", "base_model_name_or_path", null); break;
            case "another vocabulary": copy.Delete("tokenizer.json"); File.AppendAllText(copy.FileOf("vocab.txt"), "surplus\n"); break;
            case "more memory than saved": copy.Set("rmt_config.json", "num_mem_tokens", 11); copy.Set("rmt_config.json", "segment_size", 498); break;
            case "more layers": copy.Set("config.json", "num_hidden_layers", 7); break;
            case "no vocabulary": copy.Delete("tokenizer.json"); copy.Delete("vocab.txt"); break;
            case "a base that is not there": copy.Delete("model.safetensors"); copy.Set("rmt_config.json", "base_model_name_or_path", "no-such-model"); break;
            case "a language model": copy.Set("rmt_config.json", "task_type", "CAUSAL_LM"); break;
            default: throw new ArgumentException(damage);
        }
    }

    private static void Leave(string path, Func<string, bool> keep)
    {
        using var file = SafetensorsFile.Open(path);
        SafetensorsWriter.Write(path, file.Entries.Where(entry => keep(entry.Name)).Select(entry => new TensorSource(entry.Name, entry.Dtype, entry.Shape, stream => stream.Write(file.Bytes(entry)))));
    }

    [Fact]
    public void No_weight_is_read_and_no_tensor_is_left()
    {
        Assert.SkipUnless(File.Exists("/proc/self/io"), "needs /proc");
        var path = Shared.Path("models", "minilm-rmt-reviews");
        var weights = new FileInfo(Path.Combine(path, "model.safetensors")).Length;
        var live = Leaks.Baseline();
        var before = BytesRead();
        _ = Inspect(path, out _);
        Assert.InRange(BytesRead() - before, 1, weights / 10);
        Leaks.Same(live);
    }

    private static long BytesRead() => long.Parse(File.ReadLines("/proc/self/io").First(line => line.StartsWith("rchar: ", StringComparison.Ordinal))["rchar: ".Length..], System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_file_larger_than_any_memory_is_told_from_its_header()
    {
        using var folder = new TempFolder();
        var header = """{"a":{"dtype":"F32","shape":[1048576,262144],"data_offsets":[0,1099511627776]}}"""u8;
        using (var file = File.Create(folder["large.safetensors"]))
        {
            file.Write(BitConverter.GetBytes((long)header.Length));
            file.Write(header);
            file.SetLength(8 + header.Length + (1L << 40));      // a hole of a terabyte
        }
        var record = Inspect(folder["large.safetensors"], out _);
        Assert.Equal((1L << 38, 1L << 40, "F32"), (record.GetProperty("parameters").GetInt64(), record.GetProperty("bytes").GetInt64(), record.GetProperty("dtype").GetString()));
        Assert.All(new[] { "model_type", "config", "tokenizer", "adapter" }, name => Assert.Equal(JsonValueKind.Null, record.GetProperty(name).ValueKind));
    }

    [Fact]
    public void What_is_no_model_or_broken_is_exit_code_3_and_one_line()
    {
        using var folder = new TempFolder();
        _ = folder.Write("text.safetensors", "hello");
        _ = folder.Write("empty/readme.md", "hello");
        _ = folder.Write("broken/config.json", "{\"model_type\":");
        foreach (var path in new[] { folder["nowhere"], folder["text.safetensors"], Path.GetDirectoryName(folder["empty", "x"])!, Path.GetDirectoryName(folder["broken", "x"])! })
        {
            using var session = new Session();
            Assert.Equal(ExitCode.ModelNotLoadable, session.Run("inspect", path));
            Assert.Equal("", session.Out);
            Assert.StartsWith($"rmt: {path}", session.Error, StringComparison.Ordinal);
            Assert.Single(session.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void On_a_terminal_it_is_tables_with_every_setting_and_tensor()
    {
        using var session = new Session { OnTerminal = true };
        Assert.Equal(ExitCode.Ok, session.Run("inspect", Shared.Path("models", "minilm-rmt-reviews")));
        foreach (var part in new[] { "ready to label documents", "truncation to 128 tokens", "num_hidden_layers", "[\"BertModel\"]", "encoder.layer.5.output.dense.weight", "[384, 1536]", "22,717,826" })
            Assert.Contains(part, session.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"path\"", session.Out, StringComparison.Ordinal);
    }
}
