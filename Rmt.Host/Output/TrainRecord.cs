namespace Rmt.Host.Output;

/// <summary>What weights are worth on the validation set.</summary>
/// <param name="Stage">From 1.</param>
/// <param name="Segments">Of the stage's documents.</param>
/// <param name="Attempt">From 0.</param>
/// <param name="Update">Of the attempt, from 1.</param>
/// <param name="TrainLoss">Mean over the updates since the last evaluation.</param>
/// <param name="Loss">Mean cross-entropy after the last segment, of a language model of every token that follows another.</param>
/// <param name="Accuracy">From 0 to 1; of a language model the tokens that it held likeliest.</param>
/// <param name="IsBest">Whether no evaluation of the attempt was as good.</param>
/// <param name="Seconds">Of training so far.</param>
internal sealed record EvaluationRecord(int Stage, int Segments, int Attempt, long Update, double TrainLoss, double Loss, double Accuracy, bool IsBest, double Seconds) : IRecord;

/// <summary>A training that is over.</summary>
/// <param name="Saved">Folder of the model.</param>
/// <param name="Stages">Stages trained.</param>
/// <param name="Updates">Of all stages and attempts.</param>
/// <param name="End">How the last stage ended.</param>
/// <param name="Accuracy">Of the best evaluation of the last stage.</param>
/// <param name="Loss">The same.</param>
/// <param name="Seconds">Of training, all parts of it.</param>
internal sealed record TrainedRecord(string Saved, int Stages, long Updates, string End, double Accuracy, double Loss, double Seconds) : IRecord;
