using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Whether two tensors have one shape and the same elements.</summary>
internal static class Same
{
    internal static bool IsSame(this Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && Near.Distance(a, b) == 0;
}
