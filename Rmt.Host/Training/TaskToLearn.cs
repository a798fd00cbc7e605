using Rmt.Adapter;

namespace Rmt.Host.Training;

/// <summary>A memory task.</summary>
/// <param name="Name"><c>memorize</c>, <c>detect</c> or <c>reason</c>.</param>
/// <param name="Background">Path of a text; null: made-up sentences.</param>
/// <param name="WithholdPairs">Whether validation asks for pairs that training never shows.</param>
/// <param name="Table">Path of a table of problems.</param>
/// <param name="Seed">Which samples.</param>
internal sealed record TaskToLearn(string Name, string? Background, bool WithholdPairs, string? Table, long Seed) : ILesson
{
    public LabelSet? Labels => Name == "reason" ? RelationFacts.Labels : MovingFacts.Labels;

    public IDocuments Prepare(TrainingStart start) => new TaskDocuments(this, start.Tokenizer, start.Segmenter.Layout.TokensPerSegment);
}
