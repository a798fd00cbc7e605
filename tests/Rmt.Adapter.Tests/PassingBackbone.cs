using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

/// <summary>A backbone that passes everything on to another, for those that do one thing otherwise. It shows no layers.</summary>
internal abstract class PassingBackbone(IBackbone inner) : IBackbone
{
    public nn.Module Module => inner.Module;
    public int HiddenSize => inner.HiddenSize;
    public int MaxWindow => inner.MaxWindow;
    public int VocabularySize => inner.VocabularySize;
    public double MemoryStd => inner.MemoryStd;
    public Tensor Embed(Tensor tokenIds) => inner.Embed(tokenIds);
    public virtual Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => inner.Encode(embeddings, mask, rows);
    public virtual Tensor Pool(Tensor hidden) => inner.Pool(hidden);
    public nn.Module<Tensor, Tensor> NewHead(int labels) => inner.NewHead(labels);
    public void Dispose() => inner.Dispose();
}
