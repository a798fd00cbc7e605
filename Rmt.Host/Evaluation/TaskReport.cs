using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Output;

namespace Rmt.Host.Evaluation;

/// <summary>What was measured on a memory task, as Markdown, CSV and a heat map a protocol.</summary>
/// <param name="records">At least one; all of one task.</param>
/// <param name="settings">What else there is to know of them.</param>
internal sealed class TaskReport(IReadOnlyList<TaskRecord> records, string settings)
{
    /// <summary>Creates or replaces the files.</summary>
    public void Write(ReportFiles files)
    {
        var protocols = records.Select(record => record.Protocol).Distinct().ToList();
        string Figure(string protocol) => files.Figure(protocols.Count > 1 ? protocol : null);
        files.Markdown(output =>
        {
            output.Write($"# {records[0].Task}: accuracy by length, in percent\n\n{settings}\n");
            foreach (var protocol in protocols)
            {
                output.Write($"\n## {Words(protocol)}\n\n");
                Matrix(protocol).WriteMarkdown(output);
                output.Write($"\n![{records[0].Task}, {Words(protocol)}]({Uri.EscapeDataString(Path.GetFileName(Figure(protocol)))})\n");
            }
        });
        files.Csv(output =>
        {
            output.Write("task,model,trained_segments,protocol,segments,samples,right,accuracy,low,high\n");
            foreach (var one in records)
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{one.Task},{ReportFiles.Field(one.Model ?? "")},{one.TrainedSegments},{one.Protocol},{one.Segments},{one.Samples},{one.Right},{one.Accuracy},{one.Low},{one.High}\n"));
        });
        foreach (var protocol in protocols)
            Matrix(protocol).Figure($"{records[0].Task}, {Words(protocol)}").Write(Figure(protocol));
    }

    // Rows are the numbers of segments trained on, as in the paper, where these tell the models apart.
    private SegmentMatrix Matrix(string protocol)
    {
        var models = records.Select(record => (record.Model, record.TrainedSegments)).Distinct().ToList();
        var byNumber = models.All(model => model.TrainedSegments is not null) && models.DistinctBy(model => model.TrainedSegments).Count() == models.Count;
        var matrix = new SegmentMatrix(byNumber ? "trained on, segments" : "model");
        foreach (var one in records.Where(record => record.Protocol == protocol).OrderBy(record => byNumber ? record.TrainedSegments : 0))
            matrix[byNumber ? one.TrainedSegments!.Value.ToString(CultureInfo.InvariantCulture) : one.Model ?? "embedded", one.Segments] = new Proportion(one.Right, one.Samples);
        return matrix;
    }

    private static string Words(string protocol) => protocol switch
    {
        "front" => "the fact in front",
        "first" => "facts in the first segment",
        _ => "facts in random segments",
    };
}
