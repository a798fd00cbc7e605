using System.Text;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Host.Reading;
using Rmt.Host.Training;
using Rmt.Loaders;
using Rmt.Testing;

namespace Rmt.Host.Tests.Doubles;

/// <summary>The program in this process, with a model that is a double, and what it said.</summary>
internal sealed class Session : IModels, IDisposable
{
    private readonly StringWriter _out;
    private readonly StringWriter _error = new();

    public Session() => _out = new Watched(() => OnRecord());

    public string Out => _out.ToString();
    public string Error => _error.ToString();
    public CancellationTokenSource Cancellation { get; } = new();
    public byte[] Input { get; init; } = [];
    public bool OnTerminal { get; init; }
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Runs when something was written and flushed.</summary>
    public Action OnRecord { get; init; } = () => { };

    /// <summary>Instead of a model.</summary>
    public Action<CountingReader> Prepare { get; init; } = _ => { };

    /// <summary>Instead of this double.</summary>
    public IModels? Models { get; init; }

    public Exception? LoadFails { get; init; }
    public ModelChoice? Choice { get; private set; }
    public CountingReader? Reader { get; private set; }

    public IReadOnlyList<JsonElement> Records => [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    public int Run(params string[] args)
    {
        using var terminal = new Terminal
        {
            Out = _out,
            Error = _error,
            OpenInput = () => new MemoryStream(Input),
            OutIsTerminal = OnTerminal,
            ErrorIsTerminal = OnTerminal,
            Clock = Clock,
        };
        return CommandLine.Run(args, terminal, Models ?? this, Cancellation.Token);
    }

    public static Session WithInput(string text) => new() { Input = Encoding.UTF8.GetBytes(text) };

    public ITokenizer LoadTokenizer(string? model) => LoadFails is null ? new WordTokenizer() : throw LoadFails;

    public IDocumentReader LoadReader(ModelChoice choice)
    {
        if (LoadFails is not null)
            throw LoadFails;
        Choice = choice;
        Reader = new CountingReader(choice.Batch);
        Prepare(Reader);
        return Reader;
    }

    /// <summary>Instead of the classifier, by its name.</summary>
    public Func<string?, DocumentClassifier>? Classifier { get; init; }

    /// <summary>A small random BERT that reads words of up to 49 letters, 17 a segment.</summary>
    public DocumentClassifier LoadClassifier(ModelChoice choice)
    {
        if (LoadFails is not null)
            throw LoadFails;
        Choice = choice;
        return Classifier?.Invoke(choice.Model) ?? new(new WordTokenizer(), new Segmenter(Tiny.Layout(), choice.Alignment ?? SegmentAlignment.Right), Tiny.Classifier(), new(["a", "b", "c"]));
    }

    /// <summary>On the disk.</summary>
    public DocumentLanguageModel LoadLanguageModel(ModelChoice choice) => LoadFails is null ? new Models("no-such-folder").LoadLanguageModel(choice) : throw LoadFails;

    /// <summary>Models on the disk; those are small enough.</summary>
    public TrainingStart LoadToTrain(ModelToTrain choice, LabelSet labels) => LoadFails is null ? new Models("no-such-folder").LoadToTrain(choice, labels) : throw LoadFails;

    /// <summary>What the model says it was made for.</summary>
    public TrainingNotes Notes { get; init; } = new(null, null);

    TrainingNotes IModels.Notes(string? model) => LoadFails is null ? Notes : throw LoadFails;

    public ModelInspection Inspect(string? path) => LoadFails is null ? ModelInspection.Of(path ?? Shared.Path("models", "minilm-l6"), new HubCache("no-such-cache")) : throw LoadFails;

    public void Dispose()
    {
        Cancellation.Dispose();
        _out.Dispose();
        _error.Dispose();
    }

    private sealed class Watched(Action flushed) : StringWriter
    {
        public override void Flush() => flushed();
    }
}
