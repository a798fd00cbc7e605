using System.Diagnostics;
using System.Diagnostics.Metrics;
using TorchSharp;

namespace Rmt.Service;

/// <summary>What a service counts, under the names that <c>/metrics</c> shows. A <see cref="Meter"/> and an <see cref="ActivitySource"/>: what OpenTelemetry subscribes to.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    public const string Name = "Rmt.Service";

    public ServiceMetrics()
    {
        Accepted = Meter.CreateCounter<long>("rmt_documents_accepted_total", description: "Documents taken into the queue.");
        Finished = Meter.CreateCounter<long>("rmt_documents_finished_total", description: "Documents that came to an end here, by outcome.");
        Rejected = Meter.CreateCounter<long>("rmt_documents_rejected_total", description: "Documents that were not taken, by reason.");
        RunSeconds = Meter.CreateHistogram<double>("rmt_document_run_duration_seconds", description: "From the lease to the answer, in this process.");
        TotalSeconds = Meter.CreateHistogram<double>("rmt_document_total_duration_seconds", description: "From acceptance to the answer.");
        QueueSeconds = Meter.CreateHistogram<double>("rmt_document_queue_duration_seconds", description: "From acceptance to the first lease.");
        Tokens = Meter.CreateHistogram<double>("rmt_document_tokens", description: "Content tokens of documents that were answered.");
        Segments = Meter.CreateCounter<long>("rmt_segments_total", description: "Segments read and kept.");
        StepSeconds = Meter.CreateHistogram<double>("rmt_segment_duration_seconds", description: "A step of the model: a segment each of several documents.");
        CommitSeconds = Meter.CreateHistogram<double>("rmt_checkpoint_duration_seconds", description: "The transaction that keeps a step.");
        BatchStreams = Meter.CreateHistogram<double>("rmt_batch_streams", description: "Documents side by side in a step.");
        BatchTokens = Meter.CreateHistogram<double>("rmt_batch_tokens", description: "Content tokens of a step, all documents together.");
        Expired = Meter.CreateCounter<long>("rmt_leases_expired_total", description: "Documents taken from a process that died or stood still.");
        Fenced = Meter.CreateCounter<long>("rmt_fenced_writes_total", description: "Segments dropped because somebody else had the document.");
        Redelivered = Meter.CreateCounter<long>("rmt_redeliveries_total", description: "Documents leased again.");
        DeadLetters = Meter.CreateCounter<long>("rmt_dead_letters_total", description: "Documents given up here.");
    }

    public Meter Meter { get; } = new(Name);
    public ActivitySource Activities { get; } = new(Name);

    public Counter<long> Accepted { get; }
    public Counter<long> Finished { get; }
    public Counter<long> Rejected { get; }
    public Histogram<double> QueueSeconds { get; }
    public Histogram<double> RunSeconds { get; }
    public Histogram<double> TotalSeconds { get; }
    public Histogram<double> Tokens { get; }
    public Counter<long> Segments { get; }
    public Histogram<double> StepSeconds { get; }
    public Histogram<double> CommitSeconds { get; }
    public Histogram<double> BatchStreams { get; }
    public Histogram<double> BatchTokens { get; }
    public Counter<long> Expired { get; }
    public Counter<long> Fenced { get; }
    public Counter<long> Redelivered { get; }
    public Counter<long> DeadLetters { get; }

    /// <summary>What is read from the store when somebody asks.</summary>
    public void Observe(DocumentStore store, WorkState work)
    {
        _ = Meter.CreateObservableGauge("rmt_queue_depth", () => store.Counts().Select(row => new Measurement<long>(row.Value, Tag("state", WireName.Of(row.Key)))), description: "Documents and streams in the store.");
        _ = Meter.CreateObservableGauge("rmt_oldest_queued_seconds", store.OldestWait, description: "How long the oldest waiting document has waited.");
        _ = Meter.CreateObservableGauge("rmt_draining", () => work.IsDraining ? 1 : 0, description: "1 while the worker ends.");
        _ = Meter.CreateObservableGauge("rmt_live_tensors", () => torch.Tensor.TotalCount, description: "Tensors that are alive in this process.");
        _ = Meter.CreateObservableGauge("rmt_model_info", () => work.Models.Select(model => new Measurement<int>(1, Tag("model", model.Name), Tag("hash", model.Hash))), description: "The models that are loaded.");
    }

    public static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    public void Dispose()
    {
        Meter.Dispose();
        Activities.Dispose();
    }
}
