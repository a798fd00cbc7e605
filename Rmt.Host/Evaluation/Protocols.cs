using Rmt.Adapter;

namespace Rmt.Host.Evaluation;

/// <summary>Where facts are put, by the names that options, records and reports have for it.</summary>
internal static class Protocols
{
    public const string Front = "front", First = "first", Random = "random", Anywhere = "anywhere", Both = "both";

    /// <summary>Those of detect and reason.</summary>
    public static readonly string[] Names = [First, Random, Anywhere];

    public static FactPlacement Placement(string name) => name switch
    {
        Front => FactPlacement.InFront,
        First => FactPlacement.FirstSegment,
        Random => FactPlacement.RandomSegments,
        Anywhere => FactPlacement.Anywhere,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, $"a protocol is one of {string.Join(", ", Names)}"),
    };
}
