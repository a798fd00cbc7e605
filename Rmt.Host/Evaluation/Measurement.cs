using Rmt.Adapter;

namespace Rmt.Host.Evaluation;

/// <summary>What is measured: a task at one length.</summary>
/// <param name="Protocol">Where facts are, as records say it: front, first or random.</param>
/// <param name="Task">What is asked.</param>
/// <param name="Segments">N: the length of its samples.</param>
/// <param name="Samples">Those from 0 on.</param>
internal sealed record Measurement(string Protocol, MemoryTask Task, int Segments, int Samples);

/// <summary>What was measured. Fewer samples than were asked for where the work was ended.</summary>
/// <param name="Measurement">What was to be measured.</param>
/// <param name="Accuracy">Right answers of all that were given.</param>
internal sealed record Measured(Measurement Measurement, Proportion Accuracy);
