using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests.Training;

/// <summary>The whole verb on tiny models: what it leaves, and that it goes on where it stopped.</summary>
public sealed class TrainTests : IDisposable
{
    private static readonly HubCache NoCache = new("no-such-cache");

    private readonly Trainings _trainings = new();

    public void Dispose() => _trainings.Dispose();

    private static Session Ok(params string[] args)
    {
        var session = new Session();
        Assert.True(session.Run(args) == ExitCode.Ok, session.Error);
        return session;
    }

    [Theory]
    [InlineData("memorize")]
    [InlineData("detect", "--validation-protocol", "first", "--replay")]
    [InlineData("reason", "--depth", "1", "--mix", "1", "--clip-value", "5")]
    public void A_task_leaves_a_model_its_records_and_its_log(string task, params string[] args)
    {
        using var session = Ok(_trainings.Memorize("m", ["--task", task, .. args]));
        Assert.Equal([1, 1, 2, 2], session.Records.SkipLast(1).Select(record => record.GetProperty("stage").GetInt32()));
        Assert.Equal([3L, 6, 3, 6], session.Records.SkipLast(1).Select(record => record.GetProperty("update").GetInt64()));
        var last = session.Records[^1];
        Assert.Equal((_trainings["m"], 12, 2), (last.GetProperty("saved").GetString(), last.GetProperty("updates").GetInt32(), last.GetProperty("stages").GetInt32()));
        Assert.Equal(12 + 4 + 2, _trainings.Log("m").Count);
        foreach (var name in new[] { "training.json", "training.state", "training.svg", "vocab.txt", "config.json" })
            Assert.True(File.Exists(_trainings["m", name]), name);
        using var classifier = RmtCheckpoint.Load(_trainings["m"], NoCache);
        Assert.Equal(32 - 4 - 3, classifier.Segmenter.Layout.TokensPerSegment);
        Assert.Equal("memorize" == task ? "bathroom" : task == "detect" ? "bathroom" : "bedroom", classifier.Labels.Names[0]);
    }

    [Fact]
    public void Labelled_documents_are_learnt_and_the_model_says_so_afterwards()
    {
        var (train, valid) = (_trainings.Reviews("train.jsonl", 120), _trainings.Reviews("valid.jsonl", 40));
        using var session = Ok(_trainings.New("m", "--train-file", train, "--validation-file", valid, "--every-segment", "--epochs", "40", "--documents", "8", "--rate", "1e-2", "--dropout", "0",
            "--evaluate-every", "20", "--target-accuracy", "1", "--save-dtype", "bfloat16"));
        Assert.Equal(1, session.Records[^1].GetProperty("accuracy").GetDouble());
        var config = RmtConfig.Open(_trainings["m"]);
        Assert.Equal(["down", "up"], config.Labels);
        Assert.True(config.SumLoss);
        using (var weights = Checkpoint.Open(Path.Combine(_trainings["m"], "model.safetensors")))
            Assert.All(weights.Entries, entry => Assert.Equal(Dtype.BF16, entry.Dtype));
        using (Ok("train", "--save", _trainings["m"], "--resume")) { }      // which is over, and says so
        Assert.Equal("up", config.Training!.Value.GetProperty("train-file").GetString() == train ? Label("good film it was film") : "");
        Assert.Equal("down", Label("bad film it was it was film"));

        string Label(string text)
        {
            using var classifier = RmtCheckpoint.Load(_trainings["m"], NoCache);
            return classifier.Classify(text).Prediction.Label;
        }
    }

    [Fact]
    public void A_saved_model_is_trained_on_and_other_labels_are_refused()
    {
        using (Ok(_trainings.Memorize("a", "--stages", "1"))) { }
        string[] further = ["train", "--model", _trainings["a"], "--stages", "2", "--updates", "2", "--documents", "4", "--validation", "6", "--threads", "1", "--save"];
        using (Ok([.. further, _trainings["b"], "--task", "detect", "--freeze-backbone"]))
            Assert.False(File.Exists(_trainings["b", "model.safetensors"]));
        using var classifier = RmtCheckpoint.Load(_trainings["b"], NoCache);     // finds its backbone beside
        using var refused = new Session();
        Assert.Equal(ExitCode.ModelNotLoadable, refused.Run([.. further, _trainings["c"], "--task", "reason"]));
        Assert.Contains("has the labels bathroom", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_model_keeps_its_window_or_gets_another_up_to_what_its_backbone_reads()
    {
        const int Longest = 32, Memory = 4, Frame = 3;
        using (Ok(_trainings.Memorize("a", "--stages", "1", "--updates", "2"))) { }
        Assert.Equal((Longest, Longest - Memory - Frame), Sizes("a"));
        using (Ok(Further("a", "same"))) { }
        Assert.Equal(Sizes("a"), Sizes("same"));
        using (Ok(Further("a", "shorter", "--window", "20", "--freeze-backbone"))) { }      // its backbone is a's from now on
        Assert.Equal((20, 20 - Memory - Frame), Sizes("shorter"));
        using (Ok(Further("shorter", "longer", "--window", "28"))) { }
        Assert.Equal((28, 28 - Memory - Frame), Sizes("longer"));
        Refused("33", "a window of 33 tokens is longer than the backbone reads: 32 (config.json, max_position_embeddings)");
        Refused("7", "a window of 7 tokens has no room for text beside 4 memory tokens and 3 special tokens");

        string[] Further(string from, string save, params string[] args) => ["train", "--model", _trainings[from], "--task", "memorize", "--stages", "2", "--updates", "2", "--documents", "4",
            "--validation", "6", "--threads", "1", "--save", _trainings[save], .. args];

        (int Window, int Segment) Sizes(string name)
        {
            var config = RmtConfig.Open(_trainings[name]);
            using var classifier = RmtCheckpoint.Load(_trainings[name], NoCache);      // finds the backbone, and that the sizes add up
            Assert.Equal((config.InputSize, Memory), (classifier.Segmenter.Layout.Window, config.MemoryTokens));
            return (config.InputSize, config.SegmentSize);
        }

        void Refused(string window, string message)
        {
            using var session = new Session();
            Assert.Equal(ExitCode.ModelNotLoadable, session.Run(Further("shorter", $"refused-{window}", "--window", window)));
            Assert.Contains($"{_trainings["a"]}: {message}", session.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ctrl_C_saves_and_going_on_loses_what_an_uninterrupted_training_loses()
    {
        using (Ok(_trainings.Memorize("whole"))) { }
        using (var interrupted = new Session())
        {
            interrupted.Cancellation.Cancel();
            Assert.Equal(ExitCode.Cancelled, interrupted.Run(_trainings.Memorize("parts")));
            Assert.Contains($"rmt train --save {_trainings["parts"]} --resume", interrupted.Error, StringComparison.Ordinal);
        }
        Assert.Single(_trainings.Log("parts"));
        File.AppendAllText(_trainings["parts", "training.jsonl"], "{\"event\":\"update\",\"stage\":1,\"segments\":1,\"attempt\":0,\"update\":2,\"loss\":9}\n{\"event\":");
        using (var again = new Session())
        {
            again.Cancellation.Cancel();
            Assert.Equal(ExitCode.Cancelled, again.Run("train", "--save", _trainings["parts"], "--resume", "--checkpoint-every", "2"));
        }
        using (Ok("train", "--save", _trainings["parts"], "--resume")) { }
        Assert.Equal(_trainings.Log("whole"), _trainings.Log("parts"));
        Assert.Equal(File.ReadAllBytes(_trainings["whole", "model.safetensors"]), File.ReadAllBytes(_trainings["parts", "model.safetensors"]));
    }

    [Fact]
    public void One_that_is_finished_says_so_and_is_left_as_it_is()
    {
        string end;
        using (var first = Ok(_trainings.Memorize("m")))
            end = first.Out.TrimEnd().Split('\n')[^1];
        var before = Directory.GetFiles(_trainings["m"]).ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path)));
        using var again = Ok("train", "--save", _trainings["m"], "--resume");
        Assert.Equal($"rmt: the training in {_trainings["m"]} is finished, and nothing is trained again\n", again.Error);
        Assert.Equal(end, again.Out.TrimEnd());
        Assert.Equal(before, Directory.GetFiles(_trainings["m"]).ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path))));
    }

    [Fact]
    public void A_file_of_values_holds_options_and_stages_and_the_command_line_wins()
    {
        var values = _trainings.Folder.Write("values.json", """{"rate": 1e-3, "updates": 5, "clip-value": 5, "stages": [{"segments": 1, "updates": 2, "rate": 2e-3}, {"segments": 3}, 2]}""");
        string[] rest = ["--task", "memorize", "--validation", "6", "--documents", "4", "--evaluate-every", "1"];
        using (Ok(_trainings.New("m", ["--values", values, "--warmup", "0", .. rest]))) { }
        var log = _trainings.Log("m").Where(line => line.StartsWith("event=update", StringComparison.Ordinal)).ToList();
        Assert.Equal(["event=update stage=1 segments=1 attempt=0 update=1", "event=update stage=1 segments=1 attempt=0 update=2"], log.Where(line => line.Contains("stage=1", StringComparison.Ordinal)).Select(Head));
        Assert.Contains(log, line => line.Contains("stage=1", StringComparison.Ordinal) && line.Contains("rate=0.002", StringComparison.Ordinal));
        Assert.Contains("\"clip-value\": 5", File.ReadAllText(_trainings["m", "training.json"]), StringComparison.Ordinal);
        using (Ok(_trainings.New("n", ["--values", values, "--updates", "1", "--stages", "1,1", "--clip-norm", "2", .. rest]))) { }
        Assert.Equal(2, _trainings.Log("n").Count(line => line.StartsWith("event=update", StringComparison.Ordinal)));
        Assert.DoesNotContain("clip-value", File.ReadAllText(_trainings["n", "training.json"]), StringComparison.Ordinal);

        static string Head(string line) => string.Join(' ', line.Split(' ')[..5]);
    }

    [Fact]
    public void A_stage_puts_its_facts_where_it_says()
    {
        string[] rest = ["--task", "reason", "--updates", "3", "--validation", "6", "--documents", "4", "--evaluate-every", "1", "--mix", "0"];
        var values = _trainings.Folder.Write("values.json", """{"stages": [{"segments": 3, "protocol": "first"}, {"segments": 3, "protocol": "first", "validation-protocol": "random"}]}""");
        using (Ok(_trainings.New("stages", ["--values", values, .. rest]))) { }
        using (Ok(_trainings.New("first", ["--stages", "3", "--protocol", "first", .. rest]))) { }
        using (Ok(_trainings.New("random", ["--stages", "3", .. rest]))) { }
        Assert.Equal(Events("first", "update"), Events("stages", "update"));
        Assert.Equal(Events("first", "evaluation"), Events("stages", "evaluation"));
        Assert.NotEqual(Events("random", "update"), Events("stages", "update"));

        List<string> Events(string training, string name) => [.. _trainings.Log(training).Where(line => line.StartsWith($"event={name} stage=1 ", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_stage_of_few_tellings_trains_and_validates_on_them()
    {
        string[] rest = ["--task", "reason", "--updates", "2", "--validation", "6", "--documents", "4", "--evaluate-every", "1"];
        var values = _trainings.Folder.Write("values.json", """{"stages": [{"segments": 1, "tellings": 1}, {"segments": 1}]}""");
        using (Ok(_trainings.New("stages", ["--values", values, .. rest]))) { }
        using (Ok(_trainings.New("few", ["--stages", "1", "--tellings", "1", .. rest]))) { }
        using (Ok(_trainings.New("all", ["--stages", "1", .. rest]))) { }
        foreach (var name in new[] { "update", "evaluation" })
        {
            Assert.Equal(Events("few", name), Events("stages", name));
            Assert.NotEqual(Events("all", name), Events("stages", name));
        }

        List<string> Events(string training, string name) => [.. _trainings.Log(training).Where(line => line.StartsWith($"event={name} stage=1 ", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_it_and_leaves_the_best_weights()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Failed, session.Run(_trainings.Memorize("m", "--rate", "1e30", "--warmup", "0", "--checkpoint-every", "100")));
        Assert.Matches(@"rmt: stage 1, update \d+: .* (NaN|∞|Infinity).* lower rates.* The best weights are saved in", session.Error);
        Assert.True(File.Exists(_trainings["m", "training.state"]));
        using var classifier = RmtCheckpoint.Load(_trainings["m"], NoCache);
        Assert.All(classifier.Classify("mary went to the garden . where is mary ?").Prediction.Logits, logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using (Ok(_trainings.Memorize("a"))) { }
        var before = Leaks.Baseline();
        using (Ok(_trainings.Memorize("b"))) { }
        Leaks.Same(before);
    }
}
