using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Host.Training;

/// <summary>What a training begins from.</summary>
/// <param name="Model">On its device: a classifier or a language model. Disposed with this.</param>
/// <param name="Tokenizer">Of its vocabulary.</param>
/// <param name="Segmenter">How documents are cut.</param>
/// <param name="Labels">Of a classifier; null: it is a language model.</param>
/// <param name="Origin">The folder its configuration and vocabulary are copied from.</param>
/// <param name="Name">As the user named it: a folder or a hub id.</param>
internal sealed record TrainingStart(RecurrentModel Model, ITokenizer Tokenizer, Segmenter Segmenter, LabelSet? Labels, ModelFolder Origin, string? Name) : IDisposable
{
    /// <summary>What a folder with a frozen backbone calls it: a hub id, or a path from there.</summary>
    public string? BackboneFrom(string folder) =>
        Name is not null && !Directory.Exists(Name) ? Name : Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(Origin.Path));

    public void Dispose() => Model.Dispose();
}
