using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>Where and how a classifier reads, by the names that options and settings have for it.</summary>
/// <param name="Device">cpu, cuda or cuda:N.</param>
/// <param name="Numbers">One of <see cref="NumberTypes.Names"/>.</param>
/// <param name="Gelu">The form of the models whose activation it is.</param>
public readonly record struct ReadingChoice(string Device, string Numbers, GeluForm Gelu)
{
    /// <summary>What does not go together, in one sentence; null where all does.</summary>
    public string? Problem() =>
        Device != "cpu" && (Gelu == GeluForm.Exact || Numbers != "float32") ? null
        : Gelu == GeluForm.Fast ? $"the fast GELU is of a CUDA device in bfloat16 or float16; on {Device} in {Numbers} models compute the exact one"
        : Numbers == "float16" && Device == "cpu" ? "float16 is for CUDA devices; on a CPU take bfloat16 or float32"
        : null;
}
