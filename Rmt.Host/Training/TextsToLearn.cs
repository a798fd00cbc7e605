using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Training;

/// <summary>Texts that a language model learns to continue, cut into pieces of as many segments as a stage has.</summary>
/// <param name="Training">Texts to train on.</param>
/// <param name="Validation">Texts to choose the best weights by.</param>
/// <param name="Seed">Which pieces are shorter.</param>
internal sealed record TextsToLearn(Texts Training, Texts Validation, long Seed) : ILesson
{
    public LabelSet? Labels => null;

    public IDocuments Prepare(TrainingStart start) =>
        new Pieces(Training.Read(start.Tokenizer, start.Segmenter), Validation.Read(start.Tokenizer, start.Segmenter), start.Segmenter.Layout.TokensPerSegment, (ulong)Seed);

    private sealed class Pieces(IReadOnlyList<ReadOnlyMemory<int>> training, IReadOnlyList<ReadOnlyMemory<int>> validation, int tokensPerSegment, ulong seed) : IDocuments
    {
        public IReadOnlyList<StageToTrain> Stages(IReadOnlyList<StageToTrain> planned)
        {
            var hash = DocumentsHash.Of(new([.. training.Select(text => new TrainingDocument(text))], [.. validation.Select(text => new TrainingDocument(text))]), []);
            return [.. planned.Select(stage => stage with { Stage = stage.Stage with { Fingerprint = hash } })];
        }

        public StageDocuments Of(StageToTrain stage)
        {
            var lengths = new MixedLengths(seed, stage);
            var pieces = Cut(training, stage.Stage.Segments).Select((piece, index) =>
                new TrainingDocument(piece[..Math.Min(piece.Length, lengths.Of(index) * tokensPerSegment)]));
            var judged = Cut(validation, stage.ValidationSegments);
            // Spread over all texts where there are more than an evaluation reads.
            var count = Math.Min(stage.Validation, judged.Count);
            return new([.. pieces], [.. Enumerable.Range(0, count).Select(i => new TrainingDocument(judged[(int)((long)i * judged.Count / count)]))]);
        }

        private List<ReadOnlyMemory<int>> Cut(IEnumerable<ReadOnlyMemory<int>> texts, int segments) =>
            [.. from text in texts
                let size = (int)Math.Min(int.MaxValue, (long)segments * tokensPerSegment)
                from piece in Enumerable.Range(0, (text.Length - 1) / size + 1)
                let tokens = text[(piece * size)..Math.Min(text.Length, (int)Math.Min(int.MaxValue, (piece + 1L) * size))]
                where tokens.Length > 1
                select tokens];
    }
}
