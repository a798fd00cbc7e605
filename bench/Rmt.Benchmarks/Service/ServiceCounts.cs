using System.Globalization;

namespace Rmt.Benchmarks.Service;

/// <summary>What <c>/metrics</c> says at one moment.</summary>
/// <param name="text">Prometheus' text format.</param>
internal sealed class ServiceCounts(string text)
{
    private readonly Dictionary<string, double> _values = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private double this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Read and kept.</summary>
    public double Segments => this["rmt_segments_total"];

    /// <summary>Of the model.</summary>
    public double Steps => this["rmt_segment_duration_seconds_count"];

    /// <summary>In steps of the model.</summary>
    public double ModelSeconds => this["rmt_segment_duration_seconds_sum"];

    /// <summary>In transactions that keep a step.</summary>
    public double CommitSeconds => this["rmt_checkpoint_duration_seconds_sum"];

    /// <summary>Documents side by side, of all steps together.</summary>
    public double Rows => this["rmt_batch_streams_sum"];

    /// <summary>Documents that wait or are read.</summary>
    public double Unfinished => this["rmt_queue_depth{state=\"queued\"}"] + this["rmt_queue_depth{state=\"running\"}"];

    /// <summary>Documents that were answered.</summary>
    public double Answered => this["rmt_documents_finished_total{outcome=\"done\"}"];

    /// <summary>Dead letters.</summary>
    public double Failed => this["rmt_documents_finished_total{outcome=\"failed\"}"];

    /// <summary>Tensors that are alive.</summary>
    public long Tensors => (long)this["rmt_live_tensors"];
}
