using System.Text.Json;
using System.Xml.Linq;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Host.Tests.Evaluation;

public sealed class EvaluateDocumentsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Texts of 0 to 119 words of 1 to 40 letters, labelled by lot.</summary>
    private (string Path, List<(string Text, string Label)> Documents) Labelled(int count)
    {
        var dice = new Random(5);
        var documents = Enumerable.Range(0, count).Select(_ =>
            (Text: string.Join(' ', Enumerable.Range(0, dice.Next(120)).Select(_ => new string('x', dice.Next(1, 40)))), Label: "abc"[dice.Next(3)].ToString())).ToList();
        return (_folder.Write("test.jsonl", string.Concat(documents.Select(document => JsonSerializer.Serialize(new { text = document.Text, label = document.Label }) + "\n"))), documents);
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("5", "2")]
    [InlineData("64", "2")]
    public void What_is_counted_is_what_each_document_alone_is_taken_for(string batch, string threads)
    {
        var (path, documents) = Labelled(40);
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--documents", path, "--batch", batch, "--threads", threads));
        using var classifier = session.LoadClassifier(new ModelChoice(null, "cpu", "float32", 1, null, 1));
        var confusion = new ConfusionMatrix(classifier.Labels);
        foreach (var (text, label) in documents)
            confusion.Add(classifier.Labels.IndexOf(label), classifier.Labels.IndexOf(classifier.Classify(text).Prediction.Label));
        var record = Assert.Single(session.Records);
        Assert.Equal(["documents", "accuracy", "macro_f1", "confusion"], record.EnumerateObject().Select(property => property.Name));
        Assert.Equal((40, Math.Round(confusion.Accuracy.Value, 6), Math.Round(confusion.MacroF1, 6)), (record.GetProperty("documents").GetInt32(), record.GetProperty("accuracy").GetDouble(), record.GetProperty("macro_f1").GetDouble()));
        foreach (var (truth, label) in classifier.Labels.Names.Index())
            foreach (var (predicted, taken) in classifier.Labels.Names.Index())
                Assert.Equal(confusion[truth, predicted], record.GetProperty("confusion").GetProperty(label).GetProperty(taken).GetInt64());
    }

    [Theory]
    [InlineData("test.jsonl", "{\"text\": \"x\", \"label\": \"a\"}\n{\"text\": \"x\", \"label\": \"d\"}\n", ":2: the model has no label 'd'; it has a, b, c")]
    [InlineData("test.jsonl", "{\"text\": \"x\", \"label\": \"a\"}\n\n{\"text\": \"x\"}\n", ":3: a line must be an object with a string \"text\" and a string or whole number \"label\": {\"text\": \"…\", \"label\": \"…\"}")]
    [InlineData("test.jsonl", "\n", ": it holds no document")]
    [InlineData("test.csv", "text,label\n", ": it holds no document")]
    [InlineData("test.csv", "text,label\nx,a\ny,d\n", ":3: the model has no label 'd'; it has a, b, c")]
    public void A_mistake_in_the_file_is_told_before_anything_is_read(string name, string content, string message)
    {
        using var session = new Session();
        Assert.Equal(ExitCode.InputUnreadable, session.Run("evaluate", "--documents", _folder.Write(name, content)));
        Assert.Equal($"rmt: {_folder[name]}{message}\n", session.Error);
        Assert.Equal("", session.Out);
    }

    [Fact]
    public void A_file_that_is_not_there_is_exit_code_4()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.InputUnreadable, session.Run("evaluate", "--documents", _folder["none.jsonl"]));
        Assert.StartsWith($"rmt: {_folder["none.jsonl"]}: ", session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_it_is_a_table()
    {
        var (path, _) = Labelled(12);
        using var session = new Session { OnTerminal = true };
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--documents", path));
        Assert.StartsWith("12 documents, accuracy ", session.Out, StringComparison.Ordinal);
        foreach (var heading in new[] { "label", "as a", "as b", "as c" })
            Assert.Contains(heading, session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_says_in_words_numbers_and_a_figure_what_the_record_says()
    {
        var (path, _) = Labelled(30);
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run("evaluate", "--documents", path, "--report", _folder["r.md"]));
        var record = session.Records[0];
        var counts = record.GetProperty("confusion").EnumerateObject().SelectMany(truth => truth.Value.EnumerateObject().Select(taken => $"{truth.Name},{taken.Name},{taken.Value}"));
        Assert.Equal(["label,predicted,documents", .. counts], File.ReadAllLines(_folder["r.csv"]));
        var markdown = File.ReadAllText(_folder["r.md"]);
        Assert.Contains(FormattableString.Invariant($"30 documents; accuracy {100 * record.GetProperty("accuracy").GetDouble():0.#} %"), markdown, StringComparison.Ordinal);
        Assert.Contains("| label | as a | as b | as c | F1 |", markdown, StringComparison.Ordinal);
        Assert.Contains("(r.svg)", markdown, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(_folder["r.svg"]).Root!.Name.LocalName);
    }
}
