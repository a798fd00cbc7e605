using Rmt.Adapter;
using Rmt.Host.Evaluation;

namespace Rmt.Host.Output;

/// <summary>How often a model is right at one length of a memory task.</summary>
/// <param name="Task">memorize, detect or reason.</param>
/// <param name="Segments">N: the length of the samples.</param>
/// <param name="Protocol">Where facts are: front (memorize), first (the first segment) or random (any).</param>
/// <param name="Samples">That were read.</param>
/// <param name="Accuracy">Right answers by samples.</param>
/// <param name="Right">Right answers.</param>
/// <param name="Low">Where the accuracy on endlessly many samples lies at 95 %, from here</param>
/// <param name="High">to here.</param>
/// <param name="Model">As it was named; null for the embedded one.</param>
/// <param name="TrainedSegments">Most segments that it was trained on, if its rmt_config.json says so.</param>
internal sealed record TaskRecord(
    string Task, int Segments, string Protocol, long Samples, double Accuracy, long Right, double Low, double High, string? Model, int? TrainedSegments) : IRecord
{
    public static TaskRecord Of(string task, Measured measured, string? model, int? trained)
    {
        var (measurement, accuracy) = measured;
        var (low, high) = accuracy.Interval();
        return new(task, measurement.Segments, measurement.Protocol, accuracy.Trials, Math.Round(accuracy.Value, 6), accuracy.Hits, Math.Round(low, 6), Math.Round(high, 6), model, trained);
    }
}

/// <summary>What a language model loses in the segments of one number, nats a token.</summary>
/// <param name="Segment">From 1.</param>
/// <param name="Documents">That have such a segment.</param>
/// <param name="Tokens">Of it that another one follows.</param>
/// <param name="Carried">With the memory that was carried there.</param>
/// <param name="Reset">With the initial memory.</param>
/// <param name="Other">With another document's memory of the same place.</param>
internal sealed record SegmentLossRecord(int Segment, long Documents, long Tokens, double Carried, double Reset, double Other) : IRecord
{
    public static SegmentLossRecord Of(SegmentLoss loss) => new(loss.Segment, loss.Documents, loss.Tokens, Math.Round(loss.Carried, 6), Math.Round(loss.Reset, 6), Math.Round(loss.Other, 6));
}

/// <summary>The same of all segments that have a memory to read.</summary>
/// <param name="FromSegment">The first of them: 2.</param>
/// <param name="Documents">That are so long.</param>
/// <param name="Tokens">Of all of them.</param>
/// <param name="Carried">With the memory that was carried there.</param>
/// <param name="Reset">With the initial memory.</param>
/// <param name="Other">With another document's memory of the same place.</param>
internal sealed record LaterLossRecord(int FromSegment, long Documents, long Tokens, double Carried, double Reset, double Other) : IRecord
{
    public static LaterLossRecord Of(SegmentLoss loss) => new(loss.Segment, loss.Documents, loss.Tokens, Math.Round(loss.Carried, 6), Math.Round(loss.Reset, 6), Math.Round(loss.Other, 6));
}

/// <summary>What was said of labelled documents.</summary>
/// <param name="Documents">That were answered.</param>
/// <param name="Accuracy">Right answers by documents.</param>
/// <param name="MacroF1">Mean of the labels' F1.</param>
/// <param name="Confusion">By label, then by what its documents were taken for: how many.</param>
internal sealed record ConfusionRecord(long Documents, double Accuracy, double MacroF1, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Confusion) : IRecord
{
    public static ConfusionRecord Of(ConfusionMatrix confusion)
    {
        var labels = confusion.Labels.Names;
        return new(confusion.Count, Math.Round(confusion.Accuracy.Value, 6), Math.Round(confusion.MacroF1, 6), labels.Index().ToDictionary(truth => truth.Item,
            truth => (IReadOnlyDictionary<string, long>)labels.Index().ToDictionary(predicted => predicted.Item, predicted => confusion[truth.Index, predicted.Index])));
    }
}
