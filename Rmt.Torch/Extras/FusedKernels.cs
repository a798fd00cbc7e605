using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Rmt.Torch;

/// <summary>Which CUDA devices have the kernels of fused steps, and which rows these take. For any thread.</summary>
/// <param name="smallest">The smallest step of each kind: what cannot be compiled or started on a device is found before anything relies on it.</param>
internal sealed class FusedKernels(Action<torch.Device> smallest)
{
    private const int Widest = 2048;        // one row is held in the registers of a warp

    private readonly ConcurrentDictionary<int, string> reasons = new();

    /// <summary>Why a device does without them, in one sentence; null where it has them. The first question compiles some.</summary>
    public string? Missing(torch.Device device) =>
        reasons.GetOrAdd(device.index, _ => DeviceKernels.Missing ?? Tried(device)) is { Length: > 0 } reason ? reason : null;

    /// <summary>Whether they take rows like these, of a type that they are of.</summary>
    /// <param name="rows">[…, H]</param>
    public bool Take(torch.Tensor rows) =>
        rows.device.type == DeviceType.CUDA && rows.shape[^1] is var width && width % 8 == 0 && width <= Widest && Missing(rows.device) is null;

    private string Tried(torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var mode = torch.no_grad();
        try
        {
            smallest(device);
            return "";
        }
        catch (ExternalException exception)
        {
            return exception.Message;
        }
    }
}
