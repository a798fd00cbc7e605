using Rmt.Bert;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Gpt2;

/// <summary>GPT-2 as published (Radford et al. 2019), equal to Hugging Face's GPT2Model; the field names are the checkpoint's keys.</summary>
/// <remarks>B windows, L tokens, R rows that are read, H hidden size, V vocabulary. Causal: a token sees itself and those in front of it. Norms stand in front of what
/// they are for, so a last one stands behind the layers.</remarks>
public sealed class Gpt2Model : nn.Module<Tensor, Tensor?, Range, Tensor>
{
    private readonly Embedding wte;
    private readonly Embedding wpe;
    private readonly Dropout drop;
    private readonly ModuleList<Gpt2Block> h;
    private readonly LayerNorm ln_f;

    /// <summary>New weights: N(0, initializer_range), biases 0, norms 1.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="initialize">False where every weight will be loaded: then they are whatever memory held.</param>
    public Gpt2Model(Gpt2Config config, bool initialize = true) : base("gpt2")
    {
        if (config.Problem() is { } problem) throw new ArgumentException(problem, nameof(config));
        Config = config;
        wte = Blank.Table(config.VocabSize, config.HiddenSize);
        wpe = Blank.Table(config.MaxPositions, config.HiddenSize);
        drop = nn.Dropout(config.EmbeddingDropout);
        h = nn.ModuleList(Enumerable.Range(0, config.Layers).Select(_ => new Gpt2Block(config)).ToArray());
        ln_f = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
        if (initialize) Blank.Draw(this, config.InitializerRange);
    }

    /// <summary>Sizes.</summary>
    public Gpt2Config Config { get; }

    /// <summary>Rows of the word table: [B, L] int64 → [B, L, H].</summary>
    public Tensor Words(Tensor tokenIds) => wte.call(tokenIds);

    /// <summary>Standard deviation of all numbers of the word table.</summary>
    public double WordDeviation()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var words = wte.weight!.to(float64);                                                    // [V, H]
        return Math.Sqrt((words * words).mean().item<double>() - Math.Pow(words.mean().item<double>(), 2));
    }

    /// <summary>Word rows → what enters the first layer: positions 0, 1, …, dropout. [B, L, H] → [B, L, H].</summary>
    public Tensor Embed(Tensor words) => Embed(words, 0);

    // The first of the words stands at a place.
    private Tensor Embed(Tensor words, int place)
    {
        using var scope = NewDisposeScope();
        return drop.call(words + wpe.weight!.narrow(0, place, words.shape[1])).MoveToOuterDisposeScope();
    }

    /// <summary>Word rows → last hidden states, behind the last norm, in the rows asked for. [B, L, H] → [B, R, H].</summary>
    /// <param name="words">From <see cref="Words"/> or anything of that kind.</param>
    /// <param name="mask">[B, L] bool, true where a token may be looked at by those behind it; null: everywhere. Padding behind a row's tokens needs none.</param>
    /// <param name="rows">What the caller will read; the last layer computes no others.</param>
    public override Tensor forward(Tensor words, Tensor? mask, Range rows)
    {
        using var scope = NewDisposeScope();
        var x = Embed(words);                                                                   // [B, L, H]
        return Layers(x, Seen(x, mask), rows, null).MoveToOuterDisposeScope();                  // [B, R, H]
    }

    /// <summary>The same of a part of a window behind those that were read: [B, P, H] → [B, R, H].</summary>
    /// <param name="words">Of the part.</param>
    /// <param name="kept">Of every layer, keys and values of the parts in front; those of this part are added.</param>
    /// <param name="rows">Of the part, those that the caller will read.</param>
    internal Tensor Append(Tensor words, IReadOnlyList<Gpt2Keys> kept, Range rows)
    {
        using var scope = NewDisposeScope();
        var before = kept[0].Length;
        var x = Embed(words, before);                                                           // [B, P, H]
        return Layers(x, words.shape[1] == 1 ? null : Seen(x, null, before), rows, kept).MoveToOuterDisposeScope();
    }

    // Takes x with it.
    private Tensor Layers(Tensor x, Tensor? seen, Range rows, IReadOnlyList<Gpt2Keys>? kept)
    {
        for (var i = 0; i < h.Count; i++)
        {
            var next = h[i].Read(x, seen, i == h.Count - 1 ? rows : Range.All, kept?[i]);       // [B, L, H], at last [B, R, H]
            x.Dispose();
            x = next;
        }
        return ln_f.call(x);                                                                    // [B, R, H]
    }

    /// <summary>Word rows → last hidden states of all rows, every layer shown on the way: its number from 0, its output, in the last behind the last norm,
    /// and what computes its attention [B, heads, L, L].</summary>
    public Tensor Trace(Tensor words, Tensor? mask, Action<int, Tensor, Func<Tensor>> each)
    {
        using var scope = NewDisposeScope();
        var x = Embed(words);                                                                   // [B, L, H]
        var seen = Seen(x, mask);
        for (var i = 0; i < h.Count; i++)
        {
            using var shown = NewDisposeScope();
            var (input, one) = (x, h[i]);
            x = one.call(input, seen, Range.All);                                               // [B, L, H]
            if (i == h.Count - 1) x = ln_f.call(x);
            each(i, x, () => one.Attention(input, seen));
            input.Dispose();
            _ = x.MoveToOuterDisposeScope();
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>What each token is followed by: [B, L, H] → [B, L, V], the word table once more and no bias.</summary>
    public Tensor Logits(Tensor hidden) => Gpt2Product.Linear(hidden, wte.weight!);

    // Who sees whom: [1, 1, L, before + L], or [B, 1, L, L] where some are hidden from all. Each sees itself, so that a row of padding stays a number.
    private static Tensor Seen(Tensor x, Tensor? mask, int before = 0)
    {
        using var scope = NewDisposeScope();
        var key = arange(before + x.shape[1], device: x.device).unsqueeze(0);                   // [1, before + L]
        var query = key.transpose(0, 1)[before..];                                              // [L, 1]
        var causal = key <= query;                                                              // [L, before + L]
        var seen = mask is null ? causal.unsqueeze(0) : causal.logical_and(mask.unsqueeze(1)).logical_or(key == query);     // [B, L, L]
        return seen.unsqueeze(1).MoveToOuterDisposeScope();
    }
}

internal sealed class Gpt2Block : nn.Module<Tensor, Tensor, Range, Tensor>
{
    private readonly LayerNorm ln_1;
    private readonly Gpt2Attention attn;
    private readonly LayerNorm ln_2;
    private readonly Gpt2FeedForward mlp;

    internal Gpt2Block(Gpt2Config config) : base(nameof(Gpt2Block))
    {
        ln_1 = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        attn = new(config);
        ln_2 = nn.LayerNorm(config.HiddenSize, config.LayerNormEps);
        mlp = new(config);
        RegisterComponents();
    }

    internal Tensor Attention(Tensor x, Tensor seen)
    {
        using var scope = NewDisposeScope();
        return attn.Probabilities(ln_1.call(x), seen).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor x, Tensor seen, Range rows) => Read(x, seen, rows, null);

    // Without a mask all rows see all keys; with kept ones the keys in front of x are among them.
    internal Tensor Read(Tensor x, Tensor? seen, Range rows, Gpt2Keys? kept)
    {
        using var scope = NewDisposeScope();
        var read = x[.., rows];                                                                 // [B, R, H]
        var attended = attn.Read(ln_1.call(x), seen, rows, kept) + read;                        // [B, R, H]
        return (mlp.call(ln_2.call(attended)) + attended).MoveToOuterDisposeScope();            // [B, R, H]
    }
}

internal sealed class Gpt2Attention : nn.Module<Tensor, Tensor, Range, Tensor>
{
    private readonly Gpt2Projection c_attn;
    private readonly Gpt2Projection c_proj;
    private readonly Dropout resid_dropout;
    private readonly int heads;
    private readonly double dropout;

    internal Gpt2Attention(Gpt2Config config) : base(nameof(Gpt2Attention))
    {
        c_attn = new(config.HiddenSize, 3 * config.HiddenSize);
        c_proj = new(config.HiddenSize, config.HiddenSize);
        resid_dropout = nn.Dropout(config.HiddenDropout);
        (heads, dropout) = (config.Heads, config.AttentionDropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor seen, Range rows) => Read(x, seen, rows, null);

    internal Tensor Read(Tensor x, Tensor? seen, Range rows, Gpt2Keys? kept)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Projected(x);                                                           // 3 × [B, heads, L, d]
        if (kept is not null) (k, v) = kept.Add(k, v);                                          // 2 × [B, heads, before + L, d]
        var y = MultiHead.Attend(q[.., .., rows], k, v, seen?[.., .., rows], training ? dropout : 0);    // [B, R, H]
        return resid_dropout.call(c_proj.call(y)).MoveToOuterDisposeScope();                    // [B, R, H]
    }

    internal Tensor Probabilities(Tensor x, Tensor seen)
    {
        using var scope = NewDisposeScope();
        var (q, k, _) = Projected(x);
        return MultiHead.Probabilities(q, k, seen).MoveToOuterDisposeScope();                   // [B, heads, L, L]
    }

    private (Tensor Q, Tensor K, Tensor V) Projected(Tensor x)
    {
        var parts = c_attn.call(x).chunk(3, -1);                                                // 3 × [B, L, H]
        return (MultiHead.Split(parts[0], heads), MultiHead.Split(parts[1], heads), MultiHead.Split(parts[2], heads));
    }
}

internal sealed class Gpt2FeedForward : nn.Module<Tensor, Tensor>
{
    private readonly Gpt2Projection c_fc;
    private readonly Gpt2Projection c_proj;
    private readonly Dropout dropout;
    private readonly Func<Tensor, Tensor> activation;

    internal Gpt2FeedForward(Gpt2Config config) : base(nameof(Gpt2FeedForward))
    {
        var inner = config.InnerSize ?? 4 * config.HiddenSize;
        c_fc = new(config.HiddenSize, inner);
        c_proj = new(inner, config.HiddenSize);
        dropout = nn.Dropout(config.HiddenDropout);
        activation = Activations.Named(config.Activation);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return dropout.call(c_proj.call(activation(c_fc.call(x)))).MoveToOuterDisposeScope();   // [B, R, H]
    }
}

/// <summary>y = x W + b with W as the published weights have it, [in, out].</summary>
internal sealed class Gpt2Projection : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    internal Gpt2Projection(long from, long to) : base(nameof(Gpt2Projection))
    {
        weight = nn.Parameter(empty([from, to]));
        bias = nn.Parameter(zeros([to]));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Gpt2Product.Linear(x, weight.transpose(0, 1), bias).MoveToOuterDisposeScope(); // [B, R, out]
    }
}

/// <summary>The head, saved as <c>score.weight</c> [C, H], without a bias. [B, H] → [B, C].</summary>
internal sealed class Gpt2Head : nn.Module<Tensor, Tensor>
{
    private readonly Linear score;

    internal Gpt2Head(Gpt2Config config, int labels) : base(nameof(Gpt2Head))
    {
        score = nn.Linear(nn.Parameter(empty([labels, config.HiddenSize])));
        RegisterComponents();
        Blank.Draw(this, config.InitializerRange);
    }

    public override Tensor forward(Tensor pooled) => score.call(pooled);                        // [B, C]
}
