using System.Text.Json;
using System.Xml.Linq;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests;

/// <summary>Language models from the command line: trained on texts or made-up documents, resumed, and measured with three memories.</summary>
public sealed class LanguageVerbsTests : IDisposable
{
    private readonly Trainings _trainings = new();

    public void Dispose() => _trainings.Dispose();

    // A tiny GPT-2 of random weights, segments of 16 tokens.
    private string[] New(string save, params string[] args) =>
        ["train", "--new", "1x16x2", "--vocabulary", _trainings["vocab.txt"], "--window", "24", "--memory-tokens", "4", "--threads", "1", "--documents", "4", "--part-documents", "3", "--rate", "3e-3", "--save", _trainings[save], .. args];

    private string[] OnTexts(string save, params string[] args) => New(save,
        ["--train-text", Texts("train.jsonl", 12), "--validation-text", Texts("valid.jsonl", 5), "--stages", "1,2", "--updates", "4", "--evaluate-every", "2", .. args]);

    private string Texts(string name, int count)
    {
        var dice = new Random(count);
        string Text() => string.Join(' ', Enumerable.Range(0, dice.Next(20, 80)).Select(_ => dice.Next(3) switch { 0 => "a good film", 1 => "it was", _ => "mary went back to the garden ." }));
        return _trainings.Folder.Write(name, string.Concat(Enumerable.Range(0, count).Select(_ => JsonSerializer.Serialize(new { text = Text() }) + "\n")));
    }

    [Fact]
    public void Texts_are_learnt_from_random_weights_and_what_is_saved_is_a_language_model()
    {
        var records = Ran(OnTexts("m", "--replay"));
        Assert.Equal([1, 1, 2, 2], records.SkipLast(1).Select(record => record.GetProperty("stage").GetInt32()));
        Assert.True(records[^2].GetProperty("loss").GetDouble() < records[0].GetProperty("loss").GetDouble());
        Assert.Equal(records.SkipLast(1).Skip(2).Min(record => record.GetProperty("loss").GetDouble()), records[^1].GetProperty("loss").GetDouble());
        var config = RmtConfig.Open(_trainings["m"]);
        Assert.Equal((RmtConfig.LanguageModel, "left", 16), (config.TaskType, config.SegmentAlignment, config.SegmentSize));
        Assert.Equal("language_model", Assert.Single(Ran("inspect", _trainings["m"])).GetProperty("adapter").GetProperty("use").GetString());
        using (var model = LanguageCheckpoint.Load(_trainings["m"], new("no-such-cache")))
            Assert.Equal(24, model.Segmenter.Layout.Window);
        // And is learnt further from there.
        Assert.Equal("budget", Ran("train", "--model", _trainings["m"], "--train-text", _trainings["train.jsonl"], "--validation-text", _trainings["valid.jsonl"], "--stages", "3", "--updates", "2", "--documents", "4",
            "--threads", "1", "--depth", "2", "--freeze-backbone", "--window", "20", "--save", _trainings["further"])[^1].GetProperty("end").GetString());
        Assert.False(File.Exists(_trainings["further", "model.safetensors"]));
        var further = RmtConfig.Open(_trainings["further"]);
        Assert.Equal((20, 20 - 4 - 4), (further.InputSize, further.SegmentSize));
    }

    [Fact]
    public void A_folder_of_GPT2_with_its_own_vocabulary_is_trained_and_measured()
    {
        var records = Ran("train", "--model", Shared.Path("golden", "backbones", "gpt2"), "--train-text", Texts("train.jsonl", 6), "--validation-text", Texts("valid.jsonl", 3), "--memory-tokens", "4",
            "--window", "40", "--stages", "2", "--updates", "4", "--documents", "3", "--evaluate-every", "4", "--threads", "1", "--replay", "--save", _trainings["m"]);
        Assert.True(records[^1].GetProperty("loss").GetDouble() > 0);
        Assert.True(File.Exists(_trainings["m", "merges.txt"]));
        Assert.Equal(1, Ran("evaluate", "--texts", _trainings["valid.jsonl"], "--model", _trainings["m"], "--threads", "1")[0].GetProperty("segment").GetInt32());
    }

    [Fact]
    public void Stopped_and_resumed_it_is_the_training_that_never_stopped()
    {
        _ = Ran(OnTexts("whole", "--checkpoint-every", "1"));
        Session? stopped = null;
        using (stopped = new() { Models = new Models("no-such-folder"), OnRecord = () => stopped!.Cancellation.Cancel() })
            Assert.Equal(ExitCode.Cancelled, stopped.Run(OnTexts("parts", "--checkpoint-every", "1")));
        _ = Ran("train", "--save", _trainings["parts"], "--resume");
        Assert.Equal(_trainings.Log("whole"), _trainings.Log("parts"));
        Assert.Equal(File.ReadAllBytes(_trainings["whole", "model.safetensors"]), File.ReadAllBytes(_trainings["parts", "model.safetensors"]));
    }

    [Fact]
    public void What_is_measured_is_a_record_a_segment_with_three_memories_and_a_report()
    {
        _ = Ran(OnTexts("m"));
        var records = Ran("evaluate", "--texts", _trainings["valid.jsonl"], "--model", _trainings["m"], "--batch", "2", "--report", _trainings["loss.md"], "--threads", "1");
        Assert.Equal(["segment", "documents", "tokens", "carried", "reset", "other"], records[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(Enumerable.Range(1, records.Count - 1), records.SkipLast(1).Select(record => record.GetProperty("segment").GetInt32()));
        Assert.Equal(records[0].GetProperty("carried").GetDouble(), records[0].GetProperty("other").GetDouble());
        Assert.Equal(5, records[0].GetProperty("documents").GetInt64());
        Assert.Equal(2, records[^1].GetProperty("from_segment").GetInt32());
        var later = records.SkipLast(1).Skip(1).ToList();
        Assert.Equal(later.Sum(record => record.GetProperty("tokens").GetInt64()), records[^1].GetProperty("tokens").GetInt64());
        Assert.Equal(later.Sum(record => record.GetProperty("carried").GetDouble() * record.GetProperty("tokens").GetInt64()) / records[^1].GetProperty("tokens").GetInt64(), records[^1].GetProperty("carried").GetDouble(), 1e-5);
        Assert.Contains("| from 2 on |", File.ReadAllText(_trainings["loss.md"]), StringComparison.Ordinal);
        Assert.Equal(records.Count, File.ReadAllLines(_trainings["loss.csv"]).Length);
        Assert.Equal("svg", XDocument.Load(_trainings["loss.svg"]).Root!.Name.LocalName);
    }

    [Fact]
    public void Facts_that_are_told_again_are_learnt_and_measured_by_name()
    {
        _ = _trainings.Folder.Write("words.txt", string.Join('\n', ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. RestatedFacts.Words]) + "\n");
        _ = Ran("train", "--task", "restate", "--new", "1x16x2", "--vocabulary", _trainings["words.txt"], "--window", "72", "--memory-tokens", "4", "--stages", "1,2", "--updates", "3", "--documents", "4",
            "--evaluate-every", "3", "--validation", "6", "--threads", "1", "--save", _trainings["m"]);
        var records = Ran("evaluate", "--task", "restate", "--model", _trainings["m"], "--segments", "1,3", "--samples", "6", "--threads", "1");
        Assert.Equal([1, 3], records.SkipLast(1).Select(record => record.GetProperty("segment").GetInt32()));
        Assert.Equal(6 * 64 - 6, records[1].GetProperty("tokens").GetInt64());
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "--every-segment", "--every-segment is for --task memorize, detect or reason and --train-file" },
        { "--epochs 2", "--epochs is for --train-file" },
        { "--protocol first", "--protocol is for --task memorize, detect or reason" },
        { "--task restate", "either --task" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void What_does_nothing_for_a_language_model_is_refused(string args, string message)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Usage, session.Run([.. OnTexts("m"), .. args.Split(' ')]));
        Assert.Contains(message, session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_is_no_language_model_and_one_document_has_no_other()
    {
        _ = Ran(OnTexts("m"));
        _ = Ran(_trainings.New("classifier", "--task", "memorize", "--stages", "1", "--updates", "1", "--documents", "2", "--validation", "6"));
        var one = _trainings.Folder.Write("one.txt", "mary went back to the garden .");
        Refused(ExitCode.ModelNotLoadable, "needed is a language model", "--texts", _trainings["valid.jsonl"], "--model", _trainings["classifier"]);
        Refused(ExitCode.InputUnreadable, "needs two or more", "--texts", one, "--model", _trainings["m"]);
        Refused(ExitCode.Usage, "and no other beside it", "--texts", one, "--task", "restate");
        Refused(ExitCode.Usage, "--background does nothing", "--task", "restate", "--background", one);
        // Its vocabulary knows none of the names.
        Refused(ExitCode.InputUnreadable, "two words of the documents are the same", "--task", "restate", "--model", _trainings["m"]);
    }

    private static void Refused(int code, string message, params string[] args)
    {
        using var session = new Session { Models = new Models("no-such-folder") };
        Assert.True(code == session.Run(["evaluate", .. args, "--threads", "1"]), session.Error);
        Assert.Contains(message, session.Error, StringComparison.Ordinal);
    }

    private static IReadOnlyList<JsonElement> Ran(params string[] args)
    {
        using var session = new Session { Models = new Models("no-such-folder") };
        Assert.True(session.Run(args) == ExitCode.Ok, session.Error);
        return session.Records;
    }
}
