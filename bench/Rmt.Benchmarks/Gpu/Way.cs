using Rmt.Adapter;
using Rmt.Bert;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A way in which a model reads. Whatever the benchmark says to fused steps and to recordings, or asks of them, it does here.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Gelu">Its form, where the activation is <c>gelu</c>.</param>
/// <param name="IsPlain">Whether layers are read as they are written, each kernel launched by itself.</param>
internal sealed record Way(string Name, GeluForm Gelu, bool IsPlain = false)
{
    /// <summary>As without any fused step.</summary>
    public static Way Plain { get; } = new("plain", GeluForm.Exact, IsPlain: true);

    /// <summary>What a user gets.</summary>
    public static Way Exact { get; } = new("exact", GeluForm.Exact);

    /// <summary>What a user gets who asks for the cheaper GELU.</summary>
    public static Way Fast { get; } = new("fast", GeluForm.Fast);

    /// <summary>Has a model read in this way; to be said when it is where it stays, in the type it stays in, and while nobody reads.</summary>
    /// <exception cref="NotSupportedException">Its backbone has no such form of GELU; nothing is changed.</exception>
    public void Take(RecurrentClassifier model)
    {
        model.Adapter.Backbone.Gelu = Gelu;
        foreach (var layers in model.modules().OfType<EncoderLayers>()) layers.Fusion = IsPlain ? Fusion.Never : Fusion.OnDevices;
        model.Recorded.IsOn = !IsPlain;
        model.PrepareReading();
    }

    /// <summary>What was recorded of it so far, as columns of a record.</summary>
    public static (string Name, object? Value)[] Recorded(RecurrentClassifier model) => [("graphs", model.Recorded.Count), ("graphs_mib", model.Recorded.Bytes / (double)(1 << 20)), ("why_not_recorded", model.Recorded.WhyNot)];
}
