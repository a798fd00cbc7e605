using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Rmt.Service;

/// <summary>The service's instruments as Prometheus reads them: text format 0.0.4.</summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
    private static readonly double[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Lock _rendering = new();

    public PrometheusText(ServiceMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter != metrics.Meter)
                return;
            _ = _series.GetOrAdd(instrument.Name, _ => new(instrument));
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => _series[instrument.Name].Take(value, Labels(tags));

    /// <summary>All of them, in the order of their names.</summary>
    public string Render()
    {
        lock (_rendering)
        {
            foreach (var series in _series.Values)
                series.ForgetGauge();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is StoreUnavailableException))
            {
                // What the store would tell is left out.
            }
            var text = new StringBuilder();
            foreach (var (_, series) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                series.Write(text);
            return text.ToString();
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
            _ = text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"").Append(Escaped(value)).Append('"');
        return text.ToString();
    }

    private static string Escaped(object? value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public void Dispose() => _listener.Dispose();

    // One instrument: a value for each set of labels, or counts by bucket.
    private sealed class Series(Instrument instrument)
    {
        private readonly bool _isHistogram = instrument is Histogram<double>;
        private readonly double[] _bounds = instrument.Name.EndsWith("_seconds", StringComparison.Ordinal) ? Seconds : Sizes;
        private readonly Dictionary<string, double> _values = [];
        private long[]? _counts;
        private double _sum;

        public void Take(double value, string labels)
        {
            lock (_values)
            {
                if (_isHistogram)
                {
                    _counts ??= new long[_bounds.Length + 1];
                    var bucket = Array.FindIndex(_bounds, bound => value <= bound);
                    _counts[bucket < 0 ? _bounds.Length : bucket]++;
                    _sum += value;
                }
                else
                    _values[labels] = instrument.IsObservable ? value : _values.GetValueOrDefault(labels) + value;
            }
        }

        public void ForgetGauge()
        {
            lock (_values)
            {
                if (instrument.IsObservable)
                    _values.Clear();
            }
        }

        public void Write(StringBuilder text)
        {
            lock (_values)
            {
                _ = text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(instrument.Description).Append('\n');
                _ = text.Append("# TYPE ").Append(instrument.Name).Append(' ').Append(_isHistogram ? "histogram" : instrument.IsObservable ? "gauge" : "counter").Append('\n');
                if (_isHistogram)
                    WriteBuckets(text);
                else if (_values.Count == 0 && !instrument.IsObservable)
                    Line(text, "", "", 0);
                foreach (var (labels, value) in _values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    Line(text, "", labels, value);
            }
        }

        private void WriteBuckets(StringBuilder text)
        {
            var total = 0L;
            for (var i = 0; i <= _bounds.Length; i++)
            {
                total += _counts?[i] ?? 0;
                Line(text, "_bucket", $"le=\"{(i < _bounds.Length ? _bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf")}\"", total);
            }
            Line(text, "_sum", "", _sum);
            Line(text, "_count", "", total);
        }

        private void Line(StringBuilder text, string suffix, string labels, double value) =>
            text.Append(instrument.Name).Append(suffix).Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
