using System.Text.Json;
using Rmt.Loaders;

namespace Rmt.Host.Output;

/// <summary>What <c>rmt inspect</c> says of a folder or file.</summary>
/// <param name="Path">The folder or file itself.</param>
/// <param name="ModelType">model_type of config.json.</param>
/// <param name="Parameters">Real numbers in all tensors.</param>
/// <param name="Bytes">Bytes of all tensors.</param>
/// <param name="Dtype">Of the tensors; of several the one of most bytes first, joined by +.</param>
/// <param name="Config">config.json as it stands.</param>
/// <param name="Tokenizer">The vocabulary.</param>
/// <param name="Adapter">What the adapter can do with it.</param>
/// <param name="LeftAside">Names of tensors that loading leaves aside.</param>
/// <param name="Tensors">The backbone's first.</param>
internal sealed record InspectRecord(
    string Path,
    string? ModelType,
    long Parameters,
    long Bytes,
    string Dtype,
    IReadOnlyDictionary<string, JsonElement>? Config,
    InspectedTokenizer? Tokenizer,
    InspectedAdapter? Adapter,
    IReadOnlyList<string>? LeftAside,
    IReadOnlyList<InspectedTensor> Tensors) : IRecord
{
    public static InspectRecord Of(ModelInspection model) => new(
        model.Path, model.ModelType, model.Parameters, model.Bytes, string.Join('+', model.Dtypes), model.Config,
        model.Tokenizer is { } tokenizer ? InspectedTokenizer.Of(tokenizer) : null,
        model.Adapter is { } adapter ? InspectedAdapter.Of(adapter) : null,
        model.LeftAside,
        [.. model.Tensors.Select(tensor => new InspectedTensor(tensor.Name, tensor.Dtype.ToString(), tensor.Shape))]);
}

/// <param name="VocabularySize">Null where it cannot be read; then <paramref name="Problem"/> says why.</param>
/// <param name="Lowercase">Whether text is lower-cased first.</param>
/// <param name="Special">Ids of [PAD], [CLS] and [SEP], or of what stands for them; null where the family has none.</param>
/// <param name="Ignored">What tokenizer.json asks for and an RMT does not do.</param>
/// <param name="Problem">Null where there is none.</param>
internal sealed record InspectedTokenizer(int? VocabularySize, bool? Lowercase, IReadOnlyDictionary<string, int?>? Special, IReadOnlyList<string> Ignored, string? Problem)
{
    public static InspectedTokenizer Of(TokenizerInspection inspection) => inspection.Tokenizer is not { } words
        ? new(null, null, null, [], inspection.Problem)
        : new(words.VocabularySize, words is WordPieceTokenizer { Options.Lowercase: true },
            new Dictionary<string, int?> { ["pad"] = words.Special.Pad, ["cls"] = words.Special.Cls, ["sep"] = words.Special.Sep }, words.Ignored, null);
}

/// <param name="Use">classifier, language_model, backbone (a new adapter can be trained around it) or none.</param>
/// <param name="Problem">What stands against more.</param>
/// <param name="TaskType">Of rmt_config.json, as all that follows; null for a plain model.</param>
/// <param name="BaseModelNameOrPath">Where the backbone is, if not here.</param>
/// <param name="NumMemTokens">m.</param>
/// <param name="SegmentSize">Content tokens of a full segment.</param>
/// <param name="InputSize">Tokens of a full window.</param>
/// <param name="SegmentAlignment">Where the segment goes that is not full.</param>
/// <param name="Labels">By id.</param>
internal sealed record InspectedAdapter(
    string Use,
    string? Problem,
    string? TaskType,
    string? BaseModelNameOrPath,
    int? NumMemTokens,
    int? SegmentSize,
    int? InputSize,
    string? SegmentAlignment,
    IReadOnlyList<string>? Labels)
{
    public static InspectedAdapter Of(AdapterInspection adapter) => new(
        adapter.Use switch { AdapterUse.Classifier => "classifier", AdapterUse.LanguageModel => "language_model", AdapterUse.Backbone => "backbone", _ => "none" }, adapter.Problem,
        adapter.Config?.TaskType, adapter.Config?.BaseModel, adapter.Config?.MemoryTokens, adapter.Config?.SegmentSize, adapter.Config?.InputSize,
        adapter.Config?.SegmentAlignment, adapter.Config?.Labels);
}

/// <param name="Name">Its key in the file.</param>
/// <param name="Dtype">The format's name of its type.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
internal sealed record InspectedTensor(string Name, string Dtype, IReadOnlyList<long> Shape);
