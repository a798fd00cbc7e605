using Rmt.Host.Demonstration;

namespace Rmt.Host.Output;

/// <summary>A fact that was hidden, asked for and answered.</summary>
/// <param name="Segments">Of the text.</param>
/// <param name="Question">At its end.</param>
/// <param name="Answer">The model's.</param>
/// <param name="Expected">What was hidden.</param>
/// <param name="Right">Whether both are the same.</param>
/// <param name="Seconds">That reading took.</param>
internal sealed record DemoRecord(int Segments, string Question, string Answer, string Expected, bool Right, double Seconds) : IRecord
{
    public static DemoRecord Of(Draw draw) =>
        new(draw.Segments.Count, draw.Problem.Question, draw.Answer, draw.Problem.Answer, draw.IsRight, Math.Round(draw.Seconds, 4));
}
