namespace Rmt.Adapter;

/// <summary>Logits to a token: the likeliest one, or one that is drawn.</summary>
/// <remarks>In transformers' order: temperature, then the k likeliest, then of these the likeliest that have the share p. Of equal logits the lower id is the
/// likelier. What is drawn depends on the seed, the place and the logits alone, so that a text can be left and gone on with.</remarks>
internal sealed class TokenSampler(GenerationOptions options)
{
    /// <param name="logits">[V]</param>
    /// <param name="place">How many tokens stand in front of the one that is chosen.</param>
    /// <exception cref="InvalidOperationException">A logit is no number.</exception>
    public int Next(ReadOnlySpan<float> logits, long place)
    {
        var best = 0;
        for (var id = 0; id < logits.Length; id++)
        {
            if (float.IsNaN(logits[id]) || float.IsPositiveInfinity(logits[id]))
                throw new InvalidOperationException($"the model's logits are not numbers ({logits[id]} for token {id}): its weights, or their type, are at fault");
            if (logits[id] > logits[best]) best = id;
        }
        return options.Temperature == 0 || options.TopK == 1 ? best : Draw(logits, logits[best], new SplitMix64(SplitMix64.Seed(options.Seed, (ulong)place)).Next());
    }

    private int Draw(ReadOnlySpan<float> logits, float highest, ulong random)
    {
        var weights = new double[logits.Length];
        for (var id = 0; id < weights.Length; id++) weights[id] = Math.Exp((logits[id] - highest) / options.Temperature);
        if (options.TopK is { } k && k < weights.Length) Keep(weights, [.. Likeliest(weights, k)]);
        if (options.TopP < 1) Keep(weights, Nucleus(weights));
        // In the order of ids, not of weights: rounding then moves a border a little, and never exchanges two neighbours.
        var rest = (random >> 11) * (1.0 / (1UL << 53)) * weights.Sum();
        var last = 0;
        for (var id = 0; id < weights.Length; id++)
        {
            if (weights[id] == 0) continue;
            last = id;
            rest -= weights[id];
            if (rest < 0) break;
        }
        return last;
    }

    private static IEnumerable<int> Likeliest(double[] weights, int count)
    {
        var kept = new PriorityQueue<int, (double Weight, int Id)>();
        for (var id = 0; id < weights.Length; id++)
            if (kept.Count < count) kept.Enqueue(id, (weights[id], -id));
            else _ = kept.EnqueueDequeue(id, (weights[id], -id));
        return kept.UnorderedItems.Select(item => item.Element);
    }

    // The fewest tokens that have the share. Those below (1 - p) / V of the whole have less than 1 - p together, so none of them is among these.
    private HashSet<int> Nucleus(double[] weights)
    {
        var whole = weights.Sum();
        var least = (1 - options.TopP) / weights.Length * whole;
        var candidates = Enumerable.Range(0, weights.Length).Where(id => weights[id] > 0 && weights[id] >= least).OrderByDescending(id => weights[id]).ThenBy(id => id);
        var kept = new HashSet<int>();
        var share = 0.0;
        foreach (var id in candidates)
        {
            _ = kept.Add(id);
            share += weights[id];
            if (share >= options.TopP * whole) break;
        }
        return kept;
    }

    private static void Keep(double[] weights, HashSet<int> kept)
    {
        for (var id = 0; id < weights.Length; id++)
            if (!kept.Contains(id)) weights[id] = 0;
    }
}
