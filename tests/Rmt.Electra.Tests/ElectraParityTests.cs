using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Electra.Tests;

public sealed class ElectraParityTests : RecurrentBackboneParity
{
    protected override string Folder => "electra";

    protected override Tensor Entering(IBackbone backbone, Tensor words) => ((ElectraBackbone)backbone).Model.Embed(words);
}

public sealed class NarrowElectraParityTests : BackboneParity
{
    protected override string Folder => "electra-projected";

    protected override Tensor Entering(IBackbone backbone, Tensor words) => ((ElectraBackbone)backbone).Model.Embed(words);
}
