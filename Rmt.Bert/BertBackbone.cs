using Rmt.Adapter;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>BERT behind the adapter's port; the only file here that knows the adapter.</summary>
/// <param name="model">Disposed with the backbone.</param>
public sealed class BertBackbone(BertModel model) : ILayeredBackbone
{
    /// <summary>The unmodified BERT.</summary>
    public BertModel Model { get; } = model;

    /// <inheritdoc/>
    public nn.Module Module => Model;

    /// <inheritdoc/>
    public int HiddenSize => Model.Config.HiddenSize;

    /// <inheritdoc/>
    public int MaxWindow => Model.Config.MaxPositions;

    /// <inheritdoc/>
    public int VocabularySize => Model.Config.VocabSize;

    /// <inheritdoc/>
    public double MemoryStd => Model.Config.InitializerRange;

    /// <inheritdoc/>
    public int Layers => Model.Config.Layers;

    /// <inheritdoc/>
    public int Heads => Model.Config.Heads;

    /// <inheritdoc/>
    public bool Recomputes { get => Model.Recomputes; set => Model.Recomputes = value; }

    /// <inheritdoc/>
    public GeluForm Gelu { get => Model.TakesFastGelu ? GeluForm.Fast : GeluForm.Exact; set => Model.TakesFastGelu = value == GeluForm.Fast; }

    /// <inheritdoc/>
    public Tensor Embed(Tensor tokenIds) => Model.Words(tokenIds);

    /// <inheritdoc/>
    public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => Model.call(embeddings, mask, rows);

    /// <inheritdoc/>
    public Tensor Encode(Tensor embeddings, Tensor? mask, Action<LayerReading> each) =>
        Model.Trace(embeddings, mask, (layer, hidden, attention) => each(new(layer, hidden, attention)));

    /// <inheritdoc/>
    public Tensor? Read(Tensor tokenIds, Tensor memory, Range slots, Tensor? mask, Range rows) => Model.Read(tokenIds, memory, slots, mask, rows);

    /// <inheritdoc/>
    public Tensor Pool(Tensor hidden) => Model.Pool(hidden);

    /// <inheritdoc/>
    public nn.Module<Tensor, Tensor> NewHead(int labels) =>
        new LinearHead(HiddenSize, labels, MemoryStd, Model.Config.ClassifierDropout ?? Model.Config.HiddenDropout);

    /// <inheritdoc/>
    public void PrepareReading() => Model.PrepareReading();

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
