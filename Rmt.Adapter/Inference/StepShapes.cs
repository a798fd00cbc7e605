namespace Rmt.Adapter;

/// <summary>What a step looks like to the device: nothing else of it decides which kernels run.</summary>
/// <param name="Rows">A: documents side by side, those that fill up included.</param>
/// <param name="Window">L.</param>
/// <param name="Masked">Whether it is given a mask.</param>
public readonly record struct StepShape(int Rows, int Window, bool Masked)
{
    // In eighths of a position: a mask makes attention, a fifth of a step, half as dear again, so that it counts as an eighth more positions.
    internal long Cost => (long)Rows * Window * (Masked ? 9 : 8);
}

/// <summary>Which shapes the steps of a model have on a device where a new shape is dear, since it is recorded when it is met for the first time (a CUDA graph).
/// A step takes a shape that is there as long as what it computes for nothing comes to less than a recording; then it gets its own, from a small set.</summary>
/// <remarks>
/// That is the choice between renting and buying: whatever comes, no more is paid than the steps' own shapes cost, and one recording more for each of these.
/// Rows are 1, 2, 3, 4, 6, 8, 12, 16, 24, … or the most of a step, so never as many as one and a half times those asked for; windows 64, 128, 256, … up to the full one.
/// Belongs to one thread.
/// </remarks>
/// <param name="window">Length of a full window.</param>
public sealed class StepShapes(int window)
{
    /// <summary>Full windows that may be computed for nothing before a shape is recorded of its own: some 50 milliseconds, what a recording takes, at BERT-base on one large
    /// GPU. For a smaller model a recording costs more windows; then one is made too early, and that is all.</summary>
    public const int WindowsOfARecording = 256;

    private const int ShortestWindow = 64;

    private readonly HashSet<StepShape> known = [];
    private readonly Dictionary<StepShape, long> borne = [];        // what was computed for nothing so far in place of a shape of its own

    /// <summary>The shapes that were given out.</summary>
    public IReadOnlyCollection<StepShape> Known => known;

    /// <summary>The shape that a step takes: it has room for all rows, in windows that hold the longest, and a mask where one is shorter than these.</summary>
    /// <param name="rows">Documents of the step.</param>
    /// <param name="most">Documents that a step has at most; no fewer than <paramref name="rows"/>.</param>
    /// <param name="shortest">Length of the shortest window.</param>
    /// <param name="longest">Length of the longest; not longer than the full one.</param>
    public StepShape Take(int rows, int most, int shortest, int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, window);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shortest, longest);
        var own = Own(rows, most, shortest, longest);
        var cheapest = known.Where(shape => shape.Rows >= rows && shape.Window >= longest && (shape.Masked || shape.Window == shortest)).Cast<StepShape?>().MinBy(shape => shape!.Value.Cost);
        if (cheapest is not { } there) return Record(own);
        var extra = there.Cost - own.Cost;
        if (extra <= 0) return there;
        var sum = borne.GetValueOrDefault(own) + extra;
        if (sum > Price) return Record(own);
        borne[own] = sum;
        return there;
    }

    /// <summary>A shape that is not there any more.</summary>
    internal void Forget(StepShape shape) => _ = known.Remove(shape);

    /// <summary>The shape that a step would have of its own.</summary>
    internal StepShape Own(int rows, int most, int shortest, int longest)
    {
        var length = Math.Min(window, ShortestWindow);
        while (length < longest) length = Math.Min(window, 2 * length);
        return new(Math.Min(most, RowsFor(rows)), length, shortest < length);
    }

    internal long Price => new StepShape(WindowsOfARecording, window, Masked: false).Cost;

    // Powers of two, and the numbers half way between them.
    private static int RowsFor(int rows)
    {
        var power = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows);
        return power >= 4 && rows <= power / 4 * 3 ? power / 4 * 3 : power;
    }

    private StepShape Record(StepShape own)
    {
        _ = borne.Remove(own);
        _ = known.Add(own);
        return own;
    }
}
