using Rmt.Host.Tests.Doubles;

namespace Rmt.Host.Tests.Training;

/// <summary>What cannot be trained is refused before anything is, in one line with the way out.</summary>
public sealed class TrainRefusalTests : IDisposable
{
    private readonly Trainings _trainings = new();

    public void Dispose() => _trainings.Dispose();

    private void Refused(int code, string message, params string[] args)
    {
        using var session = new Session();
        Assert.True(code == session.Run(args), session.Error);
        Assert.Contains(message, session.Error, StringComparison.Ordinal);
        Assert.Single(session.Error.TrimEnd().Split('\n'));
        Assert.Equal("", session.Out);
    }

    public static TheoryData<string, string> Options => new()
    {
        { "--rate -1", "--rate must be 0 or more; it is '-1'." },
        { "--updates 0", "--updates must be 1 or more" },
        { "--stages 3..1", "--stages must be numbers of segments" },
        { "--mix 1.5", "--mix must be from 0 to 1" },
        { "--dropout 1", "--dropout must be 0 or more and below 1" },
        { "--clip-norm 1 --clip-value 5", "not by both" },
        { "--replay --depth 2", "it cannot have a --depth" },
        { "--dtype bfloat16", "--device cuda" },
        { "--task memorize --protocol anywhere", "memorize has its fact in front" },
        { "--task memorize --validation-protocol first", "memorize has its fact in front" },
        { "--task reason --withhold-pairs", "--withhold-pairs is for memorize and detect" },
        { "--facts-table t.csv", "--facts-table is for --task reason" },
        { "--tellings 8", "--tellings is for --task reason without --facts-table" },
        { "--task reason --tellings 8 --facts-table t.csv", "--tellings is for --task reason without --facts-table" },
        { "--task reason --tellings 1537", "--tellings must be from 1 to 1536" },
        { "--longest 5", "--longest is for --train-file" },
        { "--train-file t.jsonl", "either --task" },
        { "--model x", "either --model" },
        { "--freeze-backbone", "--freeze-backbone would leave" },
    };

    [Theory, MemberData(nameof(Options))]
    public void An_option_that_does_not_fit(string args, string message) =>
        Refused(ExitCode.Usage, message, [.. _trainings.New("m", args.Contains("--task", StringComparison.Ordinal) ? [] : ["--task", "memorize"]), .. args.Split(' ')]);

    [Fact]
    public void A_folder_that_holds_something()
    {
        using (var first = new Session())
        {
            first.Cancellation.Cancel();
            Assert.Equal(ExitCode.Cancelled, first.Run(_trainings.Memorize("m")));
        }
        Refused(ExitCode.Usage, "holds a training: --resume goes on with it", _trainings.Memorize("m"));
        Refused(ExitCode.Usage, "has rate 0.003, now it is 1: with --resume", "train", "--save", _trainings["m"], "--resume", "--rate", "1");
        Refused(ExitCode.Usage, "holds no training", "train", "--save", _trainings["none"], "--resume");
        _ = _trainings.Folder.Write("full/notes.txt", "mine");
        Refused(ExitCode.Usage, "there is something already", _trainings.Memorize("full"));
        File.WriteAllText(_trainings["m", "training.state"], "nothing");
        Refused(ExitCode.ModelNotLoadable, "training.state: this is no saved curriculum", "train", "--save", _trainings["m"], "--resume");
    }

    [Fact]
    public void A_folder_in_which_another_process_trains()
    {
        using (var first = new Session())
        {
            first.Cancellation.Cancel();
            Assert.Equal(ExitCode.Cancelled, first.Run(_trainings.Memorize("m")));
        }
        Assert.False(File.Exists(_trainings["m", "training.lock"]));
        using (new FileStream(_trainings["m", "training.lock"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            Refused(ExitCode.Usage, "another process trains in", "train", "--save", _trainings["m"], "--resume");
        // What a killed one leaves holds nobody up.
        using var again = new Session();
        Assert.Equal(ExitCode.Ok, again.Run("train", "--save", _trainings["m"], "--resume"));
    }

    public static TheoryData<string, string> Values => new()
    {
        { """{"rte": 1}""", "there is no option 'rte' here" },
        { """{"rate": [1]}""", "rate must be a number" },
        { """{"rate": "much"}""", "v.json)" },
        { """{"rate": 1e-4, "rate": 1e-5}""", "rate" },
        { """{"stages": [{"updates": 3}]}""", "stages[0] needs \"segments\"" },
        { """{"stages": [{"segments": 1, "seed": 3}]}""", "stages[0]: there is no option 'seed' here" },
        { """{"stages": [{"segments": 1, "protocol": "first"}]}""", "memorize has its fact in front" },
        { "{", "not JSON" },
        { "[]", "expected is an object" },
    };

    [Theory, MemberData(nameof(Values))]
    public void A_file_of_values_that_is_none(string content, string message) =>
        Refused(ExitCode.Usage, message, _trainings.New("m", "--task", "memorize", "--values", _trainings.Folder.Write("v.json", content)));

    [Fact]
    public void A_folder_of_values() =>
        Refused(ExitCode.InputUnreadable, "it is a folder", _trainings.New("m", "--task", "memorize", "--values", _trainings.Folder.Path));

    [Theory]
    [InlineData("", "valid.jsonl: there is no document in it to validate on")]
    [InlineData("{\"text\":\"a\",\"label\":\"up\"}\n{\"text\":\"b\",\"label\":\"sideways\"}", "valid.jsonl:2: label 'sideways' is none of those in")]
    [InlineData("{\"text\":\"a\"", "valid.jsonl:1: not JSON")]
    [InlineData("{\"text\":\"it was a good film and it was old\",\"label\":\"up\"}", "valid.jsonl:1: the document has 9 tokens, and --longest is 8; shorten it, raise --longest")]
    public void Validation_documents_that_do_not_fit(string content, string message)
    {
        var train = _trainings.Folder.Write("train.csv", "text,label\ngood film,up\nbad film,down\n");
        Refused(ExitCode.InputUnreadable, message, _trainings.New("m", "--longest", "8", "--train-file", train, "--validation-file", _trainings.Folder.Write("valid.jsonl", content)));
    }

    [Theory]
    [InlineData("text,label\n", "train.csv: there is no document in it to train on")]
    [InlineData("text,label\na,up\nb,up\n", "train.csv: all 2 documents have the label 'up'")]
    [InlineData("text,label\na,up\nb\n", "train.csv:3: the row has 1 fields, the header 2")]
    public void Training_documents_that_do_not_fit(string content, string message) => Refused(ExitCode.InputUnreadable, message,
        _trainings.New("m", "--train-file", _trainings.Folder.Write("train.csv", content), "--validation-file", _trainings.Reviews("valid.jsonl", 4)));

    [Fact]
    public void A_folder_where_a_file_of_documents_is_expected() => Refused(ExitCode.InputUnreadable, $"{_trainings.Folder.Path}: it is a folder; expected is a file",
        _trainings.New("m", "--train-file", _trainings.Folder.Path, "--validation-file", _trainings.Reviews("valid.jsonl", 4)));

    [Fact]
    public void Documents_that_changed_since_the_training_began()
    {
        var (train, valid) = (_trainings.Reviews("t.jsonl", 4), _trainings.Reviews("v.jsonl", 4));
        string[] resume = ["train", "--save", _trainings["m"], "--resume"];
        using (var first = new Session())
            Assert.Equal(ExitCode.Ok, first.Run(_trainings.New("m", "--train-file", train, "--validation-file", valid, "--updates", "2", "--documents", "2")));
        var before = File.ReadAllText(train);
        foreach (var (old, changed) in new[] { ("good", "old"), ("\"down\"", "\"below\""), ("\"down\"", "\"zero\"") })
        {
            File.WriteAllText(train, before.Replace(old, changed, StringComparison.Ordinal));
            File.WriteAllText(valid, File.ReadAllText(train));
            Refused(ExitCode.ModelNotLoadable, "training.state: what the saved training learns from has changed since it began: expected are documents", resume);
        }
        File.WriteAllText(train, before);
        _ = _trainings.Reviews("v.jsonl", 4);
        using var again = new Session();
        Assert.Equal(ExitCode.Ok, again.Run(resume));
    }

    [Fact]
    public void A_background_or_a_table_of_facts_that_changed_since_the_training_began()
    {
        var (text, documents) = (_trainings.Folder.Write("texts/a.txt", "it was a good old film . "), _trainings.Folder.Write("texts/b.jsonl", "{\"text\":\"it was a bad film\"}\n"));
        var table = _trainings.Folder.Write("facts.csv", "fact1,fact2,question,answer\nthe office is north of the kitchen,the garden is south of the kitchen,what is north of the kitchen ?,office\n");
        string[] resume = ["train", "--save", _trainings["m"], "--resume"];
        using (var first = new Session())
        {
            first.Cancellation.Cancel();
            Assert.Equal(ExitCode.Cancelled, first.Run(_trainings.Memorize("m", "--task", "reason", "--background", _trainings["texts"], "--facts-table", table)));
        }
        foreach (var (path, old, changed) in new[] { (text, "good", "fine"), (documents, "bad", "old"), (table, ",office", ",garden") })
        {
            var before = File.ReadAllText(path);
            File.WriteAllText(path, before.Replace(old, changed, StringComparison.Ordinal));
            Refused(ExitCode.ModelNotLoadable, "training.state: what the saved training learns from has changed since it began: expected are documents", resume);
            File.WriteAllText(path, before);
        }
        using var again = new Session();
        Assert.True(again.Run(resume) == ExitCode.Ok, again.Error);
    }

    [Fact]
    public void A_log_without_the_end_of_a_training_that_is_over()
    {
        using (var first = new Session())
            Assert.Equal(ExitCode.Ok, first.Run(_trainings.Memorize("m")));
        File.Delete(_trainings["m", "training.jsonl"]);
        using var session = new Session();
        Assert.Equal(ExitCode.ModelNotLoadable, session.Run("train", "--save", _trainings["m"], "--resume"));
        Assert.Contains("training.jsonl: does not say how the training ended, and it is over", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_documents_that_do_not_fit()
    {
        string[] files = ["--train-file", _trainings.Reviews("t.jsonl", 4), "--validation-file", _trainings.Reviews("v.jsonl", 4)];
        Refused(ExitCode.Usage, "--stages is for --task", _trainings.New("m", [.. files, "--stages", "1"]));
        Refused(ExitCode.Usage, "--truncate does nothing without --max-tokens", _trainings.New("m", [.. files, "--truncate", "head"]));
        Refused(ExitCode.Usage, "by --epochs or by --updates", _trainings.New("m", [.. files, "--epochs", "1", "--updates", "1"]));
        Refused(ExitCode.Usage, "--validation-file FILE is needed", _trainings.New("m", files[..2]));
    }
}
