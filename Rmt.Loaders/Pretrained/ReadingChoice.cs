using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>Where and how a classifier reads, by the names that options and settings have for it.</summary>
/// <param name="Device">cpu, cuda or cuda:N.</param>
/// <param name="Numbers">One of <see cref="NumberTypes.Names"/>.</param>
/// <param name="Gelu">The form of the models whose activation it is.</param>
public readonly record struct ReadingChoice(string Device, string Numbers, GeluForm Gelu)
{
    /// <summary>What does not go together, in one sentence; null where all does.</summary>
    public string? Problem() =>
        Device != "cpu" && (Gelu == GeluForm.Exact || Numbers != "float32") ? null
        : Gelu == GeluForm.Fast ? $"the fast GELU is of a CUDA device in bfloat16 or float16; on {Device} in {Numbers} models compute the exact one"
        : Numbers == "float16" && Device == "cpu" ? "float16 is for CUDA devices; on a CPU take bfloat16 or float32"
        : null;

    /// <summary>Loads a saved classifier to read so.</summary>
    /// <param name="nameOrPath">A folder, or a hub id.</param>
    /// <param name="cache">Where hub ids are looked up.</param>
    /// <param name="alignment">Instead of the model's own.</param>
    /// <param name="say">Is told why the device reads slower than it could; null: nobody is.</param>
    /// <exception cref="LoadException">As for <see cref="RmtCheckpoint.Load"/>, or there is no such device.</exception>
    /// <exception cref="NotSupportedException">The model's family has no such form of GELU.</exception>
    public DocumentClassifier Load(string nameOrPath, HubCache cache, SegmentAlignment? alignment = null, Action<string>? say = null)
    {
        var classifier = RmtCheckpoint.Load(nameOrPath, cache, alignment, Devices.Named(Device), NumberTypes.Named(Numbers));
        try
        {
            classifier.Model.Adapter.Backbone.Gelu = Gelu;
            if (say is not null) classifier.Model.Recorded.TellTo(say);
            return classifier;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }
}
