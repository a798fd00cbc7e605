using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Host.Training;

/// <summary>What a training leaves in its folder, beside the saved model.</summary>
internal sealed class TrainingFolder : IDisposable
{
    public const string ValuesName = "training.json", StateName = "training.state", LogName = "training.jsonl", ChartName = "training.svg", HeldName = "training.lock";

    private static readonly JsonSerializerOptions Readable = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver(), WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject _values;
    private readonly FileStream _held;

    private TrainingFolder(string path, JsonObject values, FileStream held) => (Path, _values, _held, Log) = (path, values, held, new(Of(path, LogName)));

    public string Path { get; }

    public TrainingLog Log { get; }

    public string Chart => Of(Path, ChartName);

    /// <summary>A new folder, or one whose training goes on.</summary>
    /// <exception cref="UsageException">The folder holds something already, or another process trains in it.</exception>
    public static TrainingFolder Open(TrainingPlan plan)
    {
        var path = plan.Save;
        if (!plan.Resume)
        {
            if (File.Exists(Of(path, ValuesName)))
                throw new UsageException($"{path} holds a training: --resume goes on with it, another one needs a folder of its own");
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new UsageException($"--save {path}: there is something already, and nothing is written over; name a folder that is new or empty");
            _ = Directory.CreateDirectory(path);
        }
        var held = Hold(path);
        try
        {
            if (!plan.Resume)
                AtomicFile.Write(Of(path, ValuesName), Encoding.UTF8.GetBytes(plan.Values.ToJsonString(Readable) + "\n"));
            foreach (var half in Directory.EnumerateFiles(path, ".training.*"))
                File.Delete(half);      // of a process that was killed while it wrote
            return new(path, plan.Values, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // Two processes would write over each other's checkpoints. The lock is the kernel's: of who was killed, nothing stays but an empty file.
    private static FileStream Hold(string path)
    {
        try
        {
            return new(Of(path, HeldName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (error.HResult == 11)      // EWOULDBLOCK
        {
            throw new UsageException($"another process trains in {path} just now: wait until it ends, or name a folder of its own for this training");
        }
    }

    /// <summary>Writes a checkpoint: all lines of the log that it follows are on the disk before it is.</summary>
    public void Save(Curriculum curriculum)
    {
        Log.Flush();
        TrainingFile.Save(Of(Path, StateName), curriculum);
    }

    /// <summary>Goes on where the last checkpoint was written; at the beginning where there is none.</summary>
    public void Load(Curriculum curriculum)
    {
        if (File.Exists(Of(Path, StateName)))
            TrainingFile.Load(Of(Path, StateName), curriculum);
    }

    /// <summary>Writes the model as it is now.</summary>
    public void Save(TrainingStart start, bool everySegment, bool frozen, TorchSharp.torch.ScalarType type)
    {
        var layout = start.Segmenter.Layout;
        var config = new RmtConfig
        {
            TaskType = start.Labels is null ? RmtConfig.LanguageModel : RmtConfig.Classification,
            BaseModel = frozen ? start.BackboneFrom(Path) : null,
            MemoryTokens = layout.MemoryTokens,
            SegmentSize = layout.TokensPerSegment,
            InputSize = layout.Window,
            SegmentAlignment = start.Segmenter.Alignment.ToString().ToLowerInvariant(),
            SumLoss = everySegment,
            Labels = start.Labels?.Names ?? [],
            Training = JsonSerializer.SerializeToElement(_values),
        };
        if (start.Labels is { } labels)
            RmtCheckpoint.Save(Path, new(start.Tokenizer, start.Segmenter, (RecurrentClassifier)start.Model, labels), start.Origin, config, backboneTrained: !frozen, type);
        else
            LanguageCheckpoint.Save(Path, new(start.Tokenizer, start.Segmenter, (RecurrentLanguageModel)start.Model), start.Origin, config, backboneTrained: !frozen, type);
    }

    public void Dispose()
    {
        Log.Dispose();
        _held.Dispose();
    }

    private static string Of(string path, string name) => System.IO.Path.Combine(path, name);
}
