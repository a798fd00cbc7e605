using Rmt.Adapter;

namespace Rmt.Benchmarks;

/// <summary>One training: what tells it from every other in the file of results.</summary>
/// <param name="Method">A name of <see cref="FineTuningBenchmark"/>.</param>
/// <param name="Seed">Of head, memory, dropout and the order of documents.</param>
/// <param name="MemoryTokens">m; null for methods without memory.</param>
/// <param name="Curriculum">Whether the first quarter of the epochs reads the first segment only.</param>
/// <param name="Epochs">Times that every training document is read.</param>
/// <param name="Dtype">fp32, or bf16, which is autocast.</param>
internal sealed record FineTuningRun(string Method, int Seed, int? MemoryTokens, bool Curriculum, int Epochs, string Dtype)
{
    private const int Documents = 16;

    /// <summary>The same numbers for every method. An evaluation ends each epoch.</summary>
    public TrainingOptions Options(int documents, int epochs)
    {
        var perEpoch = (documents + Documents - 1) / Documents;
        return new()
        {
            Seed = Seed, Updates = epochs * perEpoch, EvaluateEvery = perEpoch, Patience = int.MaxValue, Documents = Documents, DocumentsPerPart = Documents,
            BackboneRate = 5e-5, HeadRate = 5e-4, MemoryRate = 1e-3, ClipValue = null, ClipNorm = 1, EverySegment = Method == FineTuningBenchmark.EverySegment, Bfloat16 = Dtype == "bf16",
        };
    }

    public override string ToString() => $"{Method}{(MemoryTokens is { } m ? $" m={m}" : "")}{(Curriculum ? " curriculum" : "")} seed {Seed}";
}

/// <summary>How it went.</summary>
/// <param name="Run">Which.</param>
/// <param name="Validation">Accuracy after each epoch; the weights of the best one were tested.</param>
/// <param name="ValidAccuracy">Of the weights that were tested.</param>
/// <param name="TestAccuracy">Read once, at the end.</param>
/// <param name="Seconds">Training and evaluations.</param>
internal sealed record FineTuningResult(FineTuningRun Run, IReadOnlyList<double> Validation, double ValidAccuracy, double TestAccuracy, double Seconds);

/// <summary>A way to classify long documents, being trained.</summary>
internal interface IFineTuning : IDisposable
{
    /// <summary>Update by update; at the end the weights are those of the best evaluation.</summary>
    IEnumerable<TuningStep> Train();

    /// <summary>Share of right answers.</summary>
    double Accuracy(IReadOnlyList<TrainingDocument> documents);
}

/// <summary>What an update did.</summary>
/// <param name="Update">From 1, of <paramref name="Updates"/>.</param>
/// <param name="Updates">In all.</param>
/// <param name="Loss">Mean over its documents.</param>
/// <param name="Accuracy">On the validation documents; null where it was not asked.</param>
internal readonly record struct TuningStep(long Update, long Updates, double Loss, double? Accuracy);
