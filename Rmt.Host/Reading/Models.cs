using Rmt.Adapter;
using Rmt.Host.Training;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Host.Reading;

/// <summary>Model folders and hub ids as Python finds them: the composition root of a classifier.</summary>
/// <param name="embedded">The folder of the model that is taken where none is named; it may be missing.</param>
/// <param name="say">Is told why a device reads slower than it could; null: nobody is.</param>
internal sealed class Models(string embedded, Action<string>? say = null) : IModels
{
    public ITokenizer LoadTokenizer(string? model) => PretrainedTokenizer.Load(ModelFolder.Find(Named(model), HubCache.FromEnvironment()));

    public IDocumentReader LoadReader(ModelChoice choice)
    {
        var classifier = LoadClassifier(choice);
        try
        {
            return new ScheduledReader(classifier, choice.Batch);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    public DocumentClassifier LoadClassifier(ModelChoice choice)
    {
        var model = Named(choice.Model);
        torch.set_num_threads(choice.Threads);   // Debian's libtorch takes one thread by itself
        var reading = new ReadingChoice(choice.Device, choice.Dtype, choice.Gelu);
        if (reading.Problem() is { } problem)
            throw new UsageException(problem);
        try
        {
            return reading.Load(model, HubCache.FromEnvironment(), choice.Alignment, say);
        }
        catch (NotSupportedException error) when (reading.Gelu != GeluForm.Exact)
        {
            throw new UsageException($"--gelu fast: {error.Message}");
        }
    }

    public DocumentLanguageModel LoadLanguageModel(ModelChoice choice)
    {
        var model = Named(choice.Model);
        torch.set_num_threads(choice.Threads);
        return LanguageCheckpoint.Load(model, HubCache.FromEnvironment(), Devices.Named(choice.Device), NumberTypes.Named(choice.Dtype));
    }

    public TrainingStart LoadToTrain(ModelToTrain choice, LabelSet? labels)
    {
        var device = Devices.Named(choice.Device);
        torch.set_num_threads(choice.Threads);
        torch.random.manual_seed(choice.Seed);
        var start = StartingModel.Load(choice, labels);
        start.Model.to(device);
        return start;
    }

    public TrainingNotes Notes(string? model) =>
        TrainingNotes.Of(ModelFolder.OpenAny(ModelFolder.Find(Named(model), HubCache.FromEnvironment())) is { RmtConfig: not null } folder ? RmtConfig.Open(folder.Path) : null);

    public ModelInspection Inspect(string? path) => ModelInspection.Of(Named(path), HubCache.FromEnvironment());

    /// <summary>What the build put beside the program.</summary>
    /// <param name="say">As for the constructor.</param>
    public static Models OfThisBuild(Action<string>? say = null) => new(Embedded, say);

    /// <summary>Where the model is that is taken where none is named.</summary>
    public static string Embedded => Path.Combine(AppContext.BaseDirectory, "models", "default");

    private string Named(string? model) =>
        model ?? (Directory.Exists(embedded) ? embedded : null) ?? throw new LoadException("no model", "none is named and this build embeds none; name a folder or a hub id with --model DIR|HUB-ID.");
}
