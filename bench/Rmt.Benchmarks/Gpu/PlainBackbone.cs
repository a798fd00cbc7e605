using Rmt.Adapter;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A backbone that offers the port and nothing beside: whatever a faster step would look for, it does not find, so that layers are read one by one.</summary>
internal sealed class PlainBackbone(IBackbone backbone) : IBackbone
{
    public nn.Module Module => backbone.Module;
    public int HiddenSize => backbone.HiddenSize;
    public int EmbeddingSize => backbone.EmbeddingSize;
    public int MaxWindow => backbone.MaxWindow;
    public bool IsCausal => backbone.IsCausal;
    public double MemoryStd => backbone.MemoryStd;
    public Tensor Embed(Tensor tokenIds) => backbone.Embed(tokenIds);
    public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => backbone.Encode(embeddings, mask, rows);
    public Tensor Pool(Tensor hidden) => backbone.Pool(hidden);
    public nn.Module<Tensor, Tensor> NewHead(int labels) => backbone.NewHead(labels);
    public void PrepareReading() => backbone.PrepareReading();
    public void Dispose() => backbone.Dispose();
}
