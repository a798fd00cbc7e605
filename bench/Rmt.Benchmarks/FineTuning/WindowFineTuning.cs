using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>A BERT without memory on windows of a document, whose logits are averaged: the same budget, rates, clipping and choice of weights as the RMT.</summary>
internal sealed class WindowFineTuning : IFineTuning
{
    private readonly WindowClassifier model;
    private readonly Func<ReadOnlyMemory<int>, IReadOnlyList<int[]>> windows;
    private readonly SpecialTokens special;
    private readonly ReviewSets reviews;
    private readonly TrainingOptions options;
    private readonly Device device;
    private readonly IReadOnlyList<Parameter> parameters;
    private readonly IReadOnlyList<Tensor> best;
    private readonly AdamW optimizer;

    public WindowFineTuning(FineTuningRun run, BertModel bert, SpecialTokens special, ReviewSets reviews, Device device, Func<ReadOnlyMemory<int>, IReadOnlyList<int[]>> windows)
    {
        (this.windows, this.special, this.reviews, this.device) = (windows, special, reviews, device);
        options = run.Options(reviews.Training.Count, run.Epochs);
        manual_seed(run.Seed);
        model = new(bert, ReviewSets.Classes);
        model.to(device);
        parameters = [.. model.parameters()];
        best = [.. parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
        var groups = model.named_parameters().GroupBy(entry => (OfBackbone: WindowClassifier.IsOfBackbone(entry.name), Decays: entry.parameter.ndim > 1))
            .Select(group => new AdamW.ParamGroup([.. group.Select(entry => entry.parameter)], lr: group.Key.OfBackbone ? options.BackboneRate : options.HeadRate,
                weight_decay: group.Key.Decays ? options.WeightDecay : 0));
        optimizer = optim.AdamW([.. groups], lr: options.HeadRate);
    }

    public IEnumerable<TuningStep> Train()
    {
        var rates = optimizer.ParamGroups.Select(group => group.LearningRate).ToArray();
        var highest = -1.0;
        for (var update = 0; update < options.Updates; update++)
        {
            foreach (var (group, rate) in optimizer.ParamGroups.Zip(rates)) group.LearningRate = rate * options.RateFactor(update);
            var loss = Update(update);
            var accuracy = (update + 1) % options.EvaluateEvery == 0 ? Accuracy(reviews.Validation) : (double?)null;
            if (accuracy > highest)
            {
                highest = accuracy.Value;
                Copy((value, parameter) => value.copy_(parameter));
            }
            yield return new(update + 1, options.Updates, loss, accuracy);
        }
        Copy((value, parameter) => parameter.copy_(value));
    }

    private double Update(int update)
    {
        using var scope = NewDisposeScope();
        model.train();
        optimizer.zero_grad();
        manual_seed(options.Seed * options.Updates + update);
        var documents = Enumerable.Range(0, options.Documents).Select(i => reviews.Training[Place((long)update * options.Documents + i)]).ToArray();
        var labels = tensor(documents.Select(document => (long)document.Label).ToArray(), device: device);      // [B]
        var loss = nn.functional.cross_entropy(Logits(documents), labels);
        loss.backward();
        _ = nn.utils.clip_grad_norm_(parameters, options.ClipNorm!.Value);
        _ = optimizer.step();
        return loss.ToDouble();
    }

    // Every document once an epoch, in an order of its own each epoch.
    private int Place(long place)
    {
        var (epoch, at) = Math.DivRem(place, reviews.Training.Count);
        if (orderOf != epoch)
        {
            order = [.. Enumerable.Range(0, reviews.Training.Count)];
            new Random(unchecked((int)(options.Seed * 7919 + epoch))).Shuffle(order);
            orderOf = epoch;
        }
        return order[at];
    }

    private int[] order = [];
    private long orderOf = -1;

    public double Accuracy(IReadOnlyList<TrainingDocument> documents)
    {
        model.eval();
        using var mode = no_grad();
        var right = 0;
        foreach (var part in documents.Chunk(options.Documents))
        {
            using var scope = NewDisposeScope();
            var answers = Logits(part).argmax(1).cpu().data<long>().ToArray();
            right += answers.Zip(part).Count(pair => pair.First == pair.Second.Label);
        }
        return (double)right / documents.Count;
    }

    // Means over the windows of each document: [B, C].
    private Tensor Logits(TrainingDocument[] documents)
    {
        using var scope = NewDisposeScope();
        var cut = documents.SelectMany((document, row) => windows(document.Tokens).Select(window => (Row: row, Window: window))).ToArray();
        var longest = cut.Max(one => one.Window.Length) + 2;
        var (ids, seen, shares) = (new long[cut.Length * longest], new bool[cut.Length * longest], new float[documents.Length * cut.Length]);
        Array.Fill(ids, special.Pad!.Value);
        for (var i = 0; i < cut.Length; i++)
        {
            var (row, window) = cut[i];
            long[] framed = [special.Cls!.Value, .. window.Select(id => (long)id), special.Sep!.Value];
            framed.CopyTo(ids, i * longest);
            Array.Fill(seen, true, i * longest, framed.Length);
            shares[row * cut.Length + i] = 1f / cut.Count(other => other.Row == row);
        }
        var mask = seen.Contains(false) ? tensor(seen, [cut.Length, longest], device: device) : null;
        var logits = Forward(tensor(ids, [cut.Length, longest], device: device), mask).to(float32);           // [W, C]
        return tensor(shares, [documents.Length, cut.Length], device: device).matmul(logits).MoveToOuterDisposeScope();
    }

    private Tensor Forward(Tensor ids, Tensor? mask)
    {
        using var casts = options.Bfloat16 ? Rmt.Torch.Autocast.Begin(device) : null;
        return model.call(ids, mask);
    }

    private void Copy(Action<Tensor, Parameter> copy)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        foreach (var (value, parameter) in best.Zip(parameters)) copy(value, parameter);
    }

    public void Dispose()
    {
        optimizer.Dispose();
        foreach (var value in best) value.Dispose();
        model.Dispose();
    }
}
