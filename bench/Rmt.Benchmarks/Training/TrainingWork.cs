using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>A random classifier and random documents of full windows, updated with AdamW as the trainer does it.</summary>
internal sealed class TrainingWork : IDisposable
{
    private const int MemoryTokens = 10, Window = 512, Labels = 6, FirstWord = 103, Seed = 7;

    private readonly Device device;
    private readonly string type;
    private readonly RecurrentClassifier model;
    private readonly Segmenter segmenter = new(new(Window, MemoryTokens, new(Pad: 0, Cls: 101, Sep: 102)));
    private readonly ReadOnlyMemory<int>[] documents;
    private readonly Tensor labels;
    private readonly AdamW optimizer;
    private long updates;

    /// <param name="shape">A name of <see cref="Shapes"/>.</param>
    /// <param name="batch">Documents of an update, whose gradients are computed in one go.</param>
    /// <param name="segments">Of the longest document.</param>
    /// <param name="shorter">Tokens that each document is shorter than the one before it; 0: all windows are full.</param>
    /// <param name="dropout">In all layers and before the head.</param>
    /// <param name="type">fp32, or bf16, which is autocast.</param>
    /// <param name="device">cpu or cuda.</param>
    /// <param name="plainOps">Whether layers learn as they are written; else in fused steps, where the device has them.</param>
    public TrainingWork(string shape, int batch, int segments, int shorter, double dropout, string type, string device, bool plainOps)
    {
        (this.device, this.type) = (torch.device(device), type);
        manual_seed(Seed);
        var config = Shapes.Of(shape) with { HiddenDropout = dropout, AttentionDropout = dropout };
        model = new(new(new BertBackbone(new BertModel(config) { Fusion = plainOps ? Fusion.Never : Fusion.OnDevices }), segmenter.Layout), Labels);
        model.train();
        model.to(this.device);
        var dice = new Random(Seed);
        documents = [.. Enumerable.Range(0, batch).Select(i => Random(dice, Math.Max(1, segments * segmenter.Layout.TokensPerSegment - i * shorter)))];
        labels = tensor(documents.Select((_, i) => (long)(i % Labels)).ToArray(), device: this.device);      // [B]
        optimizer = optim.AdamW(model.parameters(), lr: 1e-5, weight_decay: 1e-3);
    }

    /// <summary>Whether the inside of layers is computed again for their gradients.</summary>
    public bool Recomputes { init => model.Adapter.Backbone.Recomputes = value; }

    /// <summary>How its layers learn: in <c>fused</c> steps or in <c>plain</c> layers, as without kernels for them.</summary>
    public string Ops => ((BertBackbone)model.Adapter.Backbone).Model.Fusion == Fusion.OnDevices && device.type == DeviceType.CUDA && FusedTraining.Missing(model.Adapter.Device) is null ? "fused" : "plain";

    /// <summary>Content tokens of an update.</summary>
    public long Tokens => documents.Sum(document => (long)document.Length);

    /// <summary>Gradients through all segments and a change of the weights. Returns when the device is done.</summary>
    public void Update(IBackpropagation backpropagation)
    {
        using var scope = NewDisposeScope();
        model.zero_grad();
        _ = Backward(backpropagation);
        _ = optimizer.step();
        updates++;
        Wait();
    }

    /// <summary>Of the parameters, in their order.</summary>
    public IReadOnlyList<string> Names => [.. model.named_parameters().Select(entry => entry.name)];

    /// <summary>All gradients, on the CPU, in the order of the parameters; null where there is none.</summary>
    public IReadOnlyList<Tensor?> Gradients(IBackpropagation backpropagation)
    {
        optimizer.zero_grad();
        _ = Backward(backpropagation);
        var gradients = model.named_parameters().Select(entry => entry.parameter.grad?.cpu().clone()).ToList();    // zeroed below
        optimizer.zero_grad();
        return gradients;
    }

    private Tensor Backward(IBackpropagation backpropagation) =>
        backpropagation.Backward(model, new(segmenter.Batch(documents, device), labels) { Seeds = new(Seed, updates, 0), Autocast = type == "bf16" ? ScalarType.BFloat16 : null });

    private void Wait()
    {
        if (device.type == DeviceType.CUDA) cuda.synchronize(device);
    }

    /// <summary>Forgets what was held before; <see cref="Peak"/> counts from now.</summary>
    public void ForgetPeak()
    {
        if (device.type != DeviceType.CUDA) return;
        Allocator.EmptyCache();
        Allocator.ResetPeak(device);
    }

    /// <summary>The most that tensors held on the device, weights included, in MiB; null where the device does not tell.</summary>
    public double? Peak() => device.type == DeviceType.CUDA ? Allocator.Statistics(device).AllocatedPeak / (double)(1 << 20) : null;

    private static ReadOnlyMemory<int> Random(Random dice, int length) => Enumerable.Range(0, length).Select(_ => dice.Next(FirstWord, Shapes.Vocabulary)).ToArray();

    public void Dispose()
    {
        optimizer.Dispose();
        labels.Dispose();
        model.Dispose();
    }
}
