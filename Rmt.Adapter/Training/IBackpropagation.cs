using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>How gradients come back through the segments: what is kept of the way there, and what is computed again.</summary>
public interface IBackpropagation
{
    /// <summary>Adds the gradients of <see cref="UpdatePart.Weight"/> × loss to the model's parameters.</summary>
    /// <param name="model">As it stands, training or evaluating; a parameter that requires no gradient gets none.</param>
    /// <param name="part">Documents, and what counts.</param>
    /// <returns>The loss, not weighted: one number without a graph, on the model's device, in the caller's dispose scope.</returns>
    /// <remarks>The default random generators of all devices are seeded anew for every segment (<see cref="SegmentSeeds"/>).</remarks>
    Tensor Backward(RecurrentModel model, UpdatePart part);
}
