using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>One operation on a tensor so small that only the way to it takes time.</summary>
internal static class OperationSide
{
    private const int Operations = 1000, WarmUpCalls = 300;     // enough for the second compilation of the loop

    public static readonly IReadOnlyList<string> Names = ["add", "view", "slice"];

    public static void Run(string name)
    {
        using Tensor x = ones(1), y = ones(1), table = ones(8, 16);
        Action operation = name switch
        {
            "add" => () => x.add(y).Dispose(),
            "view" => () => table.view(16, 8).Dispose(),
            "slice" => () => table.slice(0, 2, 6, 1).Dispose(),
            _ => throw new ArgumentException($"no operation '{name}'", nameof(name)),
        };
        void Call()
        {
            for (var i = 0; i < Operations; i++) operation();
        }
        for (var i = 0; i < WarmUpCalls; i++) Call();
        SideLoop.Write($"ready 0 0");
        SideLoop.Serve(Operations, Call);
    }
}
