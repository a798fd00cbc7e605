using Rmt.Adapter;
using Rmt.Bert;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>What holds of every encoder that reads in fused steps: its hidden states are those of its layers as they are written.</summary>
public static class FusedReadingLaw
{
    /// <param name="backbone">In evaluation mode, float32, of a vocabulary of 20 or more and windows of 14 or more.</param>
    /// <param name="fuse">Says where it fuses.</param>
    /// <param name="hasGelu">Whether its activation has a fast form.</param>
    public static void Holds(IBackbone backbone, Action<Fusion> fuse, bool hasGelu = true)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        random.manual_seed(5);
        var ids = randint(3, 20, [3, 14], int64);                                               // [A, L]
        var memory = randn([3, 4, backbone.EmbeddingSize]);                                     // [A, m, E]
        var some = arange(14).unsqueeze(0) < tensor(new long[] { 14, 9, 6 }, [3, 1]);           // [A, L]
        foreach (var prepared in new[] { false, true })
        {
            if (prepared) backbone.PrepareReading();
            foreach (var (mask, rows) in new (Tensor?, Range)[] { (null, ..), (null, ..5), (some, ..5) })
            {
                fuse(Fusion.Never);
                var words = backbone.Embed(ids);
                var window = cat([words[.., ..1], memory, words[.., 5..]], 1);                  // [A, L, E]
                var expected = backbone.Encode(window, mask, rows);                             // [A, R, H]
                Xunit.Assert.Null(backbone.Read(ids, memory, 1..5, mask, rows));
                fuse(Fusion.Everywhere);
                Near.Equal(expected, backbone.Read(ids, memory, 1..5, mask, rows)!, 2e-5, $"read in rows {rows}");
                Near.Equal(expected, backbone.Encode(window, mask, rows), 2e-5, $"encoded in rows {rows}");
            }
        }
        if (!hasGelu) return;
        var exact = backbone.Read(ids, memory, 1..5, null, ..)!;
        backbone.Gelu = GeluForm.Fast;
        Xunit.Assert.Equal(GeluForm.Fast, backbone.Gelu);
        Xunit.Assert.InRange(Near.Distance(exact, backbone.Read(ids, memory, 1..5, null, ..)!), 1e-7, 0.02);
        backbone.Gelu = GeluForm.Exact;
        Near.Equal(exact, backbone.Read(ids, memory, 1..5, null, ..)!, 0, "exact again");
    }
}
