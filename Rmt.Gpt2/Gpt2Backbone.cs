using Rmt.Adapter;
using static TorchSharp.torch;

namespace Rmt.Gpt2;

/// <summary>GPT-2 behind the adapter's port; the only file here that knows the adapter.</summary>
/// <param name="model">Disposed with the backbone.</param>
public sealed class Gpt2Backbone(Gpt2Model model) : ILayeredBackbone, ILanguageBackbone
{
    /// <summary>The unmodified GPT-2.</summary>
    public Gpt2Model Model { get; } = model;

    /// <inheritdoc/>
    public nn.Module Module => Model;

    /// <inheritdoc/>
    public int HiddenSize => Model.Config.HiddenSize;

    /// <inheritdoc/>
    public int MaxWindow => Model.Config.MaxPositions;

    /// <inheritdoc/>
    public int VocabularySize => Model.Config.VocabSize;

    /// <inheritdoc/>
    public bool IsCausal => true;

    /// <summary>That of the word table, as the paper's authors have it for decoders.</summary>
    public double MemoryStd => Model.WordDeviation();

    /// <inheritdoc/>
    public int Layers => Model.Config.Layers;

    /// <inheritdoc/>
    public int Heads => Model.Config.Heads;

    /// <inheritdoc/>
    public Tensor Embed(Tensor tokenIds) => Model.Words(tokenIds);

    /// <inheritdoc/>
    public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => Model.call(embeddings, mask, rows);

    /// <inheritdoc/>
    public Tensor Encode(Tensor embeddings, Tensor? mask, Action<LayerReading> each) =>
        Model.Trace(embeddings, mask, (layer, hidden, attention) => each(new(layer, hidden, attention)));

    /// <inheritdoc/>
    public Tensor Pool(Tensor hidden) => hidden[.., 0];                                         // [B, H]

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden) => Model.Logits(hidden);

    /// <inheritdoc/>
    public IGrowingWindow BeginWindow(int capacity) => new Window(Model, capacity);

    /// <inheritdoc/>
    public nn.Module<Tensor, Tensor> NewHead(int labels) => new Gpt2Head(Model.Config, labels);

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    // Keys and values are kept, so that a part costs its own places alone.
    private sealed class Window(Gpt2Model model, int capacity) : IGrowingWindow
    {
        private readonly Gpt2Keys[] layers = [.. Enumerable.Range(0, model.Config.Layers).Select(_ => new Gpt2Keys(capacity))];

        public int Length => layers[^1].Length;

        public Tensor Append(Tensor embeddings, Range rows) => Length + embeddings.shape[1] <= capacity ? model.Append(embeddings, layers, rows)
            : throw new InvalidOperationException($"a window of {Length} and {embeddings.shape[1]} tokens is longer than the {capacity} it was begun for");

        public void Clear()
        {
            foreach (var layer in layers) layer.Length = 0;
        }

        public void Dispose()
        {
            foreach (var layer in layers) layer.Dispose();
        }
    }
}
