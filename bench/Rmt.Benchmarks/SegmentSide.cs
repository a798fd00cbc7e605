using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>The adapter's step over and over on full windows, each reading the memory that the last one left; ids come from the CPU every time.</summary>
internal sealed class SegmentSide : IDisposable
{
    // The same numbers stand in bench/bare/bare.cpp, so that both sides draw the same weights and windows.
    private const int Vocabulary = Shapes.Vocabulary, Window = 512, MemoryTokens = 10, Seed = 7, FirstWord = 1000;

    private readonly RecurrentMemoryAdapter adapter;
    private readonly Tensor ids;
    private MemoryState memory;

    public SegmentSide(string shape, int batch, string type, string rows, string device)
    {
        manual_seed(Seed);
        var bert = new BertBackbone(new BertModel(Shapes.Of(shape), withPooler: false));
        adapter = new(rows == "all" ? new AllRows(bert) : bert, new(Window, MemoryTokens, new(Pad: 0, Cls: 101, Sep: 102)));
        adapter.eval();
        if (type == "bf16") adapter.to(bfloat16);
        adapter.to(torch.device(device));
        bert.Model.PrepareReading();
        memory = adapter.InitialMemory(batch);
        ids = randint(FirstWord, Vocabulary, [batch, Window], int64);                           // [B, L]
    }

    public void Step()
    {
        using var uploaded = ids.alias().to(adapter.Device);
        var output = adapter.call(new(uploaded, null, null), memory);
        output.Hidden.Dispose();
        memory.Tokens.Dispose();
        memory = output.Memory;
    }

    /// <summary>Sum of the absolute values in memory.</summary>
    public double Checksum()
    {
        using var scope = NewDisposeScope();
        return memory.Tokens.to(float32).abs().sum().item<float>();
    }

    public void Dispose()
    {
        memory.Tokens.Dispose();
        ids.Dispose();
        adapter.Dispose();
    }

    /// <summary>Computes every row of the last layer although few are read: the arithmetic of a model that knows of no memory.</summary>
    private sealed class AllRows(BertBackbone bert) : IBackbone
    {
        public nn.Module Module => bert.Module;
        public int HiddenSize => bert.HiddenSize;
        public int MaxWindow => bert.MaxWindow;
        public int VocabularySize => bert.VocabularySize;
        public double MemoryStd => bert.MemoryStd;
        public Tensor Embed(Tensor tokenIds) => bert.Embed(tokenIds);
        public Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) => bert.Encode(embeddings, mask, Range.All);
        public Tensor Pool(Tensor hidden) => bert.Pool(hidden);
        public void Dispose() => bert.Dispose();
    }
}
